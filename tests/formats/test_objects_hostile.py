"""Objects of Kubernetes made to break the readers of their kinds: whatever stands where, no reader raises."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.formats.context import Context
from planner.source.document import Document

KEYS = (
    "model", "modelURL", "storage", "storageUri", "modelParameterSize", "engineConfig", "decoderConfig", "runner",
    "leader", "worker", "size", "supportedModelFormats", "quantization", "engine", "runtime", "name", "args",
    "command", "image", "repository", "tag", "resources", "limits", "nvidia.com/gpu", "nodeSelector", "vllmConfig",
    "extraArgs", "env", "deploymentConfig", "gpu", "gpuType", "artifactURL", "source", "modelHub", "modelID",
    "filename", "uri", "inferenceConfig", "flavors", "modelClaim", "modelName", "modelClaims", "models", "role",
    "backendRuntimeConfig", "backendName", "ngc", "modelPuller", "predictor", "modelFormat", "containers",
    "parallelism", "template", "prefill",
)  # fmt: skip
WORDS = [
    "vllm", "hf://a/b", "nvcr.io/nim/a/b:1", "vllm/vllm-openai", "--model", "$(MODEL_PATH)", "sglang.launch_server",
    "a/b", "7B", "huggingface", "1e400", "main", "draft", "",
]  # fmt: skip
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(WORDS)
TREES: st.SearchStrategy[Any] = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=5),
    max_leaves=30,
)
OBJECTS = [
    ("ome", "ome.io/v1beta1", ("ClusterBaseModel", "ClusterServingRuntime", "InferenceService")),
    ("llmaz", "llmaz.io/v1alpha1", ("OpenModel", "Playground", "BackendRuntime")),
    ("nim_operator", "apps.nvidia.com/v1alpha1", ("NIMService", "NIMCache")),
    ("vllm_runtime", "production-stack.vllm.ai/v1alpha1", ("VLLMRuntime",)),
    ("aibrix", "model.aibrix.ai/v1alpha1", ("ModelClaim",)),
    ("kserve", "serving.kserve.io/v1beta1", ("InferenceService", "LLMInferenceService", "ServingRuntime")),
]


@pytest.mark.parametrize(("module", "group", "kinds"), OBJECTS, ids=[each[0] for each in OBJECTS])
@settings(max_examples=60)
@given(spec=TREES, metadata=TREES)
def test_no_object_breaks_its_reader(
    module: str, group: str, kinds: tuple[str, ...], spec: object, metadata: object
) -> None:
    reader = import_module(f"planner.formats.{module}")
    for kind in kinds:
        for within in (
            spec,
            {"model": spec, "engineConfig": spec, "source": spec, "storage": {"storageUri": "hf://a/b"}},
        ):
            data = {"apiVersion": group, "kind": kind, "metadata": metadata, "spec": within}
            document = Document("x.yaml", data=data)
            if reader.recognise(document):
                list(reader.read(document, Context(lambda _: None)))
