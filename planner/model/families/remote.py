"""Decoders whose code came with their checkpoint, before or instead of a class in transformers."""

from __future__ import annotations

from planner.model.config import Config
from planner.model.families import common, gpt, mixtures, qwen
from planner.model.parts import ffn, moe, mtp
from planner.model.parts.attention import Names, Options
from planner.model.parts.basic import norm, norms
from planner.model.parts.layer import layer, stack
from planner.model.parts.moe import Router
from planner.model.stack import Architecture, Layer


def baichuan(config: Config) -> Architecture:
    """Baichuan 1 and 2: Llama with query, key and value in one matrix (modeling_baichuan.py)."""
    return common.architecture(config, common.dense(config, Options(names=Names(fused="W_pack"))))


def internlm(config: Config) -> Architecture:
    """InternLM: Llama with biases in the attention (modeling_internlm.py)."""
    bias = config.flag("bias", True)
    return common.architecture(config, common.dense(config, Options(bias=bias, out_bias=bias)))


def internlm2(config: Config) -> Architecture:
    """InternLM-2: query, key and value in one matrix (modeling_internlm2.py)."""
    bias = config.flag("bias")
    options = Options(bias=bias, out_bias=bias, names=Names("attention", out="wo", fused="wqkv"))
    network = ffn.gated(config.size("hidden_size"), config.size("intermediate_size"), prefix="feed_forward")
    return common.architecture(config, common.dense(config, options, network))


def minicpm(config: Config) -> Architecture:
    """MiniCPM: Llama with scaled embeddings, perhaps with experts as Mixtral's (modeling_minicpm.py)."""
    bias = config.flag("attention_bias")
    options = Options(bias=bias, out_bias=bias)
    if not config.count("num_experts"):
        return common.architecture(config, common.dense(config, options))
    network = mixtures.network(config, mixtures.experts(config, "intermediate_size"))
    ffns = (mixtures.SPARSE,) * config.layers()
    return common.architecture(config, common.sparse(config, ffns, network, options))


def orion(config: Config) -> Architecture:
    """Orion: Llama with LayerNorms (modeling_orion.py)."""
    hidden = config.size("hidden_size")
    layers = common.dense(config, around=common.pre_norms(hidden, bias=True))
    return common.architecture(config, layers, final_norm=norm("norm", hidden, bias=True))


def mimo(config: Config) -> Architecture:
    """MiMo 7B: Qwen2 with layers that predict further tokens (modeling_mimo.py)."""
    options = Options(bias=config.flag("attention_bias", True))
    layers = common.dense(config, options, kinds=qwen.kinds(config))
    count = config.count("num_nextn_predict_layers", most=100)
    further = mtp.predictors(layers[-1], config.size("hidden_size"), 0, count)
    return common.architecture(config, layers, stored_only=further)


def arctic(config: Config) -> Architecture:
    """Arctic: a dense network of hidden × hidden beside the experts (modeling_arctic.py)."""
    hidden, step = config.size("hidden_size"), config.size("moe_layer_frequency", 2)
    routed = mixtures.experts(config, "intermediate_size", "num_local_experts")
    beside = config.flag("parallel_attn_mlp_res")
    residual = ffn.gated_tensors(hidden, hidden, False, "residual_mlp") if beside else ()
    mixture = moe.moe(hidden, routed, Router("block_sparse_moe.gate"), further=residual)._replace(shared_width=hidden)
    dense = ffn.gated(hidden, routed.width)
    ffns = mixtures.listed(config, lambda index: (index + 1) % step == 0, "moe_layers")

    def build(kind: str) -> Layer:
        names = (*common.PRE, "residual_layernorm") if beside and kind == mixtures.SPARSE else common.PRE
        network = mixture if kind == mixtures.SPARSE else dense
        return layer(common.attend(config, common.FULL), network, norms(hidden, *names))

    return common.architecture(config, stack(ffns, build))


def bailing_moe(config: Config) -> Architecture:
    """Ling and Ring: fine-grained experts, from version 2 with a learned correction (modeling_bailing_moe.py)."""
    routed = mixtures.experts(config)
    each = config.optional("moe_shared_expert_intermediate_size") or routed.width
    shared = config.count("num_shared_experts") * each
    bias = config.flag("use_bias", True)
    route = Router(correction=config.flag("moe_router_enable_expert_bias"))
    options = Options(
        bias=config.flag("use_qkv_bias"),
        out_bias=bias,
        norm="head" if config.flag("use_qk_norm") else "",
        names=Names("attention", out="dense", fused="query_key_value"),
    )
    networks = mixtures.network(config, routed, route, shared)
    ffns = mixtures.listed(config, mixtures.dense_first(config))
    return common.architecture(config, common.sparse(config, ffns, networks, options))


def jais(config: Config) -> Architecture:
    """Jais: GPT-2 with a gated network and, mostly, ALiBi (modeling_jais.py)."""
    hidden, width = config.size("hidden_size"), gpt.width_of(config, "n_inner")
    rotary = config.word("position_embedding_type", "learned") != "learned"
    twofold = config.word("activation_function").lower() == "swiglu"
    network = ffn.gated(hidden, width, True) if twofold else ffn.plain(hidden, width, True, gpt.GPT2.up, gpt.GPT2.down)
    options = Options(bias=True, out_bias=True, names=gpt.GPT2.names)
    layers = common.dense(
        config, options, network, around=norms(hidden, *gpt.GPT2.norms, bias=True), shape=gpt.many(config)
    )
    return common.architecture(
        config, layers, outside=() if rotary else gpt.learned(config), final_norm=gpt.final(config)
    )


FAMILIES = {
    "baichuan": baichuan,
    "internlm": internlm,
    "internlm2": internlm2,
    "minicpm": minicpm,
    "orion": orion,
    "mimo": mimo,
    "arctic": arctic,
    **dict.fromkeys(("bailing_moe", "bailing_moe_v2"), bailing_moe),
    "jais": jais,
}
