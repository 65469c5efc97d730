"""What a model's name says of how its weights are stored: "-AWQ", "-GPTQ-Int4", "-FP8-dynamic", "-Q4_K_M-GGUF"."""

from __future__ import annotations

import re

from planner.record import NamedTuple
from planner.workload import Quantization

_EIGHT, _FOUR, _GROUPED = (8, None), (4, None), (4, 128)

METHODS: dict[str, tuple[str, tuple[int | None, int | None]]] = {
    "awq": ("awq", _GROUPED), "gptq": ("gptq", _GROUPED), "autoround": ("auto-round", _GROUPED),
    "fp8": ("fp8", _EIGHT), "mxfp8": ("mxfp8", _EIGHT), "fp4": ("nvfp4", _FOUR), "nvfp4": ("nvfp4", _FOUR),
    "mxfp4": ("mxfp4", _FOUR), "bnb": ("bitsandbytes", _FOUR), "bitsandbytes": ("bitsandbytes", _FOUR),
    "nf4": ("bitsandbytes", _FOUR), "hqq": ("hqq", (4, 64)), "aqlm": ("aqlm", (2, None)), "mlx": ("mlx", (4, 64)),
    "mxfp4a16": ("mxfp4", _FOUR), "nvfp4a16": ("nvfp4", _FOUR),
    "exl2": ("exl2", (None, None)), "exl3": ("exl3", (None, None)), "gguf": ("gguf", (None, None)),
}  # fmt: skip
"""Words that name a method: its own name, bits and group size where nothing else is said."""

PLAIN = frozenset(("bf16", "bfloat16", "fp16", "float16", "fp32", "float32", "dequantized"))
UNMIXED = {"fp16": "f16", "float16": "f16", "bf16": "bf16", "bfloat16": "bf16", "fp32": "f32", "float32": "f32"}
"""The same as mixes of GGUF."""
FORMATS = {
    "w8a8": ("w8a8", _EIGHT), "w8a16": ("w8a16", _EIGHT), "w4a16": ("w4a16", _GROUPED), "int8": ("int8", _EIGHT),
    "int4": ("int4", _FOUR),
}  # fmt: skip
"""Words that hold only where no method stands beside them."""

FP8_KINDS = frozenset(("dynamic", "block"))
PASSED_OVER = frozenset((
    "static", "pertensor", "kv", "e4m3", "e4m3fn", "marlin", "gemm", "quantized", "unsloth", "ct", "qat", "actorder",
    "actorder_true", "actorder_false", "auto", "round", "imatrix", "i1", "ud", "dwq", "h6", "h8", "hf", "1x16", "2x8",
    "g", "w4a4", "qad",
))  # fmt: skip

_BITS = r"(?:int)?([2-8](?:[._]\d+)?)(?:bits?|bpw)|([2-8]_\d+)"
_GROUP = r"g(\d{2,4})|(\d{2,4})g"
_QUARK = r"(?i)-w-([a-z]+\d+)-a-[a-z]+\d+(-sym)?$"
"""As AMD's Quark names its uploads: gpt-oss-120b-w-mxfp4-a-fp8 has weights in MXFP4."""
_AGAIN = r"(?i)(-(?:nv|mx)?fp[48])-v\d$"
"""A later release of the same: DeepSeek-R1-0528-NVFP4-v2."""
_HQQ = r"(?i)_([1-8])bitgs(\d{1,4})_hqq(?:_calib)?(?=$|-)"
"""As HQQ's authors name their uploads: Llama-2-7b-chat-hf_4bitgs64_HQQ."""
_MIX = r"i?q\d(?:_[0-9a-z]+)*|tq[12]_0|mxfp4_moe|f16|f32"
_IN_REPOSITORY = rf"(?i)([^/]+/[^/]+)-gguf/(?:.*/)?[^/]*?(?:[-.]({_MIX}|{'|'.join(sorted(PLAIN))}))?\.gguf"
"""A file of a repository: ORG/NAME-GGUF/name-q4_k_m.gguf."""


class Reading(NamedTuple):
    """A name without what was added to it."""

    name: str
    quantization: Quantization | None
    """None where the addition says 16 or 32 bit: then a quantization of the base does not hold either."""
    said: str
    """What the addition was read as, for people."""


def unquantized(name: str) -> Reading | None:
    """`name` without the words behind it that say how its weights are stored; None where there are none."""
    words = _words(name)
    said: dict[str, str] = {}
    at = len(words)
    while at > 1 and _learn(words[at - 1].lower(), said):
        at -= 1
    base = "-".join(words[:at])
    if "plain" in said and "method" not in said:
        return Reading(base, None, f"stored as {said['plain']}")
    method = said.get("method") or said.get("format")
    if method is None and "bits" in said:
        method = "mlx" if name.lower().startswith("mlx-community/") else f"int{said['bits']}"
    if method is None:
        return None
    scheme = _scheme(method, said)
    bits = f", {scheme.bits:g} bit" if scheme.bits else ""
    group = f", group {scheme.group_size}" if scheme.group_size else ""
    mix = f", {scheme.options['type']}" if "type" in scheme.options else ""
    return Reading(base, scheme, f"quantized with {scheme.method}{bits}{group}{mix}")


def _words(name: str) -> list[str]:
    """Split at hyphens and brackets, before the format in "quantized.w8a8", and around a GGUF file's mix."""
    if name.lower().endswith(".gguf"):
        name = _of_file(name[:-5])
    for pattern, words in ((_HQQ, r"-\1bit-g\2-hqq"), (_QUARK, r"-\1"), (_AGAIN, r"\1")):
        name = re.sub(pattern, words, name)
    return re.sub(r"[:,\s()\[\]]+", "-", name.replace("quantized.", "quantized-")).rstrip("-").split("-")


def _of_file(stem: str) -> str:
    """A GGUF file, its mix a word of its name; in a repository, the repository's name."""
    inside = re.fullmatch(_IN_REPOSITORY, f"{stem}.gguf")
    if inside:
        return "-".join(filter(None, (inside[1], inside[2], "gguf")))
    base, dot, mix = stem.rpartition(".")
    said = dot and (re.fullmatch(_MIX, mix.lower()) or mix.lower() in PLAIN)
    return f"{base}-{mix}-gguf" if said else f"{stem}-gguf"


def _learn(word: str, said: dict[str, str]) -> bool:
    """Whether `word` (read from the right) speaks of storage; what it says goes into `said`."""
    if word in METHODS:
        said["method"] = word
    elif word in FORMATS:
        said.setdefault("format", word)
        said.setdefault("bits", word[1] if word[0] == "w" else word[3])
    elif word in PLAIN:
        said.setdefault("plain", word)
    elif word in FP8_KINDS:
        said["kind"] = word
    elif re.fullmatch(_MIX, word):
        said.setdefault("mix", word)
    elif bits := re.fullmatch(_BITS, word):
        said.setdefault("bits", (bits[1] or bits[2]).replace("_", "."))
    elif re.fullmatch(_GROUP, word):
        said.setdefault("group", word.strip("g"))
    else:
        return word in PASSED_OVER
    return True


def _scheme(method: str, said: dict[str, str]) -> Quantization:
    """The method with the bits and the group size that were said beside it."""
    own, (bits, group) = METHODS.get(method) or FORMATS.get(method) or (method, (None, None))
    if own == "gguf":
        return gguf(said.get("mix") or UNMIXED.get(said.get("plain", "")))
    if own == "fp8" and "kind" in said:
        own = f"fp8-{said['kind']}"
    stated = said.get("bits") if own not in ("fp8", "nvfp4", "mxfp4", "mxfp8", "awq") else None
    size = said.get("group") if group else None
    return Quantization(own, float(stated) if stated else bits, int(size) if size else group)


def gguf(mix: str | None) -> Quantization:
    """A GGUF file of the mix "Q4_K_M", or of one that is not said."""
    return Quantization("gguf", options={"type": mix.upper()} if mix else {})
