"""Most pyproject.toml files say nothing of planner, and are not parsed to find that out."""

from __future__ import annotations

from pathlib import Path

import pytest

from planner.settings.toml import section

OURS = [
    '[tool.planner]\nignore = ["TOK"]',
    '[tool."planner"]\nignore = ["TOK"]',
    '[ tool . planner ]\nignore = ["TOK"]',
    '[tool]\nplanner = {ignore = ["TOK"]}',
    '[tool]\nplanner.ignore = ["TOK"]',
    'tool = {planner = {ignore = ["TOK"]}}',
    'tool.planner.ignore = ["TOK"]',
]


@pytest.mark.parametrize("text", OURS)
def test_every_spelling_of_the_table_is_found(tmp_path: Path, text: str) -> None:
    file = tmp_path / "pyproject.toml"
    file.write_text(text)
    assert section(str(file)) == {"ignore": ["TOK"]}


@pytest.mark.parametrize(
    "text", ['[project]\nname = "planner"', '[project]\nname = "planner"\n[tool.ruff]\nline-length = 1', "no [toml"]
)
def test_a_file_without_the_table_is_not_parsed(tmp_path: Path, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("planner.settings.toml.parsed", lambda *_: pytest.fail("parsed"))
    file = tmp_path / "pyproject.toml"
    file.write_text(text)
    assert section(str(file)) is None
