"""The entry in .pre-commit-config.yaml: into what is there, of which no other byte changes."""

from __future__ import annotations

from collections.abc import Iterator

from planner import __version__
from planner.source import read
from planner.source.document import Document

FILE = ".pre-commit-config.yaml"
REPOSITORY = "https://github.com/your-org/planner"
IDS = ("planner", "planner-all")


def fresh() -> str:
    """A file with the hook alone."""
    return "repos:\n" + "".join(f"{line}\n" for line in entry("  "))


def entry(indent: str) -> Iterator[str]:
    """The entry, an item of `repos`."""
    yield f"{indent}- repo: {REPOSITORY}"
    yield f"{indent}  rev: v{__version__}"
    yield f"{indent}  hooks:"
    yield f"{indent}    - id: planner"


def is_there(text: str) -> bool:
    """Whether a hook of planner's stands in the file already."""
    document = _document(text)
    repos = document.data.get("repos") if document and isinstance(document.data, dict) else None
    hooks = [repo.get("hooks") for repo in repos if isinstance(repo, dict)] if isinstance(repos, list) else []
    found = [hook for each in hooks if isinstance(each, list) for hook in each if isinstance(hook, dict)]
    return any(hook.get("id") in IDS for hook in found)


def added(text: str) -> str | None:
    """`text` with the entry as the last of its `repos`; None where that cannot be done without changing the rest."""
    document = _document(text)
    repos = document.data.get("repos") if document and isinstance(document.data, dict) else None
    if document is None or not isinstance(repos, list) or not repos:
        return None
    first = document.span(("repos", 0)).line
    lines = text.splitlines(keepends=True)
    indent = lines[first - 1][: len(lines[first - 1]) - len(lines[first - 1].lstrip(" "))]
    if not lines[first - 1].lstrip(" ").startswith("- "):
        return None
    at = _end(lines, first - 1, len(indent))
    end = "\r\n" if lines[first - 1].endswith("\r\n") else "\n"
    closed = lines[at - 1] if lines[at - 1].endswith("\n") else lines[at - 1] + end
    new = "".join((*lines[: at - 1], closed, *(f"{line}{end}" for line in entry(indent)), *lines[at:]))
    return new if _is_sound(new, document.data) else None


def _end(lines: list[str], start: int, indent: int) -> int:
    """The number of the last line of the sequence that begins with the line `start`, counted from 1."""
    last = start
    for number in range(start, len(lines)):
        stripped = lines[number].strip()
        if not stripped or stripped.startswith("#"):
            continue
        depth = len(lines[number]) - len(lines[number].lstrip(" "))
        if depth < indent or (depth == indent and not stripped.startswith("- ") and stripped != "-"):
            break
        last = number
    return last + 1


def _is_sound(text: str, before: dict[str, object]) -> bool:
    """Whether `text` says what was said `before`, and the entry besides."""
    document, wanted = _document(text), _document(fresh())
    repos = before.get("repos")
    if document is None or wanted is None or not isinstance(repos, list):
        return False
    return bool(document.data == {**before, "repos": [*repos, *wanted.data["repos"]]})


def _document(text: str) -> Document | None:
    """The only document of a file; None where it is broken or there are more."""
    source = read(FILE, text.encode(errors="surrogateescape"))
    return source.documents[0] if len(source.documents) == 1 and not source.problems else None
