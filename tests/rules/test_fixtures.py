"""For every rule: a config that it must report, one that it must not, and the words it reports it in.

The examples of a rule's page are its first two; more lie in `fixtures/CODE/` as `bad*` and `ok*`, files or folders.
`fixtures/CODE/expected.txt` holds the concise report on each that is bad; `pytest tests/rules --update` writes it anew.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from planner import discover, pipeline, rules
from planner.report import LINT, render
from planner.report.style import Style
from planner.rules import page
from planner.rules.registry import Rule

FIXTURES = Path(__file__).parent / "fixtures"
DOCS = Path(__file__).parent.parent.parent / "docs" / "rules"
RULES = rules.every()
HEADINGS = {"Example": True, "Use instead": False}
CONFIG = "config.yaml"


class Case(NamedTuple):
    """A config, or a folder of them, that a rule must report or must not."""

    name: str
    bad: bool
    text: str = ""
    path: Path | None = None


def cases(rule: Rule) -> Iterator[Case]:
    """Those of its page, then those beside this file."""
    sections = page.sections(rule)
    for heading, bad in HEADINGS.items():
        for text in yaml_blocks(sections.get(heading, "")):
            yield Case(heading, bad, text)
    for path in sorted((FIXTURES / rule.code).glob("*")):
        if path.name.startswith(("bad", "ok")):
            yield Case(path.name, path.name.startswith("bad"), path=path)


def yaml_blocks(text: str) -> list[str]:
    """The blocks of YAML in a section."""
    return [part.partition("\n```")[0] + "\n" for part in text.split("```yaml\n")[1:]]


def of_all(bad: bool) -> list[object]:
    return [
        pytest.param(rule, case, id=f"{rule.code}-{case.name}")
        for rule in RULES.values()
        for case in cases(rule)
        if case.bad is bad
    ]


def report(case: Case, folder: Path, monkeypatch: pytest.MonkeyPatch) -> pipeline.Report:
    """What there is to say of `case`, in a folder of its own."""
    monkeypatch.chdir(folder)
    name = case.path.name if case.path else CONFIG
    if case.path is None:
        (folder / name).write_text(case.text, encoding="utf-8")
    elif case.path.is_file():
        shutil.copy(case.path, folder / name)
    else:
        shutil.copytree(case.path, folder, dirs_exist_ok=True)
        name = "."
    return pipeline.run(discover.find([name]), pipeline.Options(plans=False, baseline=""))


@pytest.mark.parametrize(("rule", "case"), of_all(bad=False))
def test_what_is_right_is_silent(rule: Rule, case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = {finding.rule for finding in report(case, tmp_path, monkeypatch).findings}
    assert found == set()


@pytest.mark.parametrize(("rule", "case"), of_all(bad=True))
def test_what_is_wrong_is_found(rule: Rule, case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert rule.code in {finding.rule for finding in report(case, tmp_path, monkeypatch).findings}


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.code)
def test_it_is_said_in_these_words(
    rule: Rule, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    said = []
    for number, case in enumerate(case for case in cases(rule) if case.bad):
        folder = tmp_path / str(number)
        folder.mkdir()
        lines = render(LINT["concise"], report(case, folder, monkeypatch), Style(quiet=True))
        said += [f"# {case.name}", *lines]
    golden = FIXTURES / rule.code / "expected.txt"
    text = "".join(f"{line}\n" for line in said)
    if request.config.getoption("--update"):
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(text, encoding="utf-8")
    assert golden.is_file(), "pytest tests/rules --update writes it"
    assert text == golden.read_text(encoding="utf-8"), "if it is meant: pytest tests/rules --update"


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.code)
def test_nothing_is_missing(rule: Rule) -> None:
    found = list(cases(rule))
    assert any(case.bad for case in found), "an example, or fixtures/CODE/bad.yaml"
    assert any(not case.bad for case in found), "an example of what to use instead, or fixtures/CODE/ok.yaml"
    assert (DOCS / f"{rule.code}.md").is_file(), "python scripts/build_docs.py writes it"


def test_every_fixture_is_of_a_rule() -> None:
    assert {path.name for path in FIXTURES.iterdir()} == set(RULES)
