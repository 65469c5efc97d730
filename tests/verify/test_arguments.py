"""Arguments as Python prints them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.verify.arguments import arguments

NAMES = st.from_regex(r"[a-z_][a-z_0-9]{0,20}", fullmatch=True)
VALUES = st.recursive(
    st.booleans() | st.integers() | st.text(max_size=20) | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("no arguments here", id="prose"),
        pytest.param("a=", id="no value"),
        pytest.param("a=__import__('os').system('true')", id="an expression"),
        pytest.param("a=KVTransferConfig(kv_connector='x', kv_rank=None)", id="an object"),
        pytest.param("a=<CompilationMode.VLLM_COMPILE: 3>", id="an enum"),
        pytest.param("a=" + "[" * 3000, id="brackets that nobody closes"),
        pytest.param("a='never closed", id="a text that nobody closes"),
    ],
)
def test_what_is_no_literal_is_left_out(text: str) -> None:
    assert arguments(text) == {}


def test_what_follows_an_object_is_read() -> None:
    assert arguments("'kv': Config(a='x', b={'q': 1}), 'max_model_len': 8192}") == {"max_model_len": 8192}


def test_a_comma_in_a_text_ends_nothing() -> None:
    assert arguments("model='a, b=1', seed=0) more") == {"model": "a, b=1", "seed": 0}


def test_dtypes_of_torch_are_names() -> None:
    assert arguments("dtype=torch.bfloat16, quantization=None") == {"dtype": "torch.bfloat16"}


@given(st.dictionaries(NAMES, VALUES, max_size=5))
def test_what_python_prints_is_read_as_it_was(values: dict[str, Any]) -> None:
    assert arguments(", ".join(f"{name}={value!r}" for name, value in values.items())) == values
    assert arguments(repr(values)[1:]) == values


@given(st.text(max_size=200))
def test_no_text_breaks_it(text: str) -> None:
    assert isinstance(arguments(text), dict)
