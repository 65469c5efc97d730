"""Many reasons why things were not checked, told by kind: most first, each with how often and an example or two."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from planner.report import escape
from planner.units import plural

if TYPE_CHECKING:
    from planner.outcome import Unchecked
    from planner.report.style import Style

KINDS = 12
"""Kinds of reasons that are told."""
EXAMPLES = 2
_OWN = re.compile(r"""`[^`]*`|"[^"]*"|(?<![^\s`"])(?:\S*[/\\$\d_{]\S*|\S+\.\S+)""")
"""What a reason names of one config: a model, a variable, a number."""


def told(items: Iterable[Unchecked], style: Style) -> Iterator[str]:
    """What was not checked, by kind of reason."""
    groups: dict[tuple[str, str], list[Unchecked]] = {}
    for item in items:
        groups.setdefault((item.what, _kind(item.because)), []).append(item)
    ranked = sorted(groups.items(), key=lambda entry: -len(entry[1]))
    for (what, kind), places in ranked[:KINDS]:
        yield from _group(what, kind, places, style)
    rest = [len(places) for _, places in ranked[KINDS:]]
    if rest:
        yield f"and {plural(sum(rest), 'place')} for {plural(len(rest), 'other reason')}"
    yield style.paint("dim", "`--format json` lists every place with its reason")


def _group(what: str, kind: str, places: Sequence[Unchecked], style: Style) -> Iterator[str]:
    alike = len({item.because for item in places}) == 1
    because = escape.lines(places[0].because)[0] if alike else kind
    title = style.paint("strong", f"{escape.text(what)} not checked")
    files = plural(len({item.file for item in places}), "file")
    yield f"{title}: {because} ({plural(len(places), 'place')} in {files})"
    shown = list({item.file: item for item in places}.values())[:EXAMPLES]
    for item in shown:
        yield f"  {escape.name(item.file)}:{item.line}{'' if alike else f': {escape.lines(item.because)[0]}'}"
    if len(places) > len(shown):
        yield f"  and {len(places) - len(shown):,} more"
    mends = {_kind(item.mend) for item in places}
    if len(mends) == 1 and places[0].mend:
        yield f"  {style.paint('dim', '= help:')} {escape.lines(places[0].mend)[0]}"


def _kind(because: str) -> str:
    """A reason without what it names."""
    return re.sub(r"…(?:[,\s]+(?:and\s+)?…)+", "…", _OWN.sub("…", escape.lines(because)[0]))
