"""What each serving engine is started by, and what its options and variables are called."""

from __future__ import annotations

import re
from collections.abc import Mapping

from planner.formats.flags import switches
from planner.record import NamedTuple


class Table(NamedTuple):
    """One engine."""

    engine: str
    commands: str
    """Pattern of a program, or of a program and its first argument, that starts it."""
    images: str
    """Pattern of the names of images that start it by themselves, without registry and tag."""
    fields: Mapping[str, str]
    """Options that the vocabulary has a field for: deployment.context, model.name."""
    short: Mapping[str, str]
    """Other spellings of options: -tp, --model."""
    switches: frozenset[str] = frozenset()
    """Options that take no value."""
    several: frozenset[str] = frozenset()
    """Options that take one value or more."""
    environment: Mapping[str, str] = {}
    """Variables that stand for options."""
    releases: str = ""
    """Pattern of the names of images whose tag is the version of the engine."""
    parallel: int | None = None
    """Devices that share the model when nothing is said; None where the engine takes all that it sees."""
    subcommand: str = ""
    """What may or must stand between the program and the model."""


_MODEL = {"model": "model.name", "dtype": "model.dtype", "quantization": "model.quantization"}
_LAYOUT = {
    "tensor_parallel_size": "deployment.tensor_parallel",
    "pipeline_parallel_size": "deployment.pipeline_parallel",
    "data_parallel_size": "deployment.data_parallel",
}

VLLM = Table(
    "vllm",
    r"vllm serve|.*\bvllm\.entrypoints\.(?:openai\.)?api_server|.*vllm/entrypoints/(?:openai/)?api_server\.py|"
    r"dynamo\.vllm",
    r"vllm-openai.*|vllm|vllm-(?:cpu|rocm|tpu|gaudi|ascend|hpu|xpu|fork|rbln|neuron|arm|nightly|server).*|llmd-vllm.*|"
    r"llm-scaler-vllm|llm-d(?:-cuda|-rocm|-xpu|-cpu)?",
    {
        **_MODEL,
        **_LAYOUT,
        "max_model_len": "deployment.context",
        "kv_cache_dtype": "deployment.kv_cache_dtype",
        "gpu_memory_utilization": "deployment.memory_utilization",
    },
    {
        "tp": "tensor_parallel_size", "pp": "pipeline_parallel_size", "dp": "data_parallel_size", "q": "quantization",
        "model_tag": "model", "O": "optimization_level", "sc": "speculative_config", "cc": "compilation_config",
        "ep": "enable_expert_parallel", "asc": "api_server_count",
    },
    switches.VLLM,
    frozenset({"served_model_name", "lora_modules", "middleware", "api_key", "cudagraph_capture_sizes", "loggers"}),
    releases=r"vllm-openai(?:-\w+)?|vllm-cpu(?:-release-repo)?",
    parallel=1,
)  # fmt: skip

SGLANG = Table(
    "sglang",
    r".*\bsglang\.(?:launch_server|srt\.server)|sglang serve|dynamo\.sglang",
    r"sglang",
    {
        **_MODEL,
        **_LAYOUT,
        "context_length": "deployment.context",
        "kv_cache_dtype": "deployment.kv_cache_dtype",
        "mem_fraction_static": "deployment.memory_utilization",
    },
    {
        "model_path": "model", "tp": "tensor_parallel_size", "tp_size": "tensor_parallel_size",
        "pp_size": "pipeline_parallel_size", "pp": "pipeline_parallel_size", "dp_size": "data_parallel_size",
        "dp": "data_parallel_size", "ep": "expert_parallel_size", "ep_size": "expert_parallel_size",
        "attention_context_parallel_size": "attn_cp_size",
    },
    switches.SGLANG,
    frozenset({"cuda_graph_bs", "lora_paths"}),
    releases=r"sglang",
    parallel=1,
)  # fmt: skip

TGI = Table(
    "tgi",
    r"text-generation-launcher",
    r"(?:huggingface-)?text-generation-inference.*|tgi|tgi-(?:gaudi|tpu|neuron).*",
    {
        "model_id": "model.name", "dtype": "model.dtype", "quantize": "model.quantization",
        "num_shard": "deployment.tensor_parallel", "max_total_tokens": "deployment.context",
        "kv_cache_dtype": "deployment.kv_cache_dtype", "cuda_memory_fraction": "deployment.memory_utilization",
    },
    {},
    switches.TGI,
    environment={
        name.upper(): name
        for name in (
            "model_id", "dtype", "quantize", "num_shard", "max_total_tokens", "kv_cache_dtype", "cuda_memory_fraction",
            "max_batch_prefill_tokens", "max_batch_total_tokens", "max_input_tokens", "max_input_length",
            "max_concurrent_requests", "cuda_graphs", "speculate", "block_size",
        )
    },
    releases=r"text-generation-inference",
)  # fmt: skip

LLAMA_CPP = Table(
    "llama.cpp",
    r"llama-server(?:\.exe|-[\w.]+)?|llama_cpp\.server",
    r"llama\.cpp|llama-server|llama-cpp",
    {
        "model": "model.name", "ctx_size": "deployment.context", "parallel": "deployment.concurrency",
    },
    {
        "m": "model", "hf_repo": "model", "hf": "model", "hfr": "model", "mu": "model", "model_url": "model",
        "c": "ctx_size", "np": "parallel",
        "ngl": "n_gpu_layers", "gpu_layers": "n_gpu_layers", "fa": "flash_attn", "ub": "ubatch_size", "b": "batch_size",
        "ctk": "cache_type_k", "ctv": "cache_type_v", "sm": "split_mode", "ts": "tensor_split", "mg": "main_gpu",
        "hff": "hf_file", "a": "alias", "t": "threads",
    },
    switches.LLAMA_CPP,
    environment={
        "LLAMA_ARG_MODEL": "model", "LLAMA_ARG_HF_REPO": "model", "LLAMA_ARG_CTX_SIZE": "ctx_size",
        "LLAMA_ARG_N_PARALLEL": "parallel", "LLAMA_ARG_N_GPU_LAYERS": "n_gpu_layers", "LLAMA_ARG_UBATCH": "ubatch_size",
        "LLAMA_ARG_CACHE_TYPE_K": "cache_type_k", "LLAMA_ARG_CACHE_TYPE_V": "cache_type_v",
        "LLAMA_ARG_FLASH_ATTN": "flash_attn",
    },
)  # fmt: skip

OLLAMA = Table(
    "ollama",
    r"ollama (?:run|pull|serve)",
    r"ollama",
    {
        "model": "model.name", "context_length": "deployment.context", "num_parallel": "deployment.concurrency",
    },
    {},
    environment={
        "OLLAMA_CONTEXT_LENGTH": "context_length", "OLLAMA_NUM_PARALLEL": "num_parallel",
        "OLLAMA_KV_CACHE_TYPE": "kv_cache_type", "OLLAMA_FLASH_ATTENTION": "flash_attn",
    },
    releases=r"ollama",
)  # fmt: skip

TENSORRT_LLM = Table(
    "tensorrt-llm",
    r"trtllm-serve|dynamo\.trtllm",
    r"(?!)",
    {
        "model": "model.name", "max_seq_len": "deployment.context", "tp_size": "deployment.tensor_parallel",
        "pp_size": "deployment.pipeline_parallel",
        "kv_cache_free_gpu_memory_fraction": "deployment.memory_utilization",
    },
    {"model_path": "model", "free_gpu_memory_fraction": "kv_cache_free_gpu_memory_fraction"},
    frozenset({"trust_remote_code"}),
    parallel=1,
    subcommand="serve",
)  # fmt: skip

LMDEPLOY = Table(
    "lmdeploy",
    r"lmdeploy serve",
    r"(?!)",
    {
        "model": "model.name", "dtype": "model.dtype",
        "session_len": "deployment.context", "tp": "deployment.tensor_parallel", "dp": "deployment.data_parallel",
    },
    {"model_path": "model"},
    frozenset({"trust_remote_code", "enable_prefix_caching"}),
    releases=r"lmdeploy",
    parallel=1,
    subcommand="api_server",
)  # fmt: skip
"""Its own share of the memory, `--cache-max-entry-count`, is of what the weights leave free."""

NIM = Table(
    "nim",
    r"(?!)",
    r"(?!)",
    {
        "model": "model.name", "max_model_len": "deployment.context",
        "tensor_parallel_size": "deployment.tensor_parallel",
    },
    {},
    environment={
        "NIM_MODEL_NAME": "model", "NIM_MAX_MODEL_LEN": "max_model_len",
        "NIM_TENSOR_PARALLEL_SIZE": "tensor_parallel_size",
    },
)  # fmt: skip
"""NVIDIA's containers, each made for a model: nvcr.io/nim/meta/llama-3.1-8b-instruct; llm-nim takes any."""

ENGINES = {table.engine: table for table in (VLLM, SGLANG, TGI, LLAMA_CPP, OLLAMA, TENSORRT_LLM, LMDEPLOY)}


def by_image(image: str) -> Table | None:
    """The engine that an image starts when no command is given."""
    name = _name(image)
    if model_of_image(image) or name == "llm-nim":
        return NIM
    return next((table for table in ENGINES.values() if re.fullmatch(table.images, name)), None)


def model_of_image(image: str) -> str | None:
    """The model that a NIM is made for: meta/llama-3.1-8b-instruct."""
    match = re.search(r"(?:^|/)nim/([\w.-]+/[\w.-]+)(?:[:@].*)?$", image)
    return match[1] if match and match[1] != "nvidia/llm-nim" else None


def version(table: Table, image: str | None) -> tuple[int, ...] | None:
    """The version in the tag of an image of the engine's makers: (0, 9, 2) of vllm/vllm-openai:v0.9.2."""
    from planner.formats.resolve import version

    if not image or not table.releases or not re.fullmatch(table.releases, _name(image)):
        return None
    found = version(image.partition("@")[0].rpartition("/")[2].partition(":")[2])
    return found if found and len(found) > 1 else None


def _name(image: str) -> str:
    """Without registry, tag and digest."""
    return re.sub(r"\$\{[^{}]*\}", "", image).partition("@")[0].rpartition("/")[2].partition(":")[0].strip().lower()
