"""FMBench's experiments."""

from __future__ import annotations

import pytest

from planner import source
from planner.formats import fmbench
from planner.formats.context import Context
from planner.workload import Workload

EXPERIMENT = """\
experiments:
- name: ours
  region: {region}
  model_id: Qwen/Qwen3-8B
  instance_type: ml.g5.12xlarge
  image_uri: djl-inference:0.29.0
  deploy: yes
  inference_script: sagemaker_predictor.py
  inference_spec: {parameter_set: sagemaker}
  serving.properties: |
    engine=Python
    option.rolling_batch=vllm
    option.tensor_parallel_degree=4
    option.max_model_len=8192
    option.max_rolling_batch_size=32
    option.model_id=s3://{bucket}/model
"""


def read(text: str) -> list[Workload]:
    document = source.read("config.yml", text.encode()).documents[0]
    return list(fmbench.read(document, Context(source.read))) if fmbench.recognise(document) else []


@pytest.mark.parametrize(
    "text",
    [
        EXPERIMENT.replace("experiments", "trials"),
        EXPERIMENT.replace("inference_script", "script"),
        "experiments: {a: {model_id: a/b, instance_type: g5.xlarge, inference_script: a.py}}\n",
        "- experiments\n",
        EXPERIMENT.replace("deploy: yes", "deploy: no").replace("Qwen/Qwen3-8B", "amazon.titan-text-express-v1"),
    ],
    ids=["no experiments", "no script", "no list", "a list", "a model of an API"],
)
def test_what_deploys_no_known_model_is_left_alone(text: str) -> None:
    assert read(text) == []


def test_djls_options_are_the_engines() -> None:
    [found] = read(EXPERIMENT)
    serving = found.serving
    assert found.model is not None
    assert serving is not None
    assert serving.engine is not None
    assert serving.hardware is not None
    assert (found.model.name, serving.engine.name) == ("Qwen/Qwen3-8B", "vllm")
    assert (serving.context, serving.tensor_parallel, serving.engine_args["max_num_seqs"]) == (8192, 4, 32)
    assert serving.hardware.count == 4


def test_the_model_that_djl_loads_wins() -> None:
    [found] = read(EXPERIMENT.replace("s3://{bucket}/model", "Qwen/Qwen3-4B"))
    assert found.model is not None
    assert found.model.name == "Qwen/Qwen3-4B"


@pytest.mark.parametrize(
    ("spec", "engine"),
    [
        ("container_type: triton, tp_degree: 2", "tensorrt-llm"),
        ("container_type: vllm_gpu, cli_params: --tensor-parallel-size 2", "vllm"),
    ],
)
def test_a_container_on_ec2_has_its_engine_and_degree_beside_it(spec: str, engine: str) -> None:
    text = EXPERIMENT[: EXPERIMENT.index("  serving.properties")].replace("parameter_set: sagemaker", spec)
    [found] = read(text)
    assert found.serving is not None
    assert found.serving.engine is not None
    assert (found.serving.engine.name, found.serving.tensor_parallel) == (engine, 2)


@pytest.mark.parametrize(
    ("text", "because"),
    [
        (EXPERIMENT.replace("deploy: yes", "deploy: no"), "an endpoint that is there already serves it"),
        (EXPERIMENT.replace("rolling_batch=vllm", "rolling_batch=auto"), "which engine serves it is not stated"),
        (
            EXPERIMENT.replace("Qwen/Qwen3-8B", "{model_id}"),
            "the model is not known: <model_id> is to be filled in",
        ),
    ],
    ids=["no deployment", "no engine", "a model that is filled in"],
)
def test_what_cannot_be_checked_is_said(text: str, because: str) -> None:
    [found] = read(text)
    assert [item.because for item in found.not_checked] == [because]


def test_the_context_of_lmi_dist_is_its_own_choice_unless_stated() -> None:
    text = EXPERIMENT.replace("rolling_batch=vllm", "rolling_batch=lmi-dist")
    [stated] = read(text)
    [open_] = read(text.replace("    option.max_model_len=8192\n", ""))
    assert stated.serving is not None
    assert open_.serving is not None
    assert (stated.serving.context, open_.serving.context) == (8192, None)
    assert open_.serving.engine_args["max_model_len"] == "auto"
