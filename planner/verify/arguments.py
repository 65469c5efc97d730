"""Arguments as Python prints them: `ServerArgs(model_path='m', tp_size=2)`, `{'model': 'm', 'seed': 0}`, `a=1, b=None`.

Nothing is evaluated. What is no literal (an object, an enum) is left out.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

MOST = 2000
"""Arguments of a line."""
LONGEST = 4000
"""Characters of a value that are read."""
_NAME = re.compile(r"\s*(?:'(?P<quoted>[A-Za-z_]\w{0,80})'\s*:|(?P<bare>[A-Za-z_]\w{0,80})\s*=)\s*")
_STRING = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"", re.DOTALL)
_OPEN, _CLOSE = "([{<", ")]}>"
_TORCH = re.compile(r"torch\.\w{1,30}")


def arguments(text: str) -> dict[str, object]:
    """The names and literal values in `text`, up to the bracket that closes it. The last of several counts."""
    found: dict[str, object] = {}
    for name, written in _pairs(text):
        value = _literal(written)
        if value is not None:
            found[name] = value
    return found


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    at = 0
    for _ in range(MOST):
        name = _NAME.match(text, at)
        if name is None:
            return
        end = _end(text, name.end())
        yield name["quoted"] or name["bare"], text[name.end() : end].strip()
        if text[end : end + 1] != ",":
            return
        at = end + 1


def _end(text: str, at: int) -> int:
    """Where the value at `at` ends: at a comma or a closing bracket of its own level."""
    depth = 0
    while at < len(text):
        sign = text[at]
        if sign in "'\"":
            string = _STRING.match(text, at)
            at = string.end() if string else len(text)
            continue
        if sign in _OPEN:
            depth += 1
        elif sign in _CLOSE:
            if depth == 0:
                return at
            depth -= 1
        elif sign == "," and depth == 0:
            return at
        at += 1
    return at


def _literal(written: str) -> object:
    """The value of a literal; of `torch.bfloat16` its name; None for anything else."""
    if len(written) > LONGEST:
        return None
    if _TORCH.fullmatch(written):
        return written
    try:
        value: object = ast.literal_eval(written)
    except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
        return None
    return value
