"""Cloud machine types: which accelerators they have, and how many."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from planner.catalog import lines
from planner.record import NamedTuple
from planner.spelling import nearest

FILE = "instances.jsonl"


class Instance(NamedTuple):
    """One machine type."""

    id: str
    cloud: str
    accelerator: str
    """Id of its row in the accelerator catalogue."""
    count: int  # type: ignore[assignment]  # as `planner.workload.Hardware` has it
    """Devices as programs see them (both dies of a package, both cores of a TPU v3 chip)."""
    fraction: float | None = None
    """Which part of one device it has, a sixth or a half; None where it has whole ones."""
    source: str = ""
    date: str = ""


def _decode(values: Mapping[str, object]) -> Instance:
    count, (over, _, under) = values["count"], str(values.get("fraction", "")).partition("/")
    assert isinstance(count, int)
    return Instance(
        id=str(values["id"]),
        cloud=str(values["cloud"]),
        accelerator=str(values["accelerator"]),
        count=count,
        fraction=int(over) / int(under) if under else None,
        source=str(values["source"]),
        date=str(values["date"]),
    )


@lru_cache(maxsize=256)
def find(name: str) -> Instance | None:
    """The machine type, whatever its case, with or without SageMaker's "ml." and Azure's "Standard_"."""
    wanted = name.strip().lower().removeprefix("ml.")
    if not lines.plain(wanted):
        return None
    for spelling in (wanted, f"standard_{wanted}"):
        for row in lines.rows(FILE, f'\n{{"id":"{spelling}",', fold=True):
            return _decode(row)
    return None


def all() -> tuple[Instance, ...]:
    """Every machine type, by name."""
    return tuple(_decode(row) for row in lines.rows(FILE))


def close(name: str) -> list[str]:
    """Up to three machine types spelled nearly like `name`."""
    return [_spellings()[key] for key in nearest(name.lower(), _spellings(), 3, 0.75)]


@lru_cache(maxsize=1)
def _spellings() -> Mapping[str, str]:
    return {row.id.lower(): row.id for row in all()}
