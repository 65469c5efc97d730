"""TensorRT-LLM: a share of what is free once the engine is loaded becomes cache.

`KvCacheConfig.free_gpu_memory_fraction` in tensorrt_llm/llmapi/llm_args.py.
"""

from __future__ import annotations

from planner.memory.engines import GIB, Demand, Setup, forward_bytes, number, whole
from planner.memory.pages import Paging

CONTEXT = GIB // 2
COMMUNICATION = 3 * GIB // 2
TOKENS, BLOCK = 8192, 32
"""Defaults of `max_num_tokens` and `tokens_per_block` (tensorrt_llm/llmapi/llm_args.py)."""


def demand(setup: Setup) -> Demand:
    """What TensorRT-LLM takes of a device beside weights and KV cache; a stated utilization is its free fraction."""
    tokens = whole(setup.options.get("max_num_tokens")) or TOKENS
    share = (
        setup.utilization
        if setup.utilization is not None
        else number("tensorrt-llm", setup.version, "kv_cache_free_gpu_mem_fraction")
    )
    note = f"kv_cache_free_gpu_mem_fraction {share:g}: TensorRT-LLM's default" if setup.utilization is None else ""
    return Demand(
        1.0,
        activation=forward_bytes(tokens, setup.shape, 2, setup.tensor_parallel) if setup.shape else 0,
        runtime=CONTEXT + (COMMUNICATION if setup.tensor_parallel > 1 else 0),
        graph=0,
        notes=(note,) if note else (),
        paging=Paging(block=whole(setup.options.get("tokens_per_block")) or BLOCK, windows=False),
        cache_share=share,
    )
