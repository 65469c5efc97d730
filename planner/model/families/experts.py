"""Mixtures of experts behind ordinary attention, in every layer or in all but the first."""

from __future__ import annotations

from planner.model.config import Config
from planner.model.families import common, mixtures
from planner.model.families.llama import biased
from planner.model.families.phi import window
from planner.model.parts import ffn, moe
from planner.model.parts.attention import Options
from planner.model.parts.basic import linear, norms
from planner.model.parts.layer import FeedForward, Mixer, layer
from planner.model.parts.moe import Experts, Router
from planner.model.stack import Architecture, Cache, Tensor


def everywhere(config: Config) -> tuple[str, ...]:
    """Experts in every layer."""
    return (mixtures.SPARSE,) * config.layers()


def local(config: Config, width: str = "intermediate_size") -> Experts:
    """The routed experts under Mixtral's keys."""
    return mixtures.experts(config, width, "num_local_experts")


def mixtral(config: Config) -> Architecture:
    """Mixtral: experts of `intermediate_size` in every layer."""
    network = mixtures.network(config, local(config))
    return common.architecture(config, common.sparse(config, everywhere(config), network, kinds=window(config)))


def gpt_oss(config: Config) -> Architecture:
    """gpt-oss: biases everywhere, sinks, every other layer slides, the first among them."""
    experts = local(config)._replace(bias=True)
    network = mixtures.network(config, experts, Router("mlp.router", bias=True))
    kinds = common.layer_types(config, common.every(2))
    options = biased(config, sinks=True)
    return common.architecture(config, common.sparse(config, everywhere(config), network, options, kinds))


def granite(config: Config) -> Architecture:
    """Granite with experts; a shared network of `shared_intermediate_size`, in one of them windows and sinks."""
    windowed = config.model_type == "granitemoe_swa"
    kinds = common.layer_types(config, common.every(4, 0)) if windowed else (common.FULL,) * config.layers()
    route = Router("block_sparse_moe.router")
    network = mixtures.network(config, local(config), route, config.count("shared_intermediate_size"))
    options = biased(config, sinks=windowed)
    return common.architecture(config, common.sparse(config, everywhere(config), network, options, kinds))


def llama4(config: Config) -> Architecture:
    """Llama-4: three of four layers see chunks; experts in every `interleave_moe_layer_step`-th layer, one shared."""
    interval, step = config.size("no_rope_layer_interval", 4), config.size("interleave_moe_layer_step", 1)
    ropes, listed = config.counts("no_rope_layers") or (), config.counts("moe_layers")
    turns = ropes if len(ropes) >= config.layers() else tuple((i + 1) % interval for i in range(config.layers()))
    kinds = common.layer_types(config, lambda index: common.CHUNKED if turns[index] else common.FULL)
    routed = local(config)
    mixture = moe.moe(config.size("hidden_size"), routed, shared_width=routed.width, prefix="feed_forward.experts")
    dense = ffn.gated(config.size("hidden_size"), config.size("intermediate_size_mlp"), prefix="feed_forward")

    def network(kind: str) -> FeedForward:
        return mixture if kind == mixtures.SPARSE else dense

    ffns = tuple(
        mixtures.SPARSE if (index in listed if listed is not None else (index + 1) % step == 0) else mixtures.DENSE
        for index in range(config.layers())
    )
    return common.architecture(config, common.sparse(config, ffns, network, biased(config), kinds))


def mellum(config: Config) -> Architecture:
    """Mellum: layers and networks as listed."""
    networks = mixtures.network(config, local(config, "moe_intermediate_size"))
    ffns = mixtures.listed(config, lambda index: True)
    return common.architecture(config, common.sparse(config, ffns, networks, biased(config, "head")))


def kolibri(config: Config) -> Architecture:
    """Kolibri: norms before and after attention and experts, one layer in five full."""
    kinds = common.layer_types(config, common.every(5))
    shared = config.count("shared_expert_intermediate_size")
    networks = mixtures.network(config, local(config, "moe_intermediate_size"), shared_width=shared)
    around = norms(config.size("hidden_size"), *common.PRE, "post_self_attn_layernorm", "post_mlp_layernorm")
    layers = common.sparse(config, everywhere(config), networks, Options(norm="head"), kinds, around)
    return common.architecture(config, layers)


def flint(config: Config) -> Architecture:
    """Flint: sinks, windows in three of four layers but the first two and the last, the first two layers dense."""
    last = config.layers() - 1
    kinds = common.layer_types(config, lambda i: common.FULL if i < 2 or i % 4 == 1 or i == last else common.SLIDING)
    dense = config.counts("mlp_only_layers")
    given = config.with_values(mlp_only_layers=[0, 1] if dense is None else list(dense))
    networks = mixtures.network(
        config, mixtures.experts(config), shared_width=config.count("shared_expert_intermediate_size")
    )
    ffns = mixtures.listed(config, mixtures.stepped(given))
    options = biased(config, "head", sinks=True)
    return common.architecture(config, common.sparse(config, ffns, networks, options, kinds))


def aria(config: Config) -> Architecture:
    """Aria: experts of `intermediate_size`, as wide the shared ones."""
    routed = Experts(config.size("moe_num_experts"), config.size("moe_topk"), config.size("intermediate_size"))
    shared = config.count("moe_num_shared_experts") * routed.width
    networks = mixtures.network(config, routed, Router("mlp.router"), shared, config.flag("mlp_bias"))
    return common.architecture(config, common.sparse(config, everywhere(config), networks, biased(config)))


def jetmoe(config: Config) -> Architecture:
    """JetMoE: experts of attention as well: a token takes as many query projections as it takes experts."""
    hidden, kv, size = config.size("hidden_size"), config.size("num_key_value_heads"), config.size("kv_channels")
    number = config.size("num_local_experts")
    taken = min(config.size("num_experts_per_tok"), number)
    width = kv * size
    mixer = Mixer(
        "full",
        (
            Tensor("self_attention.experts.input_linear", (width, hidden), "attention", "expert", number, taken),
            Tensor("self_attention.experts.output_linear", (hidden, width), "attention", "expert", number, taken),
            *linear("self_attention.experts.router.layer", hidden, number, "attention", kind="router"),
            Tensor("self_attention.experts.bias", (hidden,), "attention", "bias"),
            *linear("self_attention.kv_proj", hidden, 2 * width, "attention"),
        ),
        (Cache(kv, 2 * size),),
        query_heads=kv * taken,
        head_dim=size,
        kv_heads=kv,
    )
    bias = (Tensor("mlp.bias", (hidden,), "ffn", "bias"),)
    network = moe.moe(hidden, local(config), Router("mlp.router.layer"), further=bias)
    one = layer(mixer, network, common.pre_norms(hidden))
    return common.architecture(config, (one,) * config.layers())


FAMILIES = {
    "jetmoe": jetmoe,
    "mixtral": mixtral,
    "gpt_oss": gpt_oss,
    **dict.fromkeys(("granitemoe", "granitemoeshared", "granitemoe_swa"), granite),
    "llama4_text": llama4,
    "mellum": mellum,
    "kolibri1": kolibri,
    "flint": flint,
    "aria_text": aria,
}
