"""Bytes of whole models, against the checkpoints' own files and what engines log."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.memory.weights import Weights, notes_of_count, per_device, placed, weights, weights_of_count
from planner.model import read
from planner.model.parameters import count
from planner.model.quantization import resolve
from planner.model.quantization.scheme import Scheme
from planner.model.stack import Architecture, Layer, Tensor
from planner.workload import Quantization

GIB = 1 << 30
LLAMA = {
    "model_type": "llama", "hidden_size": 4096, "intermediate_size": 14336, "num_hidden_layers": 32,
    "num_attention_heads": 32, "num_key_value_heads": 8, "vocab_size": 128256, "tie_word_embeddings": False,
}  # fmt: skip
GPT_OSS = {
    "model_type": "gpt_oss", "hidden_size": 2880, "intermediate_size": 2880, "head_dim": 64, "num_attention_heads": 64,
    "num_key_value_heads": 8, "num_experts_per_tok": 4, "vocab_size": 201088, "attention_bias": True,
    "tie_word_embeddings": False,
    "quantization_config": {"quant_method": "mxfp4", "modules_to_not_convert": [
        "model.layers.*.self_attn", "model.layers.*.mlp.router", "model.embed_tokens", "lm_head"]},
}  # fmt: skip
DEEPSEEK = {
    "model_type": "deepseek_v3", "hidden_size": 7168, "intermediate_size": 18432, "moe_intermediate_size": 2048,
    "first_k_dense_replace": 3, "num_hidden_layers": 61, "num_attention_heads": 128, "num_key_value_heads": 128,
    "n_routed_experts": 256, "n_shared_experts": 1, "num_experts_per_tok": 8, "q_lora_rank": 1536, "kv_lora_rank": 512,
    "qk_nope_head_dim": 128, "qk_rope_head_dim": 64, "v_head_dim": 128, "vocab_size": 129280,
    "num_nextn_predict_layers": 1, "tie_word_embeddings": False,
    "quantization_config": {"quant_method": "fp8", "fmt": "e4m3", "weight_block_size": [128, 128]},
}  # fmt: skip
KIMI = {
    **DEEPSEEK, "model_type": "kimi_k2", "first_k_dense_replace": 1, "num_attention_heads": 64,
    "num_key_value_heads": 64, "n_routed_experts": 384, "vocab_size": 163840, "num_nextn_predict_layers": 0,
}  # fmt: skip
MIXTRAL = {**LLAMA, "model_type": "mixtral", "num_local_experts": 8, "num_experts_per_tok": 2, "vocab_size": 32000}
ROPE_TABLE = 131072 * 128 * 2
"""vLLM's table of cosines and sines for Llama 3.1: one row per position."""


def scheme(method: str | Quantization) -> Scheme:
    found, reason = resolve(Quantization(method) if isinstance(method, str) else method, None)
    assert found is not None, reason
    return found


def loaded(config: dict[str, object], method: str | None = None, stored: bool = False) -> Weights:
    architecture = read(config)
    found, _ = resolve(Quantization(method) if method else None, architecture.quantization)
    return weights(architecture, "bfloat16", found, stored)


@pytest.mark.parametrize(
    ("config", "size"),
    [
        pytest.param({**GPT_OSS, "num_hidden_layers": 24, "num_local_experts": 32}, 13_761_264_768, id="gpt-oss-20b"),
        pytest.param({**GPT_OSS, "num_hidden_layers": 36, "num_local_experts": 128}, 65_248_815_744, id="gpt-oss-120b"),
    ],
)
def test_gpt_oss_has_the_total_size_of_its_index(config: dict[str, object], size: int) -> None:
    assert loaded(config).total == size


@pytest.mark.parametrize(
    ("config", "files", "correction"),
    [
        pytest.param(DEEPSEEK, 688_586_727_753, 59 * 256 * 4, id="DeepSeek-V3, its layer for further tokens included"),
        pytest.param(KIMI, 1_029_190_981_272, 60 * 384 * 4, id="Kimi-K2-Instruct"),
    ],
)
def test_fp8_in_blocks_fills_the_files_but_for_their_headers(
    config: dict[str, object], files: int, correction: int
) -> None:
    """`correction`: float32 buffers of the routers, which are no parameters."""
    tensors = loaded(config, stored=True).total + correction
    assert 0 < files - tensors < 20_000_000


def test_what_is_stored_but_not_loaded_does_not_count() -> None:
    left = loaded(DEEPSEEK, stored=True).total - loaded(DEEPSEEK).total
    assert left == pytest.approx(15.4e9, rel=0.01)  # 11.5B in FP8, embedding and head of 2 × 129,280 × 7,168 in 16 bit


@pytest.mark.parametrize(
    ("method", "gib"),
    [
        pytest.param(None, 14.99, id="bfloat16"),
        pytest.param("w8a8", 8.49, id="RedHatAI/Meta-Llama-3.1-8B-Instruct-quantized.w8a8"),
        pytest.param("fp8_dynamic", 8.49, id="FP8 per channel"),
    ],
)
def test_llama_31_8b_loads_as_vllm_logs(method: str | None, gib: float) -> None:
    """vLLM 0.19, "Model loading took … GiB", which counts the table of rotary positions."""
    assert (loaded(LLAMA, method).total + ROPE_TABLE) / GIB == pytest.approx(gib, abs=0.005)


QWEN = {
    "model_type": "qwen2", "hidden_size": 3584, "intermediate_size": 18944, "num_hidden_layers": 28,
    "num_attention_heads": 28, "num_key_value_heads": 4, "vocab_size": 152064, "tie_word_embeddings": False,
}  # fmt: skip
PHI_4 = {
    "model_type": "phi3", "hidden_size": 5120, "intermediate_size": 17920, "num_hidden_layers": 40,
    "num_attention_heads": 40, "num_key_value_heads": 10, "vocab_size": 100352, "tie_word_embeddings": False,
}  # fmt: skip
LLAMA_2 = {**LLAMA, "intermediate_size": 11008, "num_key_value_heads": 32, "vocab_size": 32000}


@pytest.mark.parametrize(
    ("config", "method", "size", "within"),
    [
        pytest.param(LLAMA, "gptq", 5.38 * GIB - ROPE_TABLE, 0.003, id="Llama-3.1-8B w4a16 in vLLM 0.19's log"),
        pytest.param(QWEN, "awq", 5.2032 * GIB, 0.004, id="Qwen2.5-7B-AWQ (vllm-project/vllm#13882)"),
        pytest.param(PHI_4, "bnb-4bit", 8.5107 * GIB, 0.006, id="phi-4-bnb-4bit in vLLM's log"),
        pytest.param(LLAMA_2, "aqlm", 2.4e9, 0.01, id="Llama-2-7b-AQLM-2Bit-1x16, 2.4 GB by its card"),
    ],
)
def test_quantized_checkpoints_weigh_as_reported(
    config: dict[str, object], method: str, size: float, within: float
) -> None:
    assert loaded(config, method).total == pytest.approx(size, rel=within)


def test_a_dtype_alone_is_parameters_times_bits() -> None:
    architecture = read(LLAMA)
    total = count(architecture).total
    sizes = {dtype: weights(architecture, dtype).total for dtype in ("float32", "bfloat16", "int8", "int4")}
    assert sizes == {"float32": 4 * total, "bfloat16": 2 * total, "int8": total, "int4": total // 2}
    assert not weights(architecture, "bfloat16").notes
    assert "no scales" in weights(architecture, "int8").notes[0]


def test_a_quantization_leaves_embeddings_head_and_norms_in_16_bit() -> None:
    plain, quantized = loaded(LLAMA), loaded(LLAMA, "int8")
    assert quantized.by_part["embedding"] == plain.by_part["embedding"]
    assert quantized.by_part["other"] == plain.by_part["other"]
    assert quantized.by_part["ffn"] == plain.by_part["ffn"] // 2


@pytest.mark.parametrize(
    ("dtype", "method", "size"),
    [
        pytest.param("float32", None, 28_000_000_000, id="7B in 32 bit is 28 GB"),
        pytest.param("bfloat16", None, 14_000_000_000, id="16 bit: 14 GB"),
        pytest.param("int8", None, 7_000_000_000, id="8 bit: 7 GB"),
        pytest.param("int4", None, 3_500_000_000, id="4 bit: 3.5 GB"),
        pytest.param("bfloat16", "int8", 7_000_000_000, id="quantization: int8 says the same"),
        pytest.param("bfloat16", "int4", 3_500_000_000, id="quantization: int4, too"),
        pytest.param("bfloat16", "fp8", 7_000_000_000, id="and fp8"),
        pytest.param("bfloat16", "nf4", 3_937_500_000, id="NF4 is 4.5 bits"),
        pytest.param("bfloat16", "awq", 3_636_718_750, id="AWQ is 4.15625 bits"),
    ],
)
def test_size_alone(dtype: str, method: str | None, size: int) -> None:
    assert weights_of_count(7_000_000_000, dtype, scheme(method) if method else None) == size


def test_size_alone_says_what_it_passes_over() -> None:
    assert notes_of_count(None) == ()
    assert notes_of_count(scheme("awq")) == (
        "all parameters at 4.156 bits: without an architecture, embeddings cannot be told apart",
    )


@pytest.mark.parametrize(
    "options", [{}, {"load_in_4bit": True}], ids=["vLLM quantizes experts", "transformers does not"]
)
def test_experts_in_doubt_have_a_lower_bound_and_a_note(options: dict[str, object]) -> None:
    found = weights(read(MIXTRAL), "bfloat16", scheme(Quantization("bitsandbytes", options=options)))
    assert found.low <= found.total
    assert found.low < 30 * GIB
    assert "routed experts" in found.notes[-1]
    assert (found.low < found.total) == bool(options)


def test_a_dense_model_leaves_no_doubt() -> None:
    found = weights(read(LLAMA), "bfloat16", scheme("bitsandbytes"))
    assert (found.low, found.notes) == (found.total, ())


def test_a_scheme_for_experts_takes_every_matrix_of_a_model_without_any() -> None:
    assert loaded(LLAMA, "mxfp4").by_part["ffn"] == loaded(LLAMA).by_part["ffn"] * 4.25 / 16


def test_a_dtype_of_few_bits_says_nothing_of_what_a_scheme_keeps() -> None:
    architecture = read({**LLAMA, "dtype": "float32"})
    kept = {dtype: weights(architecture, dtype, scheme("awq")).by_part["embedding"] for dtype in ("int4", "float16")}
    assert kept["int4"] == 2 * kept["float16"]


def test_one_device_holds_everything() -> None:
    architecture = read(LLAMA)
    total = weights(architecture, "bfloat16").total
    assert per_device(architecture, "bfloat16", None, 1) == (total, total)


@pytest.mark.parametrize(("tensor", "pipeline"), [(2, 1), (4, 1), (8, 1), (16, 1), (1, 2), (1, 3), (4, 4), (2, 5)])
def test_the_fullest_device_holds_at_least_its_share(tensor: int, pipeline: int) -> None:
    for config in (LLAMA, MIXTRAL, DEEPSEEK, {**LLAMA, "tie_word_embeddings": True}):
        architecture = read(config)
        total = weights(architecture, "bfloat16").total
        fullest, low = per_device(architecture, "bfloat16", None, tensor, pipeline)
        assert low == -(-total // (tensor * pipeline))
        assert low <= fullest < total


def test_keys_and_values_are_split_as_far_as_there_are_heads() -> None:
    narrow = {**LLAMA, "num_key_value_heads": 2}
    (four, _), (sixteen, _) = (per_device(read(narrow), "bfloat16", None, ranks) for ranks in (4, 16))
    key_value = 32 * 2 * (256 * 4096 * 2) // 2  # half of every key and value matrix on every rank, at 4 and at 16
    assert 4 * (sixteen - key_value) == pytest.approx(four - key_value, rel=1e-3)


def test_stages_differ_by_their_layers_and_by_embedding_and_head() -> None:
    """vLLM gives layers that are left over to the stages before the last: 11, 11 and 10 of 32."""
    architecture = read(LLAMA)
    layer = sum(found.size for found in placed(architecture, "bfloat16") if found.layer == 0)
    embedding = 128256 * 4096 * 2
    fullest, _ = per_device(architecture, "bfloat16", None, 1, 3)
    assert fullest == 11 * layer + embedding


@st.composite
def architectures(draw: st.DrawFn) -> Architecture:
    side = st.integers(1, 40).map(lambda n: 32 * n)
    matrix = Tensor(
        "mlp.up_proj",
        (draw(side), draw(side)),
        "ffn",
        draw(st.sampled_from(("linear", "expert"))),
        draw(st.integers(1, 9)),
    )
    query = Tensor("self_attn.q_proj", (draw(side), draw(side)), "attention")
    norm = Tensor("input_layernorm", (draw(side),), "other", "norm")
    layer = Layer("full", "gated", (matrix, query, norm), query_heads=8, kv_heads=2, experts=matrix.copies - 1)
    outside = tuple(Tensor(name, (draw(side), draw(side)), "embedding", name) for name in ("embedding", "head"))
    return Architecture("llama", 64, 64, (layer,) * draw(st.integers(1, 9)), outside)


METHODS = (
    "awq",
    "gptq",
    "nf4",
    "bnb-4bit",
    "fp8",
    "fp8_block",
    "nvfp4",
    "mxfp4",
    "w8a8",
    "w4a16",
    "int8",
    "int4",
    "hqq",
    "Q4_K_M",
)


@given(architectures(), st.sampled_from(METHODS))
def test_parts_sum_to_the_total_and_no_scheme_is_without_weight(architecture: Architecture, method: str) -> None:
    found = weights(architecture, "bfloat16", scheme(method))
    assert sum(found.by_part.values()) == found.total
    assert 0 < found.low <= found.total


@given(architectures())
def test_fewer_bits_are_never_more_bytes(architecture: Architecture) -> None:
    plain = [weights(architecture, dtype).total for dtype in ("int4", "int8", "bfloat16", "float32")]
    bare = [weights(architecture, "bfloat16", scheme(name)).total for name in ("2bit", "3bit", "int4", "6bit", "int8")]
    assert plain == sorted(plain)
    assert bare == sorted(bare)


@given(architectures(), st.integers(1, 8), st.integers(1, 4))
def test_devices_share_without_loss(architecture: Architecture, tensor: int, pipeline: int) -> None:
    fullest, low = per_device(architecture, "bfloat16", None, tensor, pipeline)
    assert low <= fullest <= weights(architecture, "bfloat16").total
    assert fullest * tensor * pipeline >= weights(architecture, "bfloat16").total
