"""The GitHub Action and the GitLab template: what they run, on a repository of its own, with the runner's variables."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

PROJECT = Path(__file__).resolve().parent.parent
PLANNER = Path(sys.executable).parent / "planner"
ACTION: Any = yaml.safe_load((PROJECT / "action.yml").read_text())
TEMPLATE: Any = yaml.safe_load((PROJECT / "templates" / "planner.gitlab-ci.yml").read_text())
FITS = """\
model: {name: meta-llama/Llama-2-7b-hf, dtype: float16}
deployment: {engine: vllm, context: 4096, hardware: {accelerator: A100-80GB, count: 1}}
"""
TOO_LARGE = FITS.replace("7b", "70b")

pytestmark = pytest.mark.skipif(not PLANNER.exists() or not shutil.which("bash"), reason="needs bash and the command")


class Step(NamedTuple):
    """What a step of a job left."""

    status: int
    said: str
    summary: str
    outputs: dict[str, str]

    @property
    def sarif(self) -> Any:
        return json.loads(Path(self.outputs["sarif"]).read_text())


@pytest.fixture(name="repository")
def _repository(tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    folder.mkdir()
    (folder / "fits.yaml").write_text(FITS)
    return folder


def act(repository: Path, **inputs: str) -> Step:
    """Run the action's first step as the runner does."""
    [step, _] = ACTION["runs"]["steps"]
    values = {name: value["default"] for name, value in ACTION["inputs"].items()}
    values |= {name.replace("_", "-"): value for name, value in inputs.items()}
    given = {name: values[text[len("${{ inputs.") : -len(" }}")]] for name, text in step["env"].items()}
    runner = repository.parent
    files = {name: runner / name for name in ("GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT")}
    for file in files.values():
        file.touch()
    environment = {
        "PATH": os.environ["PATH"],
        "PLANNER": str(PLANNER),
        "RUNNER_TEMP": str(runner),
        "GITHUB_ACTIONS": "true",
        "GITHUB_ACTION_PATH": str(PROJECT),
        **{name: str(file) for name, file in files.items()},
        **given,
    }
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
        cwd=repository, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    lines = files["GITHUB_OUTPUT"].read_text().splitlines()
    outputs = dict(line.split("=", 1) for line in lines)
    return Step(done.returncode, done.stdout + done.stderr, files["GITHUB_STEP_SUMMARY"].read_text(), outputs)


def test_what_fits_passes(repository: Path) -> None:
    step = act(repository)
    assert (step.status, step.outputs["status"]) == (0, "0")
    assert step.sarif["runs"][0]["results"] == []
    assert "planner: no findings" in step.summary
    assert "::error" not in step.said


def test_what_does_not_fit_fails_with_annotation_summary_and_sarif(repository: Path) -> None:
    (repository / "large.yaml").write_text(TOO_LARGE)
    step = act(repository)
    assert (step.status, step.outputs["status"]) == (1, "1")
    assert "::error file=large.yaml,line=2" in step.said
    assert "large.yaml:2" in step.said
    assert "FIT001" in step.summary
    assert [result["ruleId"] for result in step.sarif["runs"][0]["results"]] == ["FIT001"]


def test_inputs_reach_the_command(repository: Path) -> None:
    (repository / "a folder").mkdir()
    (repository / "a folder" / "large.yaml").write_text(TOO_LARGE)
    (repository / "open.yaml").write_text("model: {name: gpt2, dtype: float16}\ndeployment: {engine: vllm}\n")
    assert act(repository, paths="fits.yaml").status == 0
    assert act(repository, paths="'a folder'\nfits.yaml").status == 1
    assert act(repository, fail_on="never").status == 0
    assert act(repository, args="--select TOK --config 'levels.FIT004=\"off\"'").status == 0
    assert act(repository, hardware="nonsense").status == 2
    (repository / "known.json").write_text("{}")
    assert act(repository, baseline="known.json").status == 2


@pytest.mark.parametrize("name", ["paths", "args", "fail_on", "hardware", "baseline"])
def test_inputs_are_never_evaluated(repository: Path, name: str) -> None:
    step = act(repository, **{name: "$(touch owned); touch owned && `touch owned`\n::set-output name=a::b"})
    assert step.status in (0, 2, 3)
    assert not (repository / "owned").exists()
    assert not [line for line in step.said.splitlines() if line.lstrip().startswith("::set-output")]


def test_wrong_usage_leaves_nothing_to_upload(repository: Path) -> None:
    step = act(repository, args="--nonsense")
    assert step.status == 2
    assert "sarif" not in step.outputs


def test_no_expression_stands_in_a_script() -> None:
    for step in ACTION["runs"]["steps"]:
        assert "${{" not in step.get("run", "")


def test_every_input_is_used_and_described() -> None:
    text = json.dumps(ACTION["runs"])
    for name, entry in ACTION["inputs"].items():
        assert f"inputs.{name} " in text
        assert entry["description"]


def test_findings_are_uploaded_even_though_the_step_failed() -> None:
    upload = ACTION["runs"]["steps"][1]
    assert "!cancelled()" in upload["if"]
    assert upload["uses"].startswith("github/codeql-action/upload-sarif@")


def test_the_gitlab_job_writes_its_report(repository: Path) -> None:
    (repository / "large.yaml").write_text(TOO_LARGE)
    job = TEMPLATE["planner"]
    environment = {"PATH": f"{PLANNER.parent}:{os.environ['PATH']}", **job["variables"]}
    done = subprocess.run(
        ["bash", "-c", "\n".join(job["script"])],
        cwd=repository, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    report = json.loads((repository / job["artifacts"]["reports"]["codequality"]).read_text())
    assert [(entry["check_name"], entry["location"]["path"]) for entry in report] == [("FIT001", "large.yaml")]
    assert job["artifacts"]["when"] == "always"
    assert shlex.split(job["before_script"][0])[-1] == "$PLANNER_PACKAGE"
