"""Sections of a native config that are kept in files of their own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from planner import source
from planner.formats import native
from planner.formats.context import Context
from planner.workload import Model, Workload

LLAMA = {"model_type": "llama", "hidden_size": 4096, "num_hidden_layers": 32}


def read(text: str, file: str = "config.yaml") -> Workload:
    found = source.read(file, text.encode())
    assert found is not None
    [workload] = native.read(found.documents[0], Context(source.read))
    return workload


def told(workload: Workload) -> list[tuple[str, tuple[str | int, ...]]]:
    return [(problem.rule, problem.path) for problem in workload.problems]


class TestSectionsInOtherFiles:
    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        (tmp_path / "bare.yaml").write_text("parameters: 7B\ndtype: bf16\n")
        (tmp_path / "under.yaml").write_text("# shared\nmodel:\n  parameters: 7B\n  dtype: bf16\n")
        (tmp_path / "deployment.yaml").write_text("context: 4096\nhardware: {memory: 24GB}\n")
        (tmp_path / "chain.yaml").write_text("model: ./under.yaml\n")
        (tmp_path / "circle.yaml").write_text("model: ./back.yaml\n")
        (tmp_path / "back.yaml").write_text("model: ./circle.yaml\n")
        (tmp_path / "broken.yaml").write_text("model: [\n")
        (tmp_path / "empty.yaml").write_text("# nothing\n")
        (tmp_path / "other.yaml").write_text("on: push\n")
        (tmp_path / "slips.yaml").write_text("model:\n  parameters: 7B\n  dtpye: bf16\n")
        (tmp_path / "bare-slips.yaml").write_text("context: eight\nenigne: vllm\n")
        (tmp_path / "config.json").write_text(json.dumps(LLAMA))
        return tmp_path

    def config(self, folder: Path, text: str) -> Workload:
        return read(text, str(folder / "config.yaml"))

    @pytest.mark.parametrize("name", ["./bare.yaml", "under.yaml", "chain.yaml", "../{0}/bare.yaml"])
    def test_a_section_may_be_in_one(self, folder: Path, name: str) -> None:
        workload = self.config(folder, f"model: {name.format(folder.name)}\n")
        assert workload.problems == ()
        assert workload.model == Model(parameters=7 * 10**9, dtype="bfloat16")

    def test_its_values_have_their_origin_there(self, folder: Path) -> None:
        workload = self.config(folder, "model: ./under.yaml\ndeployment: ./deployment.yaml\n")
        there = workload.origins["model.dtype"]
        assert there.document is not None
        assert (there.document.file, there.path) == (str(folder / "under.yaml"), ("model", "dtype"))
        assert there.document.span(there.path).line == 4  # type: ignore[arg-type]
        bare = workload.origins["deployment.hardware.memory"]
        assert bare.document is not None
        assert (bare.document.file, bare.path) == (str(folder / "deployment.yaml"), ("hardware", "memory"))

    def test_a_config_json_is_a_model(self, folder: Path) -> None:
        workload = self.config(folder, "model: ./config.json\n")
        assert workload.problems == ()
        assert workload.model is not None
        assert (workload.model.config, workload.model.source) == (LLAMA, "config.json")

    @pytest.mark.parametrize(
        ("name", "because"),
        [
            ("none.yaml", "`none.yaml` cannot be read: no such file"),
            ("broken.yaml", "`broken.yaml` cannot be read: line "),
            ("empty.yaml", "`empty.yaml` cannot be read: it holds no mapping"),
            ("other.yaml", "`other.yaml` holds no section `model`"),
            ("circle.yaml", "files refer to each other in a circle: circle.yaml → back.yaml → circle.yaml"),
        ],
    )
    def test_one_that_does_not_help_is_said(self, folder: Path, name: str, because: str) -> None:
        workload = self.config(folder, f"model: {name}\ndeployment: {{context: 4096}}\n")
        [problem] = workload.problems
        assert problem.rule == "REF004"
        assert problem.message.startswith(because)
        assert workload.model is None
        assert [item.what for item in workload.not_checked] == ["model"]

    def test_a_deployment_that_is_missing_leaves_the_model(self, folder: Path) -> None:
        workload = self.config(folder, "model: ./bare.yaml\ndeployment: ./none.yaml\n")
        assert told(workload) == [("REF004", ("deployment",))]
        assert workload.model is not None
        assert [item.what for item in workload.not_checked] == ["serving"]

    def test_a_file_that_refers_to_itself(self, folder: Path) -> None:
        workload = self.config(folder, "model: ./config.yaml\n")
        assert told(workload) == [("REF004", ("model",))]

    def test_mistakes_are_reported_where_they_are(self, folder: Path) -> None:
        workload = self.config(folder, "model: ./slips.yaml\ndeployment: ./bare-slips.yaml\n")
        found = {
            (Path(problem.document.file).name, problem.path): problem
            for problem in workload.problems
            if problem.document
        }
        assert set(found) == {
            ("slips.yaml", ("model", "dtpye")),
            ("bare-slips.yaml", ("context",)),
            ("bare-slips.yaml", ("enigne",)),
        }
        assert found["bare-slips.yaml", ("context",)].message.startswith("`deployment.context` is eight")

    def test_a_name_that_no_file_has_is_a_model(self, folder: Path) -> None:
        workload = self.config(folder, "model: meta-llama/Llama-2-7b-hf\n")
        assert workload.model is not None
        assert workload.model.source == "catalogue"
