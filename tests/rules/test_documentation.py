"""Every rule is documented, and its examples behave as the page says."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

import pytest

from planner import discover, pipeline, rules
from planner.rules.registry import Rule

RULES = rules.every()
BLOCK = re.compile(r"^## (Example|Use instead)\n+```yaml\n(.*?)^```", re.MULTILINE | re.DOTALL)


def page(rule: Rule) -> str:
    first, _, rest = rule.documentation.partition("\n")
    return first + "\n" + textwrap.dedent(rest)


def examples(heading: str) -> list[object]:
    found = []
    for rule in RULES.values():
        found += [
            pytest.param(rule, text, id=rule.code) for where, text in BLOCK.findall(page(rule)) if where == heading
        ]
    return found


def fired(folder: Path, text: str) -> set[str]:
    path = folder / "config.yaml"
    path.write_text(text)
    report = pipeline.run(discover.find([str(path)]), pipeline.Options())
    return {finding.rule for finding in report.findings}


@pytest.mark.parametrize(("rule", "text"), examples("Use instead"))
def test_what_the_page_recommends_is_silent(tmp_path: Path, rule: Rule, text: str) -> None:
    assert fired(tmp_path, text) == set()


@pytest.mark.parametrize(("rule", "text"), examples("Example"))
def test_what_the_page_warns_of_is_found(tmp_path: Path, rule: Rule, text: str) -> None:
    assert rule.code in fired(tmp_path, text)


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.code)
def test_a_page_has_a_summary_and_says_what_and_why(rule: Rule) -> None:
    text = page(rule)
    assert re.fullmatch(r"[A-Z0-9][^\n]+\.", text.partition("\n")[0]), "the first line is one sentence"
    assert text.index("## What it does") < text.index("## Why")
    assert bool(re.search(r"^## Example", text, re.MULTILINE)) == bool(
        re.search(r"^## Use instead", text, re.MULTILINE)
    )


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.code)
def test_codes_and_names_are_well_formed(rule: Rule) -> None:
    assert re.fullmatch(r"(CFG|REF|FIT|PAR|DTY|TOK|IGN)\d{3}", rule.code)
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", rule.name)
    assert rule.level in ("error", "warning", "info")


def test_names_are_unique() -> None:
    assert len({rule.name for rule in RULES.values()}) == len(RULES)


def test_a_rule_is_found_by_code_and_by_name() -> None:
    assert rules.find("fit001") is rules.find("weights-exceed-memory") is RULES["FIT001"]
    assert rules.find("FIT") is None
