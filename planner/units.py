"""Quantities as people write them, to integers in base units, and back.

Nothing here raises: what is no such quantity is None, and the caller says so at its place.
"""

from __future__ import annotations

import math
import re

GIB = 1 << 30
MIB = 1 << 20

DTYPE_BITS = {
    "float32": 32, "float16": 16, "bfloat16": 16, "float8": 8, "int8": 8, "float4": 4, "int4": 4,
    "int3": 3, "int2": 2, "float64": 64,
}  # fmt: skip
"""Bits of one element by canonical dtype name."""

_ALIASES = {
    "fp32": "float32", "f32": "float32", "float": "float32", "tf32": "float32",
    "fp16": "float16", "f16": "float16", "half": "float16",
    "bf16": "bfloat16", "fp64": "float64", "double": "float64",
    "fp8": "float8", "f8": "float8", "float8_e4m3fn": "float8", "float8_e4m3": "float8", "float8_e5m2": "float8",
    "fp8_e4m3": "float8", "fp8_e5m2": "float8", "fp8_e4m3fn": "float8", "fp8_inc": "float8", "e4m3": "float8",
    "8bit": "int8", "8-bit": "int8", "i8": "int8", "q8": "int8", "uint8": "int8",
    "4bit": "int4", "4-bit": "int4", "i4": "int4", "q4": "int4", "uint4": "int4", "nf4": "int4", "fp4": "float4",
    "float4_e2m1fn": "float4", "3bit": "int3", "2bit": "int2",
}  # fmt: skip

_COUNT = {"": 1, "k": 10**3, "m": 10**6, "b": 10**9, "g": 10**9, "t": 10**12, "p": 10**15}
_TOKENS = {"": 1, "k": 10**3, "K": 2**10, "m": 10**6, "M": 2**20, "g": 10**9, "G": 2**30, "b": 10**9, "B": 10**9,
           "t": 10**12, "T": 10**12}  # fmt: skip
_BYTE_POWER = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4, "p": 5}
_NUMBER = r"\s*([0-9][0-9_,]*(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,3})?)\s*([A-Za-z]*)\s*"

LARGEST_BITS = 1000
"""Of a whole number: larger ones are more than a float can hold."""


def _split(value: object) -> tuple[float | int, str] | None:
    """A non-negative finite number and the letters behind it."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return (value, "") if 0 <= value < 1 << LARGEST_BITS else None
    if isinstance(value, float):
        return (value, "") if math.isfinite(value) and value >= 0 else None
    if not isinstance(value, str) or len(value) > 40:
        return None
    match = re.fullmatch(_NUMBER, value)
    if match is None:
        return None
    digits = match[1].replace("_", "").replace(",", "")
    number = float(digits) if any(c in digits for c in ".eE") else int(digits)
    return (number, match[2]) if math.isfinite(number) else None


def _scaled(number: float | int, factor: int) -> int | None:
    """`number × factor` if that is a whole number (7.5B is, 7.5 is not), rounded past what a float can tell."""
    if isinstance(number, int):
        return number * factor
    product = number * factor
    if not math.isfinite(product) or abs(product - round(product)) > 1e-6 * max(1.0, product):
        return None
    return round(product)


def count(value: object) -> int | None:
    """Parameters or training tokens: 7B, 1.4T, 150_000, 3e11, "6.7 B". Units are powers of 1,000 in either case."""
    split = _split(value)
    if split is None or split[1].lower() not in _COUNT:
        return None
    return _scaled(split[0], _COUNT[split[1].lower()])


def context(value: object) -> int | None:
    """Tokens of a sequence as vLLM reads them: 8192, 8k = 8,000, 8K = 8,192, 25.6k, 1M = 2²⁰, 1m = 10⁶."""
    split = _split(value)
    if split is None or split[1] not in _TOKENS:
        return None
    return _scaled(split[0], _TOKENS[split[1]])


def memory(value: object) -> tuple[int, int] | None:
    """A memory size in bytes as (least, most) that its writer can mean.

    24GiB is exact. 24GB may be 24·10⁹ bytes or, as vendors and tools use it, 24 GiB. A bare number is bytes.
    """
    split = _split(value)
    if split is None:
        return None
    number, unit = split
    unit = unit.lower()
    binary = unit.endswith("ib") or (len(unit) == 2 and unit.endswith("i"))
    prefix = unit.removesuffix("ib").removesuffix("b").removesuffix("i")
    if prefix not in _BYTE_POWER or (prefix == "" and unit not in ("", "b")):
        return None
    low, high = number * 1000 ** _BYTE_POWER[prefix], number * 1024 ** _BYTE_POWER[prefix]
    if not math.isfinite(high):
        return None
    return (math.floor(high if binary else low), math.floor(high))


def dtype(value: object) -> str | None:
    """Canonical name of a dtype: bf16, torch.bfloat16 and BFloat16 are bfloat16. None if it is none ("auto", too)."""
    if not isinstance(value, str):
        return None
    name = value.strip().lower().removeprefix("torch.").removeprefix("jnp.")
    name = _ALIASES.get(name, name)
    return name if name in DTYPE_BITS else None


def gib(size: float) -> str:
    """Bytes as people compare them: "13.04 GiB"."""
    return f"{size / GIB:,.2f} GiB"


def short(number: float) -> str:
    """A count for people, three digits: 6.74B, 140B, 1.4T, 512."""
    for factor, unit in ((10**15, "P"), (10**12, "T"), (10**9, "B"), (10**6, "M"), (10**3, "K")):
        if number >= factor * 0.9995:
            return f"{number / factor:.3g}{unit}" if number < factor * 1000 else f"{number / factor:,.0f}{unit}"
    return f"{number:g}"


def plural(number: int, noun: str) -> str:
    """A count of things: "1 error", "12 files"."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
