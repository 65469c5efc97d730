"""What `planner init` counts."""

from __future__ import annotations

from pathlib import Path

import pytest

from planner import plan
from planner.init.survey import patterns, survey

DEPLOYMENT = "model: {name: gpt2, dtype: float16}\ndeployment: {engine: vllm, context: 512%s}\n"


def files_in(folder: Path, **files: str) -> None:
    for name, text in files.items():
        path = folder / f"{name.replace('__', '/')}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def test_other_peoples_yaml_is_none_of_it(tmp_path: Path) -> None:
    files_in(tmp_path, ci="on: push\njobs: {}\n")
    found = survey(plan(tmp_path, isolated=True), str(tmp_path))
    assert found.empty
    assert (found.hardware, found.unstated, found.files) == ({}, {}, 1)


def test_kinds_and_hardware(tmp_path: Path) -> None:
    stated = ", hardware: {accelerator: L4, count: 2}"
    files_in(
        tmp_path,
        serve__a=DEPLOYMENT % stated,
        serve__b=DEPLOYMENT % "",
        c=(DEPLOYMENT % "").replace("vllm", "sglang"),
        tokens="model: {parameters: 1B}\ntraining: {stage: pretrain, tokens: 20B}\n",
        config="model: {name: gpt2}\n",
    )
    found = survey(plan(tmp_path, isolated=True), str(tmp_path))
    assert found.deployments == {"vllm": 2, "sglang": 1}
    assert found.trainings == {"native": 1}
    assert found.models == 1
    assert list(found.hardware.values()) == [("serve/a.yaml",)]
    assert found.unstated == {"c.yaml": 1, "serve/**": 1}


def test_hardware_that_is_lent_is_not_stated(tmp_path: Path) -> None:
    files_in(tmp_path, a=DEPLOYMENT % "")
    found = survey(plan(tmp_path, isolated=True, hardware="L4:1"), str(tmp_path))
    assert (found.hardware, found.unstated) == ({}, {"a.yaml": 1})


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ([], {}),
        (["a.yaml"], {"a.yaml": 1}),
        (["a/b/c.yaml", "a/b/d.yaml", "a/e.yaml"], {"a/b/**": 2, "a/**": 1}),
        ([f"a/{n}/c.yaml" for n in range(20)], {"a/**": 20}),
        ([f"{n}.yaml" for n in range(20)], {"**": 20}),
    ],
)
def test_patterns_are_few(files: list[str], expected: dict[str, int]) -> None:
    assert list(patterns(files).items()) == list(expected.items())
