"""Every rule is documented, the same wherever that is read."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from planner import rules
from planner.rules import page
from planner.rules.registry import Rule
from planner.settings import DEFAULT

RULES = rules.every()


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.code)
def test_a_page_has_a_summary_and_every_section(rule: Rule) -> None:
    assert re.fullmatch(r"[A-Z0-9].+\.", page.summary(rule)), "the first line is one sentence"
    found = page.sections(rule)
    assert [heading for heading in found if heading in page.SECTIONS] == list(page.SECTIONS)
    assert all(found.values())


def test_every_threshold_is_on_the_page_of_a_rule() -> None:
    stated = "".join(page.sections(rule)["Settings"] for rule in RULES.values())
    for name in type(DEFAULT.thresholds)._fields:
        assert f"`thresholds.{name.replace('_', '-')}`" in stated


def test_every_family_is_introduced() -> None:
    assert list(page.FAMILIES) == list(rules.FAMILIES)


def test_the_pages_in_docs_are_those_of_the_rules() -> None:
    script = Path(__file__).parent.parent.parent / "scripts" / "build_docs.py"
    done = subprocess.run([sys.executable, str(script), "--check"], capture_output=True, text=True, check=False)
    assert (done.stdout, done.returncode) == ("", 0), done.stderr


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
