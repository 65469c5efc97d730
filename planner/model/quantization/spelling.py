"""What people write for a method ("gptq_marlin", "bnb-4bit", "w4a16", "4.0bpw"): its reader and what it implies."""

from __future__ import annotations

import re

NONE = frozenset({
    "", "none", "null", "no", "false", "off", "auto", "no-quant", "full-prec", "full", "unquantized", "dummy",
    "bf16", "fp16", "f16", "bfloat16", "float16", "float32", "fp32", "half",
})  # fmt: skip
"""Names that mean no quantization at all."""

_SINGLE: dict[str, object] = {"bits": 4, "bnb_4bit_quant_type": "nf4", "bnb_4bit_use_double_quant": False}
_DOUBLE: dict[str, object] = {**_SINGLE, "bnb_4bit_use_double_quant": True}
_FP4: dict[str, object] = {"bnb_4bit_quant_type": "fp4"}

_SPELLINGS: tuple[tuple[str, dict[str, object], tuple[str, ...]], ...] = (
    ("bitsandbytes", {}, ("bitsandbytes", "bnb", "load-in-4bit", "qlora")),
    ("bitsandbytes", _SINGLE, ("nf4", "bnb-nf4", "bnb.nf4", "bitsandbytes-nf4")),
    ("bitsandbytes", _DOUBLE, ("nf4-dq", "bnb.nf4-dq", "nf4-double", "bitsandbytes-4bit", "bnb-4bit")),
    ("bitsandbytes", {**_SINGLE, **_FP4}, ("fp4", "bnb-fp4", "bnb.fp4", "bitsandbytes-fp4")),
    ("bitsandbytes", {**_DOUBLE, **_FP4}, ("bnb.fp4-dq",)),
    ("bitsandbytes", {"bits": 8}, ("llm-int8", "llm.int8", "bnb-int8", "bnb.int8", "bnb-8bit", "bitsandbytes-8bit",
                                   "load-in-8bit")),
    ("gptq", {}, ("gptq", "gptq-marlin", "gptq-marlin-24", "marlin", "gptq-bitblas", "bitblas", "gptqmodel",
                  "auto-gptq", "exllama")),
    ("awq", {}, ("awq", "awq-marlin", "awq-gemm", "autoawq", "int4-awq", "w4a8-awq", "squeezellm", "moe-wna16")),
    ("auto-round", {}, ("auto-round", "autoround", "intel/auto-round", "inc")),
    ("fp8", {}, ("fp8", "float8", "fp8-e4m3", "fp8-e4m3fn", "fp8-rowwise", "deepspeedfp", "ptpc-fp8", "fp8-static",
                 "fp8-per-tensor", "fp8-w8a8", "w8a8-fp8", "fp8-kv", "fp8-inc", "finegrained-fp8")),
    ("fp8", {"granularity": "channel"}, ("fp8-dynamic", "fp8-per-channel")),
    ("fp8", {"granularity": "block"}, ("fp8-block", "blockwise-fp8", "block-fp8", "fp8-pb-wo")),
    ("fbgemm-fp8", {}, ("fbgemm-fp8",)),
    ("mxfp4", {}, ("mxfp4", "petit-mxfp4")),
    ("mxfp8", {}, ("mxfp8",)),
    ("nvfp4", {}, ("nvfp4", "modelopt-fp4", "petit-nvfp4", "w4a4-nvfp4")),
    ("modelopt", {}, ("modelopt",)),
    ("modelopt", {"quant_algo": "FP8"}, ("modelopt-fp8",)),
    ("quark", {}, ("quark",)),
    ("compressed-tensors", {}, ("compressed-tensors", "sparseml", "llmcompressor")),
    ("gguf", {}, ("gguf", "ggml", "llama.cpp")),
    ("hqq", {}, ("hqq",)),
    ("aqlm", {}, ("aqlm",)),
    ("exl2", {}, ("exl2", "exllamav2")),
    ("exl3", {}, ("exl3", "exllamav3")),
    ("torchao", {}, ("torchao", "ao")),
    ("quanto", {}, ("quanto", "optimum-quanto")),
    ("eetq", {}, ("eetq", "eetq-int8")),
    ("mlx", {}, ("mlx", "metal")),
    ("bitnet", {}, ("bitnet", "bitnet-b1.58")),
    ("int8", {"bits": 8}, ("smoothquant", "int8-sq", "int8-smoothquant", "w8a8", "w8a8-int8", "experts-int8")),
)  # fmt: skip
METHODS = {name: (reader, keys) for reader, keys, names in _SPELLINGS for name in names}
"""(reader, implied keys) by name, spelled with hyphens, in lower case."""

_BARE = r"(?:u?int|i|w|q)?-?([2-8])(?:-?bits?)?(?:-(?:wo|weight-only|rtn))?"
_WEIGHTS = r"w([2-8])a(?:8|16)(?:-g(\d{1,5}))?"
_WITH_BITS = (
    r"(gptq|awq|hqq|bnb|bitsandbytes|mlx|quanto|auto-?round|autoround|exl2|exl3|aqlm|torchao|gptqmodel)-(?:u?int)?"
    r"([2-8])(?:-?bits?)?(?:-(?:g)?(\d{1,5})g?)?"
)
_PER_WEIGHT = r"(?:(exl2|exl3)[- _]?)?(?:h\d-)?(\d{1,2}(?:\.\d{1,4})?)-?bpw(?:-?(exl2|exl3))?(?:-h\d)?"


def method_of(name: str) -> tuple[str, dict[str, object]] | None:
    """(reader, implied keys) of a method in any spelling; None if it is not known."""
    spelled = name.strip().lower().replace("_", "-").replace(" ", "-")
    if spelled in METHODS:
        return METHODS[spelled]
    for sign, pattern, read in (
        ("a", _WEIGHTS, _weights), ("-", _WITH_BITS, _with_bits), ("bpw", _PER_WEIGHT, _per_weight), ("", _BARE, _bare),
    ):  # fmt: skip
        match = re.fullmatch(pattern, spelled) if sign in spelled else None  # compiling each takes 0.1 ms
        if match:
            return read(match)
    from planner.model.quantization.readers.gguf import mix_of

    return ("gguf", {"type": name}) if mix_of(name)[0] else None


def _bare(match: re.Match[str]) -> tuple[str, dict[str, object]]:
    return "integer", {"bits": int(match[1])}


def _weights(match: re.Match[str]) -> tuple[str, dict[str, object]]:
    group: dict[str, object] = {"group_size": int(match[2])} if match[2] else {}
    return "packed", {"bits": int(match[1]), **group}


def _with_bits(match: re.Match[str]) -> tuple[str, dict[str, object]]:
    reader, keys = METHODS[match[1]]
    group: dict[str, object] = {"group_size": int(match[3])} if match[3] else {}
    if reader == "bitsandbytes":
        return reader, dict(_DOUBLE if match[2] == "4" else {"bits": 8})
    return reader, {**keys, "bits": int(match[2]), **group}


def _per_weight(match: re.Match[str]) -> tuple[str, dict[str, object]]:
    return match[1] or match[3] or "exl2", {"bits": float(match[2])}
