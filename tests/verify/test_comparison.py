"""A log beside a plan."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from planner.plan import make_plan
from planner.plan.types import Plan
from planner.units import GIB, MIB
from planner.verify.comparison import Comparison, Part, compare
from planner.verify.measured import Measured
from planner.verify.workload import completed, from_log
from planner.workload import Hardware

Logged = Callable[[str], Measured]
H100 = Hardware("H100", 1, 79 * GIB, 80 * GIB)


def planned(measured: Measured, hardware: Hardware | None = None) -> Plan:
    workload = from_log(measured, "x.log", hardware)
    assert workload is not None
    return make_plan(workload)


def compared(measured: Measured, hardware: Hardware | None = None) -> Comparison:
    return compare(measured, "x.log", planned(measured, hardware))


def part(comparison: Comparison, field: str) -> Part:
    return next(each for each in comparison.parts if each.field == field)


def test_what_the_log_does_not_print_is_no_part_but_said(logged: Logged) -> None:
    found = compared(logged("vllm-0.8.4-l40s"), H100)
    assert "activation" not in {each.field for each in found.parts}
    assert ("activation peak, beside torch, room for the KV cache", "the log does not print it") in found.not_compared


def test_the_devices_memory_that_was_taken_from_the_log_is_no_part(logged: Logged) -> None:
    assert "total" not in {each.field for each in compared(logged("vllm-0.19-h100")).parts}


def test_cuda_graphs_that_do_not_count_against_the_budget_are_not_compared(logged: Logged) -> None:
    found = compared(logged("vllm-0.19-h100"))
    assert part(found, "graph").planner is None
    assert "beside its budget" in dict(found.not_compared)["CUDA graphs"]


def test_a_log_of_vllm_is_planned_from_its_own_arguments(logged: Logged) -> None:
    """8 KiB × 16 layers of 128-wide heads: 131,072 bytes a token, of what an H100 has left by the log."""
    found = compared(logged("vllm-0.19-h100"))
    assert part(found, "weights").error == pytest.approx(0, abs=0.001)
    assert part(found, "cache_tokens").error == pytest.approx(0, abs=0.005)
    assert found.agrees is True


def test_without_a_device_the_weights_are_still_compared(logged: Logged) -> None:
    found = compared(logged("vllm-0.8.4-l40s"))
    assert part(found, "weights").error == pytest.approx(0, abs=0.001)
    assert part(found, "cache_tokens").planner is None
    assert "--hardware" in dict(found.not_compared)["tokens of the KV cache, requests of 32,768 tokens"]


def test_the_error_message_of_vllm_is_arithmetic(logged: Logged) -> None:
    """131,072 tokens of Llama 3.1 8B are 16 GiB in bfloat16, whatever the device."""
    assert part(compared(logged("vllm-0.10-too-long")), "request").difference == 0


def test_the_layout_of_the_cache_is_compared_apart_from_its_room(logged: Logged) -> None:
    """Whatever the device is, 4.33 GiB hold 35,456 tokens of Llama 3.1 8B, and 58.10 GiB hold 475,952."""
    failed, started = compared(logged("vllm-0.10-too-long")), compared(logged("vllm-0.19-h100"))
    assert part(failed, "in_room").planner == 35456
    assert part(started, "in_room").error == pytest.approx(0, abs=0.0002), "the log rounds its room to 0.01 GiB"
    assert part(failed, "cache_room").planner is None


def test_buffers_of_llama_cpp_are_exact(logged: Logged) -> None:
    """6,144 MiB: 65,536 cells × 48 layers × 4 heads × 128 × 2 × 2 bytes."""
    found = compared(logged("llama-server-qwen3"))
    assert part(found, "cache").planner == 6144 * MIB
    assert part(found, "weights_all").error == pytest.approx(0, abs=0.0001)


def test_the_quantization_of_a_blob_is_what_llama_cpp_prints(logged: Logged) -> None:
    plan = planned(logged("ollama-0.5"))
    assert plan.model is not None
    assert plan.model.quantization is not None
    assert "Q4_K_M" in plan.model.quantization


def test_a_model_that_is_not_named_can_be_named(logged: Logged) -> None:
    plan = planned(logged("ollama-engine"))
    assert plan.model is None
    assert [item.mend for item in plan.not_checked] == ["--model NAME tells it, or a CONFIG does"]


def test_a_training_run_has_no_plan_without_its_config(logged: Logged) -> None:
    measured = logged("training-summary")
    assert from_log(measured, "x.log", None) is None
    assert compare(measured, "x.log", None).not_compared[0][0] == "all of it"


@pytest.mark.parametrize(
    ("log", "planner", "at_least", "difference", "error"),
    [
        pytest.param(100, 150, False, 50, 0.5, id="more"),
        pytest.param(100, 50, False, -50, -0.5, id="less"),
        pytest.param(-100, -150, False, -50, -0.5, id="of less than nothing"),
        pytest.param(100, 150, True, 0, 0, id="a lower bound that is kept"),
        pytest.param(100, 50, True, -50, -0.5, id="a lower bound that is not"),
        pytest.param(100, None, False, None, None, id="one side alone"),
        pytest.param(0, 50, False, 50, None, id="a share of nothing"),
    ],
)
def test_errors(log: int, planner: int | None, at_least: bool, difference: int | None, error: float | None) -> None:
    found = Part("", "", "bytes", log, planner, at_least)
    assert (found.difference, found.error) == (difference, error)


def test_the_version_of_a_config_is_its_own(logged: Logged) -> None:
    measured = logged("vllm-0.19-h100")
    workload = planned(measured).workload
    assert completed(workload, measured._replace(version="0.6.1")) is workload


def test_a_model_nobody_knows_is_read_by_its_metadata() -> None:
    shape = {
        "block_count": 2, "embedding_length": 64, "feed_forward_length": 128, "attention.head_count": 4,
        "context_length": 512,
    }  # fmt: skip
    metadata = {"general.architecture": "llama", "tokenizer.ggml.tokens": 1000}
    metadata |= {f"llama.{key}": value for key, value in shape.items()}
    options = {"model": "nobody-knows-this.gguf", "ctx_size": 512, "parallel": 1, "flash_attn": False}
    measured = Measured("llama.cpp", 1, None, None, "nobody-knows-this.gguf", options, metadata, cache=256 << 10)
    cache = part(compared(measured), "cache")
    assert cache.planner == 512 * 2 * 2 * 64 * 2, "cells × layers × (K + V) × width × bytes"
