"""From what configs and checkpoints state to a scheme."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.model.quantization import describe, resolve
from planner.model.quantization.scheme import storage_of
from planner.model.quantization.storage import bits_per_weight
from planner.model.stack import Tensor
from planner.workload import Quantization

UP = Tensor("mlp.up_proj", (64, 64), "ffn")
QUERY = Tensor("self_attn.q_proj", (64, 64), "attention")
EXPERT = Tensor("mlp.experts.up_proj", (64, 64), "ffn", "expert", 8)
SHARED = Tensor("mlp.shared_experts.up_proj", (64, 64), "ffn")
ROUTER = Tensor("mlp.gate", (8, 64), "ffn", "router")
HEAD = Tensor("lm_head", (512, 64), "embedding", "head")
EMBEDDING = Tensor("embed_tokens", (512, 64), "embedding", "embedding")
NORM = Tensor("norm", (64,), "other", "norm")
TOWER = Tensor("visual.blocks.qkv", (64, 64), "other")

NVFP4_GROUP = {"weights": {"dynamic": False, "num_bits": 4, "type": "float", "group_size": 16}, "targets": ["Linear"]}
FP8_WEIGHTS = {"dynamic": False, "num_bits": 8, "type": "float"}
INT8_WEIGHTS = {"num_bits": 8, "type": "int", "strategy": "channel"}
INT4_WEIGHTS = {"num_bits": 4, "type": "int", "strategy": "group", "group_size": 32, "symmetric": True}


def bits(config: Mapping[str, object], tensor: Tensor, layer: int | None = 3) -> float | None:
    """Bits of a weight of `tensor` in a checkpoint with that config; None where it is not quantized."""
    scheme, reason = resolve(None, config)
    assert scheme is not None, reason
    found = storage_of(scheme, tensor, layer)
    return None if found is None else bits_per_weight(found)


@pytest.mark.parametrize("method", ["none", "None", "", "auto", "null", "bf16", "no_quant", " off "])
def test_no_quantization_has_no_scheme_and_no_doubt(method: str) -> None:
    assert resolve(Quantization(method), None) == (None, "")


def test_nothing_stated_is_nothing() -> None:
    assert resolve(None, None) == resolve(None, {}) == (None, "")


@pytest.mark.parametrize(
    ("section", "config"),
    [
        pytest.param(Quantization("zip"), None, id="an unknown method"),
        pytest.param(Quantization("gguf", options={"type": "Q9_Z"}), None, id="an unknown GGUF type"),
        pytest.param(Quantization("compressed-tensors"), None, id="compressed-tensors without groups"),
        pytest.param(None, {"quant_method": "vptq"}, id="a checkpoint of an unknown method"),
        pytest.param(None, {"quant_algo": "SECRET", "quant_method": "modelopt"}, id="an unknown algorithm of ModelOpt"),
        pytest.param(None, {"config_groups": {"g": {"weights": None}}}, id="groups that leave the weights alone"),
    ],
)
def test_what_is_not_understood_is_said(section: Quantization | None, config: dict[str, object] | None) -> None:
    scheme, reason = resolve(section, config)
    assert scheme is None
    assert "counted as unquantized" in reason


@pytest.mark.parametrize(
    ("spellings", "title", "per_weight"),
    [
        (("awq", "AWQ", "awq_marlin", "awq-marlin", "int4_awq"), "AWQ 4 bit, group 128", 4.15625),
        (("gptq", "gptq_marlin", "GPTQ", "gptq-int4", "gptq-4bit-128g"), "GPTQ 4 bit, group 128", 4.15625),
        (("nf4", "NF4", "bitsandbytes-nf4"), "NF4", 4.5),
        (("bnb-4bit", "bnb_4bit", "bitsandbytes", "nf4-dq"), "NF4 with double quantization", 4.126953125),
        (("llm.int8", "bnb-8bit", "load_in_8bit"), "LLM.int8", 8),
        (("fp8", "FP8", "float8", "fp8_e4m3"), "FP8, per tensor", 8),
        (("fp8_dynamic", "fp8-dynamic"), "FP8, per channel", 8),
        (("w8a8", "W8A8", "smoothquant"), "int8, per channel", 8),
        (("w4a16", "w4a16_g128"), "int4, group 128", 4.125),
        (("mxfp4",), "MXFP4", 4.25),
        (("nvfp4", "modelopt_fp4"), "NVFP4", 4.5),
        (("int8", "8bit", "8-bit"), "int8", 8),
        (("int4", "4bit", "int4_wo"), "int4", 4),
        (("6-bit",), "int6", 6),
        (("4.0bpw", "exl2-4.0bpw"), "EXL2 4 bit", 4),
        (("eetq", "eetq-int8"), "int8, per channel", 8),
        (("mlx-4bit",), "MLX int4, group 64", 4.5),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_people_spell_methods_in_many_ways(spellings: tuple[str, ...], title: str, per_weight: float) -> None:
    for spelling in spellings:
        scheme, reason = resolve(Quantization(spelling), None)
        assert scheme is not None, (spelling, reason)
        assert (scheme.title, scheme.storage and bits_per_weight(scheme.storage)) == (title, per_weight), spelling


@pytest.mark.parametrize(
    ("section", "title"),
    [
        (Quantization("gptq", 8, 32), "GPTQ 8 bit, group 32"),
        (Quantization("gptq", 4, -1), "GPTQ 4 bit, per channel"),
        (Quantization("bitsandbytes", 8), "LLM.int8"),
        (Quantization("bitsandbytes", options={"load_in_4bit": True}), "FP4"),
        (Quantization("hqq", 2, 16), "HQQ 2 bit, group 16"),
        (Quantization("aqlm", options={"num_codebooks": 2, "nbits_per_codebook": 8}), "AQLM 2×8, groups of 8"),
        (Quantization("exl2", 4.65), "EXL2 4.65 bit"),
        (Quantization("mystery", 5), "int5"),
        (Quantization("gguf", options={"type": "q4_k_m"}), "GGUF Q4_K_M"),
        (Quantization("Q5_K_S"), "GGUF Q5_K_S"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_bits_and_groups_of_a_section_hold(section: Quantization, title: str) -> None:
    scheme, reason = resolve(section, None)
    assert scheme is not None, reason
    assert scheme.title == title


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        pytest.param(
            {"quant_method": "fp8", "weight_block_size": [128, 128], "modules_to_not_convert": ["gate", "lm_head"]},
            {UP: 8 + 32 / 128**2, EXPERT: 8 + 32 / 128**2, ROUTER: None, HEAD: None, EMBEDDING: None},
            id="FP8 in blocks (MiniMax-M2)",
        ),
        pytest.param(
            {"quant_method": "fp8", "weight_block_size": [128, 128], "expert_dtype": "fp4"},
            {QUERY: 8 + 32 / 128**2, EXPERT: 4.25},
            id="FP8 with experts in FP4 (DeepSeek-V4)",
        ),
        pytest.param(
            {"quant_method": "mxfp4", "modules_to_not_convert": ["model.layers.*.self_attn", "lm_head"]},
            {EXPERT: 4.25, QUERY: None, UP: None, HEAD: None},
            id="MXFP4 of experts alone (gpt-oss)",
        ),
        pytest.param(
            {"quant_method": "compressed-tensors", "format": "pack-quantized",
             "ignore": ["lm_head", "re:.*self_attn.*", "re:.*shared_experts.*"],
             "config_groups": {"group_0": {"targets": ["Linear"], "weights": INT4_WEIGHTS}}},
            {EXPERT: 4.5, QUERY: None, SHARED: None, HEAD: None},
            id="packed integers with expressions to ignore (Kimi-K2.5)",
        ),
        pytest.param(
            {"quant_method": "compressed-tensors", "format": "int-quantized",
             "config_groups": {"g": {"targets": ["Linear"], "weights": INT8_WEIGHTS}}},
            {UP: 8, TOWER: 8},
            id="int8 per channel, towers included where nobody ignores them",
        ),
        pytest.param(
            {"quant_method": "compressed-tensors", "ignore": ["visual"],
             "config_groups": {"g": {"targets": ["Linear"], "weights": {**FP8_WEIGHTS, "strategy": "channel"}}}},
            {UP: 8, TOWER: None},
            id="towers that are ignored",
        ),
        pytest.param(
            {"quant_method": "modelopt", "quant_algo": "NVFP4", "ignore": ["lm_head", "model.layers.3.self_attn*"],
             "config_groups": {"group_0": NVFP4_GROUP}},
            {UP: 4.5, QUERY: None, HEAD: None},
            id="NVFP4 that leaves attention alone (GLM-5.1)",
        ),
        pytest.param(
            {"quant_algo": "FP8", "ignore": ["lm_head"], "config_groups": {"group_0": {"weights": FP8_WEIGHTS}}},
            {UP: 8, QUERY: 8, HEAD: None},
            id="ModelOpt's FP8 without quant_method (Qwen3-32B)",
        ),
        pytest.param(
            {"producer": {"name": "modelopt"}, "quantization": {"quant_algo": "NVFP4", "exclude_modules": ["*gate*"]}},
            {UP: 4.5, QUERY: 4.5},
            id="hf_quant_config.json itself",
        ),
        pytest.param(
            {"quant_method": "modelopt", "quant_algo": "MIXED_PRECISION", "config_groups": {
                "group_0": {"weights": FP8_WEIGHTS, "targets": ["model.layers.3.self_attn.q_proj"]},
                "group_1": {**NVFP4_GROUP, "targets": ["model.layers.3.mlp.up_proj"]}}},
            {QUERY: 8, UP: 4.5, SHARED: None},
            id="groups of named modules, each with its own storage",
        ),
        pytest.param(
            {"quant_method": "modelopt", "quant_algo": "MIXED_PRECISION", "quantized_layers": {
                "model.layers.3.self_attn.q_proj": {"quant_algo": "FP8"},
                "model.layers.3.mlp.up_proj": {"quant_algo": "NVFP4", "group_size": 16}}},
            {QUERY: 8, UP: 4.5, SHARED: None},
            id="ModelOpt's list of layers",
        ),
        pytest.param(
            {"quant_method": "modelopt", "quant_algo": "MIXED_PRECISION", "quantized_layers": {
                "model.layers.3.mlp.up_proj": {"quant_algo": "FP8"},
                "lm_head": {"quant_algo": "W4A16_NVFP4", "group_size": 16}}},
            {UP: 8, HEAD: 4.5, EMBEDDING: None, TOWER: None},
            id="the head in that list (Qwen3.6-27B-NVFP4)",
        ),
        pytest.param(
            {"quant_method": "gptq", "bits": 4, "group_size": 128,
             "dynamic": {"-:.*self_attn": {}, r"+:.*shared": {"bits": 8, "group_size": 32}}},
            {UP: 4.15625, QUERY: None, SHARED: 8.75},
            id="GPTQModel's overrides",
        ),
        pytest.param(
            {"quant_method": "gptq", "bits": 4, "group_size": 128, "modules_in_block_to_quantize": [["mlp.up_proj"]]},
            {UP: 4.15625, QUERY: None},
            id="GPTQ of some modules of a block",
        ),
        pytest.param(
            {"quant_method": "gptq", "bits": 4, "group_size": 128, "lm_head": True},
            {UP: 4.15625, HEAD: 4.15625, EMBEDDING: None},
            id="GPTQ of the head, too",
        ),
        pytest.param(
            {"quant_method": "auto-round", "bits": 4, "group_size": 128,
             "extra_config": {"model.layers.3.self_attn.q_proj": {"bits": 16}}},
            {UP: 4.15625, QUERY: None},
            id="AutoRound's exceptions",
        ),
        pytest.param(
            {"load_in_4bit": True, "quant_method": "bitsandbytes", "bnb_4bit_quant_type": "nf4",
             "bnb_4bit_use_double_quant": True, "llm_int8_skip_modules": ["lm_head", "self_attn"]},
            {UP: 4.126953125, EXPERT: 4.126953125, QUERY: None, HEAD: None},
            id="bitsandbytes with modules to skip",
        ),
        pytest.param(
            {"quant_method": "torchao",
             "quant_type": {"default": {"_type": "Int4WeightOnlyConfig", "_data": {"group_size": 64}}}},
            {UP: 4.5, HEAD: None},
            id="torchao by its config class",
        ),
        pytest.param({"group_size": 64, "bits": 4}, {UP: 4.5, HEAD: 4.5, EMBEDDING: 4.5}, id="MLX, head included"),
        pytest.param(
            {"quant_method": "quark", "global_quant_config": {"weight": {"dtype": "fp8_e4m3", "qscheme": "per_tensor"}},
             "exclude": ["lm_head"]},
            {UP: 8, HEAD: None},
            id="AMD Quark",
        ),
        pytest.param({"quant_method": "fbgemm_fp8"}, {UP: 8, HEAD: None}, id="FBGEMM"),
    ],
)  # fmt: skip
def test_a_checkpoints_config(config: dict[str, object], expected: dict[Tensor, float | None]) -> None:
    outside = (HEAD, EMBEDDING, TOWER)
    assert {tensor: bits(config, tensor, None if tensor in outside else 3) for tensor in expected} == expected
    assert bits(config, NORM) is None


def test_a_checkpoints_own_word_decides_over_a_bare_method() -> None:
    config = {"quant_method": "gptq", "bits": 8, "group_size": 32}
    for section in (None, Quantization("gptq_marlin"), Quantization("bitsandbytes"), Quantization("gptq", 4, 128)):
        scheme, _ = resolve(section, config)
        assert scheme is not None
        assert scheme.title == "GPTQ 8 bit, group 32"


def test_another_file_format_or_another_method_in_full_decides_over_the_checkpoint() -> None:
    config = {"quant_method": "fp8", "weight_block_size": [128, 128]}
    for section in (Quantization("Q4_K_M"), Quantization("awq", 4, 128)):
        scheme, _ = resolve(section, config)
        assert scheme is not None
        assert scheme.method in ("gguf", "awq")


def test_experts_at_load_time_depend_on_the_loader() -> None:
    by_transformers, _ = resolve(Quantization("bitsandbytes", options={"load_in_4bit": True}), None)
    elsewhere, _ = resolve(Quantization("bitsandbytes"), None)
    stored, _ = resolve(None, {"quant_method": "bitsandbytes", "load_in_4bit": True})
    asked, _ = resolve(Quantization("bitsandbytes", options={"load_in_4bit": True, "quantize_moe_experts": True}), None)
    assert by_transformers and elsewhere and stored and asked
    assert storage_of(by_transformers, EXPERT, 0) is None
    assert all(storage_of(scheme, EXPERT, 0) for scheme in (elsewhere, stored, asked))
    assert [scheme.experts_in_doubt for scheme in (by_transformers, elsewhere, stored, asked)] == [
        True,
        True,
        False,
        False,
    ]


@pytest.mark.parametrize(
    ("method", "text"),
    [
        ("awq", "AWQ 4 bit, group 128: 4.16 bits per quantized weight"),
        ("nf4", "NF4: 4.5 bits per quantized weight"),
        ("fp8", "FP8, per tensor: 8 bits per quantized weight"),
        ("Q4_K_M", "GGUF Q4_K_M"),
    ],
)
def test_a_scheme_in_words(method: str, text: str) -> None:
    scheme, _ = resolve(Quantization(method), None)
    assert scheme is not None
    assert describe(scheme) == text


def test_usual_bits_are_said_to_be_assumed() -> None:
    bare, _ = resolve(Quantization("gptq"), None)
    stated, _ = resolve(Quantization("gptq", 4, 128), None)
    assert bare and bare.notes == ("bits not stated: GPTQ 4 bit, group 128 assumed",)
    assert stated and not stated.notes


KEYS = st.sampled_from([
    "quant_method", "bits", "group_size", "weight_block_size", "config_groups", "ignore", "modules_to_not_convert",
    "quant_algo", "quantization", "quantized_layers", "dynamic", "extra_config", "weights", "targets", "quant_type",
    "type", "load_in_4bit", "global_quant_config", "weight", "dtype", "num_codebooks", "format", "num_bits", "strategy",
])  # fmt: skip
METHODS = st.sampled_from([
    "gptq", "awq", "fp8", "modelopt", "compressed-tensors", "torchao", "bitsandbytes", "aqlm", "gguf", "quark", "hqq",
    "exl2", "exl3", "mlx", "auto-round", "quanto", "nvfp4", "mxfp4", "int4",
])  # fmt: skip
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 1 << 70), st.floats(), st.text(max_size=12), METHODS, st.just("float")
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=4)),
    max_leaves=8,
)


@given(st.dictionaries(KEYS, VALUES, max_size=6), METHODS)
def test_no_config_raises(config: dict[str, object], method: str) -> None:
    for section, stated in ((None, {**config, "quant_method": method}), (Quantization(method, options=config), None)):
        scheme, reason = resolve(section, stated)
        assert scheme is not None or reason or method in ("", "none")
        if scheme is not None and not scheme.mix:
            for tensor in (UP, EXPERT, HEAD, NORM):
                found = storage_of(scheme, tensor, 0)
                assert found is None or bits_per_weight(found) > 0


@given(st.text(max_size=30))
def test_no_method_raises(method: str) -> None:
    resolve(Quantization(method), None)
