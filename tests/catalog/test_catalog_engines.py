"""Engines' defaults by version."""

from __future__ import annotations

import pytest

from planner.catalog import engines


@pytest.mark.parametrize(("engine", "key"), [("vllm", "nonsense"), ("nonsense", "block_size"), ('"', "x"), ("", "")])
def test_what_no_engine_has_is_none(engine: str, key: str) -> None:
    assert engines.default(engine, None, key) is None


@pytest.mark.parametrize(
    ("version", "share"),
    [((0, 8, 5), 0.9), ((0, 19, 1), 0.9), ((0, 20), 0.92), ((0, 20, 2), 0.92), ((1, 0), 0.92), (None, 0.92)],
)
def test_vllm_takes_a_larger_share_since_0_20(version: tuple[int, ...] | None, share: float) -> None:
    """vllm/config/cache.py at v0.19.1 and v0.20.0."""
    found = engines.default("vllm", version, "gpu_memory_utilization")
    assert found is not None
    assert found[0] == share
    assert "0.20.0" in found[1]


def test_tensorrt_llm_takes_nine_tenths_of_what_is_free() -> None:
    found = engines.default("tensorrt-llm", None, "kv_cache_free_gpu_mem_fraction")
    assert found is not None
    assert found[0] == 0.9
