"""One row of the accelerator catalogue."""

from __future__ import annotations

from collections.abc import Mapping

from planner.catalog import lines
from planner.record import NamedTuple

FILE = "accelerators.jsonl"
MIB = 1 << 20


class Accelerator(NamedTuple):
    """One device as a program sees it: a GPU, one GCD or die of a package, one TPU core or chip."""

    id: str
    name: str
    vendor: str
    memory: int
    """Bytes: the lowest total that a driver or runtime reported."""
    memory_max: int
    """Bytes, generous: the largest of the nominal size in GiB and every total reported."""
    memory_basis: str
    """log: such totals were seen; estimate: from the nominal size and the class of the device."""
    dtypes: frozenset[str]
    """fp32, fp16, bf16, fp8, fp4, int8, int4: what its arithmetic units take."""
    compute_capability: tuple[int, int] | None = None
    bandwidth: int | None = None
    """Of its memory, bytes per second."""
    flops: Mapping[str, int] = {}
    """Dense peak by dtype, operations per second."""
    link: str | None = None
    """To its neighbours: NVLink4, ICI …"""
    nominal_gb: int = 0
    devices_per_package: int = 1
    aliases: tuple[str, ...] = ()
    """Other spellings."""
    source: str = ""
    date: str = ""
    note: str = ""


def decode(values: Mapping[str, object]) -> Accelerator:
    """A line of the file."""
    whole = {key: value for key, value in values.items() if isinstance(value, int)}
    capability, peaks = values.get("compute_capability"), values.get("flops")
    return Accelerator(
        id=str(values["id"]),
        name=str(values["name"]),
        vendor=str(values["vendor"]),
        memory=whole["memory_mib"] * MIB,
        memory_max=whole["memory_max_mib"] * MIB,
        memory_basis=str(values["basis"]),
        dtypes=frozenset(lines.strings(values["dtypes"])),
        compute_capability=(capability[0], capability[1]) if isinstance(capability, list) else None,
        bandwidth=whole.get("bandwidth"),
        flops=peaks if isinstance(peaks, dict) else {},
        link=str(values["link"]) if "link" in values else None,
        nominal_gb=whole["nominal_gb"],
        devices_per_package=whole.get("devices_per_package", 1),
        aliases=lines.strings(values["names"]) + lines.strings(values["aliases"]),
        source=str(values["source"]),
        date=str(values["date"]),
        note=str(values.get("note", "")),
    )


def get(identifier: str) -> Accelerator | None:
    """The row with this id."""
    return (
        next((decode(row) for row in lines.rows(FILE, f'{{"id":"{identifier}",')), None)
        if lines.plain(identifier)
        else None
    )
