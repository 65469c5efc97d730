"""Bytes per token that one layer keeps, against counts by hand of what each operation saves."""

from __future__ import annotations

import pytest

from planner.memory.training.activations import checkpoint_bytes, layer_bytes
from planner.memory.training.logits import COSTS, bytes_at, cost
from planner.memory.training.modules import LITGPT
from planner.memory.training.step import Step
from planner.model import read

H, A, F = 4096, 32, 14336
Q, KV = 4096, 1024
LLAMA = read({
    "model_type": "llama", "hidden_size": H, "num_hidden_layers": 2, "vocab_size": 1000, "intermediate_size": F,
    "num_attention_heads": A, "num_key_value_heads": 8,
})  # fmt: skip
QWEN3 = read({
    "model_type": "qwen3", "hidden_size": H, "num_hidden_layers": 2, "vocab_size": 1000, "intermediate_size": F,
    "num_attention_heads": A, "num_key_value_heads": 8, "head_dim": 128,
})  # fmt: skip
MPT = read({"model_type": "mpt", "d_model": H, "n_layers": 2, "n_heads": A, "vocab_size": 1000})
GPT2 = read({"model_type": "gpt2", "n_embd": H, "n_layer": 2, "n_head": A, "vocab_size": 1000})
GEMMA2 = read({
    "model_type": "gemma2", "hidden_size": H, "num_hidden_layers": 2, "vocab_size": 1000, "intermediate_size": F,
    "num_attention_heads": A, "num_key_value_heads": 8, "head_dim": 128,
})  # fmt: skip


def step(**others: object) -> Step:
    return Step(LLAMA, 1, 2048, adapter_bytes=2)._replace(**others)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("setup", "expected"),
    [
        pytest.param(step(), 16 * H + 4 * Q + 4 * KV + 4 * A + 8 * F, id="a Llama layer in 16 bit"),
        pytest.param(step(precision="bf16-mixed"), 26 * H + 4 * Q + 4 * KV + 4 * A + 8 * F,
                     id="autocast casts the input of every matrix"),
        pytest.param(step(kernels="fused"), 8 * H + 4 * Q + 4 * KV + 4 * A + 6 * F, id="fused norms and gates"),
        pytest.param(step(attention="eager"),
                     16 * H + 8 * Q + 6 * A * 2048 + 8 * F, id="eager attention keeps its scores"),
        pytest.param(step(method="lora", targets="all-linear", rank=16),
                     8 * H + 4 * H + 4 * Q + 4 * KV + 4 * A + 8 * F + 2 * 16 * 7,
                     id="an adapter shares its input with its neighbours"),
        pytest.param(step(method="lora", targets=("q_proj", "v_proj"), rank=8),
                     8 * H + 2 * H + 4 * Q + 4 * KV + 4 * A + 6 * F + 2 * 8 * 2,
                     id="an adapter on two matrices keeps one input"),
        pytest.param(step(method="lora", targets=("q_proj", "v_proj"), rank=8, adapter_bytes=4),
                     8 * H + 2 * 4 * H + 4 * Q + 4 * KV + 4 * A + 6 * F + 4 * 8 * 2,
                     id="a float32 adapter casts its input for itself"),
        pytest.param(step(architecture=GEMMA2), 36 * H + 4 * Q + 4 * KV + 4 * A + 8 * F, id="Gemma 2 has four norms"),
        pytest.param(step(architecture=GPT2), 56 * H + 4 * A, id="GPT-2 composes its activation of five values"),
        pytest.param(step(architecture=QWEN3), 16 * H + (4 + 6) * (Q + KV) + 4 * A + 8 * F,
                     id="norms of queries and keys keep a float32 input and a normed one"),
        pytest.param(step(architecture=MPT), (34 - 2) * H + 4 * A,
                     id="Korthikanti et al., Table 2: 34h less two dropout masks, with scores recomputed"),
    ],
)  # fmt: skip
def test_bytes_per_token_of_a_layer(setup: Step, expected: int) -> None:
    assert layer_bytes(setup.architecture.layers[0], setup) == expected


LITGPT_7B = read({
    "model_type": "llama", "hidden_size": 4096, "num_hidden_layers": 2, "vocab_size": 32000, "intermediate_size": 11008,
    "num_attention_heads": 32,
})  # fmt: skip


def test_a_layer_of_litgpt_keeps_what_its_own_code_saves() -> None:
    """Saved tensors of litgpt 0.5's `Block` for Llama 2 7B, an adapter of rank 8 on queries and values, dropout.

    Of h: norms 4 + 4, the adapter's dropped-out input 2 with its mask 1 and results 4, queries 2, keys 2, the joint
    matrix' result 6, output 2; of f: 3 values in 16 bit.
    """
    adapter = step(
        architecture=LITGPT_7B, modules=LITGPT, method="lora", targets=("query", "value"), rank=8, dropout=0.05
    )
    expected = (4 + 4 + 2 + 1 + 4 + 2 + 2 + 6 + 2) * H + 3 * 2 * 11008 + 4 * 32 + 2 * 8 * 2
    assert layer_bytes(LITGPT_7B.layers[0], adapter) == expected


def test_litgpt_repeats_grouped_keys_and_values() -> None:
    adapter = step(modules=LITGPT, method="lora", targets=("q_proj", "k_proj", "v_proj"), rank=8)
    expected = (4 + 4 + 2 + 2 + 2 + 2 + 2) * H + 3 * 2 * F + 4 * A + 2 * 8 * 3
    assert layer_bytes(LLAMA.layers[0], adapter) == expected


def test_a_4_bit_matrix_of_old_bitsandbytes_keeps_its_input_twice_where_every_batch_is_full() -> None:
    base = step(modules=LITGPT, method="lora", targets=("q_proj",), rank=8)
    once, twice = (
        layer_bytes(LLAMA.layers[0], base._replace(method="qlora", full_batches=full)) for full in (False, True)
    )
    inputs = 2 * (H + H + F)
    assert once - layer_bytes(LLAMA.layers[0], base) == inputs
    assert twice - once == inputs


def test_tensor_parallelism_with_sequence_parallelism_splits_everything() -> None:
    """Korthikanti et al., equation 4: sbh·34/t."""
    alone, split = step(architecture=MPT), step(architecture=MPT, tensor=8, sequence_parallel=True)
    assert layer_bytes(MPT.layers[0], split) == layer_bytes(MPT.layers[0], alone) // 8


@pytest.mark.parametrize(
    ("setup", "expected"),
    [
        pytest.param(step(), 2 * H, id="16 bit: 2h, Korthikanti et al. full recomputation"),
        pytest.param(step(precision="bf16-mixed"), 4 * H, id="under autocast the residual stream is float32"),
        pytest.param(
            step(method="qlora", adapter_bytes=4), 4 * H, id="PEFT casts the stream of a 4-bit base to float32"
        ),
    ],
)
def test_a_checkpointed_layer_keeps_its_input(setup: Step, expected: int) -> None:
    assert checkpoint_bytes(setup) == expected


def test_llama_3_s_logits_at_8192_tokens_take_13_7_gib_in_transformers() -> None:
    """14 bytes × 128,256 words × 8,192 tokens."""
    llama3 = LLAMA._replace(vocab_size=128256)
    setup = step(architecture=llama3, micro_batch=4)
    assert bytes_at(cost(setup).peak, setup) == 14 * 128256 * 8192


@pytest.mark.parametrize("name", sorted(set(COSTS) - {"standard", "older", "selective-float32"}))
def test_every_other_loss_needs_less_than_the_standard_one(name: str) -> None:
    assert COSTS[name].peak < COSTS["standard"].peak


@pytest.mark.parametrize(
    ("name", "peak"), [("selective", 8), ("selective-float32", 16), ("value-head", 6), ("score", 0)]
)
def test_losses_of_other_heads(name: str, peak: int) -> None:
    """Counted over every tensor that torch 2.13 makes in TRL's sequence of operations, by token and word."""
    assert COSTS[name].peak == peak


def test_matrices_multiplied_in_8_bit_keep_their_inputs() -> None:
    """bitsandbytes, MatMul8bitLt: `ctx.tensors = (CAt, subA, A)`: those of attention and of the FFN."""
    setup = step(method="lora", targets=("q_proj",), adapter_bytes=4, int8_base=True)
    kept = layer_bytes(LLAMA.layers[0], setup) - layer_bytes(LLAMA.layers[0], setup._replace(int8_base=False))
    assert kept == 2 * (2 * LLAMA.hidden_size + LLAMA.layers[0].ffn_width)
