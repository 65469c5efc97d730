"""A repository of a hundred thousand YAML and JSON files of which two hundred are ours: what the others cost.

python benchmarks/monorepo.py [--count 100000] [--ours 200]
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import make_configs
import make_foreign
from measure import best, machine, run, table, tool

READ = """
import os, sys
for folder, _, names in os.walk(sys.argv[1]):
    for name in names:
        with open(os.path.join(folder, name), "rb") as file:
            file.read()
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--ours", type=int, default=200)
    asked = parser.parse_args()
    planner = tool("planner") or "planner"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        size = make_foreign.write(folder, asked.count) / asked.count
        read = best(["python3", "-c", READ, str(folder)], 2)
        lint = [planner, "lint", "--no-cache", "-j", "1", str(folder)]
        others = best(lint, 2)
        make_configs.write(folder, asked.ours)
        whole = run(lint)
    print(f"{asked.count:,} files of others, {size:,.0f} bytes each, {asked.ours} configs; {machine()}\n")
    table([("walk and read them all", read), ("planner, none is ours", others), ("planner, with ours", whole)],
          "walk and read them all")  # fmt: skip
    print(
        f"\n{(others.cpu - read.cpu) / asked.count * 1e6:.1f} µs for each file that is not ours, on top of reading it"
    )


if __name__ == "__main__":
    main()
