"""bitsandbytes: NF4, FP4 and LLM.int8."""

from __future__ import annotations

from planner.model.quantization import formats
from planner.model.quantization.readers.build import scheme
from planner.model.quantization.readers.keys import Keys
from planner.model.quantization.scheme import Scheme
from planner.model.quantization.storage import Storage


def bitsandbytes(keys: Keys) -> Scheme:
    """bitsandbytes by transformers' keys, or as its short names are meant.

    What routed experts become depends on the loader: checkpoints hold them quantized; `load_in_4bit` and `load_in_8bit`
    at load time leave the fused experts of transformers ≥ 5 in 16 bit, unless `quantize_moe_experts` is set; else they
    are taken as quantized (vLLM).
    """
    found = scheme(keys, "bitsandbytes", _storage(keys), outside=True)
    if keys.checkpoint or keys.flag("quantize_moe_experts"):
        return found
    by_transformers = keys.first("load_in_4bit", "load_in_8bit") is not None
    kinds = frozenset({"linear"}) if by_transformers else found.kinds
    return found._replace(kinds=kinds, experts_in_doubt=True)


def _storage(keys: Keys) -> Storage:
    eight = keys.flag("load_in_8bit") and not keys.flag("load_in_4bit")
    if eight or keys.bits() == 8 or keys.word("quant_type") == "int8":
        return formats.llm_int8()
    stated = keys.first("load_in_4bit") is not None
    kind = keys.word("bnb_4bit_quant_type", "quant_type") or ("fp4" if stated else "nf4")
    return formats.normal_float("fp4" if kind == "fp4" else "nf4", keys.flag("bnb_4bit_use_double_quant", not stated))
