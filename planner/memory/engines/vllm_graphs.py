"""CUDA graphs of vLLM: how much they take, and whether that counts against the budget.

From 0.20 on a trial capture is taken off the budget. The second model runner made none until 0.29, and which models it
ran by default went by version: none is in the budget there (vllm/config/vllm.py, use_v2_model_runner; v1/worker/gpu).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner.memory.engines import GIB
from planner.model.stack import kinds

if TYPE_CHECKING:
    from planner.memory.engines import Setup

COUNTED, RUNNER_COUNTED, AMD_COUNTED = (0, 20), (0, 29), (0, 26)
"""Since when a trial capture is made: at all, by the second runner, on devices of AMD."""
EVERY_DENSE = (0, 25)
"""Since when the second runner ran all models without experts or states."""
RUNNER: tuple[tuple[tuple[int, ...], frozenset[str]], ...] = (
    ((0, 28), frozenset({"deepseek_v2", "deepseek_v4", "granitemoe", "kimi_k3", "qwen2_moe"})),
    ((0, 27), frozenset({"deepseek_v2", "granitemoe", "kimi_k3", "qwen2_moe"})),
    ((0, 25), frozenset({"deepseek_v2", "granitemoe", "qwen2_moe"})),
    ((0, 24), frozenset({"deepseek_v2", "granitemoe", "llama", "mistral", "qwen2_moe", "qwen3"})),
    ((0, 23), frozenset({"llama", "mistral", "qwen3"})),
    ((0, 22), frozenset({"qwen3"})),
)
"""(since, types that it ran by default); up to 0.23 only unquantized."""
QUANTIZED_SINCE = (0, 24)
USUAL_LAYERS = 40


def graph_bytes(setup: Setup, sequences: int) -> int:
    """CUDA graphs, where they count against the budget."""
    counted = tries_capture(setup) and not second_runner_without_trial(setup)
    return captured_bytes(setup, sequences) if counted else 0


def tries_capture(setup: Setup) -> bool:
    """Whether this version makes a trial capture on such a device."""
    return setup.version is None or setup.version >= (AMD_COUNTED if setup.vendor == "amd" else COUNTED)


def second_runner_without_trial(setup: Setup) -> bool:
    """Whether the second model runner runs in a version in which it does not estimate its graphs.

    Drafting by ngrams keeps to the first; other options that do so are rare and not looked for.
    """
    version, architecture = setup.version, setup.architecture
    if version is None or version >= RUNNER_COUNTED or architecture is None:
        return False
    if any("ngram" in str(value) for key, value in setup.options.items() if key.startswith("spec")):
        return False
    named = next((types for since, types in RUNNER if version >= since), frozenset[str]())
    if architecture.model_type in named:
        return version >= QUANTIZED_SINCE or setup.scheme is None
    plain = not any(layer.experts or layer.states for layer in kinds(architecture.layers))
    return version >= EVERY_DENSE and plain


def captured_bytes(setup: Setup, sequences: int) -> int:
    """CUDA graphs: 0.4 GiB and 1/80 GiB per layer of a stage, a quarter GiB more with experts; whatever the ranks.

    That is what vLLM 0.19 estimated on H100 for the 51 batch sizes up to 512; `max_num_seqs` below 256 leaves fewer
    (compilation config, cudagraph_capture_sizes), of which each takes its share beside a fixed quarter.
    """
    if setup.options.get("enforce_eager") is True:
        return 0
    layers = len(setup.architecture.layers) if setup.architecture else 0
    experts = GIB // 4 if setup.shape and setup.shape.experts_per_token else 0
    full = GIB * 2 // 5 + GIB // 80 * (layers or USUAL_LAYERS) // setup.pipeline_parallel + experts
    largest = min(2 * sequences, 512)
    captured = 3 + min(largest, 256) // 8 + max(0, largest - 256) // 16
    return int(full * (0.25 + 0.75 * min(captured, 51) / 51))
