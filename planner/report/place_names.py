"""How programs on other machines call a file: relative to the folder in which planner ran."""

from __future__ import annotations

import os


def relative(file: str) -> str | None:
    """`file` below the current folder with "/"; None for one that lies elsewhere."""
    try:
        found = os.path.relpath(os.path.abspath(file)).replace(os.sep, "/")
    except ValueError:  # another drive, or a NUL
        return None
    return None if found == os.pardir or found.startswith(f"{os.pardir}/") or os.path.isabs(found) else found


def called(file: str) -> str:
    """The relative name where there is one, else the name as it was given."""
    return relative(file) or file


def uri(file: str) -> str:
    """A URI, percent-encoded: relative to the current folder, or of the scheme `file` for one that lies elsewhere."""
    from urllib.parse import quote

    near = relative(file)
    path = near or os.path.abspath(file).replace(os.sep, "/")
    return f"{'' if near else 'file://'}{quote(_bytes(path))}"


def _bytes(path: str) -> bytes:
    try:
        return path.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # a surrogate that stands for no byte
        return path.encode("utf-8", "surrogatepass")
