"""Gemma-3n and Gemma-4: per-layer embeddings, and last layers that use the cache of earlier ones."""

from __future__ import annotations

from planner.model.config import Config
from planner.model.families import common
from planner.model.families.llama import biased
from planner.model.parts import ffn, moe, per_layer
from planner.model.parts.attention import Heads
from planner.model.parts.basic import linear, norm, norms
from planner.model.parts.layer import FeedForward, Mixer, layer, stack
from planner.model.parts.moe import Experts, Router
from planner.model.stack import Architecture, Layer, Tensor
from planner.record import NamedTuple


class Kind(NamedTuple):
    """What one layer is."""

    attention: str
    shape: Heads
    reuses: bool
    """Takes keys and values from an earlier layer."""
    width: int


def reused(config: Config) -> range:
    """The last `num_kv_shared_layers` layers."""
    count = config.layers()
    return range(max(0, count - config.count("num_kv_shared_layers")), count)


def attend(config: Config, kind: Kind, one_projection: bool = False) -> Mixer:
    """The attention of a layer; one that reuses has no keys, no values and no cache.

    With `one_projection` the values are the keys before their norm: no matrix, but a place in the cache.
    """
    found = common.attend(config, kind.attention, biased(config, "head"), kind.shape)
    dropped = ("k_proj", "v_proj", "k_norm") if kind.reuses else ("v_proj",) if one_projection else ()
    tensors = tuple(tensor for tensor in found.tensors if not any(name in tensor.name for name in dropped))
    return found._replace(tensors=tensors, caches=() if kind.reuses else found.caches)


def per_layer_table(config: Config) -> tuple[Tensor, ...]:
    """The embeddings of all layers, if the model has such."""
    width = config.count("hidden_size_per_layer_input")
    if not width:
        return ()
    vocab = config.size("vocab_size_per_layer_input", config.size("vocab_size"))
    return per_layer.table(vocab, width, config.size("hidden_size"), config.layers())


def per_layer_entry(config: Config) -> tuple[Tensor, ...]:
    """One layer's share in them."""
    width = config.count("hidden_size_per_layer_input")
    return per_layer.entry(config.size("hidden_size"), width) if width else ()


def gemma3n(config: Config) -> Architecture:
    """Gemma-3n: AltUp over several streams, LAuReL beside the attention, one layer in five full."""
    hidden, streams = config.size("hidden_size"), config.size("altup_num_inputs", 1)
    names, shape = common.layer_types(config, common.every(5)), common.heads(config)
    kinds = [
        Kind(name, shape, index in reused(config), width)
        for index, (name, width) in enumerate(zip(names, _widths(config), strict=False))
    ]
    around = (
        *norms(hidden, *common.SANDWICH),
        *_altup(hidden, streams),
        *_laurel(hidden, config.size("laurel_rank")),
        *per_layer_entry(config),
    )

    def build(kind: Kind) -> Layer:
        return layer(attend(config, kind), ffn.gated(hidden, kind.width), around)

    crossings = ("altup_projections", "altup_unembed_projections")
    projections = tuple(Tensor(name, (hidden, hidden), "other", "linear", streams - 1) for name in crossings)
    outside = (*per_layer_table(config), *(projections if streams > 1 else ()))
    return common.architecture(config, stack(kinds, build), outside=outside)


def _widths(config: Config) -> tuple[int, ...]:
    """`intermediate_size` may be one for all layers or one for each."""
    if isinstance(config.get("intermediate_size"), (list, tuple)):
        widths = config.counts("intermediate_size") or ()
        if len(widths) != config.layers():
            raise config.error("intermediate_size", f"has {len(widths)} entries for {config.layers()} layers")
        return widths
    return (config.size("intermediate_size"),) * config.layers()


def _altup(hidden: int, streams: int) -> tuple[Tensor, ...]:
    """Alternating updates (Baykal et al. 2023): prediction, correction and routing between the streams."""
    return (
        Tensor("altup.correct_output_scale", (hidden,), "other", "other"),
        *linear("altup.correction_coefs", streams, streams, "other"),
        *linear("altup.prediction_coefs", streams, streams * streams, "other"),
        *linear("altup.modality_router", hidden, streams, "other", kind="router"),
        *norm("altup.router_norm", hidden),
    )


def _laurel(hidden: int, rank: int) -> tuple[Tensor, ...]:
    """A learned residual of low rank (Menghani et al. 2024, LAuReL)."""
    return (
        *linear("laurel.linear_left", hidden, rank, "other"),
        *linear("laurel.linear_right", rank, hidden, "other"),
        *norm("laurel.post_laurel_norm", hidden),
    )


def gemma4(config: Config) -> Architecture:
    """Gemma-4: full layers have heads of their own, the last of all layers is one; experts beside the dense network."""
    hidden = config.size("hidden_size")
    one_projection = config.flag("attention_k_eq_v")
    extra = (*norms(hidden, *common.SANDWICH), *per_layer_entry(config))
    mixture = _experts_beside(config) if config.flag("enable_moe_block") else None

    def build(kind: Kind) -> Layer:
        mixer = attend(config, kind, one_projection and kind.attention == common.FULL)
        return layer(mixer, _beside(ffn.gated(hidden, kind.width), mixture), extra)

    return common.architecture(config, stack(_gemma4_kinds(config), build), outside=per_layer_table(config))


def _gemma4_kinds(config: Config) -> tuple[Kind, ...]:
    names = common.layer_types(config, common.every(6))
    names = (*names[:-1], common.FULL)
    width, wide = config.size("intermediate_size"), 2 if config.flag("use_double_wide_mlp") else 1
    shapes = {name: _gemma4_heads(config, name) for name in set(names)}
    listed = config.states("per_layer_config")
    return tuple(
        Kind(
            name,
            common.heads(common.at(config, index)) if listed else shapes[name],
            index in reused(config),
            width * (wide if index in reused(config) else 1),
        )
        for index, name in enumerate(names)
    )


def _gemma4_heads(config: Config, name: str) -> Heads:
    shape = common.heads(config)
    if name != common.FULL:
        return shape
    kv = config.optional("num_global_key_value_heads") if config.flag("attention_k_eq_v") else None
    return Heads(shape.query, kv or shape.kv, config.size("global_head_dim", 512))


def _experts_beside(config: Config) -> FeedForward:
    """Experts that work on the same input as the dense network, with norms of their own."""
    hidden, count = config.size("hidden_size"), config.size("num_experts")
    routed = Experts(count, min(config.size("top_k_experts"), count), config.size("moe_intermediate_size"))
    scales = (
        Tensor("router.scale", (hidden,), "ffn", "other"),
        Tensor("router.per_expert_scale", (count,), "ffn", "other"),
        *norms(
            hidden,
            "post_feedforward_layernorm_1",
            "post_feedforward_layernorm_2",
            "pre_feedforward_layernorm_2",
        ),
    )
    return moe.moe(hidden, routed, Router("router.proj"), further=scales, prefix="experts")


def _beside(dense: FeedForward, mixture: FeedForward | None) -> FeedForward:
    if mixture is None:
        return dense
    return mixture._replace(tensors=(*dense.tensors, *mixture.tensors), shared_width=dense.width)


FAMILIES = {"gemma3n_text": gemma3n, "gemma4_text": gemma4, "gemma4_unified_text": gemma4}
