"""What vLLM's weights take once they are loaded: "Model loading took …" of start-ups, to the digit it prints."""

from __future__ import annotations

from typing import Any

import pytest

from planner.memory.engines import Setup
from planner.memory.engines.loading import allocated, extra_bytes
from planner.memory.weights import per_device
from planner.model import read
from planner.model.quantization.scheme import Scheme
from planner.model.rotary import table_elements

GIB = 1 << 30
MIB = 1 << 20


def dense(
    kind: str, hidden: int, width: int, layers: int, heads: tuple[int, int], vocabulary: int, **more: Any
) -> dict[str, Any]:
    return {
        "model_type": kind, "hidden_size": hidden, "intermediate_size": width, "num_hidden_layers": layers,
        "num_attention_heads": heads[0], "num_key_value_heads": heads[1], "vocab_size": vocabulary,
        "max_position_embeddings": 131072, "torch_dtype": "bfloat16", "tie_word_embeddings": False, **more,
    }  # fmt: skip


LLAMA_8B = dense("llama", 4096, 14336, 32, (32, 8), 128256)
QWEN_7B = dense("qwen2", 3584, 18944, 28, (28, 4), 152064)
QWEN_72B = dense("qwen2", 8192, 29568, 80, (64, 8), 152064)
QWEN_3_4B = dense(
    "qwen3", 2560, 9728, 36, (32, 8), 151936, head_dim=128, max_position_embeddings=40960, tie_word_embeddings=True
)
GPT_OSS_120B = {
    "model_type": "gpt_oss", "hidden_size": 2880, "intermediate_size": 2880, "num_hidden_layers": 36,
    "num_attention_heads": 64, "num_key_value_heads": 8, "head_dim": 64, "vocab_size": 201088, "num_local_experts": 128,
    "num_experts_per_tok": 4, "sliding_window": 128, "layer_types": ["sliding_attention", "full_attention"] * 18,
    "max_position_embeddings": 131072, "torch_dtype": "bfloat16", "tie_word_embeddings": False,
}  # fmt: skip


def loaded(config: dict[str, Any], ranks: int = 1, scheme: Scheme | None = None, **options: object) -> float:
    architecture = read(config)
    setup = Setup(
        (0, 19, 0), None, 8192, 1, 2, ranks, 1, None, None, None, options, architecture, "bfloat16", scheme,
        table_elements(config),
    )  # fmt: skip
    return (per_device(architecture, "bfloat16", scheme, ranks)[0] + extra_bytes(setup)) / GIB


@pytest.mark.parametrize(
    ("config", "ranks", "logged"),
    [
        pytest.param(LLAMA_8B, 1, 14.9888, id="rotary tables of 32 MiB: Llama-3.1-8B"),
        pytest.param(QWEN_7B, 1, 14.2717, id="matrices rounded by the allocator: DeepSeek-R1-Distill-Qwen-7B"),
        pytest.param(QWEN_3_4B, 1, 7.5552, id="tied embeddings: Qwen3-4B"),
        pytest.param(QWEN_72B, 2, 67.82, id="two ranks: Kimi-Dev-72B"),
        pytest.param(QWEN_72B, 4, 34.01, id="four ranks: Kimi-Dev-72B"),
    ],
)
def test_loaded_weights_are_those_of_the_log(config: dict[str, Any], ranks: int, logged: float) -> None:
    assert loaded(config, ranks) == pytest.approx(logged, abs=0.006)


def test_experts_in_mxfp4_are_padded() -> None:
    """gpt-oss-120b on an H100 with 0.10.1: 65.97 GiB, of which the checkpoint has 60.8."""
    from planner.model.quantization import resolve

    stated = {"quant_method": "mxfp4", "modules_to_not_convert": ["self_attn", "router", "embed_tokens", "lm_head"]}
    scheme, _ = resolve(None, stated)
    assert loaded(GPT_OSS_120B, 1, scheme) == pytest.approx(65.97, rel=0.005)


def test_slots_for_adapters() -> None:
    """Llama-3.1-8B with two adapters of rank 16 and 0.8.2: 15.17 GiB."""
    assert loaded(LLAMA_8B, enable_lora=True, max_loras=2, max_lora_rank=16) == pytest.approx(15.17, abs=0.04)


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        pytest.param(3, 512, id="to 512 bytes"),
        pytest.param(5 * MIB + 1, 5 * MIB + 512, id="below 10 MiB a segment is shared"),
        pytest.param(259 * MIB, 260 * MIB, id="what is left of a segment stays with it up to 1 MiB"),
        pytest.param(24 * MIB + MIB // 2, 24 * MIB + MIB // 2, id="and is split off above"),
        pytest.param(64 * MIB, 64 * MIB, id="a whole segment"),
    ],
)
def test_the_allocator_rounds(size: int, expected: int) -> None:
    assert allocated(size) == expected


# Rows × rotated dimensions of the tables that get_rope of vLLM builds.
@pytest.mark.parametrize(
    ("more", "rows"),
    [
        pytest.param({}, 131072, id="as many as positions"),
        pytest.param({"rope_scaling": {"rope_type": "llama3", "factor": 8.0}}, 131072, id="llama3: no more"),
        pytest.param({"rope_scaling": {"type": "linear", "factor": 8.0}}, 8 * 131072, id="linear: stretched"),
        pytest.param(
            {"rope_scaling": {"type": "yarn", "factor": 4.0, "original_max_position_embeddings": 32768}},
            131072,
            id="yarn: the original stretched",
        ),
        pytest.param({"rope_scaling": {"type": "mrope", "mrope_section": [16, 24, 24]}}, 4 * 131072, id="images"),
        pytest.param({"partial_rotary_factor": 0.5}, 65536, id="half of a head"),
        pytest.param({"model_type": "opt"}, 0, id="learned positions"),
        pytest.param({"max_position_embeddings": "many"}, 0, id="nonsense"),
    ],
)
def test_rotary_tables(more: dict[str, Any], rows: int) -> None:
    assert table_elements({**LLAMA_8B, **more}) == rows * 128
