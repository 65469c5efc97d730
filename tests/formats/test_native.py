"""A native config becomes a workload in base units, each value with its origin."""

from __future__ import annotations

import pytest

from planner import source
from planner.formats import native
from planner.formats.context import Context
from planner.units import GIB
from planner.workload import Engine, Hardware, Lora, Model, Serving, Training, Workload


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


def serving(text: str) -> Serving:
    workload = read(f"model: {{parameters: 7B}}\ndeployment: {text}\n")
    assert workload.problems == ()
    assert workload.serving is not None
    return workload.serving


def training(text: str) -> Training:
    workload = read(f"model: {{parameters: 7B}}\ntraining: {text}\n")
    assert workload.problems == ()
    assert workload.training is not None
    return workload.training


class TestWhatIsNotStated:
    """Defaults belong to plans."""

    def test_an_empty_deployment_states_nothing(self) -> None:
        assert serving("{}") == Serving()

    def test_an_empty_training_states_nothing(self) -> None:
        assert training("{}") == Training()

    def test_a_section_without_a_value_is_none(self) -> None:
        workload = read("model: {parameters: 7B}\ndeployment:\ntraining: ~\n")
        assert (workload.serving, workload.training, workload.problems) == (None, None, ())

    def test_null_is_not_stated(self) -> None:
        assert serving("{context: null, kv_cache_dtype: ~, hardware: null, engine: null}") == Serving()
        assert model("{parameters: 7B, quantization: null, architecture: null}") == Model(parameters=7 * 10**9)

    def test_auto_is_the_dtype_of_the_checkpoint(self) -> None:
        assert model("{parameters: 7B, dtype: auto}").dtype is None

    def test_without_a_model_nothing_can_be_checked_and_it_is_said(self) -> None:
        workload = read("deployment: {context: 4096}\n")
        assert workload.model is None
        assert [item.because for item in workload.not_checked] == ["no model is named"]


class TestDeployment:
    def test_all_of_it(self) -> None:
        found = serving(
            "{engine: {name: vllm, version: 0.20.2}, context: 128K, concurrency: 16, kv_cache_dtype: fp8_e5m2,"
            " tensor_parallel: 4, pipeline_parallel: 2, data_parallel: 1, memory_utilization: 0.95,"
            " engine_args: {max-num-seqs: 256, --enforce-eager: true}, hardware: {memory: 80GiB, count: 8}}"
        )
        assert found == Serving(
            Engine("vllm", (0, 20, 2)),
            131_072,
            16,
            "float8",
            4,
            2,
            1,
            0.95,
            {"max_num_seqs": 256, "enforce_eager": True},
            Hardware(None, 8, 80 * GIB, 80 * GIB),
        )

    @pytest.mark.parametrize(
        ("written", "name"),
        [
            ("vLLM", "vllm"),
            ("text-generation-inference", "tgi"),
            ("llama-cpp", "llama.cpp"),
            ("trtllm", "tensorrt-llm"),
        ],
    )
    def test_engines_have_several_names(self, written: str, name: str) -> None:
        assert serving(f"{{engine: {written}}}").engine == Engine(name)

    @pytest.mark.parametrize(
        ("written", "version"),
        [
            ("0.10", (0, 10)),
            ("0.20", (0, 20)),
            ('"0.20"', (0, 20)),
            ("v0.8.5.post1", (0, 8, 5)),
            ("latest", None),
            ("2025-07", None),
            ("1", (1,)),
        ],
    )
    def test_a_version_is_read_as_it_is_written(self, written: str, version: tuple[int, ...] | None) -> None:
        assert serving(f"{{engine: {{name: vllm, version: {written}}}}}").engine == Engine("vllm", version)

    @pytest.mark.parametrize("written", ["q8_0", "Q8_0"])
    def test_a_cache_type_of_an_engine_keeps_its_name(self, written: str) -> None:
        workload = read(f"model: {{parameters: 7B}}\ndeployment: {{kv_cache_dtype: {written}}}\n")
        assert workload.serving is not None
        assert workload.serving.kv_cache_dtype == "q8_0"

    @pytest.mark.parametrize(
        ("args", "field", "value"),
        [
            ("{gpu_memory_utilization: 0.5}", "memory_utilization", 0.5),
            ("{max-model-len: 8k}", "context", 8000),
            ("{tensor_parallel_size: 4}", "tensor_parallel", 4),
            ("{--kv-cache-dtype: fp8}", "kv_cache_dtype", "float8"),
        ],
    )
    def test_the_engines_own_name_for_a_key_is_heeded(self, args: str, field: str, value: object) -> None:
        workload = read(f"model: {{parameters: 7B}}\ndeployment: {{engine: vllm, engine_args: {args}}}\n")
        assert workload.problems == ()
        assert getattr(workload.serving, field) == value
        assert workload.origins[f"deployment.{field}"].path[:2] == ("deployment", "engine_args")  # type: ignore[index]

    def test_the_same_said_twice_must_agree(self) -> None:
        text = "model: {parameters: 7B}\ndeployment: {tensor_parallel: 2, engine_args: {tensor_parallel_size: %d}}\n"
        assert read(text % 2).problems == ()
        [problem] = read(text % 4).problems
        assert (problem.rule, problem.path[2:]) == ("CFG007", ("tensor_parallel_size",))


def test_training_all_of_it() -> None:
    found = training(
        "{stage: continued-pretrain, tokens: 140B, unique_tokens: 70B, epochs: 2, steps: 35K, sequence_length: 4K,"
        " micro_batch_size: 4, gradient_accumulation: '8', global_batch_size: 1024.0, method: qlora,"
        " lora: {rank: 16, alpha: 32, targets: [q_proj, v_proj], dropout: 0.05, dtype: fp32}, framework: llama-factory,"
        " optimizer: paged-adamw-8bit, optimizer_implementation: fused, attention: sdpa, cross_entropy: chunked,"
        " precision: bf16-mixed, activation_checkpointing: selective, sharding: zero3, tensor_parallel: 2,"
        " pipeline_parallel: 4, context_parallel: 1, expert_parallel: 8, lifetime_inference_tokens: 2T,"
        " hardware: {memory: 80GiB, count: 64}}"
    )
    assert found == Training(
        stage="continued-pretrain",
        tokens=140 * 10**9,
        unique_tokens=70 * 10**9,
        epochs=2.0,
        steps=35_000,
        sequence_length=4096,
        micro_batch_size=4,
        gradient_accumulation=8,
        global_batch_size=1024,
        method="qlora",
        lora=Lora(16, ("q_proj", "v_proj"), 0.05, "float32"),
        framework="llama-factory",
        optimizer="paged-adamw-8bit",
        optimizer_implementation="fused",
        attention="sdpa",
        cross_entropy="chunked",
        precision="bf16-mixed",
        activation_checkpointing="selective",
        sharding="zero3",
        tensor_parallel=2,
        pipeline_parallel=4,
        context_parallel=1,
        expert_parallel=8,
        lifetime_inference_tokens=2 * 10**12,
        hardware=Hardware(None, 64, 80 * GIB, 80 * GIB),
    )


@pytest.mark.parametrize(
    ("written", "meant"), [("true", "full"), ("false", "none"), ("none", "none"), ("full", "full")]
)
def test_checkpointing_may_be_a_switch(written: str, meant: str) -> None:
    assert training(f"{{activation_checkpointing: {written}}}").activation_checkpointing == meant


class TestOrigins:
    TEXT = """\
model: {name: ours, parameters: 7B}
deployment:
  context: 4096
  engine: {name: vllm}
  hardware: {memory: 24GB}
"""

    @pytest.mark.parametrize(
        ("field", "line"),
        [("model", 1), ("model.parameters", 1), ("deployment", 2), ("deployment.context", 3), ("deployment.engine", 4),
         ("deployment.engine.name", 4), ("deployment.hardware", 5), ("deployment.hardware.memory", 5)],
    )  # fmt: skip
    def test_every_stated_field_has_its_place(self, field: str, line: int) -> None:
        workload = read(self.TEXT)
        origin = workload.origins[field]
        assert (origin.kind, origin.path, origin.document) == ("key", tuple(field.split(".")), None)
        assert workload.document.span(origin.path).line == line  # type: ignore[arg-type]

    def test_what_is_not_stated_has_none(self) -> None:
        assert "deployment.concurrency" not in read(self.TEXT).origins

    def test_hyper_parameters_have_theirs(self) -> None:
        workload = read("model: {architecture: {hidden_size: 64}}\n")
        assert workload.origins["model.architecture.hidden_size"].path == ("model", "architecture", "hidden_size")

    def test_what_the_catalogue_says_is_said_to_be_from_there(self) -> None:
        origin = read("model: {name: meta-llama/Llama-2-7b-hf}\n").origins["model.architecture"]
        assert origin.kind == "catalogue"
        assert origin.path is None
        assert "meta-llama/Llama-2-7b-hf" in origin.note


def test_several_documents_are_several_configs() -> None:
    found = source.read("two.yaml", b"model: {parameters: 7B}\n---\nmodel: {parameters: 70B}\n")
    assert found is not None
    names = [workload.name for one in found.documents for workload in native.read(one, Context(source.read))]
    assert names == ["two", "two #2"]
