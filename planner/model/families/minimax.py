"""MiniMax-01 (Li et al. 2025): lightning attention with softmax attention in between, and experts; MiniMax-M3."""

from __future__ import annotations

from planner.model.config import Config
from planner.model.families import common, hybrid, mixtures
from planner.model.parts import ffn
from planner.model.parts.attention import Options
from planner.model.parts.basic import linear, norm, norms
from planner.model.parts.layer import Mixer, layer, stack
from planner.model.parts.moe import Experts, moe
from planner.model.parts.recurrent import lightning
from planner.model.stack import Architecture, Cache, Layer

SPARSE = "minimax_m3_sparse"


def kinds(config: Config) -> tuple[str, ...]:
    """`layer_types`, or the first checkpoints' `attn_type_list` (1 = softmax); else softmax in every other layer."""
    stated = config.counts("attn_type_list")
    if stated is not None and config.words("layer_types") is None and len(stated) >= config.layers():
        return tuple(common.FULL if full else hybrid.LINEAR for full in stated[: config.layers()])
    return hybrid.kinds(config, hybrid.periodic(2, 0))


def minimax(config: Config) -> Architecture:
    """Experts of `intermediate_size`; lightning attention has as many key heads as query heads."""
    hidden, heads = config.size("hidden_size"), common.heads(config)
    experts = Experts(
        config.size("num_local_experts"), config.size("num_experts_per_tok"), config.size("intermediate_size")
    )

    def build(kind: str) -> Layer:
        linear = kind == hybrid.LINEAR
        mixer = lightning(hidden, heads.query, heads.size) if linear else common.attend(config, kind)
        return layer(mixer, moe(hidden, experts), norms(hidden, "input_layernorm", "post_attention_layernorm"))

    return common.architecture(config, stack(kinds(config), build))


def sparse_attention(config: Config) -> Mixer:
    """Attention over blocks of tokens that an indexer with a key per token chooses."""
    hidden, heads, size = config.size("hidden_size"), config.size("index_n_heads"), config.size("index_head_dim")
    mixer = common.attend(config, common.FULL, Options(norm="head"))
    indexer = (
        *linear("self_attn.indexer.q_proj", hidden, heads * size, "attention"),
        *linear("self_attn.indexer.k_proj", hidden, size, "attention"),
        *norm("self_attn.indexer.q_norm", size),
        *norm("self_attn.indexer.k_norm", size),
    )
    cache = Cache(1, size, sharded=False, kind="indexer")
    return mixer._replace(tensors=(*mixer.tensors, *indexer), caches=(*mixer.caches, cache))


def m3_keys(config: Config) -> Config:
    """Flat keys for what checkpoints keep in `sparse_attention_config` and in lists of 0 and 1."""
    inner = Config(config.mapping("sparse_attention_config"), prefix=f"{config.prefix}sparse_attention_config.")
    found: dict[str, object] = {}
    for ours, theirs in (("index_n_heads", "sparse_num_index_heads"), ("index_head_dim", "sparse_index_dim")):
        if inner.get(theirs) is not None:
            found[ours] = inner.size(theirs)
    flags = inner.counts("sparse_attention_freq")
    if flags is not None and config.words("layer_types") is None:
        found["layer_types"] = [SPARSE if flag else common.FULL for flag in flags]
    return config.with_values(**found)


def minimax_m3(config: Config) -> Architecture:
    """MiniMax-M3's language model: sparse attention, and experts beside a shared one in most layers."""
    config = m3_keys(config)
    width = config.size("dense_intermediate_size")
    dense = ffn.gated(config.size("hidden_size"), width)
    experts = mixtures.experts(config, "intermediate_size", "num_local_experts")
    mixture = moe(config.size("hidden_size"), experts, shared_width=config.count("shared_intermediate_size"))
    ffns = mixtures.listed(config, mixtures.dense_first(config))
    attention = {
        SPARSE: sparse_attention(config),
        common.FULL: common.attend(config, common.FULL, Options(norm="head")),
    }
    around = common.pre_norms(config.size("hidden_size"))

    def build(kind: tuple[str, str]) -> Layer:
        return layer(attention[kind[0]], dense if kind[1] == mixtures.DENSE else mixture, around)

    names = tuple(kind if kind in attention else common.FULL for kind in common.layer_types(config))
    return common.architecture(config, stack(tuple(zip(names, ffns, strict=True)), build))


FAMILIES = {"minimax": minimax, "minimax_text_01": minimax, "minimax_m3_vl_text": minimax_m3}
