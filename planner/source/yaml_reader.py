"""YAML: from the parser's events to a tree. `yaml.load` and `yaml.compose` recurse and construct; never used here."""

from __future__ import annotations

import re
from typing import Any

from planner.source.limits import MAX_BROKEN, MAX_TAG_DIRECTIVES
from planner.source.tree import StopReading, Tree

_NEXT = r"(?m:^)---(?!\S)"
_TAG_DIRECTIVE = r"(?:\A|[\n\r\x85\u2028\u2029])%TAG"
"""Compiled where they are asked for: few files need them."""
_FORBIDDEN = "[^\t\n\r -~\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
"""Characters that YAML does not allow in a file (c-printable). Compiling takes 6 ms; few files need it."""


def parse(tree: Tree) -> Tree:
    """All documents of the tree's text. A broken one is told and left out; reading goes on after the next `---`."""
    from yaml.reader import ReaderError

    text = tree.text
    if text.count("%TAG") > MAX_TAG_DIRECTIVES and len(re.findall(_TAG_DIRECTIVE, text)) > MAX_TAG_DIRECTIVES:
        tree.problems.add(
            "CFG003",
            f"more than {MAX_TAG_DIRECTIVES} %TAG lines; the file is not read",
            0,
            1,
            "exclude the file",
            fatal=True,
        )
        return tree
    try:
        _parse_all(tree, text)
    except ReaderError:
        tree = Tree(tree.file, text)
        _tell_forbidden(tree)
        _parse_all(tree, re.sub(_FORBIDDEN, "\ufffd", text))
    return tree


def _parse_all(tree: Tree, text: str) -> None:
    """Read `text` into the tree, after each broken document from the next `---` on."""
    start = 0
    for _ in range(MAX_BROKEN):
        broken = _parse_from(tree, text, start)
        following = None if broken is None else re.compile(_NEXT).search(text, max(broken, start + 1))
        if following is None:
            return
        start = following.start()
    message = f"more than {MAX_BROKEN} broken documents; the rest is not read"
    tree.problems.add("CFG003", message, start, start + 3, "exclude the file", fatal=True)


def _tell_forbidden(tree: Tree) -> None:
    """Tell the first character that YAML does not allow."""
    text = tree.text
    first = re.search(_FORBIDDEN, text)
    if first is None:
        return
    code = ord(first[0])
    name = "a NUL character" if code == 0 else f"the control character U+{code:04X}"
    sixteen = code == 0 and text.count("\0") > len(text) // 3
    cure = "the file looks like UTF-16 without a byte order mark: save it as UTF-8" if sixteen else "remove it"
    tree.problems.add("CFG001", f"not valid YAML: {name} is not allowed", first.start(), first.end(), cure, fatal=True)


def _parse_from(tree: Tree, text: str, offset: int) -> int | None:
    """Read documents from `offset` on. Returns where it broke, None at the end or at a limit of the file."""
    from yaml import YAMLError
    from yaml.reader import ReaderError

    before = tree.index
    try:
        # Line breaks instead of what was read already: the parser's marks stay offsets in the whole text.
        _events(tree, _parser("\n" * offset + text[offset:] if offset else text))
    except StopReading as stop:
        return stop.offset
    except (YAMLError, ValueError, OverflowError) as error:
        if isinstance(error, ReaderError) and text is tree.text:
            raise
        from planner.source.syntax import explain

        if tree.index == before:
            tree.begin_document(offset)
        problem = explain(error, text)
        if "maximum nesting depth" in problem.message:  # libyaml's own limit, met while it looks ahead
            tree.problems.too_deep(problem.start)
            return problem.at
        tree.problems.add(
            "CFG001", problem.message, problem.start, problem.end, problem.cure, fatal=True, related=problem.related
        )
        return problem.at
    return None


def _parser(text: str) -> Any:
    try:
        from yaml._yaml import CParser
    except ImportError:
        from yaml import SafeLoader

        return SafeLoader(text)
    return CParser(text)


def _events(tree: Tree, parser: Any) -> None:
    """Hand what the parser meets to the tree."""
    from yaml import events

    scalar, alias = events.ScalarEvent, events.AliasEvent
    mapping, sequence = events.MappingStartEvent, events.SequenceStartEvent
    ends = (events.MappingEndEvent, events.SequenceEndEvent)
    document, document_end, stream_end = events.DocumentStartEvent, events.DocumentEndEvent, events.StreamEndEvent
    next_event, add = parser.get_event, tree.scalar
    while True:
        event = next_event()
        kind = event.__class__
        if kind is scalar:
            add(event.value, event.start_mark.index, event.end_mark.index, event.style, event.anchor, event.tag)
        elif kind is mapping or kind is sequence:
            tree.open(kind is mapping, event.start_mark.index, event.flow_style, event.anchor, event.tag)
        elif kind in ends:
            tree.close(event.end_mark.index)
        elif kind is alias:
            tree.alias(event.anchor, event.start_mark.index, event.end_mark.index)
        elif kind is document:
            tree.begin_document(event.start_mark.index)
        elif kind is document_end:
            tree.end_document()
        elif kind is stream_end:
            return
