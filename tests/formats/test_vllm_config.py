"""The config of `vllm serve --config`."""

from __future__ import annotations

import pytest

from planner.formats import vllm_config
from planner.formats.context import Context
from planner.source.document import Document
from planner.workload import Engine, Hardware, Workload

CONFIG = {"model": "meta-llama/Llama-3.1-8B-Instruct", "max-model-len": "32k", "gpu_memory_utilization": 0.9}


def read(data: dict[str, object], hardware: Hardware | None = None) -> Workload:
    (found,) = vllm_config.read(Document("vllm.yaml", data=data), Context(lambda _: None, hardware))
    return found


@pytest.mark.parametrize(
    "data",
    [
        pytest.param({"model": "x", "port": 80}, id="a model and a port"),
        pytest.param({"_target_": "R", "gpu_memory_utilization": 0.5, "enforce_eager": False}, id="a rollout"),
        pytest.param({"rl": {}, "max_model_len": 1, "kv_cache_dtype": "auto"}, id="a config of reinforcement learning"),
        pytest.param({"engine_kwargs": {"max_model_len": 1, "max_num_seqs": 2}}, id="options one level down"),
        pytest.param({"--max-model-len": 1, "--max-num-seqs": 2}, id="arguments in a mapping"),
        pytest.param(["max_model_len", "max_num_seqs"], id="a list"),
    ],
)
def test_other_files_are_not_its_business(data: object) -> None:
    assert not vllm_config.recognise(Document("x.yaml", data=data))


def test_two_options_of_vllm_make_a_config() -> None:
    assert vllm_config.recognise(Document("x.yaml", data={"max-model-len": 1, "max_num_seqs": 2}))


def test_either_spelling_is_read() -> None:
    serving = read({**CONFIG, "tensor-parallel-size": 2, "max_num_seqs": 8, "enforce-eager": True}).serving
    assert serving is not None
    assert (serving.engine, serving.context, serving.memory_utilization) == (Engine("vllm"), 32_000, 0.9)
    assert (serving.tensor_parallel, serving.engine_args["max_num_seqs"]) == (2, 8)
    assert serving.engine_args["enforce_eager"] is True


def test_values_know_their_key() -> None:
    assert read(dict(CONFIG)).origins["deployment.context"].path == ("max-model-len",)


def test_one_device_holds_the_model_unless_told_otherwise() -> None:
    serving = read(dict(CONFIG), Hardware("L4", 4, 24 << 30, 24 << 30)).serving
    assert serving is not None
    assert (serving.tensor_parallel, serving.hardware and serving.hardware.count) == (1, 4)


def test_a_context_that_vllm_chooses_is_none() -> None:
    serving = read({**CONFIG, "max-model-len": "auto"}).serving
    assert serving is not None
    assert (serving.context, serving.engine_args["max_model_len"]) == (None, "auto")


def test_without_a_model_the_config_is_not_checked() -> None:
    found = read({"max_model_len": 8192, "max_num_seqs": 8})
    assert found.model is None
    assert [(item.what, item.because) for item in found.not_checked] == [("model", "vllm is started without a model")]


def test_an_unknown_model_is_said() -> None:
    found = read({**CONFIG, "model": "our-team/secret"})
    assert found.model is not None
    assert found.model.config is None
    assert "our-team/secret" in found.not_checked[0].because


def test_an_unknown_context_leaves_the_deployment_unchecked() -> None:
    found = read({**CONFIG, "max-model-len": "${LENGTH}"})
    assert found.serving is None
    assert [(item.what, item.because) for item in found.not_checked] == [
        ("serving", "max-model-len: $LENGTH is not set in this file")
    ]


@pytest.mark.parametrize("value", [0, 1.5, "much", True], ids=["none of it", "more than all", "a word", "yes"])
def test_a_share_that_is_none_leaves_the_deployment_unchecked(value: object) -> None:
    assert read({**CONFIG, "gpu_memory_utilization": value}).serving is None


def test_a_checkpoint_knows_its_own_quantization_best() -> None:
    plain = read({**CONFIG, "quantization": "fp8"}).model
    marlin = read({**CONFIG, "model": "TheBloke/Llama-2-7B-AWQ", "quantization": "awq_marlin"}).model
    assert plain is not None
    assert plain.quantization is not None
    assert marlin is not None
    assert marlin.quantization is not None
    assert (plain.quantization.method, marlin.quantization.method) == ("fp8", "awq")
