"""The entry in .pre-commit-config.yaml: not another byte changes."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from planner.init import hook

OTHER = "repos:\n- repo: https://github.com/astral-sh/ruff-pre-commit\n  rev: v0.6.0\n  hooks:\n  - id: ruff\n"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "repos: []\n",
        "repos: [{repo: local, hooks: []}]\n",
        "repos: nothing\n",
        "- repo: local\n",
        "repos:\n- repo: [\n",
        f"{OTHER}---\n{OTHER}",
        "repos:\n  ? a\n  : b\n",
    ],
)
def test_what_cannot_be_added_to_is_left_to_people(text: str) -> None:
    assert hook.added(text) is None


@pytest.mark.parametrize(
    "text", [OTHER, "", "repos: 7\n", "repos: [1, {hooks: 3}]\n", "repos:\n- hooks: [planner, 1]\n"]
)
def test_others_are_not_taken_for_it(text: str) -> None:
    assert not hook.is_there(text)


def test_it_is_known_again() -> None:
    assert hook.is_there(hook.fresh())
    assert hook.is_there(hook.fresh().replace("id: planner", "id: planner-all"))


@pytest.mark.parametrize(
    ("before", "behind"),
    [
        (OTHER, ""),
        (OTHER, "\n# the end\nci: {autofix_prs: false}\n"),
        (OTHER.replace("\n- ", "\n  - ").replace("\n  r", "\n    r").replace("\n  h", "\n    h"), ""),
        (OTHER.replace("\n", "\r\n"), "\r\nfail_fast: true\r\n"),
        (f"# first\ndefault_stages: [pre-commit]\n{OTHER}", "exclude: '^a/'  # last\n"),
        (f"{OTHER}    args: [\n      --fix,\n    ]  # so\n", "\n\n"),
        (f"{OTHER}    exclude: |\n      (?x)^(\n      )$\n", "ci: {}\n"),
    ],
)
def test_it_becomes_the_last_of_the_repos(before: str, behind: str) -> None:
    new = hook.added(before + behind)
    assert new is not None
    assert new.startswith(before)
    assert new.endswith(behind)
    assert hook.is_there(new)
    assert yaml.safe_load(new)["repos"][:-1] == yaml.safe_load(before)["repos"]


def test_a_missing_line_end_is_made_up() -> None:
    new = hook.added(OTHER.rstrip())
    assert new is not None
    assert new.startswith(OTHER)


@given(st.text(alphabet="repos:- \n#[]{}ihdk|\t'\"&*\r", max_size=60))
def test_whatever_stands_there_nothing_else_changes(tail: str) -> None:
    new = hook.added(OTHER + tail)
    if new is not None:
        entry = "".join(f"{line}\n" for line in hook.entry(""))
        assert entry in new or entry.replace("\n", "\r\n") in new
        rest = new.replace(entry, "", 1)
        assert rest in (OTHER + tail, f"{OTHER}{tail}\n", f"{OTHER}{tail}\r\n")
