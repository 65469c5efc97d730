"""LocalAI's models: a backend, the weights and the backend's options, under LocalAI's names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from planner.formats import devices, flags, serving
from planner.formats.values import below, word
from planner.workload import NotChecked, Workload

if TYPE_CHECKING:
    from planner.formats.context import Context
    from planner.source.document import Document, Path

ENGINES = {
    "llama-cpp": "llama.cpp",
    "llama": "llama.cpp",
    "llama-ggml": "llama.cpp",
    "ik-llama-cpp": "llama.cpp",
    "vllm": "vllm",
    "sglang": "sglang",
}
"""Backends that serve language models; others hear, speak and draw."""
OPTIONS = {
    "llama.cpp": {
        "context_size": "ctx_size",
        "gpu_layers": "n_gpu_layers",
        "batch": "batch_size",
        "flash_attention": "flash_attn",
        "cache_type_k": "cache_type_k",
        "cache_type_v": "cache_type_v",
        "no_kv_offloading": "no_kv_offload",
    },
    "vllm": {
        "context_size": "max_model_len",
        "max_model_len": "max_model_len",
        "gpu_memory_utilization": "gpu_memory_utilization",
        "tensor_parallel_size": "tensor_parallel_size",
        "quantization": "quantization",
        "dtype": "dtype",
        "enforce_eager": "enforce_eager",
        "swap_space": "swap_space",
        "limit_mm_per_prompt": "limit_mm_per_prompt",
    },
    "sglang": {"context_size": "context_length", "tensor_parallel_size": "tensor_parallel_size"},
}
"""LocalAI's names of options, and what the engines call them."""
EVIDENCE = frozenset({
    "backend", "context_size", "f16", "mmap", "gpu_layers", "stopwords", "template", "known_usecases", "function",
    "threads",
})  # fmt: skip


TEMPLATE = NotChecked(
    "model", "it names no model: others are made from it", "name one under parameters: {model: …}", ""
)


def recognise(document: Document) -> bool:
    """Whether it is a model of LocalAI that a known engine serves, or an entry of its gallery with one."""
    return _config(document) is not None


def read(document: Document, context: Context) -> Iterator[Workload]:
    """The one model that it is."""
    found = _config(document)
    if found is None:
        return
    values, path = found
    engine, model = _engine(values) or "llama.cpp", below(values, "parameters").get("model")
    if not isinstance(model, str) or not model:
        yield Workload(document, "localai", word(document.data["name"]) or "localai", not_checked=(TEMPLATE,))
        return
    launch = flags.Launch(flags.ENGINES[engine], {}, path or ("parameters",))
    stated = {OPTIONS[engine][key]: (value, path or (key,)) for key, value in values.items() if key in OPTIONS[engine]}
    launch = devices.with_options(launch, **stated)
    launch = devices.with_model(launch, _address(str(model)), path or ("parameters", "model"))
    name = document.data.get("name")
    place = serving.Place(document, context, "localai")
    yield devices.deployment(launch, place, name=name if isinstance(name, str) else None)


def _config(document: Document) -> tuple[Mapping[str, object], Path] | None:
    """The config, and the place of the string that holds it in an entry of the gallery; it stands at () by itself."""
    data = document.data
    if not isinstance(data, dict) or not isinstance(data.get("name"), str):
        return None
    path: Path = ()
    stated = data.get("config_file")
    if isinstance(stated, str):
        from planner.source import read

        inner = read(document.file, stated.encode("utf-8", "replace")).documents
        data, path = (inner[0].data if inner else None), ("config_file",)
    if not isinstance(data, dict) or EVIDENCE.isdisjoint(data):
        return None
    model = below(data, "parameters").get("model")
    named = isinstance(model, str) and model != ""
    return (data, path) if _engine(data) and (named or path) else None


def _engine(values: Mapping[str, object]) -> str | None:
    """The engine behind its backend; without one, a GGUF file is llama.cpp's."""
    backend = values.get("backend")
    if isinstance(backend, str) and backend:
        return ENGINES.get(backend.split("/")[-1].removeprefix("cuda12-").removeprefix("cuda13-"))
    return "llama.cpp" if str(below(values, "parameters").get("model")).lower().endswith(".gguf") else None


def _address(model: str) -> str:
    """The model at an address of LocalAI: huggingface://owner/repository/file.gguf."""
    for prefix in ("huggingface://", "hf://"):
        model = model.removeprefix(prefix)
    return model
