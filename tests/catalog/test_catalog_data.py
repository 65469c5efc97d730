"""The data files: every row whole, named once, sourced; small to read."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import jsonschema
import pytest

import planner.catalog

FOLDER = Path(planner.catalog.__file__).parent
WORD = {"type": "string", "minLength": 1}
WORDS = {"type": "array", "items": WORD, "minItems": 1, "uniqueItems": True}
COUNT = {"type": "integer", "minimum": 1}
DATE = {"type": "string", "pattern": "^20[0-9]{2}-[0-9]{2}(-[0-9]{2})?$"}
DTYPE = {"enum": ["fp32", "fp16", "bf16", "fp8", "fp4", "int8", "int4"]}


def closed(required: dict[str, object], optional: dict[str, object]) -> dict[str, object]:
    """The schema of an object with these properties and no others."""
    required = {"source": WORD, "date": DATE, **required}
    properties = {**required, **optional}
    return {"type": "object", "properties": properties, "required": list(required), "additionalProperties": False}


SCHEMAS = {
    "accelerators.jsonl": closed(
        {
            "id": WORD, "name": WORD, "vendor": WORD, "names": WORDS, "aliases": {"type": "array", "items": WORD},
            "nominal_gb": COUNT, "memory_mib": COUNT, "memory_max_mib": COUNT, "basis": {"enum": ["log", "estimate"]},
            "dtypes": {"type": "array", "items": DTYPE, "minItems": 1},
        },
        {
            "nominal_also": {"type": "array", "items": COUNT}, "form": {"enum": ["sxm", "pcie", "nvl"]},
            "bandwidth": COUNT, "link": WORD, "note": WORD, "devices_per_package": COUNT,
            "compute_capability": {"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 2},
            "flops": {"type": "object", "propertyNames": DTYPE, "additionalProperties": COUNT},
        },
    ),
    "mig.jsonl": closed(
        {
            "profile": {"type": "string", "pattern": "^[1-7]g\\.[0-9]+gb$"}, "accelerators": WORDS, "instances": COUNT,
            "nominal_gb": COUNT, "memory_mib": COUNT, "memory_max_mib": COUNT, "basis": {"enum": ["log", "estimate"]},
        },
        {},
    ),
    "instances.jsonl": closed(
        {"id": WORD, "cloud": WORD, "accelerator": WORD, "count": COUNT},
        {"fraction": {"type": "string", "pattern": "^1/[2-8]$"}},
    ),
    "engines.jsonl": closed(
        {"engine": WORD, "key": WORD, "value": {"type": ["number", "string"]}, "note": WORD},
        {"since": {"type": "array", "items": {"type": "integer"}}},
    ),
    "models.jsonl": closed(
        {"id": WORD, "names": WORDS},
        {
            "same": WORDS, "aliases": WORDS, "parameters": COUNT, "active_parameters": COUNT, "training_tokens": COUNT,
            "base": WORD, "note": WORD, "config": {"type": "object", "required": ["model_type"]},
        },
    ),
}  # fmt: skip


def rows(file: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in (FOLDER / file).read_text(encoding="ascii").splitlines()]


def named(row: dict[str, object]) -> list[str]:
    """Every name that a row goes by."""
    lists = [row.get("same", []), row.get("aliases", [])]
    return [str(row["id"]), *(str(name) for names in lists if isinstance(names, list) for name in names)]


@pytest.mark.parametrize("file", SCHEMAS)
def test_every_row_is_whole(file: str) -> None:
    check = jsonschema.Draft202012Validator(SCHEMAS[file])
    wrong = [(row.get("id"), error.message) for row in rows(file) for error in check.iter_errors(row)]
    assert wrong == []


@pytest.mark.parametrize("file", ["accelerators.jsonl", "instances.jsonl", "models.jsonl"])
def test_no_name_stands_for_two_rows(file: str) -> None:
    keys = Counter(name.lower() for row in rows(file) for name in named(row))
    shared = {"intel-gaudi"}
    assert {name for name, times in keys.items() if times > 1} - shared == set()


def test_rows_are_sorted_so_that_changes_are_small_and_rows_are_found() -> None:
    ids = [str(row["id"]) for row in rows("models.jsonl")]
    assert ids == sorted(ids, key=str.lower)


def test_the_generous_reading_of_memory_is_never_below_the_careful_one() -> None:
    for file in ("accelerators.jsonl", "mig.jsonl"):
        for row in rows(file):
            low, high, nominal = row["memory_mib"], row["memory_max_mib"], row["nominal_gb"]
            assert isinstance(low, int)
            assert isinstance(high, int)
            assert isinstance(nominal, int)
            assert low <= high, row
            assert high >= nominal * 1024 or row["basis"] == "log", row


def test_there_are_hundreds_of_checkpoints() -> None:
    """By name on the Hub, with the config of that checkpoint."""
    with_config = [row for row in rows("models.jsonl") if "config" in row]
    assert len(with_config) >= 300


def test_no_config_drags_a_whole_checkpoint_index_along() -> None:
    assert max(map(len, (FOLDER / "models.jsonl").read_text().splitlines())) < 32_768
    assert (FOLDER / "models.jsonl").stat().st_size < 1 << 20


PROBE = """
import sys
from planner.catalog import accelerators, models
assert {call}
heavy = ("yaml", "difflib", "urllib", "socket", "ssl")
print(sorted(name for name in sys.modules if name.split(".")[0] in heavy))
"""


@pytest.mark.parametrize(
    "call",
    [
        "models.find('Qwen/Qwen3-30B-A3B')", "models.find('TheBloke/Llama-2-70B-Chat-AWQ')",
        "models.find('our-team/secret-7b') is None", "accelerators.find('A100-80GB')",
        "accelerators.find('H1000') is None",
    ],
)  # fmt: skip
def test_a_lookup_needs_no_heavy_module(call: str) -> None:
    probe = [sys.executable, "-c", PROBE.replace("{call}", call)]
    assert subprocess.run(probe, capture_output=True, text=True, check=True).stdout.strip() == "[]"
