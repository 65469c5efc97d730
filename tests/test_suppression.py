"""Comments that silence findings, and those that silence nothing."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from planner import discover, pipeline
from planner.settings import Asked, Lookup

TOO_LARGE = """\
model: {{name: x, parameters: 70B, dtype: bfloat16}}{model}
deployment:{deployment}
  engine: vllm
  context: 4096
{above}  hardware: {{memory: 80GiB, count: 1}}{hardware}
"""


def rules(folder: Path, text: str) -> list[tuple[str, int]]:
    path = folder / "config.yaml"
    path.write_text(text)
    report = pipeline.run(discover.find([str(path)]), pipeline.Options())
    return [(finding.rule, finding.line) for finding in report.findings]


def config(model: str = "", deployment: str = "", above: str = "", hardware: str = "") -> str:
    return TOO_LARGE.format(model=model, deployment=deployment, above=above, hardware=hardware)


def test_without_a_comment_it_is_found(tmp_path: Path) -> None:
    assert rules(tmp_path, config()) == [("FIT001", 5)]


@pytest.mark.parametrize(
    "text",
    [
        config(hardware="  # planner: ignore[FIT001] larger cards are on order"),
        config(hardware="  # planner: ignore[weights-exceed-memory]"),
        config(hardware="  # planner: ignore"),
        config(above="  # planner: ignore[FIT001]\n"),
        "# planner: ignore-file[FIT001]\n" + config(),
        "# planner: ignore-file\n" + config(),
    ],
    ids=["by code", "by name", "everything on the line", "on the line above", "in the file", "everything in the file"],
)
def test_a_comment_silences_it(tmp_path: Path, text: str) -> None:
    assert rules(tmp_path, text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (config(model="  # planner: ignore[FIT001]"), [("IGN001", 1), ("FIT001", 5)]),
        (config(hardware="  # planner: ignore[FIT002]"), [("FIT001", 5), ("IGN001", 5)]),
        (config(hardware="  # planner: ignore[FIT999]"), [("FIT001", 5), ("IGN002", 5)]),
        (config(hardware="  # planner: ignroe[FIT001]"), [("FIT001", 5), ("IGN002", 5)]),
        (config(hardware="  # planner: ignore[FIT001, FIT002]"), [("IGN001", 5)]),
        (config(hardware="  # planner: ignore[FIT001, FIT999]"), [("IGN002", 5)]),
    ],
    ids=["on another line", "of another rule", "of no rule", "misspelt", "in part", "of no rule in part"],
)
def test_a_comment_that_silences_nothing_is_said(tmp_path: Path, text: str, expected: list[tuple[str, int]]) -> None:
    assert rules(tmp_path, text) == expected


def test_a_syntax_error_cannot_be_silenced(tmp_path: Path) -> None:
    found = rules(tmp_path, "# planner: ignore-file[CFG001]\nmodel: [\n")
    assert "CFG001" in {rule for rule, _ in found}


def report(folder: Path, text: str, options: pipeline.Options) -> pipeline.Report:
    path = folder / "config.yaml"
    path.write_text(text)
    return pipeline.run(discover.find([str(path)]), options)


def test_what_is_silenced_is_kept_with_its_reason(tmp_path: Path) -> None:
    text = config(hardware="  # planner: ignore[FIT001] larger cards are on order")
    (silenced,) = report(tmp_path, text, pipeline.Options()).silenced
    assert (silenced.finding.rule, silenced.by, silenced.reason) == ("FIT001", "comment", "larger cards are on order")


def test_an_audit_hears_everything_and_blames_no_comment(tmp_path: Path) -> None:
    text = config(model="  # planner: ignore[TOK001]", hardware="  # planner: ignore[FIT001]")
    found = report(tmp_path, text, pipeline.Options(no_ignores=True))
    assert ([each.rule for each in found.findings], found.silenced) == (["FIT001"], ())


def test_a_rule_that_is_not_selected_makes_no_comment_unused(tmp_path: Path) -> None:
    text = config(hardware="  # planner: ignore[FIT001]")
    settings = Lookup(Asked(isolated=True, ignore=("FIT",)))
    assert report(tmp_path, text, pipeline.Options(settings=settings)).findings == ()


def test_unused_comments_may_be_left_unsaid(tmp_path: Path) -> None:
    text = config(hardware="  # planner: ignore[FIT002]")
    settings = Lookup(Asked(isolated=True, ignore=("unused-ignore",)))
    assert [each.rule for each in report(tmp_path, text, pipeline.Options(settings=settings)).findings] == ["FIT001"]


def test_a_comment_on_the_last_line_without_an_end_counts(tmp_path: Path) -> None:
    assert rules(tmp_path, config(hardware="  # planner: ignore[FIT001]").rstrip("\n")) == []


def test_what_looks_like_a_comment_in_a_block_is_none(tmp_path: Path) -> None:
    text = "x-note: |\n  # planner: ignore-file[FIT001]\n" + config()
    assert ("FIT001", 7) in rules(tmp_path, text)


SECTION = "model: {name: x, parameters: 7B, dtype: bfloat16}  # planner: ignore[DTY001] cast when it is loaded\n"
DEPLOYMENT = (
    "model: ./model.yaml\ndeployment: {engine: vllm, context: 4096, hardware: {accelerator: V100-32GB, count: 1}}\n"
)


@pytest.mark.parametrize("names", [["deploy.yaml"], ["deploy.yaml", "model.yaml"], ["model.yaml", "deploy.yaml"]])
def test_a_comment_holds_in_a_section_of_its_own_file(tmp_path: Path, names: list[str]) -> None:
    (tmp_path / "model.yaml").write_text(SECTION)
    (tmp_path / "deploy.yaml").write_text(DEPLOYMENT)
    found = pipeline.run(discover.find([str(tmp_path / name) for name in names]), pipeline.Options())
    assert [each.rule for each in found.findings if each.rule != "REF001"] == []
    assert [each.finding.rule for each in found.silenced] == ["DTY001"]


def test_without_the_comment_it_is_found_in_the_section(tmp_path: Path) -> None:
    (tmp_path / "model.yaml").write_text(SECTION.partition("#")[0])
    (tmp_path / "deploy.yaml").write_text(DEPLOYMENT)
    found = pipeline.run(discover.find([str(tmp_path / "deploy.yaml")]), pipeline.Options())
    assert ("DTY001", "model.yaml") in {(each.rule, Path(each.file).name) for each in found.findings}


def test_what_is_wrong_in_a_comment_is_underlined(tmp_path: Path) -> None:
    text = config(hardware="  # planner: ignore[FIT001, FIT002, FIT01]")
    found = report(tmp_path, text, pipeline.Options()).findings
    line = text.splitlines()[4]
    assert [(each.rule, line[each.column - 1 : each.end_column - 1]) for each in found] == [
        ("IGN001", "FIT002"),
        ("IGN002", "FIT01"),
    ]
    assert "did you mean FIT0" in found[1].help


def of_lines(comment: str) -> str:
    return config() + comment * 20_000


MANY = {
    "that silence nothing": of_lines("# planner: ignore[FIT002]\n"),
    "for one line": config(above="  # planner: ignore[FIT001]\n" * 20_000),
    "for the file": "# planner: ignore-file[FIT001]\n" * 20_000 + config(),
    "each for a line of its own": config() + "".join(f"x-{i}: 1  # planner: ignore[FIT001]\n" for i in range(20_000)),
    "of rules that there are not": config() + "".join(f"# planner: ignore[XYZ{i}]\n" for i in range(20_000)),
    "names in one": config(hardware=f"  # planner: ignore[{', '.join(f'A{i}' for i in range(20_000))}]"),
    "times one name": config(hardware=f"  # planner: ignore[{', '.join(['FIT001'] * 20_000)}]"),
    "misspelt": of_lines("# planner: ignroe[FIT001]\n"),
    "for hardware": of_lines("# planner: hardware=H100-80GB:8\n"),
    "for hardware that there is not": config() + "".join(f"# planner: hardware=H1x{i}:8\n" for i in range(20_000)),
    "for schemas": of_lines("# yaml-language-server: $schema=x\n"),
    "in one line": config(hardware="  # planner: ignore[FIT001] " * 20_000),
    "documents": "".join(f"a: {i}\n...\n# planner: hardware=L4\n" for i in range(5_000)) + config(),
}


@pytest.mark.parametrize("name", MANY)
def test_twenty_thousand_comments_are_soon_read(tmp_path: Path, name: str) -> None:
    begin = time.process_time()
    found = rules(tmp_path, MANY[name])
    assert time.process_time() - begin < 2
    assert len(found) <= 201


@pytest.mark.parametrize("name", ["for one line", "for the file", "times one name"])
def test_many_comments_silence_as_one_does(tmp_path: Path, name: str) -> None:
    assert "FIT001" not in {rule for rule, _ in rules(tmp_path, MANY[name])}


def test_a_comment_far_behind_others_silences(tmp_path: Path) -> None:
    text = "# planner: ignore[DTY001]\n" * 500 + config(hardware="  # planner: ignore[FIT001]")
    assert "FIT001" not in {rule for rule, _ in rules(tmp_path, text)}
