"""The picture of training tokens: who is on it, and what is said where there is none to draw."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from planner.discover import Found
from planner.pipeline import Options, run
from planner.report.plot import PlotError, draw, runs

CONFIGS = """\
model: {name: Gopher, parameters: 280B}
training: {stage: pretrain, tokens: 300B}
---
model: {name: "$x_{y}$", parameters: 7B}
---
model: {name: tuned, parameters: 7B}
training: {stage: finetune, tokens: 1B}
---
training: {stage: pretrain, compute: 1.0e+21}
"""


@pytest.fixture(name="plans")
def _plans(tmp_path: Path):  # type: ignore[no-untyped-def]
    file = tmp_path / "runs.yaml"
    file.write_text(CONFIGS)
    return run([Found(str(file), True)], Options(fixes=True)).plans


def test_models_with_a_recommendation_are_drawn_and_fine_tunes_are_not(plans) -> None:  # type: ignore[no-untyped-def]
    assert [(point.name, point.parameters, point.tokens, point.recommended) for point in runs(plans)] == [
        ("Gopher", 280 * 10**9, 300 * 10**9, 5600 * 10**9),
        ("$x_{y}$", 7 * 10**9, None, 140 * 10**9),
    ]


def test_nothing_to_draw_is_said(plans) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(PlotError, match="nothing to plot"):
        draw(plans[2:], "x.svg")


def test_without_matplotlib_the_extra_is_named(plans, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(PlotError, match=r"pip install 'llm-config-planner\[plot\]'"):
        draw(plans, "x.svg")


@pytest.mark.parametrize(("suffix", "begins"), [("svg", b"<?xml"), ("png", b"\x89PNG")])
def test_the_picture_is_of_the_kind_that_the_name_says(plans, tmp_path: Path, suffix: str, begins: bytes) -> None:  # type: ignore[no-untyped-def]
    pytest.importorskip("matplotlib")
    file = tmp_path / f"tokens.{suffix}"
    draw(plans, str(file))
    assert file.read_bytes().startswith(begins)
    with pytest.raises(PlotError, match="nope"):
        draw(plans, str(tmp_path / "tokens.nope"))
