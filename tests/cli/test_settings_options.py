"""Settings from the command line on: what `planner lint` does with a project's planner.toml."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., int]
TIGHT = """\
model: {name: meta-llama/Llama-2-7b-hf, dtype: float16}
deployment: {context: 4096, concurrency: 5, hardware: {memory: 24GiB}}
"""
BARE = """\
model: {name: meta-llama/Llama-2-70b-hf, dtype: bfloat16}
deployment: {engine: vllm, context: 4096}
"""


@pytest.fixture(name="project")
def _project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[dict[str, str]], Path]:
    def write(files: dict[str, str]) -> Path:
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        monkeypatch.chdir(tmp_path)
        return tmp_path

    return write


Project = Callable[[dict[str, str]], Path]


def codes(planner: Run, capsys: pytest.CaptureFixture[str], *arguments: str) -> list[str]:
    """The rules that `planner lint` reports, as CODE:level."""
    planner("lint", "--no-summary", "--quiet", "-f", "concise", *arguments)
    out = capsys.readouterr().out
    return [f"{line.split()[2]}:{line.split()[1]}" for line in out.splitlines()]


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ("", ["FIT004:warning"]),
        ("thresholds.headroom = 0.001", []),
        ("ignore = ['little-headroom']", []),
        ("levels = {FIT = 'error'}", ["FIT004:error"]),
        ("exclude = ['a.yaml']", []),
        ("per-file-ignores = {'b.yaml' = ['FIT']}", ["FIT004:warning"]),
    ],
)
def test_settings_hold_for_the_files_of_a_folder(
    project: Project, planner: Run, capsys: pytest.CaptureFixture[str], settings: str, expected: list[str]
) -> None:
    project({"a.yaml": TIGHT, "planner.toml": settings})
    assert codes(planner, capsys, ".") == expected


def test_a_file_that_is_named_is_read_unless_exclusion_is_forced(
    project: Project, planner: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    project({"a.yaml": TIGHT, "planner.toml": "exclude = ['a.yaml']"})
    assert codes(planner, capsys, "a.yaml") == ["FIT004:warning"]
    assert codes(planner, capsys, "a.yaml", "--force-exclude") == []
    assert planner("lint", "a.yaml", "--force-exclude") == 0


def test_hardware_by_path(project: Project, planner: Run, capsys: pytest.CaptureFixture[str]) -> None:
    project({
        "big/a.yaml": BARE,
        "small/a.yaml": BARE,
        "planner.toml": "hardware = [{files = 'small/**', accelerator = 'L4'},"
        " {files = ['big/**'], accelerator = 'H200', count = 8}]",
    })  # fmt: skip
    assert codes(planner, capsys, "small", "big") == ["FIT001:error"]
    assert codes(planner, capsys, "small", "--hardware", "H200:8") == []


@pytest.mark.parametrize(("fail_on", "status"), [("warning", 1), ("error", 0), ("never", 0)])
def test_what_fails_is_a_setting(project: Project, planner: Run, fail_on: str, status: int) -> None:
    project({"a.yaml": TIGHT, "planner.toml": f"fail-on = '{fail_on}'"})
    assert planner("lint", ".") == status
    assert planner("lint", ".", "--fail-on", "warning") == 1


def test_settings_that_cannot_be_used_are_wrong_usage(
    project: Project, planner: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    project({"a.yaml": TIGHT, "planner.toml": "ingore = []"})
    assert planner("lint", ".") == 2
    assert "did you mean `ignore`" in capsys.readouterr().err
    assert planner("lint", ".", "--isolated") == 0
    assert planner("lint", ".", "--isolated", "--select", "FTI") == 2


def test_settings_are_shown_with_their_file(project: Project, planner: Run, capsys: pytest.CaptureFixture[str]) -> None:
    root = project({"sub/planner.toml": "thresholds.headroom = 0.1", "a.yaml": TIGHT})
    assert planner("lint", "--show-settings", "sub", "a.yaml", "--config", "fail-on=info") == 0
    assert capsys.readouterr().out.splitlines() == [
        f"# sub: {root / 'sub' / 'planner.toml'}",
        'fail-on = "info"',
        "thresholds.headroom = 0.1",
        "# a.yaml: no settings file",
        'fail-on = "info"',
    ]


def test_a_catalogue_of_ones_own(project: Project, planner: Run, capsys: pytest.CaptureFixture[str]) -> None:
    from planner.catalog import model_row

    project({
        "a.yaml": "model: {name: acme/secret-7b}\ndeployment: {context: 4096, hardware: {memory: 80GiB}}\n",
        "planner.toml": "catalog = ['models']",
        "models/acme/secret-7b/config.json": '{"model_type": "llama", "hidden_size": 4096, "num_hidden_layers": 32,'
        ' "num_attention_heads": 32, "intermediate_size": 11008, "vocab_size": 32000, "torch_dtype": "float16"}',
    })  # fmt: skip
    assert "REF001:warning" in codes(planner, capsys, "a.yaml", "--isolated")
    try:
        assert codes(planner, capsys, "a.yaml") == []
    finally:
        model_row.forget()


@pytest.mark.parametrize(
    ("settings", "options"),
    [
        ('ignore = ["FIT"]', []),
        ('levels = {FIT = "off"}', []),
        ('per-file-ignores = {"*" = ["FIT"]}', []),
        ("", ["--select", "TOK"]),
    ],
)
def test_what_settings_and_options_leave_out_is_counted(
    project: Project, planner: Run, capsys: pytest.CaptureFixture[str], settings: str, options: list[str]
) -> None:
    """Whoever changes the settings in a pull request does not do so unseen."""
    project({"a.yaml": TIGHT.replace("24GiB", "8GiB"), "planner.toml": settings})
    assert planner("lint", "a.yaml", *options) == 0
    assert "1 switched off · no findings" in capsys.readouterr().out
    planner("lint", "a.yaml", "-f", "json", *options)
    assert json.loads(capsys.readouterr().out)["switched_off"] == 1
    assert planner("lint", "a.yaml", "--isolated") == 1
    assert "switched off" not in capsys.readouterr().out
