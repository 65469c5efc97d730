"""Mixtures of experts behind ordinary attention, in every layer or in all but the first."""

from __future__ import annotations

from planner.model.config import Config
from planner.model.families import common, mixtures
from planner.model.families.llama import biased
from planner.model.families.phi import window
from planner.model.parts import ffn, moe
from planner.model.parts.attention import Options
from planner.model.parts.basic import norms
from planner.model.parts.layer import FeedForward
from planner.model.parts.moe import Experts, Router
from planner.model.stack import Architecture


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


def minimax_m2(config: Config) -> Architecture:
    """MiniMax-M2: norms of all queries and all keys together."""
    network = mixtures.network(config, local(config))
    return common.architecture(config, common.sparse(config, everywhere(config), network, Options(norm="heads")))


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


def ernie(config: Config) -> Architecture:
    """ERNIE-4.5, dense or with experts between `moe_layer_start_index` and `moe_layer_end_index`."""
    bias = config.flag("use_bias")
    options = Options(bias=bias, out_bias=bias)
    if config.model_type == "ernie4_5":
        network = ffn.gated(config.size("hidden_size"), config.size("intermediate_size"), bias)
        return common.architecture(config, common.dense(config, options, network))
    first, step, end = config.count("moe_layer_start_index"), config.size("moe_layer_interval", 1), _last(config)
    ffns = tuple(
        mixtures.SPARSE if first <= index <= end and (index + 1) % step == 0 else mixtures.DENSE
        for index in range(config.layers())
    )
    routed = mixtures.experts(config)
    shared = config.count("moe_num_shared_experts") * routed.width
    networks = mixtures.network(config, routed, Router(correction=True), shared, bias)
    return common.architecture(config, common.sparse(config, ffns, networks, options), head_bias=bias)


def _last(config: Config) -> int:
    """Index of the last layer with experts; −1 is the last of all."""
    end = config.get("moe_layer_end_index")
    return config.layers() - 1 if end in (None, -1) else config.count("moe_layer_end_index")


def exaone(config: Config) -> Architecture:
    """K-EXAONE: norms of query and key heads, windows in all but one layer of a pattern."""
    slides, pattern = config.optional("sliding_window"), config.size("sliding_window_pattern", 4)
    kinds = common.layer_types(config, common.every(pattern) if slides else lambda index: common.FULL)
    routed = mixtures.experts(config)
    networks = mixtures.network(config, routed, shared_width=config.count("num_shared_experts") * routed.width)
    ffns = mixtures.listed(config, mixtures.dense_first(config))
    return common.architecture(config, common.sparse(config, ffns, networks, Options(norm="head"), kinds))


def hunyuan(config: Config) -> Architecture:
    """Hunyuan with experts: a shared network as wide as one of them."""
    routed = mixtures.experts(config, "intermediate_size")
    networks = mixtures.network(config, routed, Router("mlp.gate.wg"), routed.width)
    return common.architecture(config, common.sparse(config, everywhere(config), networks, biased(config, "head")))


def hy_v3(config: Config) -> Architecture:
    """Hunyuan 3: the first layer dense."""
    routed = mixtures.experts(config)
    shared = config.count("num_shared_experts") * routed.width
    networks = mixtures.network(config, routed, Router("mlp.gate"), shared, config.flag("mlp_bias"))
    ffns = mixtures.listed(config, lambda index: index > 0)
    return common.architecture(config, common.sparse(config, ffns, networks, biased(config, "head")))


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


FAMILIES = {
    "mixtral": mixtral,
    "minimax_m2": minimax_m2,
    "gpt_oss": gpt_oss,
    **dict.fromkeys(("granitemoe", "granitemoeshared", "granitemoe_swa"), granite),
    "llama4_text": llama4,
    **dict.fromkeys(("ernie4_5", "ernie4_5_moe"), ernie),
    "exaone_moe": exaone,
    "hunyuan_v1_moe": hunyuan,
    "hy_v3": hy_v3,
    "mellum": mellum,
    "kolibri1": kolibri,
    "flint": flint,
    "aria_text": aria,
}
