"""SGLang's default of `mem_fraction_static` (srt/server_args.py), which has been chosen in three ways.

Up to 0.4.7 by tensor parallelism; then as what a reserve leaves, by the size of the device; from 0.5 on as what
prefill, CUDA graphs and the number of ranks are thought to need.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner.memory.engines import whole
from planner.memory.engines.vllm_encoder import towers

if TYPE_CHECKING:
    from planner.memory.engines import Setup

MIB = 1 << 20
FALLBACK = 0.88
"""Where the device's memory is not known."""
TIERS_SINCE, COMPUTED_SINCE, PIECEWISE_SINCE = (0, 4, 8), (0, 5), (0, 5, 10)
BY_RANKS = ((16, 0.79), (8, 0.81), (4, 0.85), (2, 0.87), (1, 0.88))
"""(tensor-parallel devices at least, share)."""
LARGE = 81920
"""MiB; beyond, 13 GiB are left from 0.4.6 on."""
RESERVES = ((35, 2.8, 0.1), (90, 9.5, 0.5), (160, 12.0, 0.5))
"""Below so many GiB: GiB left, and further ones per rank."""
MOST_RESERVED = 32.0
TIERS = ((20, 2048, 8, 8), (35, 2048, 24, 80), (60, 4096, 32, 160), (90, 8192, 256, 512), (160, 8192, 256, 512))
"""Below so many GiB: (chunked_prefill_size, cuda_graph_max_bs, the latter from four tensor-parallel devices on)."""
BEYOND = (16384, 512, 512)
CAPTURED: tuple[int, ...] = (
    *range(4, 33, 4),
    *range(48, 257, 16),
    *range(288, 513, 32),
    *range(576, 1025, 64),
    *range(1280, 4097, 256),
)
"""Lengths of which graphs are captured piecewise, up to 4,096 tokens; every 512 beyond."""
IMAGES = 0.95
"""Of the share, for models with an encoder of common size (adjust_mem_fraction_for_vlm)."""


def static_fraction(setup: Setup) -> float:
    """The default for `setup`."""
    memory, version = (setup.device_bytes or 0) / MIB, setup.version or PIECEWISE_SINCE
    if version < TIERS_SINCE:
        ranked = next(share for ranks, share in BY_RANKS if setup.tensor_parallel >= ranks)
        return (memory - 13 * 1024) / memory if memory > LARGE and version >= (0, 4, 6) else ranked
    if not memory:
        return FALLBACK
    reserved = _computed(setup, memory, version) if version >= COMPUTED_SINCE else _tiered(setup, memory)
    share = min(0.99, max(0.01, round((memory - reserved) / memory, 3)))
    return share * IMAGES if towers(setup.architecture) else share


def _ranks(setup: Setup) -> int:
    return setup.tensor_parallel * setup.pipeline_parallel


def _tiered(setup: Setup, memory: float) -> float:
    """MiB that are left by 0.4.8 to 0.4.10."""
    found = next(((left, each) for size, left, each in RESERVES if memory < size * 1024), (MOST_RESERVED, 0.0))
    drafting = 2 if _algorithm(setup) else 0
    spread = 4 if setup.options.get("enable_dp_attention") is True else 0
    return (found[0] + found[1] * _ranks(setup) + drafting + spread) * 1024


def _computed(setup: Setup, memory: float, version: tuple[int, ...]) -> float:
    """MiB that are left: 512 + 1.5 × chunk + 2 × graph batch + ranks / 8 × 1,024 …, 10,240 at least beyond 60 GiB."""
    options = setup.options
    tier = next(((c, b, b4) for size, c, b, b4 in TIERS if memory < size * 1024), BEYOND)
    chunk = whole(options.get("chunked_prefill_size")) or tier[0]
    batch = whole(options.get("cuda_graph_max_bs")) or tier[2 if setup.tensor_parallel >= 4 else 1]
    reserved: float = 512 + 1.5 * max(chunk, 2048) + 2 * batch + _ranks(setup) / 8 * 1024
    if options.get("enable_dp_attention") is True:
        replicas = whole(options.get("dp_size")) or setup.tensor_parallel
        reserved += (4.5 if batch > 300 else 3) * batch * replicas
    if version >= PIECEWISE_SINCE and _piecewise(setup):
        reserved += _piecewise_mebibytes(setup, chunk)
    if memory > 60 * 1024:
        reserved = max(reserved, 10 * 1024)
    drafting: float = {"": 0, "NGRAM": 0, "STANDALONE": 6}.get(
        _algorithm(setup), 4 if version >= PIECEWISE_SINCE else 2
    )
    return reserved + drafting * 1024


def _algorithm(setup: Setup) -> str:
    return str(setup.options.get("speculative_algorithm") or "").upper()


def _piecewise(setup: Setup) -> bool:
    """Whether graphs of prefill are captured: not with what torch.compile cannot follow."""
    options = setup.options
    off = ("disable_piecewise_cuda_graph", "enable_dp_attention", "enable_lora", "lora_paths", "enable_torch_compile")
    if any(options.get(key) for key in off) or _algorithm(setup) or whole(options.get("cpu_offload_gb")):
        return False
    mixed = bool(setup.scheme and setup.scheme.mix)
    return (
        setup.vendor in (None, "nvidia")
        and setup.pipeline_parallel == 1
        and not mixed
        and not towers(setup.architecture)
    )


def _piecewise_mebibytes(setup: Setup, chunk: int) -> float:
    """8 MiB for each length; 1.5 GiB with latent attention."""
    layers = setup.architecture.layers if setup.architecture else ()
    if any(layer.mixer == "latent" for layer in layers):
        return 1.5 * 1024
    lengths = sum(length <= chunk for length in CAPTURED) + max(0, (chunk - 4096) // 512)
    return 8.0 * lengths
