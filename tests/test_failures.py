"""A defect of planner's own costs what it broke and nothing else, and nobody can make it go unsaid."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest

from planner import discover, pipeline, rules
from planner.cache import Cache
from planner.cli import main
from planner.settings import Lookup

TOO_LARGE = """\
model: {name: x, parameters: 70B, dtype: bfloat16}
deployment: {engine: vllm, context: 4096, hardware: {memory: 80GiB, count: 1}}
"""


def fails(*_: Any, **__: Any) -> NoReturn:
    raise ZeroDivisionError("by nought")


@pytest.fixture(name="config")
def _config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    path = tmp_path / "a.yaml"
    path.write_text(TOO_LARGE)
    return path


@pytest.fixture(name="broken_rule")
def _broken_rule(monkeypatch: pytest.MonkeyPatch) -> str:
    """A rule that fails after its first finding; rules of its family come before and after it."""
    rules.every()

    def check(plan: Any) -> Iterator[rules.Violation]:
        yield rules.Violation("deployment.hardware", "said before it failed")
        fails()

    monkeypatch.setitem(rules.RULES, "FIT004", rules.RULES["FIT004"]._replace(check=check))
    return "FIT004"


def run(*paths: Path, **options: Any) -> pipeline.Report:
    return pipeline.run(discover.find([str(path) for path in paths]), pipeline.Options(**options))


def test_a_rule_that_fails_hides_no_other(config: Path, broken_rule: str) -> None:
    report = run(config)
    assert {"FIT001", "FIT004"} <= {finding.rule for finding in report.findings}
    ((file, error),) = report.crashes
    assert (file, type(error).__name__, str(error)) == (str(config), "ZeroDivisionError", "by nought")
    assert ("FIT004", "internal error: ZeroDivisionError") in [(each.what, each.because) for each in report.not_checked]


@pytest.mark.parametrize("defect", ["planner.plan.make_plan", "planner.formats.native.read"])
def test_a_document_that_planner_fails_on_takes_no_other_with_it(
    config: Path, monkeypatch: pytest.MonkeyPatch, defect: str
) -> None:
    from planner import plan
    from planner.formats import native

    whole = {"planner.plan.make_plan": plan.make_plan, "planner.formats.native.read": native.read}[defect]

    def second_fails(subject: Any, *rest: Any, **options: Any) -> Any:
        document = getattr(subject, "document", subject)
        return fails() if document.index == 1 else whole(subject, *rest, **options)

    monkeypatch.setattr(defect, second_fails)
    config.write_text("---\n".join([TOO_LARGE] * 3))
    report = run(config)
    assert [finding.line for finding in report.findings if finding.rule == "FIT001"] == [2, 8]
    assert len(report.crashes) == 1
    assert [each.line for each in report.not_checked if each.because.startswith("internal error")] == [4]


def test_it_ends_in_three_with_a_report_after_the_findings_of_all_files(
    config: Path, broken_rule: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (config.parent / "b.yaml").write_text(TOO_LARGE)
    assert main(["lint", "a.yaml", "b.yaml", "-f", "concise", "--exit-zero"]) == 3
    out, err = capsys.readouterr()
    assert out.count("error FIT001") == 2
    assert err.startswith("planner: internal error on a.yaml: ZeroDivisionError: by nought, and 1 more\n")
    (report,) = config.parent.glob("planner-crash-*.txt")
    assert report.read_text().count("Traceback") >= 2


def test_neither_comments_nor_settings_nor_baselines_make_it_go_away(
    config: Path, broken_rule: str, capsys: pytest.CaptureFixture[str]
) -> None:
    config.write_text("# planner: ignore-file\n" + TOO_LARGE)
    assert main(["lint", "a.yaml", "--ignore", "FIT"]) == 3
    assert main(["lint", "a.yaml", "--select", "TOK"]) == 3
    assert main(["baseline", "a.yaml"]) == 3
    capsys.readouterr()


def test_it_is_not_kept_for_the_next_run(config: Path, broken_rule: str, tmp_path: Path) -> None:
    kept = Cache(str(tmp_path / "cache.json"), "key", by_content=False)
    run(config, plans=False, cache=kept, settings=Lookup())
    assert (
        json.loads((tmp_path / "cache.json").read_text() if (tmp_path / "cache.json").exists() else "{}").get(
            "files", {}
        )
        == {}
    )


def test_a_comment_is_not_blamed_for_what_the_failure_kept_from_being_found(config: Path, broken_rule: str) -> None:
    config.write_text(TOO_LARGE.rstrip("\n") + "  # planner: ignore[FIT012]\n")
    assert "IGN001" not in {finding.rule for finding in run(config).findings}


def test_it_comes_across_processes(config: Path, broken_rule: str) -> None:
    others = [config.with_name(f"{number:03}.yaml") for number in range(70)]
    for other in others:
        other.write_text(TOO_LARGE)
    one, two = (run(*others, plans=False, jobs=jobs) for jobs in (1, 2))
    assert len(two.crashes) == 70
    assert one.findings == two.findings
    assert one.not_checked == two.not_checked
    assert "in fails" in str(two.crashes[0][1].__cause__)


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"model: [\n", "CFG001"), (b"model: \xff\xfe\xfa\n", "CFG002"), (b"model: " + b"[" * 99, "CFG003")],
)
def test_a_file_that_could_not_be_read_cannot_be_silenced(
    config: Path, capsys: pytest.CaptureFixture[str], content: bytes, code: str
) -> None:
    config.write_bytes(b"# planner: ignore-file\n# planner: ignore-file[" + code.encode() + b"]\n" + content)
    assert main(["lint", "a.yaml", "--ignore", "FIT", "-f", "concise"]) == 3
    assert code in capsys.readouterr().out
    for silencer in (["--ignore", code], ["--config", f"levels.{code}='off'"], ["--config", f"ignore=['{code}']"]):
        assert main(["lint", "a.yaml", *silencer]) == 2
    main(["baseline", "a.yaml"])
    assert main(["lint", "a.yaml"]) == 3
