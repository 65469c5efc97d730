"""Nothing that is said repeats a secret: not the lines that are shown, not a message that quotes a value.

What counts is the name that a value stands under (hf_token, API_KEY, password …) in a mapping, an environment or a
command, and the shapes that issuers give to theirs. A value that only refers to a secret (`$HF_TOKEN`) is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache, partial
from typing import TYPE_CHECKING

from planner.rewording import reworded

if TYPE_CHECKING:
    from planner.outcome import Outcome

_WORD = (
    r"(?i)(?:token|secret|passwd|password|passphrase|authorization|(?:api|private|secret|access)[_-]?key(?:[_-]?id)?"
    r"|credentials?)(?![\w-])"
)
"""The end of a name that a secret stands under.

This and the patterns below are compiled when they are asked for: that takes two milliseconds, and few files need it.
"""
_TELLING = (
    r"(?i)((?:hf|api_org|npm|r8)_[a-z0-9]{16,}|sk-[\w-]{16,}|[rs]k_live_[a-z0-9]{16,}|nvapi-[\w-]{16,}|xox[a-z]-[\w-]{10,}"
    r"|gh[pousr]_[a-z0-9]{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|pypi-[\w-]{16,}|dop_v1_[a-f0-9]{32,}"
    r"|(?-i:A[KS]IA[A-Z0-9]{16}|AIza[\w-]{35}|ya29\.[\w-]{16,}|(?<![\w-])eyJ[\w-]{8,999}\.eyJ[\w-]{8,}\.[\w-]*)"
    r"|-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[^-]{0,9999})"
    r"|://[^\s/@:]{0,99}:([^\s/@]{1,999})@"
    r"|\bbearer[ \t]+((?=\S{0,99}\d)[\w.~+/-]{8,})"
)
"""What tells itself to be a secret: by the shape that issuers give to theirs, in a URL, behind `Bearer`."""
NAMES = ("token", "secret", "passw", "passphrase", "authorization", "key", "credential")
SHAPES = (
    "hf_", "api_org_", "npm_", "r8_", "sk-", "k_live_", "nvapi-", "xox", "ghp_", "gho_", "ghu_", "ghs_", "ghr_",
    "github_pat_", "glpat-", "pypi-", "dop_v1_", "akia", "asia", "aiza", "ya29.", "eyj", "private key-", "@", "bearer",
)  # fmt: skip
"""One of these is in every text that has such a name, such a secret."""
_NO_SECRET = ("pad_", "eos_", "bos_", "unk_", "sep_", "cls_", "mask_", "image_", "stop_")
"""What stands before `token` where a tokenizer's is meant."""
_TAGGED = r"(?:[&!]\S{1,99}[ \t]+)?"
_QUOTED = (
    r""""(?:""|"(?=\w))?((?:[^"\\\r\n]|\\.)+)(?:\"{3}|")?"""
    r"""|'(?:''|'(?=\w))?((?:[^'\r\n]|''(?!'))+)(?:'{3}|')?"""
)
"""In quotes of YAML, JSON or TOML, or in two where one is too many."""
_TWICE = r"""\\"[ \t]{0,9}:[ \t]*\\"([^"\\\r\n]+)|''[ \t]{0,9}:[ \t]*''([^'\r\n]+)"""
"""Behind a name in quotes within quotes."""
_VALUE = rf"""{_TAGGED}(?:{_QUOTED}|([^\s"'\[{{&*!|>,}}\]#][^\s"',}}\]]*))"""
_PLAIN = r"""([^\s"'\[{&*!|>,}\]#](?:[^\s,}\]]|,(?=\S)|[ \t]+(?=[^\s#,}\]]))*)"""
"""Without quotes, as YAML has it: it ends with the line, or where a comment or the next entry begins."""
_STATED = rf"""{_TWICE}|["']?[ \t]{{0,9}}(?:=[ \t]*{_VALUE}|:[ \t]*{_TAGGED}(?:{_QUOTED}|{_PLAIN}))"""
_LIST = r"""["']?[ \t]{0,9}[:=][ \t]*\[([^\[\]{}]{1,999})"""
_ITEMS = r"""["']?[ \t]{0,9}:[ \t]*(?:#[^\r\n]*)?\r?\n((?:[ \t]*-[ \t][^\r\n]*(?:\r?\n|\Z))+)"""
_ITEM = r"""(?m)^[ \t]*-[ \t]+|["',]"""
"""What is between the entries of a list."""
_NEXT = (
    rf"""["']?[ \t]{{0,9}}:[ \t]*(?:[&!]\S{{1,99}}[ \t]*)?(?:#[^\r\n]*)?(?:(?:\r\n?|\n)[ \t]*(?:#[^\r\n]*)?){{1,20}}"""
    rf"""{_TAGGED}(?:(?!["'][^"'\r\n]*["'][ \t]*:)(?:{_QUOTED})|(?!-\s|[^\r\n]*:(?:\s|\Z)){_PLAIN})"""
)
"""A value that stands on a line below its name, where no other key does."""
_HERE = (_STATED, _LIST, _ITEMS, _NEXT)
_OPTION = rf"""(?:=|["']?[\s,]{{1,99}}(?:-[ \t]{{1,9}})?){_VALUE}"""
_VARIABLE = rf"""["']?[ \t]{{0,9}},?\s{{0,99}}["']?value["']?[ \t]{{0,9}}:[ \t]*{_VALUE}"""
_VALUE_BEFORE = (
    rf"""\bvalue["']?[ \t]{{0,9}}:[ \t]*{_VALUE}["']?[ \t]*,?\s{{1,99}}["']?name["']?[ \t]*[:=][ \t]*["']?\Z"""
)
"""Of a variable whose keys are sorted the other way round, up to its name."""
_BLOCK = r"""["']?[ \t]{0,9}:[ \t]*[|>][^\r\n]{0,9}\r?\n"""
_NAMED = r"""\bname["']?[ \t]*[:=][ \t]*["']?\Z"""
_REFERENCE = r"(?i)[$<%]|\{\{|(?:true|false|null|none|~)\Z"
SHORTEST = 4
"""Characters of a value that is looked for in messages: shorter ones are part of other words."""
TOLD = 32
"""Characters by which a longer value is told."""
MOST = 1_000
"""Values that are looked for in messages."""
LONGEST = 99
"""Characters of a name, and of what stands before it, that are looked at."""


def spans(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of each secret in `text`, in order."""
    end = 0
    for word in _words(text):
        if word.start() < end:
            continue
        found = word.span(word.lastindex) if word.lastindex else _below(text, word)
        if found is not None and found[0] >= end and not re.match(_REFERENCE, text[slice(*found)].strip()):
            yield found
            end = found[1]


def _words(text: str) -> Iterable[re.Match[str]]:
    """Where a secret begins or is named, in order."""
    named, telling = _may_hold(text)
    if not telling:
        return re.finditer(_WORD, text) if named else ()
    found = [*re.finditer(_TELLING, text), *(re.finditer(_WORD, text) if named else ())]
    return sorted(found, key=lambda word: word.start())


def _may_hold(text: str) -> tuple[bool, bool]:
    """Whether `text` is worth a closer look for names of secrets, and for secrets that tell themselves.

    Outside ASCII other letters count as the same in another case.
    """
    plain = text.lower().replace("tokens", "s").replace("tokenizer", "r")
    strange = not text.isascii()
    return strange or any(hint in plain for hint in NAMES), strange or any(hint in plain for hint in SHAPES)


def _below(text: str, word: re.Match[str]) -> tuple[int, int] | None:
    """Where the value stands that the name with `word` at its end is given."""
    before = text[max(0, word.start() - LONGEST) : word.start()]
    head = before.rstrip(".-_0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
    name = before[len(head) :]
    if name.lower().endswith(_NO_SECRET):
        return None
    block = re.compile(_BLOCK).match(text, word.end())
    if block is not None:
        return _block(text, word.start(), block.end())
    ways = [*_HERE, *([_OPTION] if name.startswith("--") else []), *([_VARIABLE] if re.search(_NAMED, head) else [])]
    match = next(filter(None, (re.compile(way).match(text, word.end()) for way in ways)), None)
    if match is None and re.search(_NAMED, head):
        start = max(0, word.start() - 3 * LONGEST)
        match = re.compile(_VALUE_BEFORE).search(text, start, word.start() - len(name))
    return None if match is None or match.lastindex is None else match.span(match.lastindex)


def _block(text: str, name: int, start: int) -> tuple[int, int]:
    """The block scalar at `start`: the lines that are further in than the one that it is named in."""
    line = text[text.rfind("\n", 0, name) + 1 : name]
    depth, end = len(line) - len(line.lstrip(" ")), start
    while end < len(text):
        after = text.find("\n", end) + 1 or len(text)
        inner = text[end:after]
        if inner.strip() and len(inner) - len(inner.lstrip(" ")) <= depth:
            break
        end = after
    return start, end


@lru_cache(maxsize=4)
def values(text: str) -> tuple[str, ...]:
    """The secrets in `text` that can be told from other words, the longest first."""
    found = {line.strip() for start, end in spans(text) for line in re.sub(_ITEM, "\n", text[start:end]).splitlines()}
    return tuple(sorted((value for value in found if len(value) >= SHORTEST), key=lambda value: (-len(value), value)))


def masked(text: str, hidden: re.Pattern[str]) -> str:
    """`text` with stars for its secrets and for what is `hidden` elsewhere, each line as long as it was."""
    parts: list[str] = []
    at = 0
    for start, end in spans(text):
        parts += (text[at:start], re.sub(r"\S", "*", text[start:end]))
        at = end
    return hidden.sub(lambda match: "*" * len(match[0]), "".join((*parts, text[at:])))


def starred(text: str, *others: str) -> str:
    """`text` with stars for its secrets and for those of `others`, each line as long as it was."""
    return masked(text, _finder(value for each in {text, *others} for value in values(each)))


def _finder(secrets: Iterable[str]) -> re.Pattern[str]:
    """What finds `secrets`, the longest first."""
    ordered = sorted(set(secrets), key=lambda each: (-len(each), each))
    return re.compile("|".join(map(_pattern, ordered[:MOST])) or r"(?!)")


def _pattern(secret: str) -> str:
    """What finds `secret` in a message, in which a long one may have been cut."""
    return re.escape(secret) if len(secret) <= TOLD else re.escape(secret[:TOLD]) + r"[^\s`]*"


def discreet(outcome: Outcome) -> Outcome:
    """`outcome` without the secrets of the files that it speaks of."""
    source = outcome.source
    if source is None:
        return outcome
    texts = {source.file: source.text}
    others = {each.file for finding in outcome.findings for each in finding.related} | set(outcome.parts)
    texts.update((file, _text(file)) for file in others - texts.keys())
    if not any(any(_words(text)) for text in texts.values()):
        return outcome
    hidden = _finder(value for text in texts.values() for value in values(text))
    return reworded(outcome, partial(hidden.sub, "***"))._replace(
        source=source._replace(text=masked(source.text, hidden))
    )


def _text(file: str) -> str:
    from planner.source import read

    return read(file).text
