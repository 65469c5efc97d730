"""Inkling 1 and 2: short convolutions of keys, values and residuals, learned relative positions."""

from __future__ import annotations

from planner.model.config import Config
from planner.model.families import common, mixtures
from planner.model.families.looped import MOST_PASSES, again
from planner.model.parts import attention, ffn, moe
from planner.model.parts.attention import Heads, Options
from planner.model.parts.basic import linear, norm, norms
from planner.model.parts.layer import FeedForward, Mixer, layer, stack
from planner.model.parts.moe import Experts, Router
from planner.model.parts.recurrent_mamba import conv, conv_state
from planner.model.stack import Architecture, Layer, State, Tensor

SLIDING, FULL = "hybrid_sliding", "hybrid"


def kinds(config: Config) -> tuple[str, ...]:
    """One layer in six is full, or those that `local_layer_ids` leaves out."""
    near = config.counts("local_layer_ids")
    return common.layer_types(
        config, lambda i: SLIDING if (i in near if near is not None else (i + 1) % 6) else FULL
    )  # fmt: skip


def shape_of(config: Config, kind: str) -> Heads:
    """Sliding layers have heads of their own."""
    prefix = "swa_" if kind == SLIDING else ""
    return Heads(
        config.size(f"{prefix}num_attention_heads"),
        config.size(f"{prefix}num_key_value_heads"),
        config.size(f"{prefix}head_dim"),
    )


def mixer(config: Config, kind: str, options: Options, extra: tuple[Tensor, ...], keys: int) -> Mixer:
    """Attention with relative positions, and the states of the convolutions; `keys` is the width of keys and values."""
    hidden, shape, rank = config.size("hidden_size"), shape_of(config, kind), config.size("d_rel")
    window = config.size("sliding_window_size") if kind == SLIDING else None
    reach = window or config.size("rel_extent")
    positions = (
        *linear("self_attn.r_proj", hidden, shape.query * rank, "attention"),
        Tensor("self_attn.rel_logits_proj", (rank, reach), "attention", "other"),
    )
    found = attention.grouped(hidden, shape, options, "sliding" if window else "full", window)
    return found._replace(tensors=(*found.tensors, *positions, *extra), states=states(config, hidden, keys))


def states(config: Config, hidden: int, keys: int) -> tuple[State, ...]:
    """The past inputs of four convolutions: keys, values, and the outputs of attention and network."""
    return tuple(conv_state(width, config.size("conv_kernel_size")) for width in (keys, keys, hidden, hidden))


def inkling(config: Config) -> Architecture:
    """Inkling: shared experts take part in the routing."""
    hidden, kernel = config.size("hidden_size"), config.size("conv_kernel_size")
    routed = mixtures.experts(config, count="n_routed_experts")
    shared = config.count("n_shared_experts")
    scale = Tensor("mlp.global_scale", (1,), "ffn", "other")
    always = moe.routed(hidden, Experts(shared, shared, routed.width), "mlp.shared_experts") if shared else ()
    mixture = moe.moe(hidden, routed, Router(outputs=routed.number + shared), further=(*always, scale))
    first = config.count("dense_mlp_idx")
    ffns = mixtures.listed(config, lambda index: index >= first)
    wide = config.optional("dense_intermediate_size") or config.size("intermediate_size")
    dense = ffn.gated(hidden, wide)
    networks = {mixtures.SPARSE: mixture, mixtures.DENSE: dense._replace(tensors=(*dense.tensors, scale))}
    around = (
        *common.pre_norms(hidden),
        *conv("attn_sconv.conv1d", hidden, kernel),
        *conv("mlp_sconv.conv1d", hidden, kernel),
    )

    def build(kind: tuple[str, str]) -> Layer:
        shape = shape_of(config, kind[0])
        keys = shape.kv * shape.size
        convs = (*conv("self_attn.k_sconv", keys, kernel), *conv("self_attn.v_sconv", keys, kernel))
        return layer(mixer(config, kind[0], Options(norm="head"), convs, keys), networks[kind[1]], around)

    layers = stack(tuple(zip(kinds(config), ffns, strict=True)), build)
    return common.architecture(config, layers, outside=norm("embed_norm", hidden))


def inkling2(config: Config) -> Architecture:
    """Inkling 2: gates and projected sinks, each layer but the first reads a learned mixture of the layers before."""
    hidden = config.size("hidden_size")
    mixture = moe.moe(hidden, mixtures.experts(config, count="n_routed_experts"))
    order = tuple((name, index > 0) for index, name in enumerate(kinds(config)))
    layers = stack(order, lambda kind: _inkling2_layer(config, kind[0], kind[1], mixture))
    outside = (*norm("embed_norm", hidden), Tensor("final_input.query", (hidden,), "other", "other"))
    return common.architecture(config, layers, outside=outside, outputs=config.optional("unpadded_vocab_size"))


def inkling2_loop(config: Config) -> Architecture:
    """Inkling 2 Mini: some layers run several times, reading gated messages of the pass before."""
    hidden, rank = config.size("hidden_size"), config.size("loop_gate_rank")
    start, end = config.count("loop_layer_index_start"), config.count("loop_layer_index_end")
    once = inkling2(config)
    if start >= end:
        raise config.error("loop_layer_index_end", f"is {end}; it must lie above loop_layer_index_start {start}")
    gates = tuple(
        tensor for name in ("q", "k", "v", "mlp") for tensor in _message(f"{name}_message_gate", hidden, rank)
    )
    changed = {one: one._replace(tensors=(*one.tensors, *gates)) for one in dict.fromkeys(once.layers[start:end])}
    looped = tuple(changed[one] for one in once.layers[start:end])
    further = again(looped, config.size("loop_num_passes", 1, MOST_PASSES) - 1)
    asked = Tensor("message_input.query", (end - start, 4, hidden), "other", "other")
    return once._replace(
        layers=(*once.layers[:start], *looped, *once.layers[end:], *further), outside=(*once.outside, asked)
    )


def _message(name: str, hidden: int, rank: int) -> tuple[Tensor, ...]:
    """What lets a message of the pass before in."""
    return (
        *linear(f"{name}.down_proj", 2 * hidden, rank, "other"),
        *linear(f"{name}.forget_gate_proj", rank, hidden, "other"),
        *linear(f"{name}.message_gate_proj", rank, hidden, "other"),
    )


def _inkling2_layer(config: Config, kind: str, later: bool, mixture: FeedForward) -> Layer:
    hidden, kernel, shape = config.size("hidden_size"), config.size("conv_kernel_size"), shape_of(config, kind)
    keys, rank = shape.kv * shape.size, config.size("d_rel")
    full = kind == FULL
    convs = _dynamic(hidden, shape, kernel) if full else (
        *conv("self_attn.k_sconv", keys, kernel),
        *conv("self_attn.v_sconv", keys, kernel),
    )  # fmt: skip
    extra = (
        *convs,
        *linear("self_attn.sink_proj", hidden, shape.query, "attention"),
        Tensor("self_attn.q_l2_clip.scale", (shape.query, shape.size), "attention", "other"),
        Tensor("self_attn.rel_l2_clip.scale", (shape.query, rank), "attention", "other"),
    )
    options = Options(gate=shape.query * shape.size)
    names = ("q_input_layernorm", "k_input_layernorm", "v_input_layernorm") if full else ("input_layernorm",)
    mixed = Tensor("attention_input.query", (3 if full else 1, hidden), "other", "other")
    around = (
        *norms(hidden, *names, "post_attention_layernorm"),
        *conv("post_attention_convolution", hidden, kernel),
        *conv("post_mlp_convolution", hidden, kernel),
        *((mixed,) if later else ()),
        Tensor("mlp_input.query", (hidden,), "other", "other"),
    )
    return layer(mixer(config, kind, options, extra, keys), mixture, around)


def _dynamic(hidden: int, shape: Heads, kernel: int) -> tuple[Tensor, ...]:
    """Convolutions of keys and values whose weights depend on the token."""
    return tuple(
        tensor
        for name in ("k_sconv", "v_sconv")
        for tensor in (
            *conv(f"self_attn.{name}.static_weight", shape.kv * shape.size, kernel),
            *linear(f"self_attn.{name}.weight_proj", hidden, shape.kv * kernel, "attention"),
        )
    )


FAMILIES = {"inkling_text": inkling, "inkling2_text": inkling2, "inkling2_loop_text": inkling2_loop}
