"""A diff is what `difflib` makes of two texts, but for lines that cannot be shown as they are."""

from __future__ import annotations

from difflib import unified_diff

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.report.diff import diff
from planner.report.style import Style

TEXTS = st.lists(st.sampled_from(["a: 1", "b: 2", "\tc: 3", "模型", "", "d\r"]), max_size=12)


def said(before: str, after: str) -> str:
    found = diff("a.yaml", before, after, Style())
    return "".join(f"{line}\n" for line in found.lines)


def headed(line: str) -> str:
    """A line of a head with every count in it: difflib leaves out a 1."""
    if not line.startswith("@@"):
        return line
    sides = (side if "," in side else f"{side},1" for side in line.split()[1:3])
    return f"@@ {' '.join(sides)} @@\n"


@given(TEXTS, TEXTS)
@settings(max_examples=200, deadline=None)
def test_it_is_the_unified_diff(before: list[str], after: list[str]) -> None:
    texts = ["".join(f"{line}\n" for line in each) for each in (before, after)]
    expected = unified_diff(*(text.splitlines(keepends=True) for text in map(str, texts)), "a.yaml", "a.yaml")
    if any("\r" in line for line in (*before, *after)):
        return
    lines = [line.replace("--- a.yaml\t", "--- a.yaml") for line in expected]
    assert said(*texts) == "".join(headed(line.rstrip("\n") + "\n") for line in lines)


@pytest.mark.parametrize("line", ["HF_TOKEN: hunter2-hunter2", "# \x1b[31m", "# ##[error]x", "# a\rb", "# \u202e"])
def test_what_cannot_be_shown_as_it_is_ends_what_stands_around_a_change(line: str) -> None:
    before = f"a\n{line}\nb\nold\nc\n{line}\nd\nold\n"
    found = diff("x", before, before.replace("old", "new"), Style())
    assert found.whole
    assert found.lines == (
        "--- x", "+++ x", "@@ -3,3 +3,3 @@", " b", "-old", "+new", " c", "@@ -7,2 +7,2 @@", " d", "-old", "+new"
    )  # fmt: skip


def test_a_last_line_without_an_end_says_so() -> None:
    assert said("a", "b\n").endswith("-a\n\\ No newline at end of file\n+b\n")


def test_a_secret_that_a_new_name_makes_known_is_hidden_under_the_old_one_too() -> None:
    found = diff("x", "hf_tokn: hunter2-hunter2\n", "hf_token: hunter2-hunter2\n", Style())
    assert "hunter2" not in "".join(found.lines)
    assert not found.whole
