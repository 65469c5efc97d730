"""vLLM: budget = utilization × what the driver reports, less weights, the activation peak and what is not torch's.

Formulae as in vLLM's `profile_run` and `get_batch_defaults`, constants fitted to published start-up logs (docs/accuracy.md).
"""

from __future__ import annotations

from planner.memory.engines import GIB, Demand, Setup, forward_bytes

NEWEST = (0, 33)


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None


def utilization(version: tuple[int, ...] | None) -> float:
    """Default of `gpu_memory_utilization`: 0.90, and 0.92 from 0.20.0 on (read in the published wheels)."""
    return 0.92 if (version or NEWEST) >= (0, 20) else 0.90


def batch_defaults(device_bytes: int | None, device_name: str | None) -> tuple[int, int]:
    """(`max_num_batched_tokens`, `max_num_seqs`) of the API server (vllm/engine/arg_utils.py, get_batch_defaults)."""
    size, name = device_bytes or 0, (device_name or "").lower()
    if size >= 160 * GIB:
        return 16384, 1024
    if size >= 70 * GIB and "a100" not in name and "gb10" not in name:
        return 8192, 1024
    return 2048, 256


def activation_bytes(setup: Setup, tokens: int, sequences: int) -> int:
    """Peak of `profile_run`: a forward pass over `tokens`, then sampling for `sequences`, whichever is larger.

    The sampler sorts fp32 logits up to 0.16 (38.4 bytes an entry); a Triton kernel since takes 13 + the dtype's bytes.
    """
    shape = setup.shape
    if shape is None:
        return 0
    each = 13 + setup.dtype_bytes if (setup.version or NEWEST) >= (0, 17) else 38.4
    sampler = int(each * min(sequences, tokens) * shape.vocab_size) + tokens * shape.hidden_size * 2
    forward = forward_bytes(tokens, shape, 2, setup.tensor_parallel)
    experts = 0
    if shape.experts_per_token:
        width = shape.expert_width // setup.tensor_parallel
        experts = tokens * shape.experts_per_token * (max(2 * width, shape.hidden_size) + width) * 2
    return max(sampler, forward) + experts


def runtime_bytes(setup: Setup) -> int:
    """Not torch's (NCCL, workspaces): 0.13 GiB alone, 0.25 from 0.18; 2.1 with NVLink tensor parallelism, 0.07 in a pipeline."""
    if setup.tensor_parallel > 1:
        return 2 * GIB + GIB // 10 if (setup.device_bytes or 0) >= 70 * GIB else GIB // 3
    return GIB // 4 if (setup.version or NEWEST) >= (0, 18) else GIB // 8


def graph_bytes(setup: Setup) -> int:
    """CUDA graphs, which count against the budget from 0.20 on: 0.9 GiB alone, 1.4 GiB with tensor parallelism."""
    if setup.options.get("enforce_eager") is True or (setup.version or NEWEST) < (0, 20):
        return 0
    return int((1.4 if setup.tensor_parallel > 1 else 0.9) * GIB)


def demand(setup: Setup) -> Demand:
    """What vLLM takes of a device beside weights and KV cache."""
    tokens, sequences = batch_defaults(setup.device_bytes, setup.device_name)
    tokens = _whole(setup.options.get("max_num_batched_tokens")) or tokens
    sequences = _whole(setup.options.get("max_num_seqs")) or sequences
    share = setup.utilization if setup.utilization is not None else utilization(setup.version)
    offload = setup.options.get("cpu_offload_gb")
    notes = [f"gpu_memory_utilization {share:g}: vLLM's default"] if setup.utilization is None else []
    return Demand(
        share,
        activation_bytes(setup, tokens, sequences),
        runtime_bytes(setup),
        graph_bytes(setup),
        offload=int(offload * GIB) if isinstance(offload, (int, float)) and 0 < offload < 1e6 else 0,
        notes=(*notes, f"{tokens} batched tokens and {sequences} sequences profiled"),
    )
