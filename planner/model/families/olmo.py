"""OLMo 1 to 3, OLMoE and FlexOlmo."""

from __future__ import annotations

from planner.model.config import Config
from planner.model.families import common, mixtures
from planner.model.families.llama import biased
from planner.model.parts import embeddings, ffn
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
    """OLMo as first released: the network's width counts gate and up together (allenai/OLMo, olmo/model.py)."""
    hidden, query = config.size("hidden_size"), config.size("num_attention_heads")
    kv = 1 if config.flag("multi_query_attention") else config.optional("n_kv_heads") or query
    rising = config.optional("mlp_hidden_size") or int(config.number("mlp_ratio", 4) * hidden)
    bias = config.flag("include_bias")
    glu = config.word("activation_type", "swiglu") == "swiglu"
    network = ffn.gated(hidden, rising // 2, bias, fused=True) if glu else ffn.plain(hidden, rising, bias)
    affine, shift = config.flag("layer_norm_with_affine", True), config.flag("bias_for_layer_norm", bias)
    around = norms(hidden, "attn_norm", "ff_norm", bias=shift) if affine else ()
    options = Options(bias=bias, out_bias=bias, names=Names("", out="attn_out", fused="att_proj"))
    layers = common.dense(config, options, network, around=around, shape=Heads(query, kv, hidden // query))
    positions = 0 if config.flag("rope") or config.flag("alibi") else config.size("max_position_embeddings")
    return common.architecture(
        config.with_values(vocab_size=config.optional("embedding_size") or config.size("vocab_size")),
        layers,
        outside=embeddings.positions(positions, hidden, "wpe"),
        final_norm=norms(hidden, "ln_f", bias=shift) if affine else (),
        tied=config.flag("weight_tying", True),
    )


FAMILIES = {
    "olmo": olmo,
    "olmo2": olmo2,
    "olmo3": olmo3,
    **dict.fromkeys(("olmoe", "flex_olmo"), olmoe),
    "hf_olmo": hf_olmo,
}
