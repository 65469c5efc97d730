"""OLMo 1 to 3, OLMoE and FlexOlmo."""

from __future__ import annotations

from planner.model.config import Config
from planner.model.families import common, mixtures
from planner.model.families.llama import biased
from planner.model.parts import ffn
from planner.model.parts.attention import Heads, Names, Options
from planner.model.parts.basic import norms
from planner.model.stack import Architecture, Tensor

POST = ("post_attention_layernorm", "post_feedforward_layernorm")


def _after(config: Config) -> tuple[Tensor, ...]:
    return norms(config.size("hidden_size"), *POST)


def olmo(config: Config) -> Architecture:
    """OLMo: norms without parameters."""
    return common.architecture(config, common.dense(config, biased(config), around=()), final_norm=())


def olmo2(config: Config) -> Architecture:
    """OLMo-2: norms after attention and network, and of all queries and all keys together."""
    return common.architecture(config, common.dense(config, biased(config, "heads"), around=_after(config)))


def olmo3(config: Config) -> Architecture:
    """OLMo-3: three of four layers slide."""
    kinds = common.layer_types(config, common.every(4))
    layers = common.dense(config, biased(config, "heads"), kinds=kinds, around=_after(config))
    return common.architecture(config, layers)


def olmoe(config: Config) -> Architecture:
    """OLMoE: experts in every layer, of `intermediate_size`; FlexOlmo has the norms of OLMo-2."""
    around = _after(config) if config.model_type == "flex_olmo" else None
    network = mixtures.network(config, mixtures.experts(config, "intermediate_size"))
    ffns = (mixtures.SPARSE,) * config.layers()
    return common.architecture(config, common.sparse(config, ffns, network, biased(config, "heads"), around=around))


def hf_olmo(config: Config) -> Architecture:
    """OLMo as its authors released it: `mlp_hidden_size` counts gate and up together (allenai/OLMo, olmo/model.py)."""
    hidden, query = config.size("d_model"), config.size("n_heads")
    kv = 1 if config.flag("multi_query_attention") else config.optional("n_kv_heads") or query
    rising = config.optional("mlp_hidden_size") or config.size("mlp_ratio", 4) * hidden
    names = Names("", out="attn_out", fused="att_proj")
    bias = config.flag("include_bias")
    layers = common.dense(
        config,
        Options(bias=bias, out_bias=bias, names=names),
        ffn.gated(hidden, rising // 2, bias),
        (common.FULL,) * config.layers(),
        (),
        Heads(query, kv, hidden // query),
    )
    rows = config.optional("embedding_size") or config.size("vocab_size")
    tied = config.flag("weight_tying", True)
    return common.architecture(config.with_values(vocab_size=rows), layers, final_norm=(), tied=tied)


FAMILIES = {
    "olmo": olmo,
    "olmo2": olmo2,
    "olmo3": olmo3,
    **dict.fromkeys(("olmoe", "flex_olmo"), olmoe),
    "hf_olmo": hf_olmo,
}
