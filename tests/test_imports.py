"""What the path to a clean file may import and compile: start-up is the product."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

MODEL = "model: {name: meta-llama/Llama-2-7b-hf, dtype: float16}\n"
SERVED = "deployment: {engine: vllm, context: 4096, hardware: {accelerator: A100-80GB, count: 1}}\n"
TRAINED = "training: {stage: finetune, tokens: 1B, hardware: {accelerator: H100-80GB, count: 64}}\n"
HEAVY = {
    *("asyncio", "attr", "concurrent.futures", "ctypes", "dataclasses", "difflib", "email", "hashlib", "http"),
    *("importlib.metadata", "importlib.resources", "jsonschema", "locale", "logging", "multiprocessing", "numpy"),
    *("pathspec", "pkg_resources", "random", "referencing", "sqlite3", "tempfile", "tomllib", "unicodedata"),
    *("unittest", "zipfile"),
}
"""Modules that cost half a millisecond or more and that a clean file has no use for (python -X importtime)."""
MOST_MODULES, MOST_PATTERNS = 120, 10
"""Of planner's own, 0.13 ms each, and compiled on the way, 0.1 ms each: to be lowered when they sink."""

PROBE = """
import json, re, sys
import click, yaml
floor, patterns = set(sys.modules), []
try:
    from re import _compiler as compiler
except ImportError:
    import sre_compile as compiler
whole = compiler.compile
compiler.compile = lambda pattern, flags=0: patterns.append(str(pattern)) or whole(pattern, flags)
from planner.cli import main
try:
    status = main(sys.argv[1:])
except SystemExit as end:
    status = end.code
print()
print(json.dumps([status or 0, sorted(set(sys.modules) - floor), patterns]))
"""


class Ended(NamedTuple):
    """A run in a process of its own."""

    status: int
    added: set[str]
    """Modules beyond click and yaml."""
    patterns: list[str]
    """Regular expressions that were compiled."""

    def own(self, *rooms: str) -> set[str]:
        """Modules of planner in `rooms`."""
        return {name for name in self.added if name.startswith(tuple(f"planner.{room}" for room in rooms))}


def run(*arguments: str) -> Ended:
    done = subprocess.run([sys.executable, "-c", PROBE, *arguments], capture_output=True, text=True, check=True)
    status, added, patterns = json.loads(done.stdout.splitlines()[-1])
    return Ended(status, set(added), patterns)


@pytest.fixture(name="linted")
def _linted(tmp_path: Path) -> Ended:
    (tmp_path / "pyproject.toml").write_text("[tool.ruff]\nline-length = 120\n")
    path = tmp_path / "clean.yaml"
    path.write_text(MODEL + SERVED)
    return run("lint", str(path))


def test_a_clean_file_needs_no_heavy_module(linted: Ended) -> None:
    assert linted.status == 0
    assert linted.added & HEAVY == set()


def test_a_clean_file_needs_few_modules_and_patterns(linted: Ended) -> None:
    assert len(linted.own("")) <= MOST_MODULES
    assert len(linted.patterns) <= MOST_PATTERNS, "\n".join(linted.patterns)


@pytest.mark.parametrize(
    "room",
    [
        *("baseline", "cache", "discretion", "fix", "plugins.", "scaling", "workers"),
        *("cli.fixing", "cli.progress", "settings.reading", "schema.wording", "schema.explain"),
        *("plan.fixes", "plan.tokens", "plan.training", "memory.training", "model.quantization.readers"),
        *("report.block", "report.layout", "rules.training", "rules.tokens", "rules.reading"),
    ],
)
def test_a_clean_deployment_asks_nobody_who_has_nothing_to_say(linted: Ended, room: str) -> None:
    assert linted.own(room) == set()


def test_a_training_run_asks_no_rule_of_deployments(tmp_path: Path) -> None:
    path = tmp_path / "train.yaml"
    path.write_text(MODEL + TRAINED)
    assert run("lint", str(path)).own("rules.fit", "rules.pods", "rules.quantization") == set()


def test_a_model_by_name_draws_no_lines_of_a_config() -> None:
    found = run("plan", "--model", "meta-llama/Llama-3.1-8B")
    assert found.own("report.block", "report.snippet", "rules.training", "plan.training") == set()


def test_other_peoples_yaml_does_not_even_load_the_plan(tmp_path: Path) -> None:
    path = tmp_path / "ci.yaml"
    path.write_text("on: push\njobs: {build: {runs-on: ubuntu-latest}}\n")
    found = run("lint", str(path))
    assert found.status == 0
    assert found.own("plan", "model", "catalog", "rules.") == set()
