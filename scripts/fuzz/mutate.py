"""Damage to configs: to their characters, their lines and words, and the tree that they spell."""

from __future__ import annotations

import copy
import json
import math
import random
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import yaml
from judge import SECRET
from seeds import Seed

from planner.source import read

HOSTILE_VALUES: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 2, 3, 7, 10**30, -(10**30), 2**63, 2**31 - 1, 0.0, -0.0, 0.5, 1e-300, 1e300, -1.5,
    math.nan, math.inf, -math.inf, "", " ", "0", "-1", "1e400", "nan", ".inf", "9" * 50, "8", "7B", "1e30B", "80GiB",
    "-1GB", "auto", "none", "all", "x" * 5000, "${a}", "${..x}", "${oc.env:X,3}", "${multiply:${a},2}", "???",
    "{{ x }}", "$VAR", "::error::x", "##[error]x", "\x1b[31m", "a\nb", "\r::x", "\u202e", "é模🤖", "../../etc/passwd",
    "/dev/zero", "/etc/passwd", "/", ".", "..", "a.yaml", "model.json", "H100-80GB:8", "int4", "fp8", "awq", [], {},
    [[]], [None], [1, "a", {}], {"": None}, {"a": [1]}, ["--model"], ["a", "--b", "c"], "--model x --max-model-len",
    "vllm serve x --tensor-parallel-size 0 -", "'", '"unclosed', "a" * 200 + " " * 200, "http://[", "//", "\\", "%s",
    "1/0", "1,000", "1_0", "0x10", "1e5", "10ba", "1ep", "5%", "1:30", "2001-99-99", "e", ".", "-", "~", "\0", "\ud800",
)  # fmt: skip
TOKENS = (
    b"\0", b"\xff", b"\xef\xbb\xbf", b"\xc2\x85", b"\xe2\x80\xa8", b"\r", b"\r\n", b"\t", b"---\n", b"...\n", b"- ",
    b": ", b"? ", b"&a ", b"*a", b"<<: *a\n", b"!!int ", b"!!python/object:x ", b"|-\n", b">+\n", b"[", b"]", b"{",
    b"}",     b"'", b'"', b"#", b" # planner: ignore",
    b"# planner: ignore-file\n", b"# planner: hardware=H100:8\n", b"%TAG ! x\n",
    b"# planner: ignore[", b"# yaml-language-server: $schema=config\n", b"\x1b[31m", b"::error::", b"##[", b"${", b"{{",
    b"9" * 30, b"-1", b"1e400", b".nan", b"null", b"\xe2\x80\xae", b"\xed\xa0\x80", b"\x7f", b"  ", b"\n\n",
)  # fmt: skip


class Mutator:
    """Makes inputs out of `seeds`, the same ones for the same `number`."""

    def __init__(self, seeds: Sequence[Seed], number: int) -> None:
        self._seeds = seeds
        self._trees: dict[int, list[Any]] = {}
        self._words = sorted({word for seed in seeds for word in re.findall(r"[\w./-]{2,40}", seed.text)})
        self._ways: tuple[Callable[[random.Random], tuple[str, bytes]], ...] = (self._bytes, self._lines, self._values)
        self._number = number

    def input(self, index: int) -> tuple[str, bytes]:
        """The end of a name and the content of the input at `index`."""
        rng = random.Random(f"{self._number}/{index}")
        way = rng.choices(self._ways, (2, 3, 8))[0]
        name, data = way(rng)
        if rng.random() < 0.02:
            name = rng.choice(
                ("a.yaml", "a.json", "a.toml", "Modelfile", "config.json", "::a\n##[.yaml", "a\udcff.yml")
            )
        return name, data

    def _seed(self, rng: random.Random) -> Seed:
        return rng.choice(self._seeds)

    def _bytes(self, rng: random.Random) -> tuple[str, bytes]:
        seed = self._seed(rng)
        data = bytearray(_encoded(seed.text))
        for _ in range(rng.randint(1, 6)):
            at = rng.randint(0, len(data))
            end = at + rng.choice((0, 0, 1, 3, 20))
            data[at:end] = rng.choice(
                (rng.choice(TOKENS), rng.randbytes(rng.randint(0, 3)), b"", bytes(data[end : end + 9]))
            )
        if rng.random() < 0.1:
            del data[rng.randint(0, len(data)) :]
        codec = rng.choice(("utf-16", "utf-32-be", "latin-1")) if rng.random() < 0.03 else None
        return seed.name, seed.text.encode(codec, "replace") if codec else bytes(data)

    def _lines(self, rng: random.Random) -> tuple[str, bytes]:
        seed = self._seed(rng)
        lines = seed.text.split("\n")
        for _ in range(rng.randint(1, 5)):
            at = rng.randrange(len(lines))
            lines[at : at + 1] = self._line(rng, lines, at) or [""]
        text = "\n".join(lines)
        if rng.random() < 0.1:
            other = self._seed(rng).text
            text = rng.choice((f"{text}\n---\n{other}", f"{other}\n{text}", text.replace("\n", "\r\n")))
        return seed.name, _encoded(text)

    def _line(self, rng: random.Random, lines: list[str], at: int) -> list[str]:
        line = lines[at]
        words = re.findall(r"[\w./-]+", line)
        match rng.randrange(9):
            case 0:
                return []
            case 1:
                return [line, line]
            case 2:
                return [line, rng.choice(lines)]
            case 3:
                return [" " * rng.randint(0, 6) + line.lstrip()]
            case 4:
                return [line.partition(":")[0] + ": " + _spelled(rng.choice(HOSTILE_VALUES))]
            case 5 if words:
                return [line.replace(rng.choice(words), rng.choice(self._words))]
            case 6 if words:
                return [line.replace(rng.choice(words), str(rng.choice(HOSTILE_VALUES)))]
            case 7:
                return [line, rng.choice(self._seed(rng).text.split("\n"))]
            case _:
                return [
                    re.sub(r"\d+", lambda _: str(rng.choice((0, -1, 1, 3, 10**30, 8192, 1e-9, "7B"))), line, count=1)
                ]

    def _values(self, rng: random.Random) -> tuple[str, bytes]:
        seed = self._seed(rng)
        trees = copy.deepcopy(self._of(seed))
        if not trees:
            return self._lines(rng)
        for _ in range(rng.choice((1, 1, 1, 2, 4))):
            self._bend(rng, trees)
        if rng.random() < 0.05:
            self._confide(rng, trees)
        if rng.random() < 0.05:
            trees += copy.deepcopy(self._of(self._seed(rng)))
        return _written(rng, seed.name, trees)

    def _bend(self, rng: random.Random, trees: list[Any]) -> None:
        """Change one member of one mapping or sequence."""
        places = [(holder, key) for tree in trees for holder, key in _members(tree)]
        if not places:
            return
        holder, key = rng.choice(places)
        match rng.randrange(9):
            case 0:
                del holder[key]
            case 1 | 2 | 3 | 4:
                holder[key] = copy.deepcopy(rng.choice(HOSTILE_VALUES))
            case 5:
                holder[key] = rng.choice(self._words)
            case 6:
                other = self._of(self._seed(rng))
                inner = [each[name] for tree in other for each, name in _members(tree)]
                holder[key] = copy.deepcopy(rng.choice(inner)) if inner else None
            case 7:
                other, name = rng.choice(places)
                if not (
                    isinstance(holder[key], (dict, list)) and isinstance(other, (dict, list)) and rng.random() < 0.9
                ):
                    holder[key] = other[name]
            case _:
                holder[key] = rng.choice((str, lambda v: [v], lambda v: {"value": v}, lambda v: [v, v]))(holder[key])

    def _confide(self, rng: random.Random, trees: list[Any]) -> None:
        """Put a secret somewhere."""
        holders = [holder for tree in trees for holder, _ in _members(tree) if isinstance(holder, dict)]
        if holders:
            rng.choice(holders)[rng.choice(("hf_token", "HF_TOKEN", "api-key", "password"))] = SECRET

    def _of(self, seed: Seed) -> list[Any]:
        """The trees that `seed` spells."""
        if id(seed) not in self._trees:
            source = read(seed.name, _encoded(seed.text))
            self._trees[id(seed)] = [document.data for document in source.documents]
        return self._trees[id(seed)]


def _members(tree: Any) -> Iterator[tuple[Any, Any]]:
    waiting, met = [tree], set[int]()
    while waiting:
        holder = waiting.pop()
        if id(holder) in met or not isinstance(holder, (dict, list)):
            continue
        met.add(id(holder))
        for key in holder if isinstance(holder, dict) else range(len(holder)):
            yield holder, key
            waiting.append(holder[key])


def _written(rng: random.Random, name: str, trees: list[Any]) -> tuple[str, bytes]:
    if name == "Modelfile" or (len(trees) == 1 and isinstance(trees[0], str)):
        return name, _encoded(str(trees[0]))
    try:
        if len(trees) == 1 and rng.random() < 0.7:
            return rng.choice(("a.json", "a.yaml")), json.dumps(trees[0], indent=rng.choice((None, 2))).encode()
        dumper = yaml.CSafeDumper if rng.random() < 0.9 else yaml.SafeDumper
        return "a.yaml", _encoded(
            yaml.dump_all(trees, Dumper=dumper, default_flow_style=rng.choice((None, False, True)))
        )
    except (ValueError, TypeError, UnicodeError, RecursionError, yaml.YAMLError):
        return name, _encoded("\n---\n".join(map(str, trees)))


def _spelled(value: Any) -> str:
    return json.dumps(value) if not isinstance(value, float) else str(value)


def _encoded(text: str) -> bytes:
    try:
        return text.encode("utf-8", "surrogateescape")  # bytes that are no UTF-8 as they were
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")
