"""Text Generation Inference: all of the device that its warm-up leaves becomes cache, in blocks.

The warm-up prefills `max_batch_prefill_tokens`; 5 % of what is free stays so, and `cuda_memory_fraction` bounds it all
(server/text_generation_server/models/flash_causal_lm.py, warmup).
"""

from __future__ import annotations

from planner.memory.engines import GIB, Demand, Setup, forward_bytes, number, whole
from planner.memory.pages import Paging

CONTEXT = GIB // 2
COMMUNICATION = 3 * GIB // 2
WIGGLE = 0.95
"""Share of the free memory that becomes cache (TGI_WIGGLE_ROOM)."""
PREFILL = 4096
"""Default of `max_batch_prefill_tokens`."""


def demand(setup: Setup) -> Demand:
    """What TGI takes of a device beside weights and KV cache."""
    tokens = whole(setup.options.get("max_batch_prefill_tokens")) or PREFILL
    activation = forward_bytes(tokens, setup.shape, 2, setup.tensor_parallel) if setup.shape else 0
    logits = 2 * 4 * setup.shape.vocab_size * min(tokens, 128) if setup.shape else 0
    several = setup.tensor_parallel > 1
    return Demand(
        setup.utilization if setup.utilization is not None else number("tgi", setup.version, "cuda_memory_fraction"),
        activation=activation + logits,
        runtime=CONTEXT + (COMMUNICATION if several else 0),
        graph=0,
        notes=(f"{tokens:,} tokens prefilled at warm-up",),
        paging=Paging(block=whole(setup.options.get("block_size")) or 1, windows=False),
        cache_share=WIGGLE,
    )
