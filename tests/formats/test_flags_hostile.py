"""Files made to break the readers of deployments: whatever stands where, no reader raises."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from planner.formats import compose, kubernetes, vllm_config
from planner.formats.context import Context
from planner.formats.flags import Variable, expand
from planner.source.document import Document

KEYS = (
    "spec", "template", "containers", "image", "command", "args", "env", "name", "value", "valueFrom",
    "configMapKeyRef", "key", "envFrom", "configMapRef", "resources", "limits", "requests", "nvidia.com/gpu",
    "nvidia.com/gpumem", "gpu", "nodeSelector", "nvidia.com/gpu.product", "affinity", "nodeAffinity",
    "requiredDuringSchedulingIgnoredDuringExecution", "nodeSelectorTerms", "matchExpressions", "operator", "values",
    "leaderWorkerTemplate", "size", "workerTemplate", "headGroupSpec", "workerGroupSpecs", "replicas", "extraPodSpec",
    "mainContainer", "multinode", "nodeCount", "services", "entrypoint", "environment", "env_file", "deploy",
    "reservations", "devices", "device_ids", "count", "gpus", "model", "max_model_len", "max-num-seqs",
    "gpu_memory_utilization", "kv_cache_dtype", "tensor_parallel_size", "quantization", "metadata",
)  # fmt: skip
WORDS = [
    "vllm", "serve", "--model", "$M", "${M:-a/b}", "-tp", "--tp=x", "vllm/vllm-openai:v1", "sh", "-c",
    "vllm serve a -q", "In", "all", "Qwen/Qwen3-8B", "1e400", "NaN", "ollama/ollama", "--hf-overrides={",
    "\0", "=", "/etc/passwd", "..",
]  # fmt: skip
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(WORDS) | st.text(max_size=5)
TREES: st.SearchStrategy[Any] = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=5),
    max_leaves=40,
)


def test_a_long_chain_of_variables_ends() -> None:
    chain = {f"V{index}": Variable(f"$V{index + 1}") for index in range(5_000)}
    assert expand("$V0", chain) == ("$V50", ("$V50",))


def test_variables_that_double_each_other_stay_small() -> None:
    doubling = {f"V{index}": Variable(f"$V{index + 1}" * 20) for index in range(40)} | {"V40": Variable("x" * 100)}
    text, missing = expand("$V0", doubling)
    assert len(text) < 1_000_000
    assert missing


@given(TREES)
def test_no_pod_breaks_the_reader(tree: object) -> None:
    pod = {"containers": [{"image": "vllm/vllm-openai", "env": tree, "resources": tree}, tree], "affinity": tree}
    for data in (tree, {"apiVersion": "v1", "kind": "Pod", "metadata": tree, "spec": pod, "more": tree}):
        document = Document("x.yaml", data=data)
        if kubernetes.recognise(document):
            list(kubernetes.read(document, Context(lambda _: None)))


@given(TREES)
def test_no_service_breaks_the_reader(tree: object) -> None:
    service = {"image": "vllm/vllm-openai", "environment": tree, "deploy": tree, "gpus": tree, "env_file": tree}
    for data in (tree, {"services": tree}, {"services": {"a": {**service, "command": tree}, "b": service}}):
        document = Document("x.yaml", data=data)
        if compose.recognise(document):
            list(compose.read(document, Context(lambda _: None)))


@given(st.dictionaries(st.sampled_from([*KEYS, "dtype", "max-model-len", "pipeline_parallel_size"]), TREES))
def test_no_config_breaks_the_reader(data: dict[str, object]) -> None:
    list(vllm_config.read(Document("x.yaml", data=data), Context(lambda _: None)))
