"""What a plain scalar means: YAML 1.1 as PyYAML reads it, and 1e-5 as everybody means it.

Times (1:30), dates, sizes (80GiB) and counts (7B) stay text: only who knows the key knows what they mean.
"""

from __future__ import annotations

import math
import re

from planner.source.limits import MAX_DIGITS

Scalar = str | int | float | bool | None

WORDS: dict[str, Scalar] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON"), True),
    **dict.fromkeys(("false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF"), False),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), math.inf),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), -math.inf),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), math.nan),
}

_STARTS_NUMBER = frozenset("-+.0123456789")
STARTS = frozenset(("", *"-+.0123456789~nNtTfFyYoO"))
"""How a plain scalar begins that may be more than text."""
_INTEGER = (
    r"([-+]?)(?:0b(?P<binary>[01_]+)|0x(?P<hexadecimal>[0-9a-fA-F_]+)|0o?(?P<octal>[0-7_]+)"
    r"|(?P<decimal>0|[1-9][0-9_]*))"
)
_BASES = {"binary": 2, "hexadecimal": 16, "octal": 8, "decimal": 10}
_FLOAT = r"[-+]?(?:[0-9][0-9_]*(?P<point>\.[0-9_]*)?|(?P<bare>\.[0-9][0-9_]*))(?P<exponent>[eE][-+]?[0-9]+)?"

CORE = "tag:yaml.org,2002:"
CORE_KINDS = frozenset(
    (
        "str",
        "int",
        "float",
        "bool",
        "null",
        "map",
        "seq",
        "set",
        "omap",
        "pairs",
        "binary",
        "timestamp",
        "merge",
        "value",
    )
)


class UnusableError(ValueError):
    """A scalar that no config can mean; the message says why, to be read after the scalar itself."""


def resolve(text: str) -> Scalar:
    """The value of a plain scalar. Raises `UnusableError` for a number that is too long or too large to be one."""
    if text in WORDS:
        return WORDS[text]
    if text[0] not in _STARTS_NUMBER:
        return text
    if text[0] != "0" and len(text) <= MAX_DIGITS and text.isascii() and text.isdigit():
        return int(text)
    integer = None if "." in text else re.fullmatch(_INTEGER, text)
    if integer is not None:
        return _integer(text, integer)
    number = re.fullmatch(_FLOAT, text)
    return text if number is None else _float(text, number)


def _integer(text: str, match: re.Match[str]) -> Scalar:
    base = match.lastgroup or "decimal"
    digits = match[base].replace("_", "")
    if not digits:
        return text
    _limit(text)
    return int(match[1] + digits, _BASES[base])


def _float(text: str, match: re.Match[str]) -> Scalar:
    """Without a point an exponent of at most three digits makes it one: 1e-5, not 08 or 12e4567."""
    pointed = match["point"] is not None or match["bare"] is not None
    exponent = match["exponent"]
    if not pointed and (exponent is None or len(exponent.lstrip("eE+-")) > 3):
        return text
    _limit(text)
    number = float(text.replace("_", ""))
    if math.isinf(number):
        if not pointed:
            return text
        raise UnusableError("is larger than any float")
    return number


def _limit(text: str) -> None:
    if len(text) > MAX_DIGITS:
        raise UnusableError(f"is a number of {len(text):,} characters; no number needs more than {MAX_DIGITS}")


def tagged(text: str, tag: str, plain: bool) -> Scalar:
    """The value under an explicit tag; an unknown one changes nothing. Raises `UnusableError` where they disagree."""
    kind = "str" if tag == "!" else tag.removeprefix(CORE)
    if kind == "str":
        return text
    if kind == "null":
        return None
    if kind == "bool":
        value = WORDS.get(text.lower())
        return value if isinstance(value, bool) else _disagree(kind)
    if kind == "int":
        value = resolve(text)
        return value if type(value) is int else _disagree(kind)
    if kind == "float":
        value = resolve(text)
        return float(value) if type(value) in (int, float) else _disagree(kind)  # type: ignore[arg-type]
    return resolve(text) if plain else text


def _disagree(kind: str) -> Scalar:
    raise UnusableError(f"is tagged !!{kind} and is none")
