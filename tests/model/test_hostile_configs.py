"""Whatever a config.json holds: an architecture or a `ConfigError`, in a moment."""

from __future__ import annotations

import json
import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.model import families, read
from planner.model.config import ConfigError
from planner.model.contradictions import contradictions
from planner.model.defaults import record
from planner.model.parameters import count
from planner.model.stack import PARTS, Architecture

with open(os.path.join(os.path.dirname(__file__), "published.jsonl"), encoding="utf-8") as lines:
    PUBLISHED = [row["config"] for row in map(json.loads, lines)]

NONSENSE = st.sampled_from(
    [
        -1,
        0,
        1,
        2,
        7,
        2**31,
        10**30,
        0.5,
        float("nan"),
        float("inf"),
        "",
        "4096",
        [],
        [1],
        ["x"],
        {},
        {"a": 1},
        None,
        True,
    ]
)
TYPES = st.sampled_from(sorted(families._MODULE_OF))


def attempt(config: dict[str, object]) -> Architecture | None:
    """The architecture, None where the config describes none; anything else that is raised fails the test."""
    list(contradictions(config))
    try:
        return read(config)
    except ConfigError as error:
        assert error.key
        assert len(str(error)) < 500
        return None


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(PUBLISHED), st.data())
def test_a_published_config_with_nonsense_in_a_key(config: dict[str, object], data: st.DataObject) -> None:
    keys = data.draw(st.lists(st.sampled_from(sorted(config)), min_size=1, max_size=3))
    attempt({**config, **{key: data.draw(NONSENSE) for key in keys}})


@settings(max_examples=400, deadline=None)
@given(TYPES, st.data())
def test_any_type_with_nonsense_in_any_of_its_keys(model_type: str, data: st.DataObject) -> None:
    known = sorted(key for key in (record(model_type) or {"hidden_size": 0}) if key not in ("model_type", "aliases"))
    keys = data.draw(st.lists(st.sampled_from(known), min_size=1, max_size=4))
    attempt({"model_type": model_type, **{key: data.draw(NONSENSE) for key in keys}})


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.text(max_size=20) | st.sampled_from(["text_config", "model_type", "hidden_size"]), NONSENSE))
def test_any_mapping_at_all(config: dict[str, object]) -> None:
    attempt(config)


@pytest.mark.parametrize("model_type", sorted(families._MODULE_OF))
def test_every_type_alone_is_its_class_or_an_error(model_type: str) -> None:
    found = attempt({"model_type": model_type})
    if found is not None:
        parameters = count(found)
        assert sum(getattr(parameters, part) for part in PARTS) == parameters.total > 0
        assert 0 < parameters.active <= parameters.total


def test_ten_thousand_layers_cost_one() -> None:
    found = read({**PUBLISHED[0], "num_hidden_layers": 10_000})
    assert len({id(layer) for layer in found.layers}) == 1
    assert count(found).total > 2 * 10**12


def test_a_million_layers_are_refused() -> None:
    assert attempt({**PUBLISHED[0], "num_hidden_layers": 10**6}) is None


def test_a_config_within_a_config_within_a_config_ends() -> None:
    config: dict[str, object] = {"model_type": "x"}
    for _ in range(2000):
        config = {"model_type": "x", "text_config": config}
    assert attempt(config) is None


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 40),
    st.integers(1, 40),
    st.sampled_from(["llama", "qwen3", "gemma2", "mixtral", "gpt2", "deepseek_v2", "falcon", "olmo2"]),
)
def test_more_layers_never_have_fewer_parameters(few: int, more: int, model_type: str) -> None:
    key = "n_layer" if model_type == "gpt2" else "num_hidden_layers"
    smaller = count(read({"model_type": model_type, key: few})).total
    larger = count(read({"model_type": model_type, key: few + more})).total
    assert larger > smaller


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(["llama", "qwen3", "mixtral"]), st.integers(1, 30))
def test_each_layer_adds_the_same(model_type: str, layers: int) -> None:
    one, two, three = (
        count(read({"model_type": model_type, "num_hidden_layers": layers + more})).total for more in range(3)
    )
    assert three - two == two - one


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(["llama", "gemma", "qwen2", "cohere"]), st.integers(1, 10**6), st.integers(1, 10**6))
def test_vocabulary_adds_a_row_to_each_embedding(model_type: str, vocab: int, more: int) -> None:
    first = read({"model_type": model_type, "vocab_size": vocab})
    second = read({"model_type": model_type, "vocab_size": vocab + more})
    rows = 1 if first.tied else 2
    assert count(second).total - count(first).total == rows * more * first.hidden_size
