"""JSON: from its tokens to a tree. Strict, but for NaN and Infinity as Python writes them."""

from __future__ import annotations

import re

from planner.source.problems import short
from planner.source.tree import StopReading, Tree

_TOKEN = re.compile(
    r"""[ \t\r\n]*(?:(?P<mark>[{}\[\]:,])|(?P<word>[^\s{}\[\]:,"]+)"""
    r"""|"(?P<text>[^"\\\x00-\x1f]*(?:\\.[^"\\\x00-\x1f]*)*)")"""
)
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_WORDS = {"true": "true", "false": "false", "null": "null", "NaN": ".nan", "Infinity": ".inf", "-Infinity": "-.inf"}
"""As YAML writes them."""
_SPACE = re.compile(r"[ \t\r\n]*")
_VALUE, _FIRST_ITEM, _FIRST_KEY, _KEY, _COLON, _NEXT, _END = range(7)
_CLOSED = {"{}": (_FIRST_KEY, _NEXT), "[]": (_FIRST_ITEM, _NEXT)}
"""When a pair of brackets may close."""
_EXPECTED = {
    _VALUE: ("a value", "write the value, or remove the comma before it"),
    _FIRST_ITEM: ("a value or `]`", "close the list with `]`"),
    _FIRST_KEY: ("a key in double quotes or `}`", "put the key in double quotes, or close the mapping with `}`"),
    _KEY: ("a key in double quotes", "put the key in double quotes, or remove the comma before it"),
    _COLON: ("`:`", "put a colon after the key"),
    _NEXT: ("`,` or the closing bracket", "put a comma between the two, or close the bracket"),
    _END: ("the end of the file", "keep one value to a file"),
}
"""What may come next, for people, and the cure where it does not."""


class JsonError(ValueError):
    """The text is no JSON; `start` and `end` are where. What has comments in JavaScript's style is no YAML either."""

    def __init__(self, message: str, cure: str, start: int, end: int, comment: bool = False) -> None:
        super().__init__(message)
        self.comment = comment
        self.cure = cure
        self.start = start
        self.end = end


def parse(tree: Tree) -> None:
    """Read the one value of the tree's text into it. Raises `JsonError`."""
    tree.begin_document(0)
    try:
        _Parser(tree).run()
    except StopReading:
        return
    tree.end_document()


class _Parser:
    """The grammar as a state (what may come next) and a stack of open brackets."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.state = _VALUE
        self.open: list[str] = []

    def run(self) -> None:
        text, at = self.tree.text, 0
        while True:
            token = _TOKEN.match(text, at)
            if token is None:
                break
            at = token.end()
            kind = token.lastgroup
            if kind == "mark":
                self._mark(token[kind], at - 1)
            elif kind == "text":
                self._string(token["text"], token.start("text") - 1, at)
            else:
                self._word(token["word"], token.start("word"), at)
        at = _SPACE.match(text, at).end()  # type: ignore[union-attr]
        if at < len(text) or self.state != _END:
            self._fail(at, min(at + 1, len(text)))

    def _mark(self, mark: str, at: int) -> None:
        state = self.state
        if mark in "{[" and state in (_VALUE, _FIRST_ITEM):
            self.tree.open(mark == "{", at, True)
            self.open.append(mark)
            self.state = _FIRST_KEY if mark == "{" else _FIRST_ITEM
        elif mark in "}]" and state in _CLOSED.get(self.open[-1] + mark if self.open else "", ()):
            self._close(at)
        elif mark == ":" and state == _COLON:
            self.state = _VALUE
        elif mark == "," and state == _NEXT:
            self.state = _KEY if self.open[-1] == "{" else _VALUE
        else:
            self._fail(at, at + 1)

    def _close(self, at: int) -> None:
        self.open.pop()
        self.tree.close(at + 1)
        self._value_done()

    def _value_done(self) -> None:
        self.state = _NEXT if self.open else _END

    def _string(self, text: str, start: int, end: int) -> None:
        key = self.state in (_KEY, _FIRST_KEY)
        if not key and self.state not in (_VALUE, _FIRST_ITEM):
            self._fail(start, end)
        self.tree.scalar(_unescape(self, text, start, end) if "\\" in text else text, start, end, '"', None, None)
        if key:
            self.state = _COLON
        else:
            self._value_done()

    def _word(self, word: str, start: int, end: int) -> None:
        if self.state not in (_VALUE, _FIRST_ITEM) or (word not in _WORDS and not _NUMBER.fullmatch(word)):
            self._fail(start, end)
        if word not in _WORDS and "." not in word:
            word = word.replace("e", ".0e").replace("E", ".0E")
        self.tree.scalar(_WORDS.get(word, word), start, end, None, None, None)
        self._value_done()

    def _fail(self, start: int, end: int) -> None:
        text = self.tree.text
        expected, cure = _EXPECTED[self.state]
        if text.startswith(("//", "/*"), start):
            cure = "remove it, or name the file .yaml and begin it with #"
            raise JsonError("not valid JSON: JSON has no comments", cure, start, end, comment=True)
        if start >= len(text):
            start = max(len(text.rstrip()) - 1, 0)
            raise JsonError(f"not valid JSON: the file ends where {expected} should be", cure, start, start + 1)
        raise JsonError(
            f"not valid JSON: `{short(text[start:end])}` stands where {expected} should be", cure, start, end
        )


def _unescape(parser: _Parser, text: str, start: int, end: int) -> str:
    """A string's escapes resolved; half a surrogate pair is no character."""
    import json

    try:
        value: str = json.loads(f'"{text}"')
    except ValueError:
        raise JsonError("not valid JSON: a backslash that escapes nothing", "write it twice", start, end) from None
    return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
