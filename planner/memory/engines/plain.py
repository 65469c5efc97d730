"""A process that holds weights and cache itself: transformers' `generate`, or an engine that we know nothing of."""

from __future__ import annotations

from planner.memory.engines import GIB, Demand, Setup, forward_bytes

CONTEXT = 3 * GIB // 4
"""CUDA context, allocator slack and library workspaces of one process: 0.6–1.0 GiB seen on one GPU."""
COMMUNICATION = GIB // 2
"""Further buffers per device once several work together: NCCL takes 0.3–1.6 GiB."""


def demand(setup: Setup) -> Demand:
    """The whole device (or the stated share) less one process's context and the prefill of one prompt."""
    several = setup.tensor_parallel * setup.pipeline_parallel > 1
    tokens = setup.context or 0
    activation = forward_bytes(tokens, setup.shape, setup.dtype_bytes, setup.tensor_parallel) if setup.shape else 0
    return Demand(
        share=1.0 if setup.utilization is None else setup.utilization,
        activation=activation,
        runtime=CONTEXT + (COMMUNICATION if several else 0),
        graph=0,
        paged=False,
    )
