"""CPU time of linting a file or planning a model, as a ratio to the floor `python -c "import click, yaml"`.

    python benchmarks/startup.py [--runs 40] [FILE…]

Runs alternate, so that what else the machine does falls on both alike. Prints a table of medians; asserts nothing.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import statistics
import subprocess
import sys
from pathlib import Path
from tempfile import gettempdir

ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
"""An installed package has its bytecode; a checkout gets it in the first run."""
PROJECT = Path(__file__).resolve().parent.parent

BY_NAME = (
    ("plan", "--model", "meta-llama/Llama-3.1-8B"),
    ("plan", "--model", "meta-llama/Llama-3.1-8B", "--hardware", "L4"),
)


def cpu_seconds(command: list[str]) -> float:
    """User + system time of one run of `command`, in a folder without settings."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=ENVIRONMENT, cwd=gettempdir(), check=False
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime - before.ru_utime) + (after.ru_stime - before.ru_stime)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=40)
    parser.add_argument("files", nargs="*", type=Path)
    args = parser.parse_args()
    planner = shutil.which("planner", path=str(Path(sys.executable).parent)) or "planner"
    files = args.files or [
        PROJECT / "examples" / "llama-2-70b-on-four-a100.yaml",
        PROJECT / "examples" / "llama-2-70b-on-one-a100.yaml",
        PROJECT / "examples" / "gopher.yaml",
        PROJECT / "mkdocs.yml",
    ]
    commands = {"import click, yaml (floor)": [sys.executable, "-c", "import click, yaml"]}
    commands |= {f"planner lint {file.name}": [planner, "lint", str(file.resolve())] for file in files}
    commands |= {f"planner {' '.join(arguments)}": [planner, *arguments] for arguments in BY_NAME}
    times: dict[str, list[float]] = {name: [] for name in commands}
    for command in commands.values():
        cpu_seconds(command)
    for _ in range(args.runs):
        for name, command in commands.items():
            times[name].append(cpu_seconds(command))
    floor = statistics.median(times["import click, yaml (floor)"])
    print(f"CPU ms, median of {args.runs}; load {os.getloadavg()[0]:.1f}, Python {sys.version.split()[0]}\n")
    for name, measured in times.items():
        median = statistics.median(measured)
        print(f"{name:56} {1000 * median:7.1f}  {median / floor:5.2f} ×")


if __name__ == "__main__":
    main()
