"""Linting thousands of configs, beside other linters of YAML in the same run.

pip install yamllint check-jsonschema
python benchmarks/throughput.py [--count 5000] [--runs 3]
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import make_configs
from measure import Cost, best, machine, run, table, tool

SCHEMA = Path(__file__).resolve().parent.parent / "schemas" / "config.schema.json"


def others(folder: Path) -> list[tuple[str, Cost | None]]:
    """The same files through the others, once: they take long."""
    files = sorted(str(path) for path in folder.rglob("*.yaml"))
    yamllint, schema = tool("yamllint"), tool("check-jsonschema")
    return [
        ("yamllint", run([yamllint, "-d", "default", str(folder)]) if yamllint else None),
        ("check-jsonschema", run([schema, "--schemafile", str(SCHEMA), *files]) if schema else None),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=5000)
    parser.add_argument("--runs", type=int, default=3)
    asked = parser.parse_args()
    planner = tool("planner") or "planner"
    with tempfile.TemporaryDirectory() as name:
        folder, cache = Path(name) / "configs", str(Path(name) / "cache")
        make_configs.write(folder, asked.count)
        lint = [planner, "lint", str(folder)]
        run([*lint, "--cache-dir", cache])
        rows = [
            ("planner lint, one process", best([*lint, "--no-cache", "-j", "1"], asked.runs)),
            ("planner lint, two processes", best([*lint, "--no-cache", "-j", "2"], asked.runs)),
            ("planner lint, nothing changed", best([*lint, "--cache-dir", cache], asked.runs)),
            ("planner lint, nothing changed, CI", best([*lint, "--cache-dir", cache + "-ci"], asked.runs + 1, CI="1")),
            *others(folder),
        ]
    print(f"{asked.count:,} configs of 40 to 80 lines; {machine()}\n")
    table(rows, "planner lint, one process")


if __name__ == "__main__":
    main()
