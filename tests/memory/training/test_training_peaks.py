"""The peak of a training step, held against steps that torch's own memory tracker watched (fake tensors, torch 2.13).

Each expected value is the tracker's total at the peak of a steady-state step: weights, gradients, optimizer states,
activations and temporaries of the allocator, without CUDA context and fragmentation.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.memory.training.modules import LITGPT
from planner.memory.training.phases import peak
from planner.memory.training.step import PARTS, Step
from planner.model import read
from planner.model.stack import Architecture

SHAPES = {
    "gpt2": {"model_type": "gpt2", "n_embd": 768, "n_layer": 12, "n_head": 12, "vocab_size": 50257,
             "n_positions": 8192},
    "llama-3.2-1b": {
        "model_type": "llama", "hidden_size": 2048, "num_hidden_layers": 16, "vocab_size": 128256,
        "intermediate_size": 8192, "num_attention_heads": 32, "num_key_value_heads": 8, "head_dim": 64,
        "tie_word_embeddings": True,
    },
    "llama-3-8b": {
        "model_type": "llama", "hidden_size": 4096, "num_hidden_layers": 32, "vocab_size": 128256,
        "intermediate_size": 14336, "num_attention_heads": 32, "num_key_value_heads": 8,
    },
    "mistral-7b": {
        "model_type": "llama", "hidden_size": 4096, "num_hidden_layers": 32, "vocab_size": 32000,
        "intermediate_size": 14336, "num_attention_heads": 32, "num_key_value_heads": 8,
    },
    "gemma-2-2b": {
        "model_type": "gemma2", "hidden_size": 2304, "num_hidden_layers": 26, "vocab_size": 256000,
        "intermediate_size": 9216, "num_attention_heads": 8, "num_key_value_heads": 4, "head_dim": 256,
    },
    "qwen-2.5-0.5b": {
        "model_type": "qwen2", "hidden_size": 896, "num_hidden_layers": 24, "vocab_size": 151936,
        "intermediate_size": 4864, "num_attention_heads": 14, "num_key_value_heads": 2, "tie_word_embeddings": True,
    },
}  # fmt: skip


def shape(name: str) -> Architecture:
    return read(SHAPES[name])


def step(name: str, batch: int, length: int, **others: object) -> Step:
    return Step(shape(name), batch, length)._replace(**{"fused": False, "adapter_bytes": 2, **others})  # type: ignore[arg-type]


TRACKED = [
    pytest.param("gpt2", 1, 512, {"checkpointing": "full"}, "optimizer step", 1350920276,
                 id="a small batch peaks in the optimizer's step"),
    pytest.param("gemma-2-2b", 1, 512, {}, "optimizer step", 26405573254,
                 id="a tied embedding is counted once in the states"),
    pytest.param("gemma-2-2b", 1, 512, {"method": "lora"}, "cross-entropy", 9214012970,
                 id="Gemma 2 keeps the capped logits too"),
    pytest.param("gpt2", 1, 8192, {}, "cross-entropy", 10802303352, id="GPT-2 keeps five values of its activation"),
    pytest.param("gpt2", 1, 2048, {"precision": "bf16-mixed", "checkpointing": "full"}, "cross-entropy", 3162502232,
                 id="GPT-2 under autocast"),
    pytest.param("qwen-2.5-0.5b", 1, 2048, {}, "cross-entropy", 10157470928, id="a large vocabulary decides the peak"),
    pytest.param("qwen-2.5-0.5b", 1, 2048, {"precision": "bf16-mixed"}, "cross-entropy", 14554186192,
                 id="autocast keeps a 16-bit copy of every weight"),
    pytest.param("qwen-2.5-0.5b", 1, 8192, {"checkpointing": "full"}, "cross-entropy", 20802802320,
                 id="checkpointing leaves the logits alone"),
    pytest.param("qwen-2.5-0.5b", 1, 2048, {"method": "lora", "checkpointing": "full"}, "cross-entropy", 5493167432,
                 id="LoRA keeps fewer activations"),
    pytest.param("llama-3.2-1b", 1, 2048, {"method": "lora", "adapter_bytes": 4}, "cross-entropy", 11471328776,
                 id="a float32 adapter keeps an input of its own for every matrix"),
    pytest.param("llama-3-8b", 1, 2048, {"precision": "bf16-mixed", "accumulates": True}, "cross-entropy", 163103484308,
                 id="accumulated gradients live through the forward pass"),
    pytest.param("llama-3-8b", 1, 2048, {"method": "qlora"}, "cross-entropy", 21735582728,
                 id="a 4-bit base with double quantization"),
    pytest.param("llama-3.2-1b", 1, 4096, {"attention": "eager", "checkpointing": "full"}, "backward", 17552765776,
                 id="eager attention peaks at the gradients of its scores"),
    pytest.param("llama-3-8b", 1, 2048, {"sharding": "fsdp", "devices": 8, "cross_entropy": "standard-released"},
                 "cross-entropy", 30965440916, id="FSDP keeps its root group gathered"),
    pytest.param("llama-3-8b", 1, 2048,
                 {"sharding": "fsdp", "devices": 8, "cross_entropy": "standard-released", "checkpointing": "full",
                  "precision": "bf16-mixed"},
                 "end of backward", 21839281812, id="FSDP reduces the gradients of its root group last"),
    pytest.param("llama-3-8b", 1, 2048,
                 {"sharding": "fsdp", "devices": 8, "cross_entropy": "standard-released", "shards_embeddings": True},
                 "cross-entropy", 30003904924, id="FSDP with a head in a group of its own"),
    pytest.param("llama-3-8b", 1, 2048,
                 {"sharding": "fsdp", "devices": 64, "cross_entropy": "standard-released", "shards_embeddings": True,
                  "checkpointing": "full"},
                 "cross-entropy", 6838823324, id="the same, checkpointed, over many devices"),
    pytest.param("llama-3-8b", 1, 2048,
                 {"sharding": "fsdp", "devices": 8, "cross_entropy": "standard-released", "shards_embeddings": True,
                  "checkpointing": "full"},
                 "optimizer step", 20075687568, id="the same, where the optimizer's step is the peak"),
    pytest.param("llama-3-8b", 1, 2048,
                 {"sharding": "fsdp", "devices": 8, "cross_entropy": "standard-released", "checkpointing": "full",
                  "reshards": False},
                 "cross-entropy", 31863021204, id="FSDP that keeps what it gathered"),
]  # fmt: skip


LITGPT_STEPS = [
    pytest.param("llama-3-8b", 1, {"method": "lora", "rank": 32}, 18.03, id="an adapter on queries and values"),
    pytest.param("llama-3-8b", 2, {"method": "qlora", "rank": 32}, 14.55, id="the head in 4 bit too"),
    pytest.param("mistral-7b", 2, {"method": "lora", "rank": 32}, 19.06, id="grouped queries"),
    pytest.param("mistral-7b", 2, {"method": "qlora", "rank": 32}, 11.77, id="inputs of 4-bit matrices stay"),
]


@pytest.mark.parametrize(("name", "batch", "others", "gib"), LITGPT_STEPS)
def test_the_peak_of_litgpt_is_that_of_its_own_code(
    name: str, batch: int, others: dict[str, object], gib: float
) -> None:
    """litgpt 0.5's `GPT` on torch's meta device, every storage counted: 512 tokens, dropout 0.05."""
    setup = step(
        name, batch, 512, targets=("query", "value"), dropout=0.05, modules=LITGPT, cross_entropy="chunked", **others
    )
    assert peak(setup).phase.total / 2**30 == pytest.approx(gib, rel=0.04)


@pytest.mark.parametrize(("name", "batch", "length", "others", "phase", "expected"), TRACKED)
def test_the_peak_is_the_tracker_s(
    name: str, batch: int, length: int, others: dict[str, object], phase: str, expected: int
) -> None:
    if others.get("sharding") == "fsdp":
        others = {**others, "precision": "bf16-mixed"}
    found = peak(step(name, batch, length, **others)).phase
    assert found.name == phase
    assert found.total == pytest.approx(expected, rel=0.005)


@given(
    st.sampled_from(sorted(SHAPES)), st.integers(1, 16), st.integers(1, 32768),
    st.sampled_from(["full", "lora", "qlora"]),
    st.sampled_from(["fp32", "bf16", "bf16-mixed"]), st.sampled_from(["none", "selective", "full", "offloaded"]),
    st.sampled_from(["none", "ddp", "zero1", "zero2", "zero3", "fsdp"]), st.sampled_from([1, 2, 8, 64]),
    st.sampled_from(["adamw", "adamw-8bit", "paged-adamw-8bit", "lion", "sgd", "muon", "galore", "apollo"]),
)  # fmt: skip
def test_every_phase_is_at_least_nothing_and_the_peak_at_least_the_states(
    name: str, batch: int, length: int, method: str, precision: str, checkpointing: str, sharding: str, devices: int,
    optimizer: str,
) -> None:  # fmt: skip
    found = peak(step(name, batch, length, method=method, precision=precision, checkpointing=checkpointing,
                      sharding=sharding, devices=devices, optimizer=optimizer))  # fmt: skip
    assert all(getattr(phase, part) >= 0 for phase in found.phases for part in PARTS)
    assert found.states.total <= found.phase.total
    assert found.phase.total == max(phase.total for phase in found.phases)


@pytest.mark.parametrize("sharding", ["zero1", "zero2", "zero3", "fsdp"])
@given(st.sampled_from(sorted(SHAPES)), st.sampled_from([2, 8, 64]))
def test_sharding_never_raises_the_states(sharding: str, name: str, devices: int) -> None:
    alone = peak(step(name, 1, 1024, precision="bf16"))
    split = peak(step(name, 1, 1024, precision="bf16", sharding=sharding, devices=devices))
    assert split.states.total <= alone.states.total


@given(st.sampled_from(sorted(SHAPES)), st.integers(1, 8), st.integers(64, 8192))
def test_a_larger_micro_batch_never_needs_less(name: str, batch: int, length: int) -> None:
    assert peak(step(name, batch, length)).phase.total <= peak(step(name, batch + 1, length)).phase.total
