"""The page about the config says all that there is, and its examples are right."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from planner import schema, source
from planner.formats import native
from planner.formats.context import Context
from planner.schema.conform import conforms

PAGE = (Path(__file__).parents[2] / "docs" / "config.md").read_text(encoding="utf-8")
CONFIG: Any = schema.load("config")
BLOCKS = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def chapter(name: str) -> str:
    start = PAGE.index(f"\n## `{name}`\n")
    end = PAGE.find("\n## ", start + 1)
    return PAGE[start:end]


@pytest.mark.parametrize("name", ["model", "deployment", "training", "hardware"])
def test_every_key_has_its_row_and_there_are_no_others(name: str) -> None:
    rows = re.findall(r"^\| (`[^|]*`) \|", chapter(name), re.MULTILINE)
    documented = [key for row in rows for key in re.findall(r"`(\w+)`", row)]
    assert sorted(documented) == sorted(CONFIG["$defs"][name]["properties"])


@pytest.mark.parametrize("key", ["stage", "method", "attention", "cross_entropy", "precision", "sharding"])
def test_words_are_listed_in_full(key: str) -> None:
    [row] = re.findall(rf"^\| `{key}` \| word \| (.*) \|$", chapter("training"), re.MULTILINE)
    words = [word for word in CONFIG["$defs"]["training"]["properties"][key]["enum"] if word]
    assert set(words) <= set(re.findall(r"`([^`]+)`", row))


@pytest.mark.parametrize("text", BLOCKS)
def test_its_examples_are_recognised_and_conform(text: str) -> None:
    found = source.read("config.yaml", text.encode())
    assert found is not None
    [document] = found.documents
    assert native.recognise(document)
    assert conforms(document.data, CONFIG)


def test_its_first_example_reads_without_a_problem() -> None:
    found = source.read("config.yaml", BLOCKS[0].encode())
    assert found is not None
    [workload] = native.read(found.documents[0], Context(source.read))
    assert workload.problems == ()
