"""vLLM: budget = utilization × what the driver reports, less weights, the activation peak and what is not torch's.

What is left is cut into pages (`planner.memory.pages`). Formulae as in its sources, constants fitted to published
start-up logs (docs/accuracy.md). Two engines have borne the name: V0 up to 0.7, and up to 0.10 on some devices,
profiles a whole prompt unless that is read in chunks; V1 profiles `max_num_batched_tokens`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner.memo import by_identity
from planner.memory.engines import GIB, Demand, Setup, forward_bytes, gibibytes, number, whole
from planner.memory.engines.states import pages_per_request
from planner.memory.engines.vllm_encoder import LEAST_TOKENS, TOKENS, encoder_bytes, towers
from planner.memory.engines.vllm_graphs import captured_bytes, graph_bytes, tries_capture
from planner.memory.pages import Paging
from planner.model.stack import kinds

if TYPE_CHECKING:
    from planner.model.stack import Architecture

NEWEST = (0, 33)
WINDOWS_SINCE = (0, 9, 1)
"""Sliding layers drop what leaves their window (the hybrid KV cache manager)."""
LATENT_SINCE = (0, 7)
BY_REQUEST_SINCE = (0, 22)
"""The reported size of the cache is requests that fit × their length."""
V1_SINCE = (0, 8)
OLD_ON_V1, OTHERS_ON_V1 = (0, 10, 2), (0, 9, 2)
"""Since when devices before Ampere, and those of other makers, run the second engine too."""
CHUNKED_BEYOND = 32_768
CHUNKED_SINCE = (0, 5, 3)
"""Contexts that V0 reads in chunks, and since when."""
SIZED_SINCE, LARGEST_SINCE, A100_SPARED, GB10_SPARED = (0, 8, 5), (0, 28), (0, 9), (0, 33)
"""Default batches go by the memory of the device, have a third tier, and leave out devices of less compute."""
BASELINE_SINCE, V1_BASELINE_SINCE = (0, 3), (0, 9, 1)
"""What was in use before the engine started is left out of what it counts; so is then its own CUDA context."""
CONTEXT = GIB // 2
"""CUDA context of the process: 0.51 GiB on H100."""
EXPERT_CHUNKS = (((0, 5, 1), (0, 6), 1 << 16), ((0, 6), (0, 12), 1 << 15), ((0, 12), (0, 18), 1 << 14))
"""(since, until, tokens) of VLLM_FUSED_MOE_CHUNK_SIZE (vllm/envs.py)."""
ACROSS_LINKS = 2 * GIB + GIB // 10
"""Not torch's per device, tensor parallelism with custom all-reduce over NVLink: 2.06–2.21 GiB seen."""
ACROSS_BUS = GIB // 3
"""The same over PCIe: 0.20–0.43 GiB seen."""


def demand(setup: Setup) -> Demand:
    """What vLLM takes of a device beside weights and KV cache."""
    tokens, sequences, sampled = profiled(setup)
    graph = graph_bytes(setup, sequences)
    share = setup.utilization if setup.utilization is not None else utilization(setup.version)
    return Demand(
        share,
        peak_bytes(setup, tokens, sequences if sampled else 0),
        runtime_bytes(setup),
        graph,
        offload=gibibytes(setup.options.get("cpu_offload_gb")),
        notes=_notes(setup, share, tokens, sequences),
        paging=paging(setup, tokens),
        cache_bytes=whole(setup.options.get("kv_cache_memory_bytes")) or whole(setup.options.get("kv_cache_memory")),
        cache_blocks=whole(setup.options.get("num_gpu_blocks_override")),
        beyond=beyond_bytes(setup, sequences, graph),
    )


def device_kind(setup: Setup) -> tuple[object, ...]:
    """All that `demand` goes by of the device, see `planner.memory.engines.device_kind`."""
    batch = batch_defaults(setup.device_bytes, setup.device_name, setup.version)
    return batch, is_v0(setup), setup.tensor_parallel > 1 and _linked(setup), tries_capture(setup)


def _notes(setup: Setup, share: float, tokens: int, sequences: int) -> tuple[str, ...]:
    return tuple(
        note
        for note in (
            f"gpu_memory_utilization {share:g}: vLLM's default" if setup.utilization is None else "",
            f"{tokens:,} batched tokens and {sequences:,} sequences profiled",
            "the encoder's peak on the largest image or video is a rough figure or none: limit_mm_per_prompt bounds it"
            if towers(setup.architecture)
            else "",
        )
        if note
    )


def utilization(version: tuple[int, ...] | None) -> float:
    """Default of `gpu_memory_utilization`: 0.90, and 0.92 from 0.20.0 on."""
    return number("vllm", version, "gpu_memory_utilization")


def is_v0(setup: Setup) -> bool:
    """Whether the first engine runs: always before 0.8, later on devices older than Ampere and of other makers.

    vllm/engine/arg_utils.py of 0.8 to 0.10 (_is_v1_supported_oracle). A device with a name that is not in the catalogue
    is taken for another maker's.
    """
    version = setup.version
    if version is None or version >= OLD_ON_V1:
        return False
    old = setup.compute_capability is not None and setup.compute_capability < (8, 0)
    other = setup.device_name is not None and setup.vendor != "nvidia"
    return version < V1_SINCE or old or (other and version < OTHERS_ON_V1)


def batch_defaults(
    device_bytes: int | None, device_name: str | None, version: tuple[int, ...] | None = None
) -> tuple[int, int]:
    """(`max_num_batched_tokens`, `max_num_seqs`) of the API server (vllm/engine/arg_utils.py, get_batch_defaults).

    Up to 0.8.4 it is the H100 and the H200 by name; up to 0.8.3 every device samples 1,024 sequences.
    """
    size, name, version = device_bytes or 0, (device_name or "").lower(), version or NEWEST
    if version < SIZED_SINCE:
        named = "h100" in name or "h200" in name
        return 8192 if named else 2048, 1024 if named or version < (0, 8, 4) else 256
    if size >= 160 * GIB and version >= LARGEST_SINCE:
        return 16384, 1024
    spared = ("a100" in name and version >= A100_SPARED) or ("gb10" in name and version >= GB10_SPARED)
    return (8192, 1024) if size >= 70 * GIB and not spared else (2048, 256)


def profiled(setup: Setup) -> tuple[int, int, bool]:
    """(tokens of the profiled forward pass, sequences, whether they are sampled).

    V0 runs prompts of the full context, of 2,048 tokens where contexts beyond 32,768 make it read in chunks, and then
    samples nothing (vllm/engine/arg_utils.py of 0.6, create_engine_config).
    """
    tokens, sequences = batch_defaults(setup.device_bytes, setup.device_name, setup.version)
    stated = whole(setup.options.get("max_num_batched_tokens"))
    sampled = True
    if is_v0(setup):
        chunked = (setup.context or 0) > CHUNKED_BEYOND and (setup.version or NEWEST) >= CHUNKED_SINCE
        chunked = setup.options.get("enable_chunked_prefill", chunked) is True
        least = LEAST_TOKENS if towers(setup.architecture) else 2048
        tokens, sequences = (2048 if chunked else max(least, setup.context or 0)), 256
        sampled = not chunked
    sequences = whole(setup.options.get("max_num_seqs")) or sequences
    return stated or tokens, min(sequences, stated or tokens), sampled


def peak_bytes(setup: Setup, tokens: int, sequences: int) -> int:
    """Activations with an encoder's: the first engine profiles as few sequences as hold the largest item, in one pass;
    the second runs the encoder first and keeps only what it put out."""
    first = is_v0(setup)
    encoder = encoder_bytes(setup, setup.version or NEWEST, together=first)
    if not encoder:
        return activation_bytes(setup, tokens, sequences)
    if first:
        return activation_bytes(setup, tokens, min(sequences, max(1, tokens // TOKENS))) + encoder
    kept = TOKENS * (setup.shape.hidden_size if setup.shape else 0) * 2
    return max(encoder, activation_bytes(setup, tokens, sequences)) + kept


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
    MXFP4 have kernels without them. Up to 0.17 long batches pass in chunks.
    """
    shape = setup.shape
    if shape is None or not shape.experts_per_token or (setup.scheme is not None and setup.scheme.method == "mxfp4"):
        return 0
    version = setup.version or NEWEST
    tokens = min(tokens, next((most for since, until, most in EXPERT_CHUNKS if since <= version < until), tokens))
    width, hidden = shape.expert_width // setup.tensor_parallel, shape.hidden_size
    return tokens * shape.experts_per_token * (max(width, hidden) + max(2 * width, hidden)) * 2


def runtime_bytes(setup: Setup) -> int:
    """Not torch's (NCCL, workspaces): 0.13 GiB alone, 0.25 from 0.18; more with tensor parallelism, by its links."""
    own = CONTEXT if counts_context(setup) else 0
    if setup.tensor_parallel > 1:
        return own + (ACROSS_LINKS if _linked(setup) else ACROSS_BUS)
    return own + (GIB // 4 if (setup.version or NEWEST) >= (0, 18) else GIB // 8)


def counts_context(setup: Setup) -> bool:
    """Whether all that is in use on the device is counted, the process's own CUDA context and its neighbours' memory.

    vllm/worker/worker.py before 0.3; vllm/v1/worker/gpu_worker.py before 0.9.1 (determine_available_memory).
    """
    version = setup.version or NEWEST
    return version < BASELINE_SINCE or (not is_v0(setup) and version < V1_BASELINE_SINCE)


def _linked(setup: Setup) -> bool:
    """Whether all devices reach each other directly: NVLink or Infinity Fabric, not bridges between pairs.

    Data-centre cards whose form factor is not told are taken for boards with NVLink.
    """
    name = (setup.device_name or "").lower()
    if setup.link and "bridge" in setup.link.lower():
        return name.startswith(("a100", "h100", "a800", "h800")) and not any(word in name for word in ("pcie", "nvl"))
    return bool(setup.link) or (setup.device_bytes or 0) >= 76 * GIB


def beyond_bytes(setup: Setup, sequences: int, counted: int) -> int:
    """What is taken outside the budget, half of what it usually comes to: the CUDA context, graphs if none is counted.

    Graphs have been seen from 0.5 to 1.8 times the usual, contexts from 0.25 to 0.9 GiB.
    """
    context = 0 if counts_context(setup) else CONTEXT // 2
    return context + (0 if counted else captured_bytes(setup, sequences) // 2)


@by_identity
def has_windows(architecture: Architecture | None) -> bool:
    """Whether some layer forgets."""
    layers = kinds(architecture.layers) if architecture else ()
    return any(cache.window is not None for layer in layers for cache in layer.caches)


def paging(setup: Setup, tokens: int) -> Paging:
    """Pages of `block_size` tokens, in groups where layers differ, windows honoured from 0.9.1 on."""
    version = setup.version or NEWEST
    return Paging(
        block=min(whole(setup.options.get("block_size")) or 16, 1 << 16),
        ahead=tokens if has_windows(setup.architecture) else 0,
        windows=version >= WINDOWS_SINCE and setup.options.get("disable_hybrid_kv_cache_manager") is not True,
        latent=version >= LATENT_SINCE,
        by_request=version >= BY_REQUEST_SINCE,
        states=pages_per_request(setup.architecture, setup.version, setup.options),
    )
