"""The settings to begin with change nothing, and can be filled in."""

from __future__ import annotations

from pathlib import Path

import pytest

from planner.init import settings
from planner.settings import DEFAULT, Lookup


def test_they_change_nothing(tmp_path: Path) -> None:
    path = tmp_path / "planner.toml"
    path.write_text(settings.text({"serve/**": 3}))
    found = Lookup().of(str(path))
    assert found.file == str(path)
    assert found._replace(file=None) == DEFAULT._replace(fail_on="error")


@pytest.mark.parametrize(("name", "within"), [("planner.toml", ""), ("pyproject.toml", "tool.planner")])
def test_a_profile_holds_once_it_is_uncommented(tmp_path: Path, name: str, within: str) -> None:
    path = tmp_path / name
    lines = settings.text({'se"rve/**': 3, "a.yaml": 1}, within).splitlines()
    keys = ("# [[", "# files", "# accelerator", "# count")
    path.write_text("\n".join(line[2:] if line.startswith(keys) else line for line in lines))
    found = Lookup().of(str(path))
    assert found.file == str(path)
    assert [(each.files[0].pattern, each.hardware.count) for each in found.hardware] == [
        ('se"rve/**', 1),
        ("a.yaml", 1),
    ]


@pytest.mark.parametrize(
    ("whole", "expected"),
    [
        ("", "[a]\n"),
        ("x = 1", "x = 1\n\n[a]\n"),
        ("x = 1\n", "x = 1\n\n[a]\n"),
        ("x = 1\r\n", "x = 1\r\n\r\n[a]\r\n"),
    ],
)
def test_they_are_appended_in_the_files_own_line_ends(whole: str, expected: str) -> None:
    assert settings.appended(whole, "[a]\n") == expected
