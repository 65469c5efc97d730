"""GGUF: a mix by its name in llama.cpp."""

from __future__ import annotations

from planner.model.quantization.gguf.mix import BASE
from planner.model.quantization.readers.keys import Keys
from planner.model.quantization.scheme import Scheme

ALIASES = {
    "Q2": "Q2_K", "Q3": "Q3_K_M", "Q4": "Q4_K_M", "Q5": "Q5_K_M", "Q6": "Q6_K", "Q8": "Q8_0",
    "Q3_K": "Q3_K_M", "Q4_K": "Q4_K_M", "Q5_K": "Q5_K_M", "FP16": "F16", "FP32": "F32", "MXFP4": "MXFP4_MOE",
}  # fmt: skip
"""Short names; those of K mixes are llama.cpp's own (tools/quantize/quantize.cpp)."""
NEAREST = {
    "Q2_K_L": "Q2_K", "Q3_K_XL": "Q3_K_L", "Q4_K_L": "Q4_K_M", "Q5_K_L": "Q5_K_M", "Q6_K_L": "Q6_K",
    "Q2_K_XL": "Q2_K", "Q4_K_XL": "Q4_K_M", "Q5_K_XL": "Q5_K_M", "Q6_K_XL": "Q6_K", "Q8_K_XL": "Q8_0",
}  # fmt: skip
"""Mixes of publishers, and the llama.cpp mix nearest to them in size."""
PREFIXES = ("UD_", "I1_", "GGUF_", "GGML_")


def mix_of(name: str) -> tuple[str, str]:
    """(llama.cpp's mix, what was taken for it) of a name in any spelling; ("", "") if it is none."""
    spelled = name.strip().upper().replace("-", "_").replace(".", "_")
    for prefix in PREFIXES:
        spelled = spelled.removeprefix(prefix)
    found = ALIASES.get(spelled, spelled)
    if found in BASE:
        return found, ""
    return (NEAREST[found], found) if found in NEAREST else ("", "")


def gguf(keys: Keys) -> Scheme | str:
    """A mix; Q4_K_M, which most publishers recommend, where none is stated."""
    name = keys.word("type", "file_type", "ftype", "quant", "quant_type", "variant")
    mix, instead = mix_of(name) if name else ("Q4_K_M", "")
    if not mix:
        return f"{name} is no GGUF type: weights counted as unquantized"
    notes = () if name else ("GGUF type not stated: Q4_K_M assumed",)
    near = (f"{instead} is its publisher's own mix: counted as {mix}",) if instead else ()
    matrix = keys.flag("imatrix") if "imatrix" in keys.values else None
    return Scheme("gguf", f"GGUF {instead or mix}", None, mix=mix, matrix=matrix, notes=(*notes, *near))
