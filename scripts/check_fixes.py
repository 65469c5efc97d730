"""Mends a copy of a folder and checks with eyes of its own that only values, keys and comments concerned changed.

    python scripts/check_fixes.py FOLDER [OPTION of `planner lint` …]

Every line that differs must be the same but for numbers, one key, or a comment that silenced something; files are
otherwise the same byte for byte, other readers still read them, and a second run changes nothing.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from difflib import SequenceMatcher
from pathlib import Path

import yaml

NUMBER = re.compile(rb"\d[\d_,]*(?:\.\d+)?[kKmM]?")
KEY = re.compile(rb"""([-{,\s]*["']?)[^:,\n]+(["']?\s*:)""")
COMMENT = re.compile(rb"\s*#\s*planner:\s*ignore.*")


def lint(folder: Path, options: list[str]) -> str:
    """Run `planner lint --fix` on all of `folder`; what it says at the end."""
    command = [sys.executable, "-m", "planner", "lint", "--fix", "--isolated", "--no-cache", *options, "."]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):
        raise SystemExit(f"planner failed: {done.stderr[-2000:]}")
    return done.stdout[-400:]


def contents(folder: Path) -> dict[str, bytes]:
    """What every file of a folder holds."""
    files = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def is_mended(old: bytes, new: bytes) -> bool:
    """Whether a line differs in nothing but what is mended."""
    if not new.endswith((b"\n", b"\r")):  # the last one, once the comment below it is gone
        old = old.rstrip(b"\r\n")
    if NUMBER.sub(b"#", old) == NUMBER.sub(b"#", new) or KEY.sub(rb"\1#\2", old) == KEY.sub(rb"\1#\2", new):
        return True
    return COMMENT.sub(b"", old.rstrip()) == COMMENT.sub(b"", new.rstrip())


def wrong(old: bytes, new: bytes) -> Iterator[str]:
    """What should not have changed."""
    before, after = old.splitlines(keepends=True), new.splitlines(keepends=True)
    for tag, start, end, other, other_end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        was, now = before[start:end], after[other:other_end]
        if len(now) < len(was):  # comments that were alone in their lines are gone
            was, now = ([line for line in lines if not COMMENT.fullmatch(line.rstrip())] for lines in (was, now))
        if len(was) != len(now) or not all(map(is_mended, was, now)):
            yield f"line {start + 1}: {before[start:end]!r} became {after[other:other_end]!r}"
    if readable(old) and not readable(new):
        yield "cannot be read any more"


def readable(data: bytes) -> bool:
    """Whether PyYAML parses it."""
    try:
        for _ in yaml.parse(data, Loader=yaml.CSafeLoader):
            pass
    except (yaml.YAMLError, ValueError):
        return False
    return True


def main(folder: str, *options: str) -> int:
    """Check one folder; 1 if something is wrong."""
    with tempfile.TemporaryDirectory() as place:
        copy = Path(place) / "copy"
        shutil.copytree(folder, copy, symlinks=True)
        before = contents(copy)
        print(lint(copy, list(options)).strip().rpartition("\n\n")[2])
        after = contents(copy)
        changed = sorted(file for file in before if before[file] != after.get(file))
        said = [f"{file}: {what}" for file in changed for what in wrong(before[file], after.get(file, b""))]
        said += [f"{file}: is new" for file in sorted(after.keys() - before.keys())]
        lint(copy, list(options))
        again = contents(copy)
        said += [f"{file}: changes in a second run" for file in sorted(again) if again[file] != after.get(file)]
    print(f"{len(before)} files, {len(changed)} changed, {len(said)} wrong", *said, sep="\n")
    return int(bool(said))


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
