"""The schemas themselves: well-formed, complete for editors, safe to run, found wherever planner is installed."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from planner import schema, units
from planner.formats.native import recognition
from planner.schema.conform import ANNOTATIONS, KEYWORDS, conforms, referred, resolve
from planner.workload import Hardware, Lora, Model, Serving, Training

NAMES = ("baseline", "config", "lint", "plan", "settings", "verify", "whatif")
CONFIG: Any = schema.load("config")
PARTS_OF_A_KEYWORD = {
    "properties": True,
    "patternProperties": True,
    "$defs": True,
    "items": False,
    "additionalProperties": False,
}


def parts(node: Any, path: str = "#") -> Iterator[tuple[str, Any]]:
    """Every schema within `node`."""
    if not isinstance(node, dict):
        return
    yield path, node
    for keyword, several in PARTS_OF_A_KEYWORD.items():
        if keyword in node:
            within = node[keyword]
            for key, part in within.items() if several else [("", within)]:
                yield from parts(part, f"{path}/{keyword}/{key}")
    for index, part in enumerate(node.get("anyOf", ())):
        yield from parts(part, f"{path}/anyOf/{index}")


PATTERNS = sorted({
    pattern
    for name in NAMES
    for _, part in parts(schema.load(name))
    for pattern in [*([part["pattern"]] if "pattern" in part else []), *part.get("patternProperties", {})]
})  # fmt: skip


def test_the_schemas_are_these() -> None:
    assert schema.names() == NAMES


@pytest.mark.parametrize("name", ["", "Config", "nonsense", "../schemas/config", "config.schema.json", "/etc/passwd"])
def test_there_is_no_other(name: str) -> None:
    with pytest.raises(KeyError):
        schema.load(name)


@pytest.mark.parametrize("name", NAMES)
def test_a_schema_is_one_by_its_own_dialect(name: str) -> None:
    Draft202012Validator.check_schema(schema.load(name))
    assert schema.load(name)["$schema"] == Draft202012Validator.META_SCHEMA["$id"]


@pytest.mark.parametrize("name", NAMES)
def test_every_keyword_is_one_that_is_checked(name: str) -> None:
    for path, part in parts(schema.load(name)):
        assert part.keys() <= KEYWORDS.keys() | ANNOTATIONS, path
        assert "$ref" not in part or isinstance(resolve(part["$ref"], schema.load(name)), dict), path


@pytest.mark.parametrize("name", NAMES)
def test_examples_conform(name: str) -> None:
    for path, part in parts(schema.load(name)):
        for example in part.get("examples", ()):
            assert conforms(example, part, schema.load(name)), path


@pytest.mark.parametrize("pattern", PATTERNS)
def test_patterns_are_anchored_and_take_no_time(pattern: str) -> None:
    assert pattern.startswith("^")
    for text in (
        "1" * 10_000 + "!",
        "1_" * 5_000 + "!",
        " " * 10_000 + "!",
        "a-" * 5_000 + "!",
        "1.1" * 3_000,
        "x" * 10_000,
    ):
        start = time.process_time()
        re.search(pattern, text)
        assert time.process_time() - start < 0.05


CONFIG_KEYS = [(path, part) for path, part in parts(CONFIG) if path.split("/")[-2:-1] == ["properties"]]


@pytest.mark.parametrize(("path", "part"), CONFIG_KEYS, ids=[path for path, _ in CONFIG_KEYS])
def test_an_editor_can_explain_every_key_of_the_config(path: str, part: Any) -> None:
    described = {**referred(part, CONFIG), **part}
    assert described["description"].endswith((".", "…"))
    if "architecture/properties" not in path:
        assert described["title"].split()[0] in ("a", "an", "the"), "it completes: this is X, not …"


def properties(name: str) -> set[str]:
    return set(CONFIG["$defs"][name]["properties"])


def test_the_config_has_the_keys_of_the_vocabulary() -> None:
    assert properties("deployment") == set(Serving._fields)
    assert properties("training") == set(Training._fields)
    assert properties("model") - {"architecture"} == set(Model._fields) - {"config", "source", "folder", "adapter"}
    assert properties("hardware") == {"accelerator", "instance"} | set(Hardware._fields) & {"memory", "count"}
    assert set(CONFIG["$defs"]["training"]["properties"]["lora"]["properties"]) == {"alpha", *Lora._fields}


@pytest.mark.parametrize("section", recognition.SECTIONS)
def test_a_config_is_recognised_by_the_keys_of_the_schema(section: str) -> None:
    assert recognition.KEYS[section] == properties(section)


@pytest.mark.parametrize("word", [word for word in CONFIG["$defs"]["dtype"]["enum"] if word not in ("auto", None)])
def test_every_dtype_is_understood(word: str) -> None:
    assert units.dtype(word) is not None


@pytest.mark.parametrize(
    ("definition", "read"), [("count", units.count), ("context", units.context), ("memory", units.memory)]
)
def test_what_has_the_shape_of_a_quantity_is_one(definition: str, read: Any) -> None:
    @given(st.from_regex(CONFIG["$defs"][definition]["pattern"], fullmatch=True).filter(lambda text: len(text) <= 40))
    @settings(max_examples=100, deadline=None)
    def understood(text: str) -> None:
        found = read(text)
        assert found is not None or "." in text or "e" in text.lower(), "only a fraction of a token may be refused"

    understood()


@pytest.mark.parametrize("written", ["7B", "6.74B", "150_000", "1,000,000", "3e11", "6.7 B", "1.4T"])
def test_counts_as_people_write_them_conform(written: str) -> None:
    assert conforms(written, CONFIG["$defs"]["count"], CONFIG)


@pytest.mark.parametrize("written", ["24GB", "24 GB", "24G", "24GiB", "24Gi", "81559MiB", "1.5TB", "25769803776"])
def test_memory_sizes_as_people_write_them_conform(written: str) -> None:
    assert conforms(written, CONFIG["$defs"]["memory"], CONFIG)


@pytest.mark.parametrize("written", [80, "80", "80 GBps", "GB", 80.5, "-80GB"])
def test_a_memory_size_without_a_unit_does_not(written: object) -> None:
    assert not conforms(written, CONFIG["$defs"]["memory"], CONFIG)


def test_findings_are_the_same_in_both_outputs() -> None:
    for name in ("finding", "fix"):
        assert schema.load("plan")["$defs"][name] == schema.load("lint")["$defs"][name]  # type: ignore[index]


def test_a_wheel_finds_its_own_copy(tmp_path: Path) -> None:
    package = tmp_path / "planner"
    shutil.copytree(Path(schema.__file__).parent, package / "schema", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(Path(schema.path("config")).parent, package / "schemas")
    (package / "__init__.py").write_text("")
    probe = "from planner import schema; print(schema.path('config')); print(schema.load('config')['$id'])"
    done = subprocess.run([sys.executable, "-c", probe], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [str(package / "schemas" / "config.schema.json"), "urn:planner:config:1"]
