"""How a change of a deployment is written: keys of the native config, flags of the engine anywhere else."""

from __future__ import annotations

from collections.abc import Mapping

NATIVE: Mapping[str, str] = {
    "context": "context {value:,}",
    "concurrency": "concurrency {value:,}",
    "tensor_parallel": "tensor_parallel: {value}",
    "kv_cache_dtype": "kv_cache_dtype {value}",
    "quantization": "quantization {value} ({name})",
}
"""By what is changed. A quantization has a name for people."""
_CHECKPOINT = "a checkpoint in {name}"
FLAGS: Mapping[str, Mapping[str, str]] = {
    "vllm": {
        "context": "--max-model-len {value}",
        "tensor_parallel": "--tensor-parallel-size {value}",
        "kv_cache_dtype": "--kv-cache-dtype {value}",
        "quantization": _CHECKPOINT,
    },
    "sglang": {
        "context": "--context-length {value}",
        "tensor_parallel": "--tp-size {value}",
        "kv_cache_dtype": "--kv-cache-dtype fp8_e5m2",
        "quantization": _CHECKPOINT,
    },
    "tgi": {
        "context": "--max-total-tokens {value}",
        "tensor_parallel": "--num-shard {value}",
        "quantization": _CHECKPOINT,
    },
    "llama.cpp": {
        "context": "--ctx-size {value} for each slot",
        "kv_cache_dtype": "--cache-type-k q8_0 --cache-type-v q8_0",
        "quantization": _CHECKPOINT,
    },
}
"""By engine (vllm/engine/arg_utils.py, sglang/srt/server_args.py, TGI's launcher, llama.cpp's common/arg.cpp)."""


def words(format: str, engine: str | None) -> Mapping[str, str]:
    """How changes are spelled in a config of this format for this engine."""
    return NATIVE if format == "native" else {**NATIVE, **FLAGS.get(engine or "", {})}
