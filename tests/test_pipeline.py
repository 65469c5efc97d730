"""From files to findings: nothing is lost, nothing passes in silence, strangers are left alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from planner import discover, pipeline
from planner.workload import Hardware

FITS = "model: {name: x, parameters: 7B, dtype: float16}\n"
TOO_LARGE = """\
model: {name: x, parameters: 70B, dtype: bfloat16}
deployment: {engine: vllm, context: 4096, hardware: {memory: 80GiB, count: 1}}
"""
NOT_STATED = """\
model: {name: x, parameters: 70B, dtype: bfloat16}
deployment: {engine: vllm, context: 4096}
"""


def run(folder: Path, options: pipeline.Options = pipeline.Options(), **files: str) -> pipeline.Report:  # noqa: B008
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text)
    named = sorted(str(folder / f"{name}.yaml") for name in files)
    return pipeline.run(discover.find(named), options)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# nothing\n",
        "on: push\njobs: {}\n",
        "services: {web: {image: nginx}}\n",
        "apiVersion: v1\nkind: ConfigMap\ndata: {model: x}\n",
        "model:\n  d_model: 512\noptimizer: {lr: 1e-4}\nmax_duration: 10ba\n",
        "- model\n- deployment\n",
        "model\n",
    ],
    ids=["empty", "comment", "workflow", "compose", "config map", "another trainer", "list", "word"],
)
def test_other_peoples_yaml_is_skipped_without_a_word(tmp_path: Path, text: str) -> None:
    report = run(tmp_path, config=text)
    assert (report.findings, report.not_checked, report.unreadable, report.skipped) == ((), (), (), 1)


def test_a_broken_document_does_not_hide_the_others(tmp_path: Path) -> None:
    report = run(tmp_path, config=TOO_LARGE + "---\nmodel: [\n---\n" + TOO_LARGE)
    assert [finding.rule for finding in report.findings].count("FIT001") == 2
    assert report.unreadable == (str(tmp_path / "config.yaml"),)


def test_a_broken_file_does_not_hide_the_others(tmp_path: Path) -> None:
    report = run(tmp_path, a="model: [\n", b=TOO_LARGE)
    assert {(finding.file[-6:], finding.rule) for finding in report.findings} == {
        ("a.yaml", "CFG001"),
        ("b.yaml", "FIT001"),
    }


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    report = pipeline.run(discover.find([str(tmp_path / "missing.yaml")]), pipeline.Options())
    assert [finding.rule for finding in report.findings] == ["CFG002"]
    assert len(report.unreadable) == 1


def test_findings_are_in_the_order_of_the_text(tmp_path: Path) -> None:
    report = run(tmp_path, b=TOO_LARGE, a=TOO_LARGE + "---\n" + TOO_LARGE)
    places = [(finding.file, finding.line) for finding in report.findings]
    assert places == sorted(places)
    assert len(places) == 3


def test_hardware_from_the_command_line_holds_where_none_is_stated(tmp_path: Path) -> None:
    small = Hardware("24 GiB", 1, 24 * 2**30, 24 * 2**30)
    report = run(tmp_path, pipeline.Options(hardware=small), config=NOT_STATED)
    assert [finding.rule for finding in report.findings] == ["FIT001"]
    stated = run(tmp_path, pipeline.Options(hardware=small._replace(memory=2**50, memory_max=2**50)), config=TOO_LARGE)
    assert [finding.rule for finding in stated.findings] == ["FIT001"]


def test_hardware_from_a_comment_holds_from_there_on(tmp_path: Path) -> None:
    text = NOT_STATED + "---\n# planner: hardware=24GiB:1\n" + NOT_STATED + "---\n" + NOT_STATED
    report = run(tmp_path, config=text)
    assert [(finding.rule, finding.line) for finding in report.findings if finding.rule == "FIT001"] == [
        ("FIT001", 6),
        ("FIT001", 9),
    ]


def test_unknown_hardware_in_a_comment_is_said(tmp_path: Path) -> None:
    report = run(tmp_path, config="# planner: hardware=H1000:8\n" + NOT_STATED)
    assert "REF002" in {finding.rule for finding in report.findings}


def test_what_was_not_checked_is_counted_with_its_remedy(tmp_path: Path) -> None:
    report = run(tmp_path, config=NOT_STATED)
    assert [item.what for item in report.not_checked] == ["serving"]
    assert "hardware" in report.not_checked[0].mend


def test_the_same_report_for_any_order_of_files(tmp_path: Path) -> None:
    run(tmp_path, a=TOO_LARGE, b=FITS)
    names = [str(tmp_path / "a.yaml"), str(tmp_path / "b.yaml")]
    one, other = (pipeline.run(discover.find(order), pipeline.Options()) for order in (names, names[::-1]))
    assert one.findings == other.findings


CHART = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: {{ .Release.Name }}}
spec: {template: {spec: {containers: [{image: IMAGE, command: [COMMAND]}]}}}
{{- end }}
"""


@pytest.mark.parametrize("named", [True, False], ids=["named", "found"])
def test_a_template_that_starts_an_engine_is_not_checked_and_says_so(tmp_path: Path, named: bool) -> None:
    file = tmp_path / "deployment.yaml"
    file.write_text(CHART.replace("COMMAND", '"vllm", "serve"'))
    report = pipeline.run([discover.Found(str(file), named)], pipeline.Options())
    [missing] = report.not_checked
    assert (missing.line, missing.what) == (3, "file")
    assert "a template" in missing.because
    assert "helm template" in missing.mend
    assert report.unreadable == ()


def test_a_template_of_anything_else_is_skipped(tmp_path: Path) -> None:
    file = tmp_path / "deployment.yaml"
    file.write_text(CHART.replace("COMMAND", "vllm-router"))
    report = pipeline.run([discover.Found(str(file), False)], pipeline.Options())
    assert (report.not_checked, report.skipped) == ((), 1)
