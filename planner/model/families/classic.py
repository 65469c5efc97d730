"""OPT, Falcon, MPT, DBRX and CPM-Ant: decoders of 2022 to 2024 with layouts of their own."""

from __future__ import annotations

from planner.model.config import Config
from planner.model.families import common, gpt
from planner.model.parts import embeddings, ffn, moe
from planner.model.parts.attention import Heads, Names, Options
from planner.model.parts.basic import linear, norm, norms
from planner.model.parts.moe import Experts, Router
from planner.model.stack import Architecture, Tensor

FALCON = Names("self_attention", out="dense", fused="query_key_value")


def opt(config: Config) -> Architecture:
    """OPT: two positions more than there are; narrower embeddings are projected (opt-350m)."""
    hidden, width = config.size("hidden_size"), config.optional("word_embed_proj_dim") or config.size("hidden_size")
    affine, bias = config.flag("layer_norm_elementwise_affine", True), config.flag("enable_bias", True)
    style = gpt.FAIRSEQ._replace(bias=bias, out_bias=bias, mlp_bias=bias, norms=gpt.FAIRSEQ.norms if affine else ())
    layers = gpt.blocks(config, style, config.size("ffn_dim"))
    last = affine and config.flag("do_layer_norm_before", True) and not config.flag("_remove_final_layer_norm")
    between = (
        *linear("project_in", width, hidden, "embedding"),
        *linear("project_out", hidden, width, "embedding"),
    )
    vocab, tied = config.size("vocab_size"), config.flag("tie_word_embeddings", True)
    frame = (
        *embeddings.embedding(vocab, width),
        *gpt.learned(config, 2),
        *(between if width != hidden else ()),
        *(gpt.final(config, "final_layer_norm") if last else ()),
        *embeddings.head(vocab, width, tied),
    )
    return common.framed(config, layers, frame, tied=tied)


def falcon(config: Config) -> Architecture:
    """Falcon: one KV head (7B), groups of them (40B and 180B), or one for each query head (RW)."""
    shape, hidden = gpt.many(config), config.size("hidden_size")
    new = config.flag("new_decoder_architecture")
    if new:
        shape = shape._replace(kv=config.optional("num_kv_heads") or config.optional("n_head_kv") or shape.query)
    elif config.flag("multi_query", True):
        shape = shape._replace(kv=1)
    bias = config.flag("bias")
    around = _falcon_norms(config, new)
    width = config.optional("ffn_hidden_size") or 4 * hidden
    network = ffn.plain(hidden, width, bias, "mlp.dense_h_to_4h", "mlp.dense_4h_to_h")
    options = Options(bias=bias, out_bias=bias, names=FALCON)
    layers = common.dense(config, options, network, (common.FULL,) * config.layers(), around, shape)
    return common.architecture(config, layers, final_norm=gpt.final(config))


def _falcon_norms(config: Config, new: bool) -> tuple[Tensor, ...]:
    """One norm where attention and network stand side by side, two in the new layout, two in sequence."""
    hidden = config.size("hidden_size")
    if not config.flag("parallel_attn", True):
        return common.pre_norms(hidden, bias=True)
    count = config.count("num_ln_in_parallel_attn", 2 if new else 1)
    return norms(hidden, *(("ln_attn", "ln_mlp") if count == 2 else ("input_layernorm",)), bias=True)


def mpt(config: Config) -> Architecture:
    """MPT: positions by ALiBi, no biases at all."""
    hidden, shape = config.size("hidden_size"), gpt.many(config)
    inner = config.nested("attn_config") or Config({})
    shape = shape._replace(kv=inner.optional("kv_n_heads") or shape.query)
    names = Names("attn", out="out_proj", fused="Wqkv")
    network = ffn.plain(hidden, 4 * hidden, up="ffn.up_proj", down="ffn.down_proj")
    around = norms(hidden, "norm_1", "norm_2")
    layers = common.dense(config, Options(names=names), network, (common.FULL,) * config.layers(), around, shape)
    return common.architecture(config, layers, final_norm=norm("norm_f", hidden))


def dbrx(config: Config) -> Architecture:
    """DBRX: sixteen experts of which four work, keys of its own in two inner configs."""
    hidden, query = config.size("hidden_size"), config.size("num_attention_heads")
    attention = config.nested("attn_config") or Config({}, prefix="attn_config.")
    inner = config.nested("ffn_config") or Config({}, prefix="ffn_config.")
    shape = Heads(query, attention.size("kv_n_heads", 1), hidden // query)
    count = inner.size("moe_num_experts", 4)
    routed = Experts(count, min(inner.size("moe_top_k", 1), count), inner.size("ffn_hidden_size", 3584))
    network = moe.moe(hidden, routed, Router("ffn.router.layer"), prefix="ffn.experts.mlp")
    options = Options(names=Names("norm_attn_norm.attn", out="out_proj", fused="Wqkv"))
    around = norms(hidden, "norm_attn_norm.norm_1", "norm_attn_norm.norm_2")
    layers = common.dense(config, options, network, around=around, shape=shape)
    return common.architecture(config, layers, final_norm=norm("norm_f", hidden))


def cpmant(config: Config) -> Architecture:
    """CPM-Ant: prompts and segments in the embeddings, one table of relative positions."""
    hidden, query = config.size("hidden_size"), config.size("num_attention_heads")
    prompts, segments = config.size("prompt_types"), config.size("segment_types")
    rows = segments * segments + config.size("position_bias_num_buckets")
    outside = (
        Tensor("prompt_embedding", (prompts * config.size("prompt_length"), hidden), "embedding", "embedding"),
        Tensor("segment_embedding", (segments, hidden), "embedding", "embedding"),
        Tensor("position_bias.relative_attention_bias", (rows, query), "other", "other"),
    )
    network = ffn.gated(hidden, config.size("dim_ff"))
    shape = Heads(query, query, config.size("dim_head"))
    layers = common.dense(config, network=network, shape=shape)
    return common.architecture(config, layers, outside=outside, tied=False)


FAMILIES = {
    "opt": opt,
    **dict.fromkeys(("falcon", "RefinedWeb", "RefinedWebModel"), falcon),
    "mpt": mpt,
    "dbrx": dbrx,
    "cpmant": cpmant,
}
