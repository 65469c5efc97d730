"""Accelerators: the memory that drivers report, dtypes, peaks; found by any spelling of the name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache

from planner.catalog import accelerator_names as names
from planner.catalog import lines
from planner.catalog.accelerator import FILE, MIB, Accelerator, decode, get
from planner.record import NamedTuple
from planner.spelling import nearest

__all__ = ["Accelerator", "Match", "all", "close", "find", "find_mig", "fitting", "get"]

MIG_FILE = "mig.jsonl"

COMMON = (
    ("L4", "l4"), ("RTX 4090", "geforce-rtx-4090"), ("RTX 5090", "geforce-rtx-5090"), ("A100-40GB", "a100-40gb-sxm"),
    ("L40S", "l40s"), ("A100-80GB", "a100-80gb-sxm"), ("H100-80GB", "h100-sxm"),
    ("RTX PRO 6000", "rtx-pro-6000-server"), ("H200", "h200-sxm"), ("B200", "b200"), ("MI300X", "mi300x"),
    ("MI325X", "mi325x"), ("B300", "b300"), ("MI355X", "mi355x"),
)  # fmt: skip
"""What people rent and buy, by memory: label and row."""

CORES_PER_DEVICE = {"tpu-v4": 2, "tpu-v5p": 2}
"""The number in a TPU slice's name counts cores; two of these generations' cores are one device."""


class Match(NamedTuple):
    """What a name can mean: one row, or several that it does not tell apart."""

    rows: tuple[Accelerator, ...]
    note: str = ""
    count: int | None = None  # type: ignore[assignment]  # as `planner.workload.Hardware` has it
    """Devices, where the name says how many (TPU slices)."""


def all() -> tuple[Accelerator, ...]:
    """Every row, by id."""
    return tuple(decode(row) for row in lines.rows(FILE))


@lru_cache(maxsize=256)
def find(name: str) -> Match | None:
    """The devices that `name` can mean, in any spelling: nvidia-smi, Kubernetes labels, Ray, SkyPilot, colloquial."""
    if not lines.plain(name):
        return None
    part, pod, slug = names.mig(name), names.tpu_slice(name), names.slug(name)
    if part is not None:
        return _part(*part)
    if pod is not None:
        return _slice(*pod)
    exact = get(slug)
    if exact is not None:
        return _match(name, [exact])
    return _match(name, [decode(row) for row in _listed("aliases", slug)] or _spelled(names.spelling(name)))


def _listed(key: str, spelling: str) -> list[Mapping[str, object]]:
    return [row for row in lines.rows(FILE, f'"{spelling}"') if spelling in lines.strings(row[key])]


def _spelled(spelling: names.Spelling) -> list[Accelerator]:
    """Rows of that name, with that memory and form where they are said."""
    found = _listed("names", spelling.core) if spelling.core else []
    if spelling.gigabytes is not None:
        sizes = spelling.gigabytes
        found = [row for row in found if row["nominal_gb"] == sizes or sizes in _also(row)]
    if spelling.form is not None:
        found = [row for row in found if row.get("form", spelling.form) == spelling.form]
    return [decode(row) for row in found]


def _also(row: Mapping[str, object]) -> Iterable[object]:
    sizes = row.get("nominal_also")
    return sizes if isinstance(sizes, list) else ()


def _match(name: str, rows: list[Accelerator]) -> Match | None:
    if len(rows) > 1:
        return Match(tuple(rows), f"{name} can be " + " or ".join(row.name for row in rows))
    return Match((rows[0],), rows[0].note) if rows else None


def _part(device: str, profile: str) -> Match | None:
    if not device:
        return find_mig(None, profile)
    owner = find(device)
    return find_mig([row.id for row in owner.rows], profile) if owner else None


def _slice(generation: str, number: int) -> Match | None:
    rows = _listed("names", generation)
    if not rows:
        return None
    row = decode(rows[0])
    return Match((row,), row.note, max(1, number // CORES_PER_DEVICE.get(row.id, 1)))


def find_mig(owners: str | Iterable[str] | None, profile: str) -> Match | None:
    """The MIG slices called `profile` ("1g.10gb") of a device id, of several, or of any device that has one."""
    ids = (owners,) if isinstance(owners, str) else None if owners is None else tuple(owners)
    found: list[Accelerator] = []
    wanted = names.mig(profile)
    for row in lines.rows(MIG_FILE, f'{{"profile":"{wanted[1]}",') if wanted else ():
        of = [owner for owner in lines.strings(row["accelerators"]) if ids is None or owner in ids]
        device = get(of[0]) if of else None
        if device is not None:
            found.append(_sliced(device, row))
    return _match(profile, found)


def _sliced(device: Accelerator, row: Mapping[str, object]) -> Accelerator:
    low, high, nominal = row["memory_mib"], row["memory_max_mib"], row["nominal_gb"]
    assert isinstance(low, int) and isinstance(high, int) and isinstance(nominal, int)
    return device._replace(
        id=f"{device.id}-mig-{row['profile']}",
        name=f"MIG {row['profile']} of {device.name}",
        memory=low * MIB,
        memory_max=high * MIB,
        memory_basis=str(row["basis"]),
        nominal_gb=nominal,
        bandwidth=None,
        flops={},
        aliases=(),
        source=str(row["source"]),
        date=str(row["date"]),
    )


def fitting(bytes_per_device: int) -> list[Accelerator]:
    """Common devices with at least so much memory, smallest first, under the names that people write."""
    rows = ((label, get(identifier)) for label, identifier in COMMON)
    return [row._replace(name=label) for label, row in rows if row is not None and row.memory >= bytes_per_device]


def close(name: str) -> list[str]:
    """Names of up to three devices whose spelling comes near to `name`, for a did-you-mean."""
    if len(name) > lines.LONGEST:
        return []
    core = names.spelling(name).core or names.slug(name)
    found = [_spellings()[alias] for alias in nearest(core, _spellings(), 8, 0.7)]
    same = _listed("names", core) if lines.plain(core) else []
    return list(dict.fromkeys([str(row["name"]) for row in same] + found))[:3]


@lru_cache(maxsize=1)
def _spellings() -> Mapping[str, str]:
    """Names of devices by the ways to spell them."""
    known: dict[str, str] = {}
    for row in all():
        for alias in (*row.aliases, names.spelling(row.name).core):
            known.setdefault(alias, row.name)
    return known
