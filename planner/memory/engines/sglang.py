"""SGLang: weights and cache share `mem_fraction_static` of what is free before loading; nothing is profiled.

pool = free after loading − free before × (1 − f); activations and graphs live in the rest
(srt/mem_cache, _profile_available_bytes).
"""

from __future__ import annotations

from planner.memory.engines import GIB, Demand, Setup, gibibytes, whole
from planner.memory.engines.loading import extra_bytes
from planner.memory.pages import Paging

MIB = 1 << 20
CONTEXT = GIB // 2
"""Taken before loading by the process itself."""
COMMUNICATION = 3 * GIB // 2
"""And by NCCL where several devices work together: 2.05 GiB in all seen on four H100."""
FALLBACK = 0.88
TIERS = ((20, 2048, 8, 8), (35, 2048, 24, 80), (60, 4096, 32, 160), (160, 8192, 256, 512))
"""Below so many GiB: (chunked_prefill_size, cuda_graph_max_bs, the latter from four tensor-parallel devices on)."""
BEYOND = (16384, 512, 512)


def demand(setup: Setup) -> Demand:
    """What SGLang takes of a device beside weights and KV cache."""
    share = setup.utilization if setup.utilization is not None else static_fraction(setup)
    taken = CONTEXT + (COMMUNICATION if setup.tensor_parallel * setup.pipeline_parallel > 1 else 0)
    note = f"mem_fraction_static {share:g}: SGLang's default for this device" if setup.utilization is None else ""
    return Demand(
        share,
        activation=0,
        runtime=int(taken * share),
        graph=0,
        loaded=extra_bytes(setup),
        offload=gibibytes(setup.options.get("cpu_offload_gb")),
        notes=tuple(
            each
            for each in (note, "activations and CUDA graphs use what mem_fraction_static leaves; they are not profiled")
            if each
        ),
        paging=Paging(block=whole(setup.options.get("page_size")) or 1, windows=False),
    )


def static_fraction(setup: Setup) -> float:
    """Default of `mem_fraction_static` (srt/server_args.py, _handle_gpu_memory_settings).

    1 − reserved / memory, reserved MiB = 512 + 1.5 × chunk + 2 × graph batch + TP · PP / 8 × 1,024, at least 10,240
    on devices beyond 60 GiB.
    """
    if not setup.device_bytes:
        return FALLBACK
    memory = setup.device_bytes // MIB
    tier = next(((c, b, b4) for size, c, b, b4 in TIERS if memory < size * 1024), BEYOND)
    chunk = whole(setup.options.get("chunked_prefill_size")) or tier[0]
    batch = whole(setup.options.get("cuda_graph_max_bs")) or tier[2 if setup.tensor_parallel >= 4 else 1]
    ranks = setup.tensor_parallel * setup.pipeline_parallel
    reserved = 512 + 1.5 * max(chunk, 2048) + 2 * batch + ranks / 8 * 1024
    if memory > 60 * 1024:
        reserved = max(reserved, 10 * 1024)
    return min(0.99, max(0.01, round((memory - reserved) / memory, 3)))
