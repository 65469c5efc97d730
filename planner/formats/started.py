"""What a run is started on, where a file beside it starts it by its name: a SkyPilot task, a Slurm script."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from planner import disk
from planner.record import NamedTuple
from planner.workload import Hardware, Origin

if TYPE_CHECKING:
    from planner.formats.context import Context

FOLDERS, FILES, BYTES = 3, 200, 1 << 16
"""Folders that are looked at, from that of the run upwards; files in each, and of each file."""
TASK, BATCH = "accelerators", "#SBATCH"
SLURM = re.compile(
    r"^#SBATCH\s+--(gres=gpu|gpus-per-node|gpus|G|gpus-per-task)[:=]?(?:([A-Za-z][\w.-]*):)?([0-9]{1,4})\s*$",
    re.MULTILINE,
)
NODES = re.compile(r"^#SBATCH\s+(?:--nodes=|-N\s*)([0-9]{1,5})\s*$", re.MULTILINE)


class Starter(NamedTuple):
    """A file that starts something on accelerators."""

    path: str
    text: str


def hardware(file: str, context: Context) -> tuple[Hardware, Origin] | None:
    """The devices that the one file states which starts the run in `file`; None without one, or of several."""
    disk.note_more()
    found = list(_starters_of(file))
    if len(found) != 1:
        return None
    starter = found[0]
    return _of_batch(starter) if BATCH in starter.text else _of_task(starter, context)


def _starters_of(file: str) -> Iterator[Starter]:
    folder = os.path.dirname(file) or "."
    name = os.path.basename(file)
    for _ in range(FOLDERS):
        mentioned = re.compile(rf"(?<![\w/-])(?:\./)?{re.escape(name)}(?![\w/-]|\.\w)")
        for starter in _starters(os.path.normpath(folder), os.getcwd()):
            if mentioned.search(starter.text) and os.path.realpath(starter.path) != os.path.realpath(file):
                yield starter
        whole = os.path.abspath(folder)
        if os.path.lexists(os.path.join(folder, ".git")) or whole == os.path.sep:
            return
        name = f"{os.path.basename(whole)}/{name}"
        folder = os.path.normpath(os.path.join(folder, ".."))


@lru_cache(maxsize=32)
def _starters(folder: str, within: str) -> tuple[Starter, ...]:
    """Files in `folder` that ask for accelerators; it is relative to `within`."""
    try:
        names = sorted(
            name for name in os.listdir(folder) if name.endswith((".yaml", ".yml", ".sh", ".slurm", ".sbatch"))
        )
    except OSError:
        return ()
    read = (Starter(os.path.join(folder, name), _text(os.path.join(folder, name))) for name in names[:FILES])
    return tuple(each for each in read if BATCH in each.text or (TASK in each.text and "run:" in each.text))


def _text(path: str) -> str:
    if not os.path.isfile(path):
        return ""
    try:
        with open(path, encoding="utf-8", errors="replace") as stream:
            return stream.read(BYTES)
    except OSError:
        return ""


def _of_task(starter: Starter, context: Context) -> tuple[Hardware, Origin] | None:
    from planner.formats import skypilot

    source = context.load(starter.path)
    for document in source.documents if source else ():
        found = skypilot.asked(document)
        if found.hardware is not None:
            return found.hardware, Origin("key", found.path, document, f"{os.path.basename(starter.path)} starts it")
    return None


def _of_batch(starter: Starter) -> tuple[Hardware, Origin] | None:
    """`--gres=gpu:h100:8`, for each node; `--gpus` is for all of them (Slurm: sbatch)."""
    from planner.formats.resolve import hardware as resolved

    match = SLURM.search(starter.text)
    if match is None:
        return None
    several = NODES.search(starter.text)
    nodes = int(several[1]) if several and match[1] not in ("gpus", "G") else 1
    found, _ = resolved(match[2], count=int(match[3]) * nodes)
    note = f"{match[0].strip()} in {os.path.basename(starter.path)}, which starts it"
    return (found, Origin("derived", note=note)) if found else None
