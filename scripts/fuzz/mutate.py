"""Damage to configs: to their bytes, their lines and words, and the tree that they spell."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import Any

import trees
import yaml
from seeds import Seed
from vocabulary import FILES, NUMBERS, SECRET, TOKENS, VALUES

from planner.source import read

COMMON_SIZE = 400
"""Characters: seeds that are much longer are taken less often."""


class Mutator:
    """Makes inputs out of `seeds`, the same ones for the same `number`."""

    def __init__(self, seeds: Sequence[Seed], number: int) -> None:
        self._seeds = list(seeds)
        self._number = number
        self._trees: dict[int, list[Any]] = {}
        self._weights = list(accumulate(COMMON_SIZE / (COMMON_SIZE + len(seed.text)) for seed in seeds))
        words = {word for seed in seeds for word in re.findall(r"[\w./-]{2,40}", seed.text) if SECRET not in word}
        self._words = sorted(words)
        self._ways: tuple[Callable[[random.Random, Seed], tuple[str, bytes]], ...] = (
            self._bytes,
            self._lines,
            self._values,
        )

    def random(self, index: int) -> random.Random:
        """Where chance comes from for the input at `index`."""
        return random.Random(f"{self._number}/{index}")

    def config(self, rng: random.Random) -> tuple[str, bytes]:
        """The end of a name, and the content of a config."""
        name, data = self.damaged(rng, self.seed(rng))
        return (rng.choice(FILES) if rng.random() < 0.06 else name), data

    def damaged(self, rng: random.Random, seed: Seed) -> tuple[str, bytes]:
        """Name and content of what becomes of `seed`."""
        return rng.choices(self._ways, (3, 4, 8))[0](rng, seed)

    def learn(self, name: str, data: bytes) -> None:
        """Start from this input as well, as often as from three small ones."""
        self._seeds.append(Seed(name, data.decode("utf-8", "surrogateescape")))
        self._weights.append(self._weights[-1] + 3)

    def seed(self, rng: random.Random) -> Seed:
        """Any of the seeds."""
        return rng.choices(self._seeds, cum_weights=self._weights)[0]

    def _bytes(self, rng: random.Random, seed: Seed) -> tuple[str, bytes]:
        data = bytearray(encoded(seed.text))
        for _ in range(rng.choice((1, 1, 2, 3, 6))):
            damage(rng, data)
        if rng.random() < 0.08:
            other = encoded(self.seed(rng).text)
            data[rng.randint(0, len(data)) :] = other[rng.randint(0, len(other)) :]
        if rng.random() < 0.05:
            del data[rng.randint(0, len(data)) :]
        codec = (
            rng.choice(("utf-16", "utf-16-be", "utf-32-be", "latin-1", "utf-8-sig")) if rng.random() < 0.02 else None
        )
        return seed.name, bytes(data).decode("utf-8", "replace").encode(codec, "replace") if codec else bytes(data)

    def _lines(self, rng: random.Random, seed: Seed) -> tuple[str, bytes]:
        lines = seed.text.split("\n")
        for _ in range(rng.choice((1, 1, 2, 3, 5))):
            self._bend_lines(rng, lines)
        text = "\n".join(lines)
        if rng.random() < 0.08:
            other = self.seed(rng).text
            text = rng.choice((f"{text}\n---\n{other}", f"{other}\n{text}", text.replace("\n", "\r\n")))
        return seed.name, encoded(text)

    def _bend_lines(self, rng: random.Random, lines: list[str]) -> None:
        """Change a line, or a few."""
        at = rng.randrange(len(lines) or 1)
        end = min(at + rng.choice((1, 1, 1, 2, 4, 9)), len(lines))
        some = lines[at:end] or [""]
        words = re.findall(r"[\w./-]+", some[0])
        match rng.randrange(13):
            case 0:
                some = []
            case 1:
                some *= 2
            case 2:
                to = rng.randint(0, len(lines))
                lines[to:to] = some
                return
            case 3:
                by = rng.choice((1, 2, 4))
                some = (
                    [" " * by + line for line in some]
                    if rng.random() < 0.5
                    else [_outdented(line, by) for line in some]
                )
            case 4:
                some[0] = some[0].partition(":")[0] + ": " + spelled(rng.choice(VALUES))
            case 5 if words:
                some[0] = some[0].replace(rng.choice(words), rng.choice(self._words))
            case 6 if words:
                some[0] = some[0].replace(rng.choice(words), str(rng.choice(NUMBERS)))
            case 7:
                some += [rng.choice(self.seed(rng).text.split("\n"))]
            case 8:
                some[0] = _requoted(rng, some[0])
            case 9:
                some[0] = re.sub(
                    r"^(\s*(?:- )?[\w-]+:)", rng.choice((r"\1 &a", r"\1 *a", r"\1 !!str", r"<<: *a", r"? \1")), some[0]
                )
            case 10:
                some[0] = (
                    f"{some[0]}{rng.choice(('  # planner: ignore', '  # planner: ignore[FIT] x', ' # x', ' |', ' >-'))}"
                )
            case 11:
                some.insert(
                    0, rng.choice(("# planner: ignore[CFG]", "# x", "", "---", "# planner: hardware=L4", "...", "\t"))
                )
            case _:
                some[0] = re.sub(r"\d+", lambda _: str(rng.choice(NUMBERS)), some[0], count=1)
        lines[at:end] = some

    def _values(self, rng: random.Random, seed: Seed) -> tuple[str, bytes]:
        found = trees.copied(self._of(seed))
        if not found:
            return self._lines(rng, seed)
        for _ in range(rng.choice((1, 1, 1, 2, 4))):
            trees.bend(rng, found, lambda: self._of(self.seed(rng)), self._words)
        if rng.random() < 0.05:
            trees.confide(rng, found)
        if rng.random() < 0.03:
            found += trees.copied(self._of(self.seed(rng)))
        return written(rng, seed.name, found)

    def _of(self, seed: Seed) -> list[Any]:
        """The trees that `seed` spells."""
        if id(seed) not in self._trees:
            source = read(seed.name, encoded(seed.text))
            self._trees[id(seed)] = [document.data for document in source.documents]
        return self._trees[id(seed)]


def damage(rng: random.Random, data: bytearray) -> None:
    """Change some bytes next to each other."""
    at = rng.randint(0, len(data))
    match rng.randrange(6):
        case 0 if at < len(data):
            data[at] ^= 1 << rng.randrange(8)
        case 1:
            data[at:at] = rng.choice(TOKENS)
        case 2:
            data[at : at + rng.choice((1, 3, 20))] = rng.choice(TOKENS)
        case 3:
            del data[at : at + rng.choice((1, 1, 3, 20, 200))]
        case 4:
            data[at:at] = data[at : at + rng.choice((1, 9, 60))]
        case _:
            data[at : at + rng.randrange(4)] = rng.randbytes(rng.randrange(4))


def written(rng: random.Random, name: str, found: list[Any]) -> tuple[str, bytes]:
    """`found` as a file, in one of the ways in which it can be written."""
    if name == "Modelfile" or (len(found) == 1 and isinstance(found[0], str)):
        return name, encoded(str(found[0]))
    try:
        if len(found) == 1 and rng.random() < 0.4:
            return rng.choice(("a.json", "a.yaml")), json.dumps(found[0], indent=rng.choice((None, None, 2))).encode()
        if rng.random() < 0.95:
            return "a.yaml", encoded("\n---\n".join("\n".join(trees.block(each)) for each in found))
        style = rng.choice((None, False, True))
        return "a.yaml", encoded(yaml.dump_all(found, Dumper=yaml.CSafeDumper, default_flow_style=style))
    except (ValueError, TypeError, UnicodeError, RecursionError, yaml.YAMLError):
        return name, encoded("\n---\n".join(map(str, found)))


def spelled(value: Any) -> str:
    """A value in a line."""
    return json.dumps(value) if not isinstance(value, float) else str(value)


def encoded(text: str) -> bytes:
    """`text` in UTF-8; bytes that were none as they were."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def _outdented(line: str, by: int) -> str:
    return line[min(by, len(line) - len(line.lstrip())) :]


def _requoted(rng: random.Random, line: str) -> str:
    """A line with other quotes around its value, or none."""
    key, colon, value = line.partition(": ")
    mark = rng.choice(("'", '"', "", "'''", '"'))
    return f"{key}{colon}{mark}{value.strip(chr(34) + chr(39))}{mark}"
