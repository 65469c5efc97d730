"""What the benchmarks share: CPU and wall time and memory of a command, and a table of ratios."""

from __future__ import annotations

import os
import platform
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple


class Cost(NamedTuple):
    """Of one run."""

    cpu: float
    """User + system seconds, those of child processes included."""
    wall: float
    rss: int
    """Peak resident bytes of the largest process."""
    status: int


def run(command: Sequence[str], cwd: Path | None = None, **environment: str) -> Cost:
    """One run of `command`, its output dropped."""
    before, begin = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    with subprocess.Popen(
        command, cwd=cwd, env={**os.environ, **environment}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = (after.ru_utime - before.ru_utime) + (after.ru_stime - before.ru_stime)
    scale = 1 if sys.platform == "darwin" else 1024
    return Cost(cpu, time.perf_counter() - begin, usage.ru_maxrss * scale, process.returncode)


def best(command: Sequence[str], times: int, cwd: Path | None = None, **environment: str) -> Cost:
    """The run of least CPU among `times`."""
    return min((run(command, cwd, **environment) for _ in range(times)), key=lambda cost: cost.cpu)


def tool(name: str) -> str | None:
    """A program of this environment, or on the PATH."""
    return shutil.which(name, path=str(Path(sys.executable).parent)) or shutil.which(name)


def machine() -> str:
    """How the machine was: results of a busy one say little."""
    load = os.getloadavg()[0]
    return f"{platform.machine()}, {os.cpu_count()} cores, load {load:.1f}, Python {platform.python_version()}"


def table(rows: Iterable[tuple[str, Cost | None]], base: str) -> None:
    """Print each cost and its ratio to that of the row `base`."""
    rows = list(rows)
    reference = next(cost for name, cost in rows if name == base)
    print(f"{'':44} {'CPU s':>8} {'wall s':>8} {'MiB':>6} {'ratio':>8}")
    for name, cost in rows:
        if cost is None:
            print(f"{name:44} not installed")
            continue
        ratio = cost.cpu / reference.cpu if reference else float("nan")
        print(f"{name:44} {cost.cpu:8.2f} {cost.wall:8.2f} {cost.rss / 2**20:6.0f} {ratio:7.2f}×")
