"""Kimi Delta Attention in most layers, latent attention in the rest: Kimi-Linear and K3, Ling 2.5, GLM-5-Next."""

from __future__ import annotations

from collections.abc import Callable

from planner.model.config import Config
from planner.model.families import common, deepseek, hybrid, indexed, mixtures
from planner.model.parts import hyper, moe
from planner.model.parts.basic import linear, norm
from planner.model.parts.latent import latent
from planner.model.parts.layer import FeedForward, Mixer, layer, stack
from planner.model.parts.recurrent_delta import kimi_delta
from planner.model.stack import Architecture, Layer, Tensor

SPARSE_LATENT = "sparse"
"""Latent attention with an indexer of its own."""


def inner(config: Config) -> Config:
    """`linear_attn_config`, in which checkpoints describe the delta layers."""
    return Config(config.mapping("linear_attn_config"), prefix=f"{config.prefix}linear_attn_config.")


def delta(config: Config) -> Mixer:
    """Kimi Delta Attention under flat keys, or those of `linear_attn_config`."""
    stated = inner(config)
    heads = stated.optional("num_heads") or config.size("linear_num_heads")
    size = stated.optional("head_dim") or config.size("linear_head_dim")
    kernel = stated.optional("short_conv_kernel_size") or config.size("linear_conv_kernel_dim")
    low_rank = (True, not stated.flag("use_full_rank_gate"))
    return kimi_delta(config.size("hidden_size"), heads, size, kernel, low_rank)


def decoder(config: Config, kinds: tuple[str, ...], mixer: Callable[[str], Mixer], dense_first: int) -> Architecture:
    """Layers by the kind of their mixer, the first ones with dense networks."""
    hidden = config.size("hidden_size")
    sizes = config.with_values(n_routed_experts=config.get("num_local_experts"))
    ffns, networks = deepseek.networks(sizes, dense_first)
    if mixtures.SPARSE in networks and config.optional("routed_expert_hidden_size"):
        networks = {**networks, mixtures.SPARSE: narrowed(sizes)}
    around = (*common.pre_norms(hidden), *residual_queries(config, ("self_attention_res", "mlp_res")))

    def build(kind: tuple[str, str]) -> Layer:
        return layer(mixer(kind[0]), networks[kind[1]], around)

    layers = stack(tuple(zip(kinds, ffns, strict=True)), build)
    return common.architecture(config, layers, outside=residual_queries(config, ("output_attn_res",)))


def narrowed(config: Config) -> FeedForward:
    """Kimi K3's mixture: routed experts on a narrower input (SGLang, kimi_k3.py)."""
    hidden, width = config.size("hidden_size"), config.size("routed_expert_hidden_size")
    shared = deepseek.shared_width(config)
    further = (
        *moe.shared(hidden, shared),
        *linear("mlp.routed_expert_down_proj", hidden, width, "ffn"),
        *(norm("mlp.routed_expert_norm", width, part="ffn") if config.flag("latent_moe_use_norm") else ()),
        *linear("mlp.routed_expert_up_proj", width, hidden, "ffn"),
    )
    experts = deepseek.routed_experts(config)._replace(inner=width)
    return moe.moe(hidden, experts, shared_width=shared, further=further)


def residual_queries(config: Config, names: tuple[str, ...]) -> tuple[Tensor, ...]:
    """Attention over the outputs of earlier blocks of layers (`attn_res_block_size`): a norm and a query of h each."""
    if not config.optional("attn_res_block_size"):
        return ()
    hidden = config.size("hidden_size")
    return tuple(
        tensor
        for name in names
        for tensor in (*norm(f"{name}_norm", hidden), *linear(f"{name}_proj", hidden, 1, "other"))
    )


def kimi_kinds(config: Config) -> tuple[str, ...]:
    """As `linear_attn_config` numbers the layers, from 1; else three delta layers to one of latent attention."""
    stated = inner(config)
    full, linear_layers = stated.counts("full_attn_layers"), stated.counts("kda_layers")
    if full is not None and linear_layers is not None and config.words("layer_types") is None:
        return tuple(common.FULL if index + 1 in full else hybrid.LINEAR for index in range(config.layers()))
    return hybrid.kinds(config, lambda index: common.FULL if index and index % 4 == 0 else hybrid.LINEAR)


def kimi_linear(config: Config) -> Architecture:
    """Kimi-Linear (Kimi Team 2025) and Kimi K3: latent attention without positions, in K3 with an output gate."""
    hidden, shape, other = config.size("hidden_size"), deepseek.shape_of(config), delta(config)
    gated = config.flag("mla_use_output_gate")
    gate = linear("self_attn.g_proj", hidden, shape.heads * shape.value, "attention") if gated else ()
    full = latent(hidden, shape, config.flag("attention_bias"), further=gate)
    return decoder(config, kimi_kinds(config), lambda kind: full if kind == common.FULL else other, 1)


def bailing_hybrid(config: Config) -> Architecture:
    """Ling 2.5: latent attention with a gate per head in one layer of `layer_group_size`; full matrices as gates."""
    hidden, heads = config.size("hidden_size"), config.size("num_attention_heads")
    kinds = hybrid.kinds(config, hybrid.periodic(config.size("layer_group_size")))
    gate = linear("self_attn.g_proj", hidden, heads, "attention")
    full = latent(hidden, deepseek.shape_of(config), config.flag("attention_bias"), further=gate)
    size = config.size("linear_head_dim" if config.states("linear_head_dim") else "head_dim")
    other = kimi_delta(hidden, heads, size, config.size("short_conv_kernel_size"), (False, False))
    return decoder(config, kinds, lambda kind: full if kind == common.FULL else other, 0)


def pooling(config: Config) -> tuple[Tensor, ...]:
    """What an indexer compresses `index_kpool` tokens with into one key."""
    size, pool = config.size("index_head_dim"), config.size("index_kpool")
    prefix = "self_attn.indexer.index_kpool_compress"
    return (
        Tensor(f"{prefix}_ape", (pool, size), "attention", "other"),
        Tensor(f"{prefix}_gate", (size, config.size("hidden_size")), "attention", "other"),
    )


def glm_kinds(config: Config) -> tuple[str, ...]:
    """Three delta layers to one of latent attention, which chooses its tokens or takes an earlier layer's choice."""
    kinds = hybrid.kinds(config, hybrid.periodic(4))
    own = indexed.indexer_types(config)
    return tuple(
        hybrid.LINEAR if kind == hybrid.LINEAR else SPARSE_LATENT if choice == indexed.FULL else common.FULL
        for kind, choice in zip(kinds, own, strict=True)
    )


def glm5_next(config: Config) -> Architecture:
    """GLM-5-Next: sparse latent attention without positions among delta layers, in several residual streams."""
    hidden, streams, shape = config.size("hidden_size"), config.size("hc_mult"), deepseek.shape_of(config)
    bias = config.flag("attention_bias")
    mixers = {
        hybrid.LINEAR: delta(config),
        common.FULL: latent(hidden, shape, bias),
        SPARSE_LATENT: latent(hidden, shape, bias, indexed.indexer_of(config), pooling(config)),
    }
    ffns, networks = deepseek.networks(config, 3)
    around = (*common.pre_norms(hidden), *hyper.connections(hidden, streams, streams * (streams + 2), 3))
    kinds = tuple(zip(glm_kinds(config), ffns, strict=True))
    return common.architecture(config, stack(kinds, lambda kind: layer(mixers[kind[0]], networks[kind[1]], around)))


FAMILIES = {"kimi_linear": kimi_linear, "bailing_hybrid": bailing_hybrid, "glm5_next_text": glm5_next}
