"""GLM: ChatGLM, GLM-4 and GLM-4.5."""

from __future__ import annotations

from planner.model.config import Config
from planner.model.families import common, deepseek
from planner.model.families.llama import biased
from planner.model.parts import embeddings, ffn
from planner.model.parts.attention import Heads, Names, Options
from planner.model.parts.basic import norm, norms
from planner.model.stack import Architecture


def glm(config: Config) -> Architecture:
    """GLM-4 9B: biases of query, key and value, gate and up in one matrix."""
    network = ffn.gated(config.size("hidden_size"), config.size("intermediate_size"), fused=True)
    options = Options(bias=config.flag("attention_bias"))
    return common.architecture(config, common.dense(config, options, network))


def glm4(config: Config) -> Architecture:
    """GLM-4-0414: norms behind attention and network as well."""
    hidden = config.size("hidden_size")
    network = ffn.gated(hidden, config.size("intermediate_size"), fused=True)
    around = norms(hidden, *common.PRE, "post_self_attn_layernorm", "post_mlp_layernorm")
    options = Options(bias=config.flag("attention_bias"))
    return common.architecture(config, common.dense(config, options, network, around=around))


def glm4_moe(config: Config) -> Architecture:
    """GLM-4.5 and Sarvam: the first layers dense, then experts; norms of query and key heads with `use_qk_norm`."""
    options = Options(bias=config.flag("attention_bias"), norm="head" if config.flag("use_qk_norm") else "")
    kinds, network = deepseek.networks(config)
    layers = common.sparse(config, kinds, lambda kind: network[kind], options)
    return common.architecture(config, layers, stored_only=deepseek.predicted(config, layers))


def chatglm(config: Config) -> Architecture:
    """ChatGLM 2 and 3 (zai-org/chatglm3-6b, modeling_chatglm.py); the first ChatGLM has no `ffn_hidden_size`."""
    if not config.states("ffn_hidden_size"):
        return chatglm_first(config)
    hidden, query = config.size("hidden_size"), config.size("num_attention_heads")
    kv = config.size("multi_query_group_num", 1) if config.flag("multi_query_attention") else query
    bias = config.flag("add_bias_linear")
    options = Options(
        bias=bias or config.flag("add_qkv_bias"),
        out_bias=bias,
        names=Names("self_attention", out="dense", fused="query_key_value"),
    )
    network = ffn.gated(hidden, config.size("ffn_hidden_size"), bias, fused=True)
    layer_norm = not config.flag("rmsnorm", True)
    around = common.pre_norms(hidden, bias=layer_norm)
    shape = Heads(query, kv, config.optional("kv_channels") or hidden // query)
    layers = common.dense(config, options, network, around=around, shape=shape)
    last = norm("final_layernorm", hidden, layer_norm) if config.flag("post_layer_norm", True) else ()
    return common.architecture(config, layers, final_norm=last, tied=config.flag("tie_word_embeddings"))


def chatglm_first(config: Config) -> Architecture:
    """ChatGLM-6B: LayerNorms, biases everywhere, two matrices, tied head (zai-org/chatglm-6b, modeling_chatglm.py)."""
    hidden, query = config.size("hidden_size"), config.size("num_attention_heads")
    options = Options(bias=True, out_bias=True, names=Names("attention", out="dense", fused="query_key_value"))
    network = ffn.plain(hidden, config.size("inner_hidden_size", 4 * hidden), True)
    around = common.pre_norms(hidden, bias=True)
    shape = Heads(query, query, hidden // query)
    layers = common.dense(config, options, network, around=around, shape=shape)
    learned = () if config.flag("position_encoding_2d", True) else embeddings.positions(
        config.size("max_sequence_length", 2048) + 1, hidden
    )  # fmt: skip
    return common.architecture(
        config, layers, outside=learned, final_norm=norm("final_layernorm", hidden, True), tied=True
    )


def biased_moe(config: Config) -> Architecture:
    """dots.llm1 and Solar Open: fine-grained experts behind ordinary attention."""
    dots = config.model_type == "dots1"
    kinds, network = deepseek.networks(config)
    options = biased(config, "head") if dots else Options(bias=config.flag("attention_bias"))
    window = config.optional("sliding_window") if dots else None
    first = config.count("max_window_layers") if window else config.layers()
    attention = common.layer_types(config, lambda index: common.SLIDING if index >= first else common.FULL)
    return common.architecture(config, common.sparse(config, kinds, lambda kind: network[kind], options, attention))


FAMILIES = {
    "glm": glm,
    "glm4": glm4,
    **dict.fromkeys(("glm4_moe", "sarvam_moe"), glm4_moe),
    "chatglm": chatglm,
    **dict.fromkeys(("dots1", "solar_open"), biased_moe),
}
