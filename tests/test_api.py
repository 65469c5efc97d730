"""The Python API: what it offers, and that asking for none of it costs nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import planner

FITS = """\
model: {name: meta-llama/Llama-2-7b-hf, dtype: float16}
deployment: {engine: vllm, context: 4096, hardware: {accelerator: A100-80GB, count: 1}}
"""
TOO_LARGE = FITS.replace("7b", "70b")


def test_importing_it_imports_nothing() -> None:
    probe = "import sys, typing, __future__; known = set(sys.modules); import planner; print(set(sys.modules) - known)"
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "{'planner'}"


def test_every_public_name_is_there_and_listed() -> None:
    assert planner.__all__ == sorted(planner.__all__)
    assert set(planner.__all__) <= set(dir(planner))
    for name in planner.__all__:
        assert getattr(planner, name) is not None


def test_there_is_no_other_name() -> None:
    with pytest.raises(AttributeError, match="no attribute 'lnit'"):
        planner.lnit  # type: ignore[attr-defined]  # noqa: B018


def test_what_fits_passes() -> None:
    report = planner.lint(text=FITS, isolated=True)
    assert (report.findings, report.checked, report.fails("info")) == ((), 1, False)


def test_what_does_not_fit_fails_at_its_level_alone() -> None:
    report = planner.lint(text=TOO_LARGE.encode(), filename="a.yaml", isolated=True)
    [finding] = report.findings
    assert (finding.rule, finding.file, finding.line) == ("FIT001", "a.yaml", 2)
    assert report.fails()
    assert not report.fails("never")
    with pytest.raises(ValueError, match="no level is called eror"):
        report.fails("eror")
    assert not planner.lint(text=TOO_LARGE, ignore=["FIT"], isolated=True).fails()


def test_the_settings_beside_a_file_hold_for_text_under_its_name(tmp_path: Path) -> None:
    (tmp_path / "planner.toml").write_text('fail-on = "never"\n')
    name = str(tmp_path / "a.yaml")
    assert not planner.lint(text=TOO_LARGE, filename=name).fails()
    assert planner.lint(text=TOO_LARGE, filename=name, isolated=True).fails()
    assert planner.lint(text=TOO_LARGE, filename=name).fails("error")


def test_paths_may_be_objects_and_folders(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(FITS)
    (tmp_path / "b.yaml").write_text(TOO_LARGE)
    assert planner.lint(tmp_path).checked == 2
    assert planner.lint([tmp_path / "a.yaml", str(tmp_path / "b.yaml")], jobs=0).checked == 2


def test_a_file_that_is_not_there_is_a_finding(tmp_path: Path) -> None:
    report = planner.lint(tmp_path / "no.yaml")
    assert [finding.rule for finding in report.findings] == ["CFG002"]
    assert report.unreadable


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({}, "no paths"),
        ({"paths": "a.yaml", "text": ""}, "either paths or text"),
        ({"text": FITS, "hardware": "nonsense"}, "hardware nonsense"),
        ({"text": FITS, "select": ["FIT999"]}, "no rule is called"),
        ({"text": FITS, "config": ["fail-on=maybe"]}, "fail-on"),
    ],
)
def test_arguments_that_cannot_be_used_raise(asked: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        planner.lint(**asked)  # type: ignore[arg-type]


def test_an_empty_folder_is_not_passed_in_silence(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no YAML, JSON or TOML file under"):
        planner.lint(tmp_path)


def test_a_model_is_planned_by_name() -> None:
    [plan] = planner.plan(model="gpt2", dtype="float16").plans
    assert plan.model is not None
    assert plan.model.total == 124_439_808  # the checkpoint openai-community/gpt2


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"paths": "a.yaml", "model": "gpt2"}, "either model or a config"),
        ({"text": FITS, "tokens": 1}, "either tokens or a config"),
        ({"tokens": "1B"}, "goes with model"),
    ],
)
def test_a_plan_has_one_subject(asked: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        planner.plan(**asked)  # type: ignore[arg-type]


def test_the_package_of_that_name_stays_a_package() -> None:
    from planner.plan import make_plan

    assert callable(make_plan)
    assert callable(planner.plan)


def test_a_report_is_rendered_in_every_format() -> None:
    report = planner.lint(text=TOO_LARGE, filename="a.yaml", isolated=True)
    assert json.loads(planner.render(report, "json"))["findings"][0]["rule"] == "FIT001"
    assert "FIT001" in planner.render(report)
    assert json.loads(planner.render(planner.plan(text=FITS), "plan-json"))["plans"]
    with pytest.raises(ValueError, match="no format is called html"):
        planner.render(report, "html")
