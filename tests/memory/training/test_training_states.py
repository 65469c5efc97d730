"""Weights, gradients and optimizer states, against the papers that introduced them."""

from __future__ import annotations

import pytest

from planner.memory.training.counts import Counts
from planner.memory.training.lora import parameters, quantized_bytes
from planner.memory.training.phases import peak
from planner.memory.training.sharding import share
from planner.memory.training.states import of_parameter, optimizer_bytes
from planner.memory.training.step import Step
from planner.model import read

BILLION = 10**9
SHAPE = read({
    "model_type": "llama", "hidden_size": 4096, "num_hidden_layers": 32, "vocab_size": 32000,
    "intermediate_size": 11008,
    "num_attention_heads": 32, "num_key_value_heads": 32,
})  # fmt: skip
COUNTS = Counts(7 * BILLION, 0, 0, 0, 0, 32, 0, 0, 0)


def step(**others: object) -> Step:
    return Step(SHAPE, 1, 1024)._replace(**others)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("precision", "sharding", "expected"),
    [
        pytest.param("fp32", "none", 16, id="float32: 4 + 4 + 8"),
        pytest.param("bf16-mixed", "none", 16, id="autocast over float32 weights: 4 + 4 + 8"),
        pytest.param("bf16-mixed", "zero2", 16, id="DeepSpeed with a float32 master: 2 + 2 + 12 (ZeRO, section 3.1)"),
        pytest.param("bf16", "none", 8, id="all in 16 bit: 2 + 2 + 4"),
    ],
)
def test_bytes_per_parameter_of_adamw(precision: str, sharding: str, expected: int) -> None:
    each = of_parameter(step(precision=precision, sharding=sharding))
    assert each.weight + each.gradient + each.master + 2 * each.state == expected


@pytest.mark.parametrize(
    ("sharding", "expected"),
    [
        pytest.param("zero1", 31.4, id="optimizer states sharded: 31.4 GB"),
        pytest.param("zero2", 16.6, id="gradients too: 16.6 GB"),
        pytest.param("zero3", 1.9, id="weights too: 1.9 GB"),
    ],
)
def test_the_first_figure_of_the_zero_paper(sharding: str, expected: float) -> None:
    from planner.memory.training.sharding import sharded

    setup = step(precision="bf16-mixed", sharding=sharding, devices=64)
    each, count = of_parameter(setup), 7_500_000_000
    sizes = (each.weight * count, each.gradient * count, optimizer_bytes(setup, count, COUNTS))
    held = sum(share(size, COUNTS, setup) if split else size for size, split in zip(sizes, sharded(setup), strict=True))
    assert held / 1e9 == pytest.approx(expected, abs=0.06)


@pytest.mark.parametrize(
    ("optimizer", "expected"),
    [
        pytest.param("adamw", 4.0, id="two moments in the dtype of the parameter"),
        pytest.param("lion", 2.0, id="Lion keeps one"),
        pytest.param("sgd", 0.0, id="plain SGD keeps none"),
        pytest.param("adamw-8bit", 2 * (1 + 4 / 256), id="8-bit moments with a scale per 256"),
        pytest.param("paged-adamw-8bit", 0.0, id="paged states can leave the device"),
    ],
)
def test_bytes_of_states_per_parameter(optimizer: str, expected: float) -> None:
    found = optimizer_bytes(step(optimizer=optimizer), 10**8, COUNTS)
    assert found / 10**8 == pytest.approx(expected, rel=1e-6)


def test_an_optimizer_of_low_rank_needs_less_than_an_8_bit_one_of_the_same_moments() -> None:
    assert peak(step(optimizer="galore")).states.total < peak(step(optimizer="adamw")).states.total


@pytest.mark.parametrize(
    ("targets", "expected"),
    [
        pytest.param(
            ("q_proj", "v_proj"), 8_388_608, id="LoRA of queries and values: PEFT prints 8,388,608 at rank 16"
        ),
        pytest.param(("query", "value"), 8_388_608, id="the same by litgpt's names"),
        pytest.param("all-linear", 39_976_960, id="all matrices of the layers: PEFT prints 39,976,960"),
        pytest.param(("embed_tokens",), 0, id="names that no matrix of a layer has"),
    ],
)
def test_parameters_of_an_adapter_on_llama_2_7b(targets: str | tuple[str, ...], expected: int) -> None:
    assert parameters(step(method="lora", rank=16, targets=targets)) == expected


def test_the_buckets_of_ddp_are_as_large_as_the_gradients_and_always_there() -> None:
    """torch's DistributedDataParallel, `gradient_as_bucket_view`: what it saves is the size of the gradients."""
    alone, split = peak(step()), peak(step(sharding="ddp", devices=8))
    gradients = 2 * 6_738_415_616
    for one, many in zip(alone.phases, split.phases, strict=True):
        assert many.gradients - one.gradients == gradients


def test_a_4_bit_weight_takes_4_127_bits_with_double_quantization() -> None:
    assert 8 * quantized_bytes(1 << 30) / (1 << 30) == pytest.approx(4.127, abs=0.001)
