"""What the path to a clean file may import: start-up is the product."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

CLEAN = """\
model: {name: meta-llama/Llama-2-7b-hf, dtype: float16}
deployment: {engine: vllm, context: 4096, hardware: {accelerator: A100-80GB, count: 1}}
"""
HEAVY = {
    *("asyncio", "attr", "concurrent.futures", "ctypes", "dataclasses", "difflib", "email", "hashlib", "http"),
    *("importlib.metadata", "importlib.resources", "jsonschema", "logging", "multiprocessing", "numpy", "pathspec"),
    *("pkg_resources", "random", "referencing", "sqlite3", "tempfile", "tomllib", "unittest", "zipfile"),
}
"""Modules that cost a millisecond or more and that a clean file has no use for (python -X importtime)."""

PROBE = """
import json, sys
before = set(sys.modules)
import click, yaml
floor = set(sys.modules)
from planner.cli import main
try:
    main(["lint", sys.argv[1]])
except SystemExit as end:
    status = end.code
else:
    status = 0
print()
print(json.dumps({"status": status, "added": sorted(set(sys.modules) - floor)}))
"""


def modules_after_lint(path: Path) -> tuple[int, set[str]]:
    done = subprocess.run([sys.executable, "-c", PROBE, str(path)], capture_output=True, text=True, check=True)
    found = json.loads(done.stdout.splitlines()[-1])
    return found["status"] or 0, set(found["added"])


def test_a_clean_file_needs_no_heavy_module(tmp_path: Path) -> None:
    path = tmp_path / "clean.yaml"
    path.write_text(CLEAN)
    status, added = modules_after_lint(path)
    assert status == 0
    assert added & HEAVY == set()
    assert not {name for name in added if name.startswith("planner.baseline")}


def test_other_peoples_yaml_does_not_even_load_the_plan(tmp_path: Path) -> None:
    path = tmp_path / "ci.yaml"
    path.write_text("on: push\njobs: {build: {runs-on: ubuntu-latest}}\n")
    status, added = modules_after_lint(path)
    assert status == 0
    assert not {
        name
        for name in added
        if name.startswith(("planner.plan", "planner.model", "planner.catalog", "planner.rules."))
    }
