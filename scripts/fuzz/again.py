"""Further looks at a config: what mends it, what an editor is told, and the same spelled in another way."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import judge
import trees
from judge import must

from planner import disk, pipeline
from planner.fix.run import Fixed, fixed
from planner.source import read

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import check_fixes


def mended(name: str, data: bytes) -> None:
    """What is mended stays so, can be read, and differs in nothing else."""
    for unsafe in (False, True):
        done = _mended(name, data, unsafe)
        for file, new in done.after.items():
            wrong = next(check_fixes.wrong(done.before[file], new), None)
            must(wrong is None or unsafe, f"mending: {wrong}")
            again = _mended(file, new, unsafe)
            must(not again.after, f"mending twice: {new!r} becomes {again.after.get(file)!r}")


def _mended(name: str, data: bytes, unsafe: bool) -> Fixed:
    def lint() -> pipeline.Report:
        return judge.linted(name, disk.pending.get(name, data))

    return fixed(lint, lambda file: file == name, unsafe, {name: data})


def edited(name: str, data: bytes, report: pipeline.Report) -> None:
    """An editor gets places, a hover and actions wherever the cursor is."""
    from lsprotocol import types

    from planner.server.serving import Desk

    text = report.sources[name].text if name in report.sources else data.decode("utf-8", "replace")
    told: list[Any] = []
    document = SimpleNamespace(source=text, path=name)
    workspace = SimpleNamespace(get_text_document=lambda _: document, text_documents={name: document})
    server: Any = SimpleNamespace(
        workspace=workspace,
        text_document_publish_diagnostics=told.append,
        window_show_message=told.append,
        server_capabilities=SimpleNamespace(position_encoding=None),
    )
    desk, identifier = Desk(server, pipeline.Options()), types.TextDocumentIdentifier(name)
    desk.saved(types.DidSaveTextDocumentParams(identifier))
    must(len(told) == 1, "an editor is told nothing")
    end = len(text.splitlines()) + 3
    for line in {0, end // 2, *(each.range.start.line for each in told[0].diagnostics[:2])}:
        at = types.Position(line, 10**6)
        desk.hover(types.HoverParams(identifier, at))
        desk.actions(types.CodeActionParams(identifier, types.Range(at, at), types.CodeActionContext([])))


def respelled(name: str, data: bytes, report: pipeline.Report) -> None:
    """The order of keys, comments, block or flow style and what is not a config's make no difference."""
    documents = read(name, data).documents
    if (
        len(documents) != 1
        or not isinstance(documents[0].data, dict)
        or report.unreadable
        or b"planner:" in data
        or b"$schema" in data
    ):
        return
    tree = trees.copied(documents[0].data)
    if _is_odd(tree):
        return
    plain = json.dumps(tree, ensure_ascii=False)
    expected = _said(name, plain)
    for way, spell in SPELLINGS.items():
        said = _said(name, spell(tree))
        must(said == expected, f"{way}: another report: {sorted(set(expected) ^ set(said))} of {plain}")


def _is_odd(tree: Any) -> bool:
    """Whether JSON would spell it in another way."""
    members = [(holder, key, holder[key]) for holder, key in trees.places([tree])]
    return any(
        (isinstance(holder, dict) and not (isinstance(key, str) and len(key) < LONG and key.isprintable()))
        or (isinstance(value, float) and re.search("[einf]", repr(value)) is not None)
        or (isinstance(value, str) and not value.isprintable())
        for holder, key, value in members
    )


def _quoted(value: Any) -> str:
    """A scalar, in single quotes if it is a text."""
    return "'" + value.replace("'", "''") + "'" if isinstance(value, str) else json.dumps(value)


LONG = 1000
"""Characters of a key that YAML no longer takes without a question mark."""
LAST = "PAR012"
"""A rule whose findings stand at the last of those that they are about."""
SPELLINGS: dict[str, Callable[[Any], str]] = {
    "block": lambda tree: "\n".join(trees.block(tree)),
    "single quotes": lambda tree: "\n".join(trees.block(tree, scalar=_quoted)),
    "backwards": lambda tree: json.dumps(_backwards(tree), ensure_ascii=False),
    "comments": lambda tree: "# a\n" + "\n# b: c\n\n".join(trees.block(tree)) + "\n# d",
}


def _backwards(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _backwards(value[key]) for key in reversed(value)}
    return list(map(_backwards, value)) if isinstance(value, list) else value


def _said(name: str, text: str) -> list[tuple[str, ...]]:
    """Everything but places."""
    report = judge.linted("a.yaml", text.encode("utf-8", "surrogatepass"))
    findings = [
        (each.rule, each.level, each.field, each.message, each.help) for each in report.findings if each.rule != LAST
    ]
    return sorted([*findings, *((each.what, each.because, each.mend) for each in report.not_checked)])
