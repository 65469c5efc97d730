"""Every combination is the plan of that deployment: one arithmetic, whether asked for once or a thousand times."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from planner.catalog import models
from planner.formats.resolve import parse_hardware_option
from planner.plan import make_plan
from planner.plan.types import ServingPlan
from planner.plan.what_if import Combination, Devices, Grid, Variant, combinations, variants
from planner.rules.refusal import NOWHERE, refusal
from planner.workload import Engine, Hardware, Model, Serving, Workload

GIB = 1 << 30
MODELS = (
    "meta-llama/Llama-3.1-8B", "google/gemma-3-27b-it", "openai/gpt-oss-20b", "Qwen/Qwen2.5-VL-7B-Instruct",
    "Qwen/Qwen3-Next-80B-A3B-Instruct", "deepseek-ai/DeepSeek-V3", "mistralai/Mistral-7B-v0.1",
)  # fmt: skip
ENGINES = (
    Engine("vllm"), Engine("vllm", (0, 6, 3)), Engine("vllm", (0, 11)), Engine("sglang"), Engine("tgi"),
    Engine("llama.cpp"), Engine("ollama"), Engine("tensorrt-llm"), Engine("transformers"), None,
)  # fmt: skip
DEVICES = ("L4", "A100-80GB", "H100-80GB", "V100-32GB", "MI300X", "GB10")


@cache
def forms(name: str, engine: str | None = "vllm") -> tuple[Variant, ...]:
    row = models.find(name)
    assert row is not None
    return tuple(variants(Model(name, row.config, "catalogue"), ("none", "fp8", "awq", "q4_k_m"), engine))


@cache
def hardware(name: str) -> Hardware:
    found, _ = parse_hardware_option(name)
    assert found is not None
    return found


def kinds(*names: str, counts: tuple[int, ...] = (1, 2, 4)) -> tuple[Devices, ...]:
    return tuple(Devices(name, hardware(name), counts) for name in names)


def never(model: Model, plan: object, serving: Serving) -> str:
    return ""


def planned(grid: Grid, row: Combination) -> ServingPlan:
    """The full plan of the deployment that `row` is about."""
    variant = next(each for each in grid.variants if (each.name, each.quantization) == (row.model, row.quantization))
    serving = Serving(
        engine=grid.engine,
        context=row.context,
        concurrency=row.concurrency,
        kv_cache_dtype=grid.kv_cache_dtype,
        tensor_parallel=row.devices,
        hardware=hardware(row.accelerator)._replace(count=row.devices),
    )
    plan = make_plan(Workload(NOWHERE, "native", "", variant.model, serving), fixes=True).serving
    assert plan is not None
    return plan


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    st.sampled_from(MODELS),
    st.sampled_from(ENGINES),
    st.lists(st.sampled_from(DEVICES), min_size=1, max_size=2, unique=True),
    st.lists(st.integers(1, 300_000), min_size=1, max_size=2, unique=True),
    st.lists(st.integers(1, 300), min_size=1, max_size=2, unique=True),
    st.sampled_from((None, "float8")),
    st.sampled_from(range(4)),
)  # fmt: skip
def test_a_combination_is_the_plan_of_that_deployment(
    name: str,
    engine: Engine | None,
    devices: list[str],
    contexts: list[int],
    many: list[int],
    kv: str | None,
    form: int,
) -> None:
    known = forms(name, engine.name if engine else None)
    grid = Grid((known[form % len(known)],), kinds(*devices, counts=(1, 4)), tuple(contexts), tuple(many), engine, kv)
    rows = list(combinations(grid, never))
    assert len(rows) == grid.size == len(set(rows))
    for row in rows:
        plan = planned(grid, row)
        device = plan.per_device
        assert (row.usable_bytes, row.budget_bytes, row.weights_bytes) == (device.usable, device.budget, device.weights)
        assert (row.kv_cache_bytes, row.kv_available_bytes) == (device.kv_cache, device.kv_available)
        assert (row.fits, row.fits_basis, row.max_concurrency) == (plan.fits, plan.fits_basis, plan.max_concurrency)
        assert row.max_context_that_fits == plan.max_context_that_fits


def test_a_token_of_llama_3_1_8b_takes_128_kib() -> None:
    grid = Grid(forms("meta-llama/Llama-3.1-8B")[:1], kinds("H100-80GB", counts=(1,)), (8192,), (1, 4), Engine("vllm"))
    assert [row.kv_cache_bytes for row in combinations(grid, never)] == [GIB, 4 * GIB]


def test_weights_that_come_quantized_stay_as_they_are() -> None:
    assert [variant.quantization for variant in forms("openai/gpt-oss-20b")] == ["mxfp4"]
    assert [variant.quantization for variant in forms("meta-llama/Llama-3.1-8B")] == ["none", "fp8", "awq", "q4_k_m"]


def test_what_is_known_by_its_size_alone_has_weights_and_no_verdict() -> None:
    grid = Grid(tuple(variants(Model("x", parameters=7 * 10**9), ("none",), "vllm")), kinds("L4"), (4096,))
    rows = list(combinations(grid, refusal))
    assert [row.weights_bytes for row in rows] == [14 * 10**9, 7 * 10**9, 35 * 10**8]
    assert {row.fits for row in rows} == {None}
    assert not any(row.runs for row in rows)


@pytest.mark.parametrize(
    ("name", "device", "count", "context", "said"),
    [
        ("meta-llama/Llama-3.1-8B", "H100-80GB", 1, 8192, ""),
        ("meta-llama/Llama-3.1-8B", "H100-80GB", 8, 131_072, ""),
        ("meta-llama/Llama-3.1-8B", "H100-80GB", 3, 8192, "32 attention heads cannot be split over 3 devices"),
        ("meta-llama/Llama-3.1-8B", "H100-80GB", 1, 200_000, "beyond the 131,072"),
        ("openai/gpt-oss-20b", "V100-32GB", 1, 8192, "vllm loads mxfp4 from compute capability 8.0 on"),
    ],
)
def test_room_alone_does_not_make_it_run(name: str, device: str, count: int, context: int, said: str) -> None:
    grid = Grid(forms(name)[:1], kinds(device, counts=(count,)), (context,), (1,), Engine("vllm"))
    (row,) = combinations(grid, refusal)
    assert (said in row.refused) and bool(row.refused) is bool(said)
    assert row.runs is (row.fits is True and not said)


def test_rows_come_in_the_order_that_was_asked_for() -> None:
    grid = Grid(forms("meta-llama/Llama-3.1-8B")[:2], kinds("L4", "H200", counts=(1, 2)), (4096, 8192), (1, 2))
    found = [(r.quantization, r.accelerator, r.devices, r.context, r.concurrency) for r in combinations(grid, never)]
    asked = [
        (form, kind, count, context, many)
        for form in ("none", "fp8")
        for kind in ("L4", "H200")
        for count in (1, 2)
        for context in (4096, 8192)
        for many in (1, 2)
    ]
    assert found == asked


MANY = (*DEVICES, "T4", "RTX4090", "RTX5090", "A10G", "A100-40GB-PCIe", "H100-PCIe", "H200", "B200", "MI250X", "MI325X")


@pytest.mark.parametrize(
    "engine", [*ENGINES, Engine("vllm", (0, 9, 1)), Engine("vllm", (0, 22)), Engine("sglang", (0, 4, 6))]
)
def test_devices_side_by_side_lend_each_other_nothing(engine: Engine | None) -> None:
    known = [forms(name, engine.name if engine else None)[0] for name in (MODELS[3], MODELS[4])]

    def rows(*devices: Devices) -> set[Combination]:
        return set(combinations(Grid(tuple(known), devices, (40_000,), (3,), engine), never))

    every = kinds(*MANY, counts=(1, 2))
    assert rows(*every) == set().union(*map(rows, every))
