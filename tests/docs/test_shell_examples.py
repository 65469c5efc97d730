"""What the README and the tutorials show is what planner prints.

On such a page a block ```yaml title="deploy.yaml" is a file, and the ```console blocks run in the order of the page in
a folder with these files and the examples. A line `[…]` of the output stands for any lines. `pytest tests/docs
--update` writes the output anew.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
PAGES = [PROJECT / "README.md", *sorted((PROJECT / "docs" / "tutorials").glob("*.md"))]
BLOCK = re.compile(r'^( *)```(console|\w+ title="([^"]+)")\n(.*?)^ *```$', re.MULTILINE | re.DOTALL)
ELIDED = "[…]"
PLANNER = Path(sys.executable).parent / "planner"

pytestmark = pytest.mark.skipif(not PLANNER.exists() or not shutil.which("bash"), reason="needs bash and the command")


def played(block: str, folder: Path) -> str:
    """The block with what its commands print now."""
    shown: list[str] = []
    for command in re.findall(r"^\$ (.*)$", block, re.MULTILINE):
        environment = {"PATH": f"{PLANNER.parent}:{os.environ['PATH']}", "HOME": str(folder), "LANG": "C.UTF-8"}
        done = subprocess.run(
            ["bash", "-c", command], cwd=folder, env=environment, check=False,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        shown.append(f"$ {command}\n{done.stdout}")
    return "".join(shown)


def agree(written: str, printed: str) -> bool:
    """Whether `printed` is what is `written`, where that leaves nothing out, and else what it leaves."""
    pattern = re.escape(written).replace(re.escape(f"{ELIDED}\n"), r"(?:.*\n)*?")
    return re.fullmatch(pattern, printed) is not None


def differing(page: Path, folder: Path) -> Iterator[tuple[re.Match[str], str]]:
    """The blocks of `page` that are out of date, and what stands there rightly."""
    shutil.copytree(PROJECT / "examples", folder / "examples")
    for block in BLOCK.finditer(page.read_text(encoding="utf-8")):
        indent, _, name, text = block.groups()
        text = re.sub(f"^{indent}", "", text, flags=re.MULTILINE)
        if name is not None:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8")
        elif not agree(text, printed := played(text, folder)):
            yield block, re.sub("^(?=.)", indent, printed, flags=re.MULTILINE)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_page_shows_what_is_printed(page: Path, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    found = list(differing(page, tmp_path))
    if found and request.config.getoption("--update"):
        text = page.read_text(encoding="utf-8")
        for block, printed in reversed(found):
            text = text[: block.start(4)] + printed + text[block.end(4) :]
        page.write_text(text, encoding="utf-8")
        return
    for block, printed in found:
        assert block[4] == printed, "pytest tests/docs --update writes it anew"


@pytest.mark.parametrize(
    ("written", "printed", "same"),
    [
        ("$ a\nb\n", "$ a\nb\n", True),
        ("$ a\nb\n", "$ a\nb\nc\n", False),
        ("$ a\n[…]\nc\n", "$ a\nb\nb\nc\n", True),
        ("$ a\n[…]\nc\n", "$ a\nc\n", True),
        ("$ a\n[…]\nd\n", "$ a\nb\nc\n", False),
        ("$ a.c\n", "$ abc\n", False),
    ],
)
def test_what_is_left_out_may_be_anything(written: str, printed: str, same: bool) -> None:
    assert agree(written, printed) is same
