"""Whatever stands in a field of a format: it is planned, found wrong or said to be unread, on a line of the file.

One value in `SHARE` is tried; `pytest --full` tries all.
"""

from __future__ import annotations

import copy
import json
import random
import re
from collections.abc import Iterable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml

from planner import pipeline
from planner.discover import Found
from planner.formats import registry
from planner.report.plan_json import render
from planner.report.style import Style
from planner.source import read

SAMPLES = {file.stem: file for file in sorted(Path(__file__).with_name("samples").iterdir())}
MAPPINGS = [name for name in SAMPLES if name != "modelfile"]
SHARE = 20
GONE, ITSELF = object(), "itself-itself"
VALUES = [
    None, [], {}, "a string", "", -1, 0, 0.5, float("nan"), float("inf"), -float("inf"), 10**30, -(10**30), 1e-300,
    True, False, "-1", "1e999", "yes", [None], [[1]], {"a": 1}, {"a": {"b": []}},
]  # fmt: skip
NO_NUMBER = re.compile(r"(?<![\w.`'\"/\\-])-?(?:nan|inf|NaN|Infinity|None)(?![\w.-])")
Change = tuple[tuple[Any, ...], object]


def data_of(file: Path) -> Any:
    """What a sample holds, as any of the formats' syntaxes would say it."""
    (document,) = read(file.name, file.read_bytes()).documents
    return document.data


def fields(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The paths of everything in a document, the whole of it too."""
    yield path
    for key, item in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from fields(item, (*path, key))


def changes(data: Any) -> Iterator[Change]:
    """Every field with every value, deleted, as a part of itself and as text."""
    for path in fields(data):
        within = data
        for key in path:
            within = within[key]
        key = path[-1] if path else "a"
        yield from ((path, value) for value in (*VALUES, [within], {key: within}, json.dumps(within), {ITSELF: 1}))
        if path:
            yield path, GONE


def changed(data: Any, change: Change) -> Any:
    """The data with one field changed."""
    path, value = change
    if not path:
        return value
    data = copy.deepcopy(data)
    within = data
    for key in path[:-1]:
        within = within[key]
    if value is GONE:
        del within[path[-1]]
    else:
        within[path[-1]] = value
    return data


def written(data: Any) -> str:
    """As YAML; what holds itself does so by an anchor."""
    text = yaml.safe_dump(data, sort_keys=False, width=10**6)
    return re.sub(rf"\n\s*{ITSELF}: 1\n", " &self [*self, {a: *self}]\n", text)


def looked_at(text: str, name: str) -> pipeline.Report:
    """What is said of a text that was named."""
    options = pipeline.Options(stdin=text.encode("utf-8", "surrogatepass"), stdin_name=name, plans=True)
    return pipeline.run([Found("-", True)], options)


def is_ours(text: str, name: str) -> bool:
    """Whether a format recognises something in a text."""
    formats = [import_module(entry.module) for entry in registry.candidates(text)]
    return any(each.recognise(document) for document in read(name, text.encode()).documents for each in formats)


def wrong(text: str, name: str) -> Iterator[str]:
    """What must not be, in what is said of a text."""
    found = looked_at(text, name)
    for _, error in found.crashes:
        yield f"crash: {error!r}"
    lines = re.split(r"\r\n|\r|\n", text)
    for each in found.findings:
        if not (1 <= each.line <= len(lines) and 1 <= each.column <= len(lines[each.line - 1]) + 1):
            yield f"outside of the file: {each}"
        if NO_NUMBER.search(f"{each.message} {each.help}"):
            yield f"no number: {each.message}"
    for unchecked in found.not_checked:
        if NO_NUMBER.search(f"{unchecked.because} {unchecked.mend}"):
            yield f"no number: {unchecked}"
    plans = "\n".join(render(found, Style()))
    if re.search(r"\b(?:NaN|Infinity)\b(?!\")", plans):
        yield f"no number in {plans}"
    for key, number in re.findall(r'"(\w*bytes\w*)": (-[\d.e+]+)', plans):
        yield f"negative: {key} {number}"
    if not (found.findings or found.not_checked or found.plans) and is_ours(text, name):
        yield "silent"


def some(of: Iterable[Change], name: str, request: pytest.FixtureRequest) -> list[Change]:
    """All, or a share that is the same in every run."""
    every = list(of)
    if request.config.getoption("full"):
        return every
    return random.Random(name).sample(every, len(every) // SHARE)


def test_there_is_a_sample_of_every_format() -> None:
    assert set(SAMPLES) == {entry.name for entry in registry.FORMATS}


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_is_in_its_format(name: str) -> None:
    text = SAMPLES[name].read_text(encoding="utf-8")
    assert {plan.workload.format for plan in looked_at(text, SAMPLES[name].name).plans} == {name}
    assert not list(wrong(text, SAMPLES[name].name))


@pytest.mark.parametrize("name", MAPPINGS)
def test_no_value_of_a_field_is_too_odd(name: str, request: pytest.FixtureRequest) -> None:
    data = data_of(SAMPLES[name])
    tried = [(change, written(changed(data, change))) for change in some(changes(data), name, request)]
    assert [(change, error) for change, text in tried for error in wrong(text, "a.yaml")] == []


ARGUMENTS = [
    "",
    "-1",
    "0",
    "0.5",
    ".nan",
    ".inf",
    "-.inf",
    "1e999",
    f"{10**30}",
    "true",
    "[]",
    "{}",
    '"',
    "\0",
    "x " * 500,
]


@pytest.mark.parametrize("argument", ARGUMENTS)
@pytest.mark.parametrize("index", range(5))
def test_nor_an_argument_in_a_modelfile(index: int, argument: str) -> None:
    lines = SAMPLES["modelfile"].read_text(encoding="utf-8").splitlines(keepends=True)
    instruction = lines[index].split(" ")[:-1] or lines[index]
    for line in ("", f"{' '.join(instruction)} {argument}\n", f"{argument}\n"):
        text = "".join([*lines[:index], line, *lines[index + 1 :]])
        assert not list(wrong(text, "Modelfile"))
