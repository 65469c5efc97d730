"""`planner what-if`: a table for people, a row per combination for programs."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from planner import schema
from planner.plan.what_if import Combination
from planner.report.what_if import rendered

Run = Callable[..., int]
ASKED = ("what-if", "--model", "meta-llama/Llama-3.1-8B", "--hardware", "L4,H100-80GB", "--context", "8K,128K")


def printed(planner: Run, capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert planner(*arguments) == 0
    return capsys.readouterr().out


def test_the_table_names_the_fewest_devices(planner: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """15 GiB of weights on an L4 of 22 leave room for 8K tokens of 128 KiB each, and not for 128K (16 GiB)."""
    lines = printed(planner, capsys, *ASKED, "--quantization", "none").splitlines()
    assert lines[0].split() == ["model", "weights", "GiB", "context", "L4", "H100-80GB"]
    short, long = lines[1].split(), lines[2].split()
    assert short[:4] == ["Llama-3.1-8B", "bfloat16", "15.0", "8K"]
    assert [cell[:2] for cell in short[4:]] == ["1×", "1×"]
    assert [cell[:2] for cell in long[1:]] == ["2×", "1×"]
    assert "fewest devices" in lines[4]


@pytest.mark.parametrize("form", ["json", "jsonl", "csv"])
def test_every_combination_is_a_row(planner: Run, capsys: pytest.CaptureFixture[str], form: str) -> None:
    text = printed(planner, capsys, *ASKED, "--devices", "1,2", "--format", form)
    keys = list(schema.load("whatif")["$defs"]["combination"]["properties"])  # type: ignore[index]
    if form == "csv":
        rows = list(csv.reader(io.StringIO(text)))
        assert rows[0] == keys
        assert len(rows) == 1 + 3 * 2 * 2 * 2
        assert {row[keys.index("fits")] for row in rows[1:]} == {"true", "false"}
        return
    data = (
        json.loads(text) if form == "json" else {"version": 1, "combinations": list(map(json.loads, text.splitlines()))}
    )
    Draft202012Validator(schema.load("whatif")).validate(data)
    assert len(data["combinations"]) == 3 * 2 * 2 * 2
    assert list(data["combinations"][0]) == keys


def test_only_what_fits(planner: Run, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ("what-if", "--hardware", "RTX 4090", "--fits-only", "--format", "jsonl")
    rows = [json.loads(line) for line in printed(planner, capsys, *arguments).splitlines()]
    assert rows
    assert all(row["fits"] and not row["refused"] for row in rows)
    assert not any("DeepSeek-R1" in row["model"] for row in rows)


def test_devices_that_are_counted_bound_the_number(planner: Run, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ("what-if", "--model", "Qwen/Qwen3-8B", "--hardware", "L4:6", "--format", "jsonl")
    rows = [json.loads(line) for line in printed(planner, capsys, *arguments).splitlines()]
    assert {row["devices"] for row in rows} == {1, 2, 4, 6}
    assert {row["accelerator"] for row in rows} == {"L4"}
    assert all("cannot be split over 6" in row["refused"] for row in rows if row["devices"] == 6)


def test_a_pattern_stands_for_what_the_catalogue_has(planner: Run, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ("what-if", "--model", "qwen3-?b", "--hardware", "H200", "--format", "jsonl")
    names = {json.loads(line)["model"] for line in printed(planner, capsys, *arguments).splitlines()}
    assert {"Qwen/Qwen3-8B", "Qwen/Qwen3-4B"} <= names
    assert "Qwen/Qwen3-32B" not in names


def test_a_folder_with_a_config_is_a_model(planner: Run, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"model_type": "llama"}')
    text = printed(planner, capsys, "what-if", "--model", str(tmp_path), "--hardware", "H100-80GB", "--context", "2K")
    assert "bfloat16 12.6" in text


def test_nothing_fits(planner: Run, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ("what-if", "--model", "deepseek-ai/DeepSeek-V3", "--hardware", "L4", "--devices", "1")
    assert planner(*asked) == 1
    assert capsys.readouterr().out == "nothing fits\n"
    assert planner(*asked, "--fits-only", "--format", "json") == 1
    assert json.loads(capsys.readouterr().out) == {"version": 1, "combinations": []}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--model", "meta-llama/Llama-3.1-8"), "did you mean"),
        (("--model", "llama"), "'*llama*' stands for the "),
        (("--model", "no-such-model-*"), "matches no-such-model-*"),
        (("--model", ""), "--model names nothing"),
        (("--hardware", "H1000"), "no accelerator is called"),
        (("--hardware", ":8"), "no accelerator is called"),
        (("--hardware", "abc"), "a size of memory stands for any other: 80GB"),
        (("--context", "long"), "--context long: not understood; it takes numbers of tokens: 8192, 8K"),
        (("--context", "-5"), "--context -5: not understood"),
        (("--kv-cache-dtype", "fp9"), "--kv-cache-dtype fp9: not understood; it takes auto, fp8"),
        (("--kv-cache-dtype", "q8_0"), "--kv-cache-dtype q8_0: not understood"),
        (("--devices", "0"), "--devices 0: not understood"),
        (("--concurrency", "-1"), "--concurrency -1: not understood"),
        (("--quantization", "awqq"), "--quantization awqq: not understood"),
        (("--dtype", "bf17"), "--dtype bf17: not understood"),
        (("--engine", "vlm"), "--engine vlm: not understood"),
        (("--engine", "vllm:x"), "--engine vllm:x: not understood"),
        (("--engine", ""), "--engine '': not understood; it takes vllm, sglang"),
        (("--context", ",".join(map(str, range(1, 30_000)))), "combinations are too many, at most 5,000,000"),
        (("--model", "*", "--context", ",".join(map(str, range(1, 1000)))), " numbers of devices × 999 contexts × "),
    ],
)
def test_what_is_not_understood_is_said(
    planner: Run, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], said: str
) -> None:
    assert planner("what-if", *arguments) == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("device", "said"),
    [
        pytest.param("A100-80GB", "", id="a size that there is"),
        pytest.param("l4", "", id="a name in another spelling"),
        pytest.param("80GB", "", id="a size alone"),
        pytest.param("L40S-48GB", "", id="the size that a device has anyway"),
        pytest.param("H100-100GB", "planner: H100-100GB is taken for H100 with 93.13 GiB\n", id="no H100 has 100 GB"),
        pytest.param("A100-81GB", "planner: A100-81GB is taken for A100 with 79.14 GiB\n", id="nearly 80 GB"),
    ],
)
def test_a_size_that_no_device_of_that_name_has_is_said(
    planner: Run, capsys: pytest.CaptureFixture[str], device: str, said: str
) -> None:
    planner("what-if", "--model", "meta-llama/Llama-3.1-8B", "--hardware", device, "--devices", "1")
    assert capsys.readouterr().err == said


def test_a_spreadsheet_takes_no_name_for_a_formula(
    planner: Run, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "=cmd"
    folder.mkdir()
    (folder / "config.json").write_text('{"model_type": "llama"}')
    text = printed(planner, capsys, "what-if", "--model", "=cmd", "--hardware", "H100", "--format", "csv")
    assert {row[0] for row in csv.reader(io.StringIO(text))} == {"model", "'=cmd"}


@pytest.mark.parametrize("stated", ["auto", "fp8", "FP8_e5m2", "bfloat16", "fp8_ds_mla"])
def test_a_format_of_the_cache_is_taken_by_any_of_its_names(planner: Run, stated: str) -> None:
    assert planner("what-if", "--model", "gpt2", "--hardware", "L4", "--context", "1K", "--kv-cache-dtype", stated) == 0


@pytest.mark.parametrize("form", ["json", "jsonl", "csv"])
def test_a_row_is_written_before_the_next_but_one_is_worked_out(form: str) -> None:
    worked_out = 0

    def rows() -> Iterator[Combination]:
        nonlocal worked_out
        while True:
            worked_out += 1
            yield Combination._make([None] * len(Combination._fields))

    assert len(list(islice(rendered(form, rows()), 1000))) == 1000
    assert worked_out <= 1001
