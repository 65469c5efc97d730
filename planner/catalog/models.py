"""Models: public checkpoints by name, with the hyper-parameters of their config.json; and what a name plainly says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from planner.catalog import model_names as names
from planner.catalog.model_row import ModelRow, add_files, all_rows, called, edition, own
from planner.spelling import alike_in_length, nearest

__all__ = ["ModelRow", "add_files", "all", "close", "find", "search"]

COMMON = (
    "meta-llama/Llama-3.1-8B-Instruct", "meta-llama/Llama-3.3-70B-Instruct", "Qwen/Qwen3-8B", "Qwen/Qwen3-32B",
    "Qwen/Qwen3-30B-A3B", "google/gemma-3-12b-it", "google/gemma-3-27b-it", "mistralai/Mistral-7B-Instruct-v0.3",
    "openai/gpt-oss-20b", "openai/gpt-oss-120b", "deepseek-ai/DeepSeek-R1",
)  # fmt: skip
"""What people serve, from small to large within a family."""

CLOSE, ALIKE = 0.8, 0.5
"""Share of letters that a did-you-mean has in common with the name, and of pairs of letters at least."""


LONGEST = 200
"""Characters of a name that may be one of a model."""


def find(name: str) -> ModelRow | None:
    """The row that `name` means, or None: no guesses.

    In order: a tag of Ollama's library; the name as it stands, in any case; a checkpoint of equal shape; an alias; the
    part behind the organisation where it is unique; a quantized re-upload or a fine-tune that says its base plainly.
    What was assumed is in `note`.
    """
    return _found(names.plain(name), edition())


@lru_cache(maxsize=256)
def _found(name: str, _edition: int) -> ModelRow | None:
    """`find` as long as the user's catalogues are the same."""
    if not 2 < len(name) <= LONGEST:
        return None
    found = _tagged(name) or _known(name) or _stored_otherwise(name) or _tuned(name)
    if found is None:
        return None
    row, said = found
    return row._replace(note="; ".join(filter(None, (said, row.note))))


Found = tuple[ModelRow, str]
"""A row and how the name led to it."""


def _known(name: str) -> Found | None:
    """By name, without taking it apart."""
    wanted, behind = name.lower(), names.normal(names.last(name))
    for row in called("id", wanted):
        return row, ""
    for row in called("same", wanted):
        return row._replace(id=name, base=row.id, same=(), aliases=()), f"the shape of {row.id}"
    for alias in (wanted, behind) if "/" not in name else ():
        for row in called("aliases", alias):
            return row, f"read as {row.id}"
    found = _one(called("names", behind)) or _respelled(behind)
    if found is None or "/" not in name:
        return (found, f"read as {found.id}") if found else None
    return found._replace(id=name, base=found.id, same=(), aliases=()), f"read as {found.id}: the same name"


def _respelled(behind: str) -> ModelRow | None:
    other = names.respelled(behind)
    return _one(called("names", other)) if other else None


def _one(rows: list[ModelRow]) -> ModelRow | None:
    """The only row, or the first of several that agree."""
    if not rows or any(row.config != rows[0].config or row.parameters != rows[0].parameters for row in rows[1:]):
        return None
    return rows[0]


def _tagged(name: str) -> Found | None:
    """A tag of Ollama's library; its weights are Q4_K_M where neither it nor the checkpoint says otherwise."""
    tag = names.ollama(name)
    row = _one(called("aliases", tag[0])) if tag else None
    if tag is None or row is None:
        return None
    said = f"Ollama's {tag[0]} read as {row.id}"
    if tag[1] is None and row.config and "quantization_config" in row.config:
        return row._replace(base=row.id), said
    from planner.catalog.quantized_names import gguf

    mix = (tag[1] or "q4_k_m").upper()
    usual = "" if tag[1] else ", the usual mix"
    return _without_scheme(row)._replace(base=row.id, quantization=gguf(mix)), f"{said} stored as {mix}{usual}"


def _stored_otherwise(name: str) -> Found | None:
    """A re-upload whose name says how its weights are stored."""
    from planner.catalog.quantized_names import unquantized

    reading = unquantized(name)
    found = (_known(reading.name) or _tuned(reading.name)) if reading else None
    if reading is None or found is None:
        return None
    base = found[0].base or found[0].id
    if reading.quantization is not None and _own_method(found[0]) == reading.quantization.method:
        return found[0]._replace(
            id=name, base=base, same=(), aliases=()
        ), f"read as {base}, quantized as it was released"
    row = _without_scheme(found[0])._replace(id=name, base=base, quantization=reading.quantization, same=(), aliases=())
    return row, f"read as {base} {reading.said}: from the name"


def _tuned(name: str) -> Found | None:
    """A fine-tune that has its base's name and words for how it was tuned."""
    base = names.untuned(name)
    found = (_known(base) or _tuned(base)) if base else None
    if found is None:
        return None
    owner = found[0].base or found[0].id
    return found[0]._replace(id=name, base=owner, same=(), aliases=()), f"read as a fine-tune of {owner}: from the name"


def _own_method(row: ModelRow) -> object:
    """What the checkpoint itself is quantized with."""
    stated = row.config.get("quantization_config") if row.config else None
    return stated.get("quant_method") if isinstance(stated, dict) else None


def _without_scheme(row: ModelRow) -> ModelRow:
    """The row without the quantization of its own checkpoint."""
    if row.config is None or "quantization_config" not in row.config:
        return row
    return row._replace(config={key: value for key, value in row.config.items() if key != "quantization_config"})


def all() -> Iterable[ModelRow]:
    """Every row, the user's own first."""
    return all_rows()


def search(query: str) -> list[ModelRow]:
    """Rows all of whose words of `query` stand in one of their names, by name."""
    words = query.lower().replace("/", " ").split()
    return [row for row in all_rows() if any(_has(name.lower(), words) for name in (row.id, *row.same, *row.aliases))]


def _has(name: str, words: list[str]) -> bool:
    return not any(word not in name for word in words)


def close(name: str) -> list[str]:
    """Up to three ids spelled nearly like `name`, for a did-you-mean."""
    known = _spellings(own())
    near: list[str] = []
    if len(name) > LONGEST:
        return near
    for spelling in {name.lower(): 0, names.normal(names.last(name)): 1}:
        near += nearest(spelling, _alike(spelling), 3, CLOSE)
    return list(dict.fromkeys(known[key] for key in near))[:3]


def _alike(spelling: str) -> list[str]:
    """Spellings that share enough pairs of letters to be worth comparing; comparing takes a hundred times as long."""
    from collections import Counter
    from itertools import chain

    mine, (by_pair, sizes) = _pairs(spelling), _by_pair(own())
    shared = Counter(chain.from_iterable(by_pair.get(pair, ()) for pair in mine))
    least = ALIKE * len(mine) / (2 - ALIKE)
    near = alike_in_length(spelling, (other for other, pairs in shared.items() if pairs >= least), CLOSE)
    return [other for other in near if 2 * shared[other] >= ALIKE * (len(mine) + sizes[other])]


def _pairs(spelling: str) -> frozenset[str]:
    return frozenset(spelling[at : at + 2] for at in range(len(spelling) - 1))


@lru_cache(maxsize=1)
def _by_pair(mine: tuple[str, ...]) -> tuple[Mapping[str, Sequence[str]], Mapping[str, int]]:
    """Spellings by the pairs of letters in them, and how many of these each has."""
    found: dict[str, list[str]] = {}
    pairs = {spelling: _pairs(spelling) for spelling in _spellings(mine)}
    for spelling, its in pairs.items():
        for pair in its:
            found.setdefault(pair, []).append(spelling)
    return found, {spelling: len(its) for spelling, its in pairs.items()}


@lru_cache(maxsize=1)
def _spellings(_: tuple[str, ...]) -> dict[str, str]:
    """Ids by the ways to spell them, beside the user's own rows as they are now."""
    known: dict[str, str] = {}
    for row in all_rows():
        for other in (row.id, *row.same):
            known.setdefault(names.normal(names.last(other)), other)
            known.setdefault(other.lower(), other)
    return known
