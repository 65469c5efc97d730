"""The section `model`: by size, by hyper-parameters, by name, by path."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from planner import source
from planner.formats import native
from planner.formats.context import Context
from planner.workload import Model, Quantization, Workload

LLAMA = {"model_type": "llama", "hidden_size": 4096, "num_hidden_layers": 32}


def read(text: str, file: str = "config.yaml") -> Workload:
    found = source.read(file, text.encode())
    assert found is not None
    [workload] = native.read(found.documents[0], Context(source.read))
    return workload


def model(text: str) -> Model:
    workload = read(f"model: {text}\n")
    assert workload.problems == ()
    assert workload.model is not None
    return workload.model


def told(workload: Workload) -> list[tuple[str, tuple[str | int, ...]]]:
    return [(problem.rule, problem.path) for problem in workload.problems]


class TestModel:
    @pytest.mark.parametrize(
        ("written", "meant"),
        [
            ("7B", 7 * 10**9),
            ("6.74B", 6_740_000_000),
            ("7_000_000_000", 7 * 10**9),
            ("7e9", 7 * 10**9),
            ('"7000000000"', 7 * 10**9),
        ],
    )
    def test_its_size_may_be_written_in_many_ways(self, written: str, meant: int) -> None:
        assert model(f"{{parameters: {written}}}").parameters == meant

    def test_a_label_beside_its_size_is_no_question(self) -> None:
        found = model("{name: our/secret-7b, parameters: 7B, active_parameters: 1B, dtype: bf16}")
        assert found == Model("our/secret-7b", None, None, 7 * 10**9, 10**9, "bfloat16")

    def test_hyper_parameters_are_taken_as_they_are(self) -> None:
        found = model("{name: ours, architecture: {model_type: llama, hidden_size: 4096, rope_scaling: {factor: 2.0}}}")
        assert found.config == {"model_type": "llama", "hidden_size": 4096, "rope_scaling": {"factor": 2.0}}
        assert found.source == "inline"

    def test_hyper_parameters_win_over_the_catalogue(self) -> None:
        found = model("{name: meta-llama/Llama-2-7b-hf, architecture: {hidden_size: 64}}")
        assert (found.config, found.source) == ({"hidden_size": 64}, "inline")

    @pytest.mark.parametrize("text", ["{name: meta-llama/Llama-2-7b-hf}", "meta-llama/Llama-2-7b-hf"])
    def test_a_name_is_looked_up(self, text: str) -> None:
        found = model(text)
        assert (found.name, found.source) == ("meta-llama/Llama-2-7b-hf", "catalogue")
        assert found.config is not None
        assert found.config["num_hidden_layers"] == 32
        assert found.parameters is None, "only what is declared is compared with the architecture"

    def test_a_model_known_by_size_alone_has_its_size(self) -> None:
        found = model("{name: Gopher}")
        assert (found.config, found.parameters) == (None, 280 * 10**9)

    @pytest.mark.parametrize(
        ("written", "scheme"),
        [
            ("awq", Quantization("awq")),
            ("Q4_K_M", Quantization("Q4_K_M")),
            ("{method: gptq, bits: 4, group_size: 128}", Quantization("gptq", 4, 128)),
            ("{method: gguf, type: Q4_K_M}", Quantization("gguf", options={"type": "Q4_K_M"})),
            (
                "{quant_method: gptq, bits: 4, group_size: -1, desc_act: true}",
                Quantization("gptq", 4, -1, {"desc_act": True}),
            ),
            ("{bits: 4}", Quantization("int4", 4)),
            ("{method: exl2, bits: 4.65}", Quantization("exl2", 4.65)),
            ("none", None),
            ("null", None),
        ],
    )
    def test_a_quantization_is_a_name_or_a_mapping(self, written: str, scheme: Quantization | None) -> None:
        assert model(f"{{parameters: 7B, quantization: {written}}}").quantization == scheme

    def test_a_quantization_in_the_name_is_taken_unless_another_is_stated(self) -> None:
        implied = model("{name: TheBloke/Llama-2-70B-Chat-AWQ}").quantization
        assert implied is not None
        assert implied.method == "awq"
        assert model("{name: TheBloke/Llama-2-70B-Chat-AWQ, quantization: fp8}").quantization == Quantization("fp8")
        assert model("{name: TheBloke/Llama-2-70B-Chat-AWQ, quantization: none}").quantization is None

    def test_a_path_is_relative_to_the_file_that_says_it(self, tmp_path: Path) -> None:
        (tmp_path / "checkpoint").mkdir()
        (tmp_path / "checkpoint" / "config.json").write_text(json.dumps(LLAMA))
        workload = read("model: {name: ./checkpoint}\n", str(tmp_path / "config.yaml"))
        assert workload.problems == ()
        assert workload.model is not None
        assert (workload.model.config, workload.model.source) == (LLAMA, "config.json")
        origin = workload.origins["model.architecture.hidden_size"]
        assert origin.document is not None
        assert (origin.document.file, origin.path) == (str(tmp_path / "checkpoint" / "config.json"), ("hidden_size",))

    def test_a_checkpoint_is_remembered_beside_hyper_parameters(self, tmp_path: Path) -> None:
        (tmp_path / "a.gguf").write_bytes(b"GGUF")
        workload = read("model: {name: ./a.gguf, architecture: {hidden_size: 64}}\n", str(tmp_path / "config.yaml"))
        assert workload.model is not None
        assert (workload.model.folder, workload.model.source) == (str(tmp_path / "a.gguf"), "inline")

    def test_an_unknown_name_alone_cannot_be_checked(self) -> None:
        workload = read("model:\n  name: meta-llama/Llama-2-7b-hff\n")
        [problem] = workload.problems
        assert (problem.rule, problem.path) == ("REF001", ("model", "name"))
        assert "did you mean meta-llama/Llama-2-7b-hf" in problem.help
        assert "`parameters: 7B`" in problem.help
        assert [item.what for item in workload.not_checked] == ["model"]

    def test_an_unknown_name_in_place_of_the_section_is_marked_there(self) -> None:
        workload = read("model: our/secret-7b\ndeployment: {context: 4096}\n")
        assert told(workload) == [("REF001", ("model",))]

    def test_a_config_json_that_cannot_be_read_is_said(self, tmp_path: Path) -> None:
        (tmp_path / "config.json").write_text("{")
        workload = read("model: {name: config.json}\n", str(tmp_path / "config.yaml"))
        assert told(workload) == [("REF004", ("model", "name"))]
