"""Whether vLLM takes CUDA graphs off its budget: by version, by maker, and by which model runner runs."""

from __future__ import annotations

import pytest

from planner.memory.engines import Setup, Shape
from planner.memory.engines.vllm_graphs import graph_bytes
from planner.model.quantization.scheme import Scheme
from planner.model.stack import Architecture, Layer, State

GIB = 1 << 30
DENSE = Layer("full", "gated", ())
EXPERTS = Layer("full", "moe", (), experts=64)
RECURRENT = Layer("gated-delta", "gated", (), states=(State(1),))


def setup(version: tuple[int, ...] | None, kind: str, layer: Layer = DENSE, **changes: object) -> Setup:
    model = Architecture(kind, 4096, 128256, (layer,) * 32, ())
    base = Setup(
        version, Shape(4096, 128256, 14336), 8192, 1, 2, 1, 1, 80 * GIB, "H100", None, {}, model, vendor="nvidia"
    )
    return base._replace(**changes)  # type: ignore[arg-type]


# vllm/v1/worker/gpu_worker.py, vllm/config/vllm.py (use_v2_model_runner) and v1/worker/gpu/model_runner.py.
@pytest.mark.parametrize(
    "given",
    [
        pytest.param(setup((0, 19, 1), "llama"), id="no version before 0.20 does"),
        pytest.param(setup((0, 22, 1), "qwen3"), id="the second runner's first model"),
        pytest.param(setup((0, 23), "llama"), id="its next"),
        pytest.param(setup((0, 24), "llama", scheme=Scheme("fp8", "FP8", None)), id="quantized, too"),
        pytest.param(setup((0, 26), "qwen2"), id="then every dense model"),
        pytest.param(setup((0, 28), "deepseek_v2", EXPERTS), id="and some with experts"),
        pytest.param(setup((0, 25, 1), "x", vendor="amd"), id="nothing is tried on AMD's"),
    ],
)
def test_graphs_are_beside_the_budget(given: Setup) -> None:
    assert graph_bytes(given, 256) == 0


@pytest.mark.parametrize(
    "given",
    [
        pytest.param(setup(None, "llama"), id="the newest"),
        pytest.param(setup((0, 29), "llama"), id="the second runner tries, too"),
        pytest.param(setup((0, 20, 2), "qwen3"), id="the first runner"),
        pytest.param(setup((0, 22, 1), "llama"), id="models that were not moved yet"),
        pytest.param(setup((0, 23), "llama", scheme=Scheme("fp8", "FP8", None)), id="quantized ones came later"),
        pytest.param(setup((0, 28), "mixtral", EXPERTS), id="experts stayed behind"),
        pytest.param(setup((0, 28), "qwen3_5_text", RECURRENT), id="states, too"),
        pytest.param(
            setup((0, 27, 1), "llama", options={"speculative_config": {"method": "ngram"}}), id="what it cannot do"
        ),
        pytest.param(setup((0, 26), "mixtral", EXPERTS, vendor="amd"), id="AMD's from 0.26 on"),
    ],
)
def test_graphs_are_in_the_budget(given: Setup) -> None:
    assert graph_bytes(given, 256) > GIB // 4
