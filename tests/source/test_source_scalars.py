"""What a plain scalar means."""

from __future__ import annotations

import math

import pytest
import yaml

from planner.source import read
from planner.source.scalars import UnusableError, resolve, tagged

TEXT = [
    "7B", "2T", "80GiB", "1.5e", "e5", "8k", "1,000", "v1", "0.20.2", "1.2.3", "-", "+", ".", "..", "...x", "-x",
    "+-1", "1-2", "_1", "08", "09", "0x", "0b", "0xg", "0b2", "0o8", "0o", "1:30", "0:30:00", "12:30:45.5",
    "2026-11-24", "2026-11-24T10:00:00Z", "2001-99-99", "+99:99", "y", "n", "Y", "N", "nULL", "tRUE", "oN", "nil",
    "None", "inf", "nan", "NaN", "Infinity", "-inf", "..inf", "12e4567", "1234e56789", "=", "٣", "１", "1٣", "x1e5",
]  # fmt: skip
"""Sizes, times, dates, versions, commits and words stay what they are."""

AS_PYYAML = [
    "~", "null", "Null", "NULL", "true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON", "false", "False",
    "FALSE", "no", "No", "NO", "off", "Off", "OFF", "0", "7", "+7", "-7", "-0", "4096", "1_000", "1_0_0", "017",
    "-017", "0_17", "0x1F", "0xdead_beef", "-0x1", "0b1010", "0b1_0", "+0b1", "0.9", "-0.9", "+0.9", "1.", "1.5_5",
    ".5", ".5_0", "1.0e+3", "1.5E-3", "-1.e+2", ".inf", ".Inf", ".INF", "+.inf", "-.inf", "-.INF", "007", "00",
    "1111111111111111111111111111111111111111",
]  # fmt: skip

BEYOND_PYYAML = [
    ("1e-5", 1e-5),
    ("5e5", 5e5),
    ("5.0e5", 5e5),
    ("1E5", 1e5),
    ("-1e-4", -1e-4),
    ("+1e+2", 100.0),
    ("1_0e1", 100.0),
    ("-.5", -0.5),
    ("+.5e1", 5.0),
    ("0e0", 0.0),
    ("0o17", 15),
    ("-0o17", -15),
    ("0o1_7", 15),
]
"""YAML 1.2's core schema (section 10.3.2), which PyYAML leaves as text."""


@pytest.mark.parametrize("text", TEXT)
def test_stays_text(text: str) -> None:
    assert resolve(text) == text


@pytest.mark.parametrize("text", AS_PYYAML)
def test_is_what_pyyaml_reads(text: str) -> None:
    expected = yaml.safe_load(text)
    assert not isinstance(expected, str)
    assert (resolve(text), type(resolve(text))) == (expected, type(expected))


@pytest.mark.parametrize(("text", "expected"), BEYOND_PYYAML)
def test_is_the_number_that_everybody_means(text: str, expected: float) -> None:
    assert isinstance(yaml.safe_load(text), str)
    assert (resolve(text), type(resolve(text))) == (expected, type(expected))


def test_nothing_is_null() -> None:
    assert resolve("") is None


@pytest.mark.parametrize("text", [".nan", ".NaN", ".NAN"])
def test_not_a_number_is_a_float(text: str) -> None:
    value = resolve(text)
    assert isinstance(value, float)
    assert math.isnan(value)


@pytest.mark.parametrize(
    "text",
    [
        "1" * 41,
        "-" + "1" * 5000,
        "0x" + "f" * 5000,
        "0b" + "1" * 41,
        "0." + "1" * 41,
        "1" * 41 + "e1",
        "1.0e+400",
        "-1.0e+309",
    ],
    ids=[
        "41 digits",
        "5,000 digits",
        "hexadecimal",
        "binary",
        "fraction",
        "with exponent",
        "infinite",
        "infinite below",
    ],
)
def test_no_config_means_such_a_number(text: str) -> None:
    with pytest.raises(UnusableError):
        resolve(text)


@pytest.mark.parametrize("text", ["1_" * 30, "0" * 41 + "8", "1" * 41 + ":30", "9" * 64 + "a"])
def test_a_long_text_with_digits_is_no_number(text: str) -> None:
    if resolve_or_none(text) is not None:
        assert resolve(text) == text


def resolve_or_none(text: str) -> object:
    try:
        return resolve(text)
    except UnusableError:
        return None


@pytest.mark.parametrize("quoted", ["'1'", '"1"', "'true'", '"null"', "'~'", '""', "'1e-5'"])
def test_quotes_make_text(quoted: str) -> None:
    document = read("x.yaml", f"a: {quoted}".encode()).documents[0]
    assert document.data == {"a": quoted[1:-1]}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("!!str 5", "5"),
        ("!!str true", "true"),
        ("! 5", "5"),
        ('!!int "5"', 5),
        ("!!int 0x10", 16),
        ("!!float 5", 5.0),
        ("!!float 1e-5", 1e-5),
        ('!!bool "yes"', True),
        ("!!null x", None),
        ("!!binary aGk=", "aGk="),
        ("!!timestamp 2026-11-24", "2026-11-24"),
        ("!include other.yaml", "other.yaml"),
        ("!env 5", 5),
        ("!env '5'", "5"),
    ],
)
def test_a_tag_is_honoured_or_changes_nothing(text: str, expected: object) -> None:
    source = read("x.yaml", f"a: {text}".encode())
    assert source.documents[0].data == {"a": expected}
    assert type(source.documents[0].data["a"]) is type(expected)
    assert source.problems == ()


@pytest.mark.parametrize(
    "text", ["!!int abc", "!!int", "!!int 1.5", "!!float x", "!!bool abc", "!!bool 1", "!!int true"]
)
def test_a_tag_that_the_text_contradicts_is_said(text: str) -> None:
    source = read("x.yaml", f"a: {text}".encode())
    assert [problem.rule for problem in source.problems] == ["CFG005"]


def test_an_unknown_tag_is_remembered() -> None:
    document = read("x.yaml", b"a: !include b\nc: [1, !x {d: !!python/name:e f}]").documents[0]
    assert document.data == {"a": "b", "c": [1, {"d": "f"}]}
    assert document.tagged == {("a",): "!include", ("c", 1): "!x", ("c", 1, "d"): "!!python/name:e"}


def test_a_tag_on_text_keeps_it() -> None:
    assert tagged("5", "tag:yaml.org,2002:str", plain=True) == "5"
