"""Attention with a gate on its output, with experts: AFMoE, Laguna, Step-3.5 and Muse."""

from __future__ import annotations

from planner.model.config import Config
from planner.model.families import common, mixtures
from planner.model.families.llama import biased
from planner.model.parts import attention, ffn, moe
from planner.model.parts.attention import Heads, Options
from planner.model.parts.basic import linear, norm, norms
from planner.model.parts.layer import FeedForward, layer, stack
from planner.model.parts.moe import Experts, Router
from planner.model.stack import Architecture, Layer, Tensor


def per_element(config: Config, norm_kind: str) -> Options:
    """A gate for each element of the output."""
    shape = common.heads(config)
    return biased(config, norm_kind)._replace(gate=shape.query * shape.size)


def afmoe(config: Config) -> Architecture:
    """AFMoE (Trinity): norms before and after, three of four layers slide, the first layers dense."""
    hidden, routed = config.size("hidden_size"), mixtures.experts(config)
    kinds = common.layer_types(config, common.every(config.size("global_attn_every_n_layers", 4)))
    networks = mixtures.network(
        config,
        routed,
        Router("mlp.router.gate", correction=True),
        config.count("num_shared_experts") * routed.width,
    )
    first = config.count("num_dense_layers")
    ffns = mixtures.listed(config, lambda index: index >= first)
    around = norms(hidden, *common.PRE, "pre_mlp_layernorm", "post_mlp_layernorm")
    return common.architecture(
        config, common.sparse(config, ffns, networks, per_element(config, "head"), kinds, around)
    )


def laguna(config: Config) -> Architecture:
    """Laguna: a number of heads for each layer, a gate per head or per element, the first layer dense."""
    names = common.layer_types(config)
    heads = config.counts("num_attention_heads_per_layer") or (config.size("num_attention_heads"),) * len(names)
    if len(heads) < len(names):
        raise config.error("num_attention_heads_per_layer", f"has {len(heads)} entries for {len(names)} layers")
    routed = mixtures.experts(config)
    shared = config.count("shared_expert_intermediate_size")
    networks = mixtures.network(config, routed, Router(correction=True), shared)
    ffns = mixtures.listed(config, lambda index: index > 0)
    by_head = config.get("gating") in (True, "per-head", None)

    def build(kind: tuple[str, int, str]) -> Layer:
        shape = common.heads(config)._replace(query=kind[1])
        options = biased(config, "head")._replace(gate=kind[1] * (1 if by_head else shape.size))
        return layer(
            common.attend(config, kind[0], options, shape),
            networks(kind[2]),
            common.pre_norms(config.size("hidden_size")),
        )

    return common.architecture(config, stack(tuple(zip(names, heads, ffns, strict=False)), build))


def step(config: Config) -> Architecture:
    """Step-3.5: sliding layers may have more heads, a gate per head, experts from the fourth layer on."""
    names = common.layer_types(config)
    wide = config.optional("num_sliding_attention_heads") or _other_heads(config)
    chosen = _enumerated(config)
    ffns = mixtures.listed(config, lambda index: index in chosen if chosen is not None else index > 2)
    routed = mixtures.experts(config, count="n_routed_experts")
    shared = config.size("share_expert_dim", routed.width)
    networks = mixtures.network(config, routed, shared_width=shared, mlp_bias=config.flag("mlp_bias"))

    def build(kind: tuple[str, str]) -> Layer:
        shape = common.heads(config)
        if kind[0] == common.SLIDING and wide:
            shape = shape._replace(query=wide)
        options = biased(config, "head")._replace(gate=shape.query)
        mixer = common.attend(config, kind[0], options, shape)
        return layer(mixer, networks(kind[1]), common.pre_norms(config.size("hidden_size")))

    return common.architecture(config, stack(tuple(zip(names, ffns, strict=False)), build))


def _other_heads(config: Config) -> int | None:
    """Query heads of sliding layers as the first configs wrote them."""
    other = config.nested("attention_other_setting")
    return other.optional("num_attention_heads") if other else None


def _enumerated(config: Config) -> frozenset[int] | None:
    """Layers with experts as the first configs wrote them: "3,4,5" or a list."""
    stated = config.get("moe_layers_enum")
    if stated is None:
        return None
    if isinstance(stated, str):
        return frozenset(int(item) for item in stated.split(",") if item.strip().isdecimal() and len(item) < 9)
    return frozenset(config.counts("moe_layers_enum") or ())


def muse_kinds(config: Config) -> tuple[str, ...]:
    """Every fourth layer is full, counted from the last."""
    last = config.layers() - 1
    return common.layer_types(config, lambda i: common.FULL if (last - i) % 4 == 0 else common.SLIDING)


def muse_spark(config: Config) -> Architecture:
    """Muse Spark: experts work in a narrower space; the residuals have gates."""
    hidden, inner = config.size("hidden_size"), config.size("moe_hidden_size")
    count = config.size("num_local_experts")
    taken = min(config.size("num_experts_per_tok"), count)
    routed = Experts(count, taken, config.size("moe_intermediate_size"), inner=inner)
    bridges = (
        *linear("mlp.pre_expert_proj", hidden, inner, "ffn"),
        *norm("mlp.pre_expert_norm", inner),
        *norm("mlp.experts.post_expert_norm", inner),
        *linear("mlp.post_expert_proj", inner, hidden, "ffn"),
    )
    mixture = moe.moe(hidden, routed, further=bridges)
    dense = ffn.gated(hidden, config.size("intermediate_size"))
    gates = ("post_attention_residual_gate.gate", "post_feedforward_residual_gate.gate")
    around = (
        *norms(hidden, "input_layernorm", "pre_feedforward_layernorm", "post_feedforward_layernorm"),
        *(Tensor(name, (hidden,), "other", "other") for name in gates),
    )

    def network(kind: str) -> FeedForward:
        return dense if kind == mixtures.DENSE else mixture

    ffns = mixtures.listed(config, lambda index: True)
    layers = common.sparse(config, ffns, network, per_element(config, ""), muse_kinds(config), around)
    return common.architecture(config, layers)


def mimo_v2(config: Config) -> Architecture:
    """MiMo-V2: keys and values of different sizes, twice the KV heads and sinks in sliding layers."""
    shape = common.heads(config)._replace(value_size=config.size("v_head_dim", common.heads(config).size))
    names = common.layer_types(config, lambda i: common.FULL if i == 0 or (i + 1) % 6 == 0 else common.SLIDING)
    bias = config.flag("attention_bias")
    networks = mixtures.network(config, mixtures.experts(config, count="n_routed_experts"))
    ffns = mixtures.listed(config, lambda index: index > 0)
    window = config.optional("sliding_window_size")
    sized = config.with_values(sliding_window=window + 1) if window else config

    def build(kind: tuple[str, str]) -> Layer:
        slides = kind[0] == common.SLIDING
        own = Heads(shape.query, shape.kv * 2, shape.size, shape.value_size) if slides else shape
        options = attention.Options(bias=bias, sinks=slides)
        mixer = common.attend(sized, kind[0], options, own)
        return layer(mixer, networks(kind[1]), common.pre_norms(config.size("hidden_size")))

    return common.architecture(config, stack(tuple(zip(names, ffns, strict=False)), build))


FAMILIES = {
    "afmoe": afmoe,
    "laguna": laguna,
    **dict.fromkeys(("step3p5", "step3p5_flash"), step),
    "muse_spark_text": muse_spark,
    "mimo_v2_flash": mimo_v2,
}
