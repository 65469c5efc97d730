"""Kimi Delta Attention in most layers, latent attention in the rest: Kimi-Linear, Ling 2.5 and GLM-5-Next."""

from __future__ import annotations

from planner.model.config import Config
from planner.model.families import common, hybrid
from planner.model.parts import ffn
from planner.model.parts.basic import linear, norms
from planner.model.parts.latent import Indexer, Latent, latent
from planner.model.parts.layer import FeedForward, Mixer, layer, stack
from planner.model.parts.moe import Experts, moe
from planner.model.parts.recurrent_delta import kimi_delta
from planner.model.stack import Architecture, Layer, Tensor

NORMS = ("input_layernorm", "post_attention_layernorm")
DENSE, SPARSE = "dense", "sparse"
INDEXED = "indexed_attention"
SHARED_INDEX = "shared_index"
"""A layer that reuses the indexer's choice of an earlier one."""


def latent_shape(config: Config) -> Latent:
    """Ranks and head sizes of latent attention."""
    return Latent(
        config.size("num_attention_heads"),
        config.optional("q_lora_rank"),
        config.size("kv_lora_rank"),
        config.size("qk_nope_head_dim"),
        config.count("qk_rope_head_dim"),
        config.size("v_head_dim"),
    )


def network(config: Config, kind: str) -> FeedForward:
    """A gated network, or experts with shared ones beside them."""
    hidden = config.size("hidden_size")
    if kind == DENSE:
        return ffn.gated(hidden, config.size("intermediate_size"))
    width = config.size("moe_intermediate_size")
    experts = Experts(config.size("num_local_experts"), config.size("num_experts_per_tok"), width)
    return moe(hidden, experts, shared_width=config.count("n_shared_experts") * width)


def networks(config: Config, dense_first: int) -> tuple[str, ...]:
    """`mlp_layer_types`; else dense networks in the first layers."""
    return common.layer_types(config, lambda index: DENSE if index < dense_first else SPARSE, "mlp_layer_types")


def delta(config: Config, low_rank: bool = True) -> Mixer:
    """Kimi Delta Attention under flat keys or, as checkpoints write them, in `linear_attn_config`."""
    inner = Config(config.mapping("linear_attn_config"), prefix="linear_attn_config.")
    heads = inner.optional("num_heads") or config.size("linear_num_heads")
    size = inner.optional("head_dim") or config.size("linear_head_dim")
    kernel = inner.optional("short_conv_kernel_size") or config.size("linear_conv_kernel_dim")
    return kimi_delta(config.size("hidden_size"), heads, size, kernel, low_rank)


def listed(config: Config) -> tuple[str, ...] | None:
    """Layers as `linear_attn_config` numbers them, from 1."""
    inner = Config(config.mapping("linear_attn_config"), prefix="linear_attn_config.")
    full = inner.counts("full_attn_layers")
    if full is None or inner.counts("kda_layers") is None:
        return None
    return tuple(common.FULL if index + 1 in full else hybrid.LINEAR for index in range(config.layers()))


def kimi_linear(config: Config) -> Architecture:
    """Kimi-Linear (Kimi Team 2025): three delta layers to one of latent attention without positions."""
    hidden = config.size("hidden_size")
    named = None if config.words("layer_types") else listed(config)
    kinds = named or hybrid.kinds(config, lambda index: common.FULL if index and index % 4 == 0 else hybrid.LINEAR)
    dense_first = config.count("first_k_dense_replace", 1)

    def build(kind: tuple[str, str]) -> Layer:
        mixer = latent(hidden, latent_shape(config)) if kind[0] == common.FULL else delta(config)
        return layer(mixer, network(config, kind[1]), norms(hidden, *NORMS))

    return common.architecture(config, stack(tuple(zip(kinds, networks(config, dense_first), strict=True)), build))


def bailing_hybrid(config: Config) -> Architecture:
    """Ling 2.5: latent attention with a gate per head in one layer of `layer_group_size`; full matrices as gates."""
    hidden, heads = config.size("hidden_size"), config.size("num_attention_heads")
    kinds = hybrid.kinds(config, hybrid.periodic(config.size("layer_group_size")))
    size = config.size("linear_head_dim" if config.states("linear_head_dim") else "head_dim")
    keys = {"linear_num_heads": heads, "linear_head_dim": size,
            "linear_conv_kernel_dim": config.size("short_conv_kernel_size")}  # fmt: skip

    def build(kind: tuple[str, str]) -> Layer:
        if kind[0] == common.FULL:
            mixer = latent(hidden, latent_shape(config))
            mixer = mixer._replace(tensors=(*mixer.tensors, *linear("self_attn.g_proj", hidden, heads, "attention")))
        else:
            mixer = delta(config.with_values(**keys), low_rank=False)
        return layer(mixer, network(config, kind[1]), norms(hidden, *NORMS))

    sparse = networks(config, config.count("first_k_dense_replace"))
    return common.architecture(config, stack(tuple(zip(kinds, sparse, strict=True)), build))


def hyper_connection(name: str, hidden: int, streams: int) -> tuple[Tensor, ...]:
    """Weights that mix n residual streams (Zhu et al. 2024): (n² + 2n)·n·h + n² + 2n + 3."""
    outputs = streams * streams + 2 * streams
    return (
        Tensor(f"{name}.fn", (outputs, streams * hidden), "other", "other"),
        Tensor(f"{name}.base", (outputs,), "other", "other"),
        Tensor(f"{name}.scale", (3,), "other", "other"),
    )


def pooled_indexer(config: Config, shape: Latent) -> Mixer:
    """Latent attention whose indexer keeps one key for every `index_kpool` tokens."""
    hidden, size, pool = config.size("hidden_size"), config.size("index_head_dim"), config.size("index_kpool")
    mixer = latent(hidden, shape, indexer=Indexer(config.size("index_n_heads"), size))
    compress = (
        Tensor("self_attn.indexer.index_kpool_compress_ape", (pool, size), "attention", "other"),
        Tensor("self_attn.indexer.index_kpool_compress_gate", (size, hidden), "attention", "other"),
    )
    return mixer._replace(tensors=(*mixer.tensors, *compress))


def index_kinds(config: Config) -> tuple[str, ...]:
    """Which layers of latent attention choose tokens themselves ("full") and which reuse a choice ("shared")."""
    period, offset = max(config.count("index_topk_freq", 1), 1), config.count("index_skip_topk_offset", 2)
    letters = config.get("index_topk_pattern")
    if isinstance(letters, str) and len(letters) >= config.layers():
        return tuple("shared" if letter == "S" else "full" for letter in letters[: config.layers()])
    return common.layer_types(
        config, lambda index: "shared" if max(index - offset + 1, 0) % period else "full", "indexer_types"
    )


def glm5_next(config: Config) -> Architecture:
    """GLM-5-Next: three delta layers to one of sparse latent attention, in several residual streams."""
    hidden, streams, shape = config.size("hidden_size"), config.size("hc_mult"), latent_shape(config)
    connections = (*hyper_connection("attn_hc", hidden, streams), *hyper_connection("ffn_hc", hidden, streams))
    default = hybrid.periodic(4)
    kinds = [INDEXED if kind == common.FULL else kind for kind in hybrid.kinds(config, default)]
    kinds = [SHARED_INDEX if kind == INDEXED and index == "shared" else kind
             for kind, index in zip(kinds, index_kinds(config), strict=True)]  # fmt: skip

    def build(kind: tuple[str, str]) -> Layer:
        if kind[0] == hybrid.LINEAR:
            mixer = delta(config)
        else:
            mixer = latent(hidden, shape) if kind[0] == SHARED_INDEX else pooled_indexer(config, shape)
        return layer(mixer, network(config, kind[1]), (*norms(hidden, *NORMS), *connections))

    return common.architecture(config, stack(tuple(zip(kinds, networks(config, 3), strict=True)), build))


FAMILIES = {"kimi_linear": kimi_linear, "bailing_hybrid": bailing_hybrid, "glm5_next_text": glm5_next}
