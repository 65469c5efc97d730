"""A training run's memory: PyTorch's out-of-memory errors and summaries, and the lines of trainers that print peaks.

The error's words are in c10/cuda/CUDACachingAllocator.cpp (their second form since 2.1), the table's in
torch/cuda/memory.py. Of many lines the largest counts: a run has one peak.
"""

from __future__ import annotations

from planner.verify.facts import Fact, gib, mib, size, whole, words
from planner.verify.measured import Measured
from planner.verify.start import Kind, Said, Start

_SIZE = r"[\d.]{1,12} (?:bytes|[KMGT]i?B)"
_N = r"\d[\d.]{0,15}"
_TABLE = rf"\| Allocated memory +\| +{_SIZE} +\| +(?P<peak>{_SIZE})"

REFUSED = "a failed allocation says what the peak would have been at least, not what it is"
RESERVED = "what PyTorch has reserved holds more than what it had allocated, which planner reckons"

FACTS = (
    Fact("GPU 0: ", r"GPU 0: (?P<gpu>[^(\r\n]{1,80})", {"gpu": words}),
    Fact(
        "Tried to allocate",
        rf"Tried to allocate (?P<asked>{_SIZE})\. GPU (?P<device>\d{{1,4}}) has a total capaci?ty of "
        rf"(?P<total>{_SIZE}).{{1,300}}?Of the allocated memory (?P<allocated>{_SIZE}) is allocated by PyTorch",
        {"asked": size, "total": size, "allocated": size, "failure": words},
    ),
    Fact(
        "Tried to allocate",
        rf"Tried to allocate (?P<asked>{_SIZE}) \(GPU (?P<device>\d{{1,4}}); (?P<total>{_SIZE}) total capacity; "
        rf"(?P<allocated>{_SIZE}) already allocated",
        {"asked": size, "total": size, "allocated": size, "failure": words},
    ),
    Fact("| Allocated memory", _TABLE, {"peak": size}),
    Fact("max allocated:", rf"memory \(MB\) \|.{{0,80}} max allocated: (?P<peak>{_N})", {"peak": mib}),
    Fact("max_memory_allocated", rf"max_memory_allocated[^\d]{{1,20}}(?P<peak>{_N}) ?GiB", {"peak": gib}),
    Fact("memory/max_", rf"memory/max_(?:mem_)?allocated ?\((?:gib|GiB)\)': '?(?P<peak>{_N})", {"peak": gib}),
    Fact("GPU peak memory allocation", rf"memory allocation: (?P<peak>{_N}) GiB", {"peak": gib}),
    Fact(" loss: ", rf"step: .{{1,120}} memory: +(?P<reserved>{_N})GiB\(", {"reserved": gib}),
    Fact("peak_memory_active", rf"peak_memory_active[:=](?P<peak>{_N})", {"peak": gib}),
    Fact("CUDA capacity:", rf"capacity: (?P<gpu>.{{1,60}}?) with (?P<total>{_N}) ?GiB", {"gpu": words, "total": gib}),
    Fact("world_size", r"world_size['\": =]{1,4}(?P<world>\d{1,6})", {"world": whole}),
)  # fmt: skip


def measured(start: Start) -> Measured:
    """The run as a record."""
    refused = [
        allocated.value + asked.value
        for allocated, asked in zip(start.said.get("allocated", ()), start.said.get("asked", ()), strict=False)
        if isinstance(allocated.value, int) and isinstance(asked.value, int)
    ]
    peak, reserved = _largest(start, "peak"), _largest(start, "reserved")
    failure = start.text("failure") or ""
    return Measured(
        "pytorch",
        start.line,
        device=start.text("gpu"),
        devices=start.least("world"),
        ranks=len({each.rank for field in ("allocated", "peak", "reserved") for each in start.said.get(field, ())})
        or 1,
        total=start.least("total") or None,
        peak=None if refused else peak,
        reserved=None if refused else reserved,
        refused=max(refused, default=None),
        started=False if refused else True if peak is not None or reserved is not None else None,
        failure=failure,
        lines=_places(start),
        notes=(REFUSED,) if refused else (RESERVED,) if reserved is not None and peak is None else (),
    )


def _largest(start: Start, field: str) -> int | None:
    return max((each.value for each in start.said.get(field, ()) if isinstance(each.value, int)), default=None)


def _places(start: Start) -> dict[str, int]:
    """Where the figures stand: at the largest peak, at the last refusal."""
    peaks: list[Said] = [each for each in start.said.get("peak", ()) if isinstance(each.value, int)]
    found = {"refused": start.said["asked"][-1].line} if "asked" in start.said else {}
    if peaks:
        found["peak"] = max(peaks, key=lambda each: each.value if isinstance(each.value, int) else 0).line
    return found


KIND = Kind("pytorch", FACTS, frozenset(("peak", "reserved", "asked")), measured)
