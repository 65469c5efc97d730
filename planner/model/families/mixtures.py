"""Which layers hold experts, and how the experts of common keys are read."""

from __future__ import annotations

from collections.abc import Callable

from planner.model.config import Config
from planner.model.parts import ffn, moe
from planner.model.parts.layer import FeedForward
from planner.model.parts.moe import Experts, Router

DENSE, SPARSE = "dense", "sparse"


def listed(config: Config, default: Callable[[int], bool], key: str = "mlp_layer_types") -> tuple[str, ...]:
    """DENSE or SPARSE for each layer: as `key` lists them, else SPARSE where `default` says so of the layer's index."""
    count, stated = config.layers(), config.words(key)
    if stated is None:
        return tuple(SPARSE if default(index) else DENSE for index in range(count))
    if len(stated) < count:
        raise config.error(key, f"has {len(stated)} entries for {count} layers")
    return tuple(DENSE if kind == DENSE else SPARSE for kind in stated[:count])


def dense_first(config: Config, default: int = 0) -> Callable[[int], bool]:
    """Experts from layer `first_k_dense_replace` on, in every layer that `moe_layer_freq` (step or list) picks."""
    first, picks = config.count("first_k_dense_replace", default), config.get("moe_layer_freq")
    if isinstance(picks, (list, tuple)):
        chosen = config.counts("moe_layer_freq") or ()
        return lambda index: index >= first and index < len(chosen) and chosen[index] > 0
    step = config.size("moe_layer_freq", 1)
    return lambda index: index >= first and index % step == 0


def stepped(config: Config) -> Callable[[int], bool]:
    """Experts in every `decoder_sparse_step`-th layer but those of `mlp_only_layers` (Qwen)."""
    step, dense = config.size("decoder_sparse_step", 1), config.counts("mlp_only_layers") or ()
    has_experts = config.count("num_experts") > 0
    return lambda index: has_experts and index not in dense and (index + 1) % step == 0


def experts(config: Config, width: str = "moe_intermediate_size", count: str = "num_experts") -> Experts:
    """`count` experts of width `width`, `num_experts_per_tok` of them (all if not stated) for each token."""
    number = config.size(count, most=1 << 20)
    return Experts(number, min(config.size("num_experts_per_tok", number), number), config.size(width))


def network(
    config: Config,
    routed: Experts,
    router: Router = moe.PLAIN_ROUTER,
    shared_width: int = 0,
    mlp_bias: bool = False,
    shared_gate: bool = False,
) -> Callable[[str], FeedForward]:
    """The feed-forward network of a layer: gated of `intermediate_size` where it is DENSE, else the mixture."""
    hidden = config.size("hidden_size")
    further = moe.shared(hidden, shared_width, shared_gate, mlp_bias)

    def build(kind: str) -> FeedForward:
        if kind == DENSE:
            return ffn.gated(hidden, config.size("intermediate_size"), mlp_bias)
        return moe.moe(hidden, routed, router, shared_width, further)

    return build
