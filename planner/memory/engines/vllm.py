"""vLLM: budget = utilization × what the driver reports, less weights, the activation peak and what is not torch's.

What is left is cut into pages (`planner.memory.pages`). Formulae as in its sources, constants fitted to published
start-up logs (docs/accuracy.md). Two engines have borne the name: V0 up to 0.7, and up to 0.10 on devices before
Ampere, profiles a whole prompt unless that is read in chunks; V1 profiles `max_num_batched_tokens`.
"""

from __future__ import annotations

from planner.memory.engines import GIB, Demand, Setup, forward_bytes, gibibytes, number, whole
from planner.memory.engines.loading import extra_bytes
from planner.memory.pages import Paging

NEWEST = (0, 33)
WINDOWS_SINCE = (0, 9, 1)
"""Sliding layers drop what leaves their window (the hybrid KV cache manager)."""
LATENT_SINCE = (0, 7)
BY_REQUEST_SINCE = (0, 22)
"""The reported size of the cache is requests that fit × their length."""
V1_SINCE = (0, 8)
V0_UNTIL = (0, 11)
CHUNKED_BEYOND = 32_768
CHUNKED_SINCE = (0, 5, 3)
"""Contexts that V0 reads in chunks, and since when."""
OWN_RESOLUTION = frozenset({"qwen2_vl", "qwen2_vl_text", "qwen2_5_vl", "qwen2_5_vl_text"})
IMAGES, VIDEO = 105 * GIB // 100, 7 * GIB // 2
ACROSS_LINKS = 2 * GIB + GIB // 10
"""Not torch's per device, tensor parallelism with custom all-reduce over NVLink: 2.06–2.21 GiB seen."""
ACROSS_BUS = GIB // 3
"""The same over PCIe: 0.20–0.43 GiB seen."""


def demand(setup: Setup) -> Demand:
    """What vLLM takes of a device beside weights and KV cache."""
    tokens, sequences, sampled = profiled(setup)
    share = setup.utilization if setup.utilization is not None else utilization(setup.version)
    return Demand(
        share,
        activation_bytes(setup, tokens, sequences if sampled else 0) + encoder_bytes(setup),
        runtime_bytes(setup),
        graph_bytes(setup, sequences),
        offload=gibibytes(setup.options.get("cpu_offload_gb")),
        notes=_notes(setup, share, tokens, sequences),
        loaded=extra_bytes(setup),
        paging=paging(setup, tokens),
        cache_bytes=whole(setup.options.get("kv_cache_memory_bytes")) or whole(setup.options.get("kv_cache_memory")),
        cache_blocks=whole(setup.options.get("num_gpu_blocks_override")),
    )


def _notes(setup: Setup, share: float, tokens: int, sequences: int) -> tuple[str, ...]:
    towers = setup.architecture is not None and any(
        tensor.name.startswith(("vision", "visual", "audio")) for tensor in setup.architecture.outside
    )
    return tuple(
        note
        for note in (
            f"gpu_memory_utilization {share:g}: vLLM's default" if setup.utilization is None else "",
            f"{tokens:,} batched tokens and {sequences:,} sequences profiled",
            "the encoder's peak on the largest image or video is a rough figure or none: limit_mm_per_prompt bounds it"
            if towers
            else "",
            "tokens that a draft model or MTP layer adds to the cache are not counted"
            if setup.options.get("speculative_config")
            else "",
        )
        if note
    )


def utilization(version: tuple[int, ...] | None) -> float:
    """Default of `gpu_memory_utilization`: 0.90, and 0.92 from 0.20.0 on."""
    return number("vllm", version, "gpu_memory_utilization")


def is_v0(setup: Setup) -> bool:
    """Whether the first engine runs: always before 0.8, and before 0.11 on devices older than Ampere."""
    version = setup.version or NEWEST
    old = setup.compute_capability is not None and setup.compute_capability < (8, 0)
    return version < V1_SINCE or (old and version < V0_UNTIL)


def batch_defaults(device_bytes: int | None, device_name: str | None) -> tuple[int, int]:
    """(`max_num_batched_tokens`, `max_num_seqs`) of the API server (vllm/engine/arg_utils.py, get_batch_defaults)."""
    size, name = device_bytes or 0, (device_name or "").lower()
    if size >= 160 * GIB:
        return 16384, 1024
    if size >= 70 * GIB and "a100" not in name and "gb10" not in name:
        return 8192, 1024
    return 2048, 256


def profiled(setup: Setup) -> tuple[int, int, bool]:
    """(tokens of the profiled forward pass, sequences, whether they are sampled).

    V0 runs prompts of the full context, of 2,048 tokens where contexts beyond 32,768 make it read in chunks, and then
    samples nothing (vllm/engine/arg_utils.py of 0.6, create_engine_config).
    """
    tokens, sequences = batch_defaults(setup.device_bytes, setup.device_name)
    stated = whole(setup.options.get("max_num_batched_tokens"))
    sampled = True
    if is_v0(setup):
        chunked = (setup.context or 0) > CHUNKED_BEYOND and (setup.version or NEWEST) >= CHUNKED_SINCE
        chunked = setup.options.get("enable_chunked_prefill", chunked) is True
        tokens, sequences = (2048 if chunked else max(2048, setup.context or 0)), 256
        sampled = not chunked
    sequences = whole(setup.options.get("max_num_seqs")) or sequences
    return stated or tokens, min(sequences, stated or tokens), sampled


def activation_bytes(setup: Setup, tokens: int, sequences: int) -> int:
    """Peak of `profile_run`: a forward pass over `tokens`, then sampling for `sequences`, whichever is larger.

    The sampler sorts fp32 logits up to 0.16 (38.4 bytes an entry); a Triton kernel since takes 13 + the dtype's bytes.
    """
    shape = setup.shape
    if shape is None:
        return 0
    each = 13 + setup.dtype_bytes if (setup.version or NEWEST) >= (0, 17) else 38.4
    sampler = int(each * sequences * shape.vocab_size) + tokens * shape.hidden_size * 2
    forward = forward_bytes(tokens, shape, 2, setup.tensor_parallel)
    return max(sampler, forward) + workspace_bytes(setup, tokens)


def workspace_bytes(setup: Setup, tokens: int) -> int:
    """Workspaces of the fused experts, which stay: tokens × experts per token × (max(N, K) + max(2N, K)) × 2.

    N is an expert's width on one rank, K the hidden size (fused_moe.py, TritonExperts.workspace_shapes); experts in
    MXFP4 have kernels without them.
    """
    shape = setup.shape
    if shape is None or not shape.experts_per_token or (setup.scheme is not None and setup.scheme.method == "mxfp4"):
        return 0
    width, hidden = shape.expert_width // setup.tensor_parallel, shape.hidden_size
    return tokens * shape.experts_per_token * (max(width, hidden) + max(2 * width, hidden)) * 2


def encoder_bytes(setup: Setup) -> int:
    """Peak of an encoder that takes images at their own resolution, Qwen2-VL's and its successors', at 65,536 patches.

    3.5 GiB with video, seen on one device, and 1.05 without it (`limit_mm_per_prompt`), the least seen on four.
    """
    limits = str(setup.options.get("limit_mm_per_prompt", "")).replace(" ", "").replace("'", '"')
    if setup.architecture is None or setup.architecture.model_type not in OWN_RESOLUTION or '"image":0' in limits:
        return 0
    return IMAGES if '"video":0' in limits else max(IMAGES, VIDEO // setup.tensor_parallel)


def runtime_bytes(setup: Setup) -> int:
    """Not torch's (NCCL, workspaces): 0.13 GiB alone, 0.25 from 0.18; more with tensor parallelism, by its links."""
    if setup.tensor_parallel > 1:
        return ACROSS_LINKS if _linked(setup) else ACROSS_BUS
    return GIB // 4 if (setup.version or NEWEST) >= (0, 18) else GIB // 8


def _linked(setup: Setup) -> bool:
    """Whether all devices reach each other directly: NVLink or Infinity Fabric, not bridges between pairs.

    Data-centre cards whose form factor is not told are taken for boards with NVLink.
    """
    name = (setup.device_name or "").lower()
    if setup.link and "bridge" in setup.link.lower():
        return name.startswith(("a100", "h100", "a800", "h800")) and not any(word in name for word in ("pcie", "nvl"))
    return bool(setup.link) or (setup.device_bytes or 0) >= 76 * GIB


def graph_bytes(setup: Setup, sequences: int) -> int:
    """CUDA graphs, which count against the budget from 0.20 on: 0.9 GiB alone, 1.4 GiB with tensor parallelism.

    That is for the 51 batch sizes up to 512; `max_num_seqs` below 256 leaves fewer (compilation config,
    cudagraph_capture_sizes), of which each takes its share beside a fixed quarter.
    """
    if setup.options.get("enforce_eager") is True or (setup.version or NEWEST) < (0, 20):
        return 0
    full = (1.4 if setup.tensor_parallel > 1 else 0.9) * GIB
    largest = min(2 * sequences, 512)
    captured = 3 + min(largest, 256) // 8 + max(0, largest - 256) // 16
    return int(full * (0.25 + 0.75 * min(captured, 51) / 51))


def paging(setup: Setup, tokens: int) -> Paging:
    """Pages of `block_size` tokens, in groups where layers differ, windows honoured from 0.9.1 on."""
    version = setup.version or NEWEST
    return Paging(
        block=min(whole(setup.options.get("block_size")) or 16, 1 << 16),
        ahead=tokens,
        windows=version >= WINDOWS_SINCE and setup.options.get("disable_hybrid_kv_cache_manager") is not True,
        latent=version >= LATENT_SINCE,
        by_request=version >= BY_REQUEST_SINCE,
    )
