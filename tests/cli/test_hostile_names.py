"""Files, keys and values with names that mean no good, on the whole way from the disk to every format."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from planner import discover, pipeline
from planner.report import LINT

pytestmark = pytest.mark.skipif(os.name == "nt", reason="names as POSIX has them")

NAMES = [
    "a\nb", "a\rb", "::error file=x::y", "##[error]x", "##vso[task.complete]", "%0A", "\x1b[31m",
    "\x1b]8;;http:evil\x07t",
    "\u202egnp", "\u200bzw", "]]>", "<&\"'>", "\x01\x0b", "tab\there", "模型🤖e\u0301", "[x](http:evil)", "`rm`",
    "@team", "a|b", " lead", "trail ", "-x", "--help", "*", "$(id)", "a,b:c", "\ufeff", "\x85", "\u2028", "{{x}}", "~",
    "...", "\udcff\udcfe",
]  # fmt: skip
CONFIG = """\
model: {{name: {0}, parameters: 70B, dtype: bfloat16, {0}: 1}}
deployment: {{engine: vllm, context: 4096, hardware: {{memory: 80GiB, count: 1}}, {0}: {0}}}
"""
OBEYED = re.compile(r"##\w*\[|^\s*::")


@pytest.fixture(scope="module", name="tree")
def _tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("names")
    for name in NAMES:
        quoted = json.dumps(name.encode("utf-8", "replace").decode(), ensure_ascii=not name.isprintable())
        (folder / f"{name}.yaml").write_text(CONFIG.format(quoted), encoding="utf-8")
    return folder


@pytest.mark.parametrize("form", LINT)
def test_every_format_says_all_and_nothing_obeys(
    tree: Path, form: str, planner: Callable[..., int], monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.chdir(tree)
    assert planner("lint", ".", "-f", form, "--isolated") == 1
    out, err = capsys.readouterr()
    assert err == ""
    for line in out.splitlines():
        assert line.isprintable()
        assert form == "github" or not OBEYED.search(line)
    assert out.count("\n") == len(out.splitlines())
    assert len(re.findall("FIT001", _parsed(form, out))) >= len(NAMES)


def _parsed(form: str, out: str) -> str:
    """`out`, which programs can read where it is for them."""
    if form in ("json", "sarif", "gitlab"):
        json.loads(out)
    elif form == "jsonl":
        assert [json.loads(line) for line in out.splitlines()]
    elif form == "junit":
        ElementTree.fromstring(out)
    return out


@pytest.mark.parametrize("form", ["sarif", "gitlab"])
def test_a_finding_is_known_again_when_lines_come_above_it(
    planner: Callable[..., int], form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    config = CONFIG.format("x") + "---\n" + CONFIG.format("y")

    def marks(text: str) -> list[str]:
        Path("a.yaml").write_text(text)
        planner("lint", "a.yaml", "-f", form, "--isolated")
        return re.findall(r'"(?:fingerprint|planner/v1)": "(\w+)"', capsys.readouterr().out)

    before = marks(config)
    assert len(before) == len(set(before)) >= 6
    assert marks("# above\n\n" + config) == before


def test_a_file_that_is_gone_when_it_is_read_is_said(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.yaml").write_text(CONFIG.format("x"))
    found = list(discover.find([str(tmp_path)]))
    (tmp_path / "a.yaml").unlink()
    report = pipeline.run(found, pipeline.Options())
    assert [item.because for item in report.not_checked if item.file.endswith("a.yaml")] == [
        "cannot be read: no such file or directory"
    ]
    assert {finding.file for finding in report.findings} == {str(tmp_path / "b.yaml")}
