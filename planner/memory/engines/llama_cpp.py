"""llama.cpp and Ollama: weights, a cache of n_ctx cells allocated at start, and a compute buffer.

Several devices take layers, not heads, unless asked to split rows. The sizes of caches and compute buffers equal those
in published logs to the printed digit (docs/accuracy.md).
"""

from __future__ import annotations

from itertools import takewhile

from planner.memory.engines import GIB, Demand, Setup, number, whole
from planner.memory.pages import Paging

CONTEXT = GIB // 4
"""CUDA context and cuBLAS of one process: 0.1–0.5 GiB by the device's multiprocessors."""
PADDED, PADDED_FLASH = 32, 256
"""Cells are padded to so many, the latter with flash attention (llama_kv_cache, get_padding)."""
CONTEXTS = ((47, 262_144), (23, 32_768), (0, 4096))
"""(GiB at least, tokens)."""
BITS = {
    "f32": 32.0, "f16": 16.0, "bf16": 16.0, "q8_0": 8.5, "q5_1": 6.0, "q5_0": 5.5, "q4_1": 5.0, "q4_0": 4.5,
    "iq4_nl": 4.5,
}  # fmt: skip
"""Bits of a cache element with its block's scale (ggml-common.h)."""


def demand(setup: Setup) -> Demand:
    """What llama.cpp takes of the devices beside weights and KV cache."""
    stated = whole(setup.options.get("ubatch_size")) or whole(setup.options.get("n_ubatch"))
    batch = stated or int(number("llama.cpp", setup.version, "n_ubatch"))
    flash = setup.options.get("flash_attn") not in (False, "off", "0")
    return Demand(
        1.0 if setup.utilization is None else setup.utilization,
        activation=compute_bytes(setup, batch, flash),
        runtime=CONTEXT,
        graph=0,
        paged=False,
        offload=_left_on_host(setup),
        notes=_notes(setup),
        paging=Paging(
            block=PADDED_FLASH if flash else PADDED,
            ahead=batch,
            windows=setup.options.get("swa_full") is not True,
            grouped=False,
            spread=True,
            bits=cache_bits(setup),
        ),
    )


def default_context(memory: int) -> int:
    """Ollama's `num_ctx` on devices of so many bytes in all (ollama, server/routes.go)."""
    return next(tokens for size, tokens in CONTEXTS if memory >= size * GIB)


def compute_bytes(setup: Setup, batch: int, flash: bool) -> int:
    """Compute buffer: batch × (vocabulary + hidden) × 4; without flash attention at least the scores of all heads.

    Llama-3.2-1B logs 254.5 MiB at batch 512, Gemma-3-12B 519.5 MiB.
    """
    shape = setup.shape
    if shape is None:
        return 0
    logits = batch * (shape.vocab_size + shape.hidden_size) * 4
    heads = setup.architecture.layers[0].query_heads if setup.architecture and setup.architecture.layers else 0
    if flash or not heads:
        return logits
    return max(logits, batch * (setup.context or 0) * heads * 4 + 6 * batch * shape.hidden_size * 4)


def cache_bits(setup: Setup) -> float | None:
    """Bits of a cache element: the mean of what keys and values are stated to be; None where neither is."""
    stated = [_stated(setup, "k"), _stated(setup, "v")]
    if stated == [None, None]:
        return None
    return sum(BITS["f16"] if bits is None else bits for bits in stated) / 2


def _stated(setup: Setup, side: str) -> float | None:
    names = (f"cache_type_{side}", f"ct{side}", "kv_cache_type")
    return next((BITS[str(v).lower()] for v in map(setup.options.get, names) if str(v).lower() in BITS), None)


def _layers(setup: Setup) -> tuple[int, int] | None:
    """(layers on the devices, all layers), where fewer than all are stated."""
    names = ("n_gpu_layers", "gpu_layers", "ngl", "num_gpu")
    stated = next((v for v in map(setup.options.get, names) if isinstance(v, int) and not isinstance(v, bool)), None)
    if stated is None or stated < 0 or setup.architecture is None or stated >= len(setup.architecture.layers):
        return None
    return stated, len(setup.architecture.layers)


def _left_on_host(setup: Setup) -> int:
    """Layers that are not offloaded, and the input embedding, which never is (src/llama-model.cpp, dev_input).

    A tied embedding is on the devices too, as the output.
    """
    if setup.weights_bytes is None:
        return 0
    layers = _layers(setup)
    rest = 0 if layers is None else setup.weights_bytes * (layers[1] - layers[0]) // layers[1]
    return max(rest, _embedding(setup) // (setup.tensor_parallel * setup.pipeline_parallel))


def _embedding(setup: Setup) -> int:
    architecture = setup.architecture
    if architecture is None:
        return 0
    from planner.memory.weights import placed

    stored_head = any(tensor.kind == "head" for tensor in architecture.stored_only)
    if architecture.tied and not (stored_head and setup.scheme and setup.scheme.mix):
        return 0
    outside = takewhile(lambda each: each.layer is None, placed(architecture, setup.dtype, setup.scheme))
    return sum(each.size for each in outside if each.tensor.kind == "embedding")


def _notes(setup: Setup) -> tuple[str, ...]:
    layers = _layers(setup)
    return () if layers is None else (f"{layers[0]} of {layers[1]} layers on the device, the others in host memory",)
