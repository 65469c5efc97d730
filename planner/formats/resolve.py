"""What names in configs stand for: accelerators, cloud instances, models. Shared by all formats."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from planner import units
from planner.formats.resolve_model import ModelFound, first_mapping, local_model, located, model
from planner.workload import Hardware

if TYPE_CHECKING:
    from planner.catalog.accelerator import Accelerator

__all__ = [
    "ModelFound", "first_mapping", "hardware", "local_model", "located", "model", "parse_hardware_option",
    "split_count", "version",
]  # fmt: skip

_COUNT_FIRST = r"([0-9]{1,6})\s*[x×]\s*(\S.*)"
_COUNT_LAST = r"(.*\S)(?:\s*:\s*|\s+[x×]\s*)([0-9]{1,6})"
_SIZE_LAST = r"(.*[^\s_-])[\s_-]+([0-9]{1,4})\s*(GB|GiB|G)?"
_VERSION = r"v?([0-9]{1,4}(?:\.[0-9]{1,6})*)"
LEAST_SHARE, MOST_SHARE = 0.88, 1.01
"""A card sold as 80 GB reports from 0.88 × 80·10⁹ bytes (ECC, the driver's own) to a little above 80 GiB."""


def hardware(
    accelerator: str | None, memory: object = None, instance: str | None = None, count: int | None = None
) -> tuple[Hardware | None, str | None]:
    """The hardware that a config states, and what is wrong with that; (None, None) where it states nothing.

    `accelerator` may hold a count ("H100-80GB:8", "4xL4"), a MIG profile ("A100-80GB 3g.40gb") or be a memory size.
    `count` is of devices, beside `instance` of instances. Devices that nobody knows keep their name and count. What is
    wrong is said in the first line, what would mend it in the others.
    """
    sizes = units.memory(memory)
    if not accelerator and not instance:
        return Hardware(None, count, *(sizes or (None, None))) if count or sizes else None, None
    name, several = split_count(accelerator) if accelerator else ("", None)
    found, wrong = _instance(instance, count) if instance else (None, None)
    if name and (not instance or wrong):
        found, wrong = _accelerator(name, sizes, count or several)
    found = found or Hardware(instance, count) if sizes else found
    if sizes and found and (found.memory is None or sizes[0] == sizes[1]):
        return found._replace(memory=sizes[0], memory_max=sizes[1]), None
    return found, wrong


def parse_hardware_option(text: str) -> tuple[Hardware | None, str | None]:
    """What an option or a comment states, H100-80GB:8, 4xL4, 24GB:2, p5.48xlarge; or None and what is wrong with it."""
    name, count = split_count(text)
    if not name:
        return None, "no accelerator, memory size or cloud instance is named"
    found, wrong = hardware(text)
    if wrong:
        instance, unknown = hardware(None, instance=name, count=count)
        return (None, wrong) if unknown else (instance, None)
    return found, None


def split_count(text: str) -> tuple[str, int | None]:
    """A name and the number of devices written with it: ("L4", 4) of "4xL4", ("H100-80GB", 8) of "H100-80GB:8"."""
    text = text.strip()
    if text.isdigit() or not any(sign in text for sign in ":x×"):
        return text, None
    for pattern, name, number in ((_COUNT_FIRST, 2, 1), (_COUNT_LAST, 1, 2)):
        match = re.fullmatch(pattern, text)
        if match and int(match[number]):
            return match[name], int(match[number])
    return text, None


def _accelerator(name: str, sizes: tuple[int, int] | None, count: int | None) -> tuple[Hardware, str | None]:
    """Devices called `name`; of those that it can mean, the ones with a stated memory of `sizes`."""
    from planner.catalog import accelerators

    match = accelerators.find(name)
    if match is not None:
        rows = _of_size(match.rows, sizes) if sizes else match.rows
        known = _of_rows(name, rows or match.rows, count or match.count)
        return (known if rows else known._replace(memory=None, memory_max=None)), None
    own = units.memory(name) if any(letter.isalpha() for letter in name) else None
    if own is not None:
        return Hardware(count=count, memory=own[0], memory_max=own[1]), None
    return _sized_by_name(name, sizes, count)


def _sized_by_name(name: str, sizes: tuple[int, int] | None, count: int | None) -> tuple[Hardware, str | None]:
    """A device that the catalogue does not have as it is written, but perhaps without the memory size behind it."""
    from planner.catalog import accelerators

    match = re.fullmatch(_SIZE_LAST, name, re.IGNORECASE)
    size = sizes or (units.memory(f"{match[2]}GB") if match else None)
    same = accelerators.find(match[1]) if match else None
    if match and same and size and (match[3] or _of_size(same.rows, size)):
        known, wrong = _accelerator(match[1], size, count)
        return (known if known.memory else known._replace(memory=size[0], memory_max=size[1])), wrong
    near = accelerators.close(name)
    meant = f"did you mean {' or '.join(near)}?\n" if near else ""
    unknown = f"no accelerator is called `{_on_a_line(name)}`\n{meant}"
    mend = "state its memory if the catalogue lacks it: `memory: 80GB`"
    if match and match[3] and size:
        mend = f"{match[2]} GB are taken from its name; if that is right, state them: `memory: {match[2]}GB`"
        return Hardware(name, count, *size), unknown + mend
    return Hardware(name, count), unknown + mend


def _on_a_line(name: str) -> str:
    """A name as a message quotes it, whose lines are its own."""
    return " ".join(name.split())


def _of_size(rows: Sequence[Accelerator], sizes: tuple[int, int]) -> tuple[Accelerator, ...]:
    return tuple(
        row for row in rows if LEAST_SHARE * sizes[0] <= row.memory_max and row.memory <= MOST_SHARE * sizes[1]
    )


def _of_rows(name: str, rows: Sequence[Accelerator], count: int | None) -> Hardware:
    """What the devices in `rows` have in common, on the most pessimistic and on the most generous reading."""
    nominal = sorted({row.nominal_gb for row in rows})
    fastest = max(rows, key=lambda row: row.flops.get("bf16", 0))
    if len(rows) == 1:
        name = rows[0].name
    elif len(nominal) > 1:
        name = f"{name} ({' or '.join(map(str, nominal))} GB)"
    return Hardware(
        name,
        count,
        min(row.memory for row in rows),
        max(row.memory_max for row in rows),
        frozenset().union(*(row.dtypes for row in rows)),
        fastest._asdict() if len(nominal) == 1 else None,
    )


def _instance(name: str, count: int | None) -> tuple[Hardware | None, str | None]:
    """The devices of `count` cloud instances."""
    from planner.catalog import instances
    from planner.catalog.accelerator import get

    row = instances.find(name)
    device = get(row.accelerator) if row else None
    if row is None or device is None:
        near = instances.close(name)
        meant = f"did you mean {' or '.join(near)}?\n" if near else ""
        mend = "state what it has: `accelerator: H100-80GB` and `count: 8`"
        return None, f"no cloud instance is called `{_on_a_line(name)}`\n{meant}{mend}"
    found = _of_rows(device.name, [device], max(1, row.count) * (count or 1))
    if row.fraction:
        least, most = int(device.memory * row.fraction), int(device.memory_max * row.fraction)
        found = found._replace(memory=least, memory_max=most)
    return found, None


def version(text: str) -> tuple[int, ...] | None:
    """The numbers of a version: (0, 8, 5) of "v0.8.5.post1"; None of what is none: "latest", "2025-07"."""
    match = re.match(_VERSION, text.strip())
    if match is None:
        return None
    numbers = tuple(int(part) for part in match[1].split("."))
    return None if numbers[0] > 1000 else numbers
