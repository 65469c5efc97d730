"""What stands beside the trained model: further models, an engine, micro-batches in flight, gradients that wait."""

from __future__ import annotations

import pytest

from planner.memory.training.companions import sequences
from planner.memory.training.held import chunks, held_by
from planner.memory.training.lora import parameters
from planner.memory.training.phases import peak
from planner.memory.training.states import low_rank_states
from planner.memory.training.step import Companions, Step
from planner.model import read

SHAPE = {
    "model_type": "llama", "hidden_size": 4096, "num_hidden_layers": 32, "vocab_size": 32000,
    "intermediate_size": 11008, "num_attention_heads": 32,
}  # fmt: skip
LLAMA_7B = read(SHAPE)
SIZE = 6_738_415_616
"""Parameters of Llama 2 7B."""


def step(**others: object) -> Step:
    return Step(LLAMA_7B, 1, 512, checkpointing="full")._replace(**others)  # type: ignore[arg-type]


def total(setup: Step) -> int:
    return peak(setup).phase.total


def test_nothing_beside_the_model_adds_nothing() -> None:
    assert all(phase.companions == 0 for phase in peak(step()).phases)


def test_a_frozen_reference_adds_its_weights_to_every_phase() -> None:
    assert total(step(companions=Companions(((SIZE, 2),)))) - total(step()) == 2 * SIZE


def test_zero_3_shards_a_reference_and_zero_2_does_not() -> None:
    beside = Companions(((SIZE, 2),))
    for sharding, expected in (("zero2", 2 * SIZE), ("zero3", 2 * SIZE // 8)):
        setup = step(sharding=sharding, devices=8)
        assert total(setup._replace(companions=beside)) - total(setup) == expected


def test_a_critic_takes_16_bytes_a_parameter_in_mixed_precision() -> None:
    """ZeRO, arXiv:1910.02054 §3.1: 2 + 2 + 12."""
    setup = step(precision="bf16-mixed", sharding="zero1")
    assert total(setup._replace(companions=Companions((), (SIZE,)))) - total(setup) == 16 * SIZE


def test_an_engine_that_sleeps_counts_while_it_generates_alone() -> None:
    awake, asleep = (
        {phase.name: phase.companions for phase in peak(step(companions=Companions(engine=10, sleeps=sleeps))).phases}
        for sleeps in (False, True)
    )
    assert set(awake.values()) == {10}
    assert [name for name, size in asleep.items() if size] == ["generation"]


@pytest.mark.parametrize(
    ("algorithm", "expected"), [(None, 1), ("grpo", 1), ("kto", 1), ("dpo", 2), ("orpo", 2), ("reward", 2)]
)
def test_pairs_pass_the_model_at_once(algorithm: str | None, expected: int) -> None:
    assert sequences(algorithm) == expected


@pytest.mark.parametrize(
    ("stages", "groups", "first", "last"),
    [
        pytest.param(1, 1, 1, 1, id="no pipeline"),
        pytest.param(4, 1, 4, 1, id="one forward, one backward"),
        pytest.param(
            4, 2, 2 * 3 + 4 + 1, 4 + 1, id="interleaved: Megatron-LM warms up with 2(p - 1) + (v - 1)p chunks"
        ),
    ],
)
def test_groups_of_layers_in_flight(stages: int, groups: int, first: int, last: int) -> None:
    setup = step(pipeline=stages, virtual=groups)
    assert (chunks(setup, last=False), chunks(setup, last=True)) == (first, last)


def test_gradients_stay_whole_until_they_are_exchanged() -> None:
    """accelerate and Fabric hold FSDP's exchange back (`no_sync`) until the last micro-batch."""
    setup = step(sharding="fsdp", devices=4, defers_sync=True)
    assert held_by(setup, last=True).gradients == pytest.approx(2 * SIZE / 4, rel=1e-6)
    waiting = held_by(setup._replace(accumulates=True), last=True).gradients
    assert waiting == pytest.approx(2 * SIZE + 2 * SIZE / 4, rel=1e-6)


def test_an_optimizer_within_the_backward_pass_keeps_gradients_of_one_layer() -> None:
    assert held_by(step(in_backward=True), last=True).gradients < 2 * SIZE / 30


def test_hybrid_sharding_shards_within_its_group_alone() -> None:
    assert held_by(step(sharding="fsdp", devices=64, shard_degree=8), last=True).weights == -(-2 * SIZE // 8)


def test_dora_adds_a_magnitude_for_each_output() -> None:
    """DoRA on queries and values of Llama 2 7B: 32 layers × 2 × 4096."""
    lora = step(method="lora", rank=8, targets=("q_proj", "v_proj"))
    assert parameters(lora._replace(dora=True)) - parameters(lora) == 32 * 2 * 4096


@pytest.mark.parametrize("names", [("embed_tokens", "lm_head"), ("wte", "lm_head"), ("model.embed_tokens", "output")])
def test_saved_modules_are_trained_in_full(names: tuple[str, ...]) -> None:
    lora = step(method="lora", rank=8, targets=("q_proj",))
    assert parameters(lora._replace(saved_modules=names)) - parameters(lora) == 2 * 32000 * 4096


def test_galore_s_states_grow_with_its_rank() -> None:
    """GaLore: m·r + 2·n·r elements of each matrix; of all 7 matrices of 32 layers, r times as much."""
    counts = held_by(step(), last=True).counts
    low, high = (low_rank_states(LLAMA_7B, "galore", 2, counts, rank) for rank in (128, 256))
    per_rank = 32 * (4 * (4096 + 2 * 4096) + 3 * (4096 + 2 * 11008))
    assert high - low == 2 * 128 * per_rank
