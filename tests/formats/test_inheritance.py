"""Configs that build on others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from planner.formats.context import Context
from planner.formats.inheritance import Chain, chain, merge
from planner.source import read


def chained(folder: Path, files: dict[str, str], name: str = "own.yaml") -> Chain:
    for file, text in files.items():
        path = folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    source = read(str(folder / name))
    assert source is not None
    return chain(source.documents[0], Context(read))


@pytest.mark.parametrize("text", ["a: 1", "[1]", "a"], ids=["no defaults", "a list", "a word"])
def test_what_builds_on_nothing_is_left_as_it_is(tmp_path: Path, text: str) -> None:
    found = chained(tmp_path, {"own.yaml": text})
    assert len(found.layers) == 1 and found.lost == ()


def test_own_values_come_last_and_mappings_are_merged(tmp_path: Path) -> None:
    found = chained(
        tmp_path,
        {
            "own.yaml": "defaults: ../base.yaml\np: {b: 3}\nl: [9]",
            "../base.yaml": "p: {a: 1, b: 2}\nl: [1, 2]\nq: x",
        },
    )
    assert found.data == {"p": {"a": 1, "b": 3}, "l": [9], "q": "x"}
    assert [Path(layer.document.file).name for layer in found.layers] == ["own.yaml", "base.yaml"]


def test_of_several_parents_the_later_one_counts_and_each_has_its_own(tmp_path: Path) -> None:
    files = {
        "own.yaml": "defaults: [one.yaml, sub/two.yaml]\na: {own: 1}",
        "one.yaml": "a: {x: 1, y: 1}",
        "sub/two.yaml": "defaults: three.yaml\na: {y: 2}",
        "sub/three.yaml": "a: {z: 3}",
    }
    assert chained(tmp_path, files).data == {"a": {"x": 1, "y": 2, "z": 3, "own": 1}}


def test_a_section_can_take_the_place_of_its_parents(tmp_path: Path) -> None:
    files = {"own.yaml": "defaults: base.yaml\na: {_override_: true, y: 2}", "base.yaml": "a: {x: 1}"}
    assert "x" not in chained(tmp_path, files).data["a"]


def test_a_missing_file_is_named_once(tmp_path: Path) -> None:
    found = chained(tmp_path, {"own.yaml": "defaults: [gone.yaml, gone.yaml]\na: 1"})
    assert (found.lost, found.data) == (("gone.yaml",), {"a": 1})


@pytest.mark.parametrize(
    "files",
    [
        {"own.yaml": "defaults: own.yaml\na: 1"},
        {"own.yaml": "defaults: b.yaml\na: 1", "b.yaml": "defaults: own.yaml\nb: 1"},
        {"own.yaml": "defaults: [b.yaml, b.yaml, b.yaml, b.yaml]\na: 1", "b.yaml": "defaults: [own.yaml, own.yaml]"},
    ],
    ids=["itself", "two that name each other", "many ways in a circle"],
)
def test_circles_end(tmp_path: Path, files: dict[str, str]) -> None:
    assert chained(tmp_path, files).data["a"] == 1


def test_files_that_fan_out_are_bounded(tmp_path: Path) -> None:
    files = {f"f{i}.yaml": f"defaults: [{', '.join([f'f{i + 1}.yaml'] * 8)}]" for i in range(10)}
    found = chained(tmp_path, {**files, "own.yaml": "defaults: f0.yaml\na: 1"})
    assert found.data["a"] == 1 and len(found.layers) < 100


@pytest.mark.parametrize("entry", ["1", "null", "[1, null, {}, {a: 1}, {a: b, c: d}, '']", "{a: b}", "'${x}'"])
def test_odd_entries_name_no_file(tmp_path: Path, entry: str) -> None:
    assert chained(tmp_path, {"own.yaml": f"defaults: {entry}\na: 1"}).data == {"a": 1}


HYDRA = {
    "own.yaml": "hydra: {searchpath: ['file://pkg/config']}\ndefaults: [trainer, _self_]\nactor: {n: 3}",
    "../pkg/config/trainer.yaml": (
        "defaults:\n- model@actor.model: big\n- engine: fast\n- override hydra/x: y\n- _self_\nactor: {n: 1, k: 1}"
    ),
    "../pkg/config/model/big.yaml": "defaults: [base, _self_]\nsize: 8",
    "../pkg/config/model/base.yaml": "size: 1\nlayers: 2",
    "../pkg/config/engine/fast.yaml": "speed: 9",
}


def test_hydra_groups_go_where_their_packages_say(tmp_path: Path) -> None:
    found = chained(tmp_path / "run", HYDRA)
    assert found.data == {"actor": {"model": {"size": 8, "layers": 2}, "n": 3, "k": 1}, "engine": {"speed": 9}}
    assert found.lost == ()
    packages = {Path(layer.document.file).name: layer.package for layer in found.layers}
    assert packages["big.yaml"] == packages["base.yaml"] == ("actor", "model")


def test_hydra_values_above_self_are_overridden_and_those_below_override(tmp_path: Path) -> None:
    files = {"own.yaml": "defaults: [_self_, late]\na: 1\nb: 1", "late.yaml": "a: 2"}
    assert chained(tmp_path, files).data == {"a": 2, "b": 1}


@pytest.mark.parametrize(
    ("base", "over", "expected"),
    [
        ({"a": {"b": 1}}, {"a": None}, {"a": None}),
        ({"a": 1}, {"a": {"b": 1}}, {"a": {"b": 1}}),
        ({"a": [1, 2]}, {"a": []}, {"a": []}),
    ],
)
def test_only_mappings_are_merged(base: Any, over: Any, expected: Any) -> None:
    assert merge(base, over) == expected
