"""Dense decoders with a network, a norm or an attention of their own."""

from __future__ import annotations

from planner.model.config import Config
from planner.model.families import common
from planner.model.families.llama import biased
from planner.model.parts import ffn
from planner.model.parts.basic import linear, norm, norms
from planner.model.stack import Architecture, Tensor


def arcee(config: Config) -> Architecture:
    """Arcee: ReLU² between two matrices."""
    network = ffn.plain(config.size("hidden_size"), config.size("intermediate_size"), config.flag("mlp_bias"))
    return common.architecture(config, common.dense(config, biased(config), network))


def nemotron(config: Config) -> Architecture:
    """Nemotron and Jais-2: ReLU² between two matrices, LayerNorms with bias."""
    hidden = config.size("hidden_size")
    network = ffn.plain(hidden, config.size("intermediate_size"), config.flag("mlp_bias"))
    layers = common.dense(config, biased(config), network, around=common.pre_norms(hidden, bias=True))
    return common.architecture(config, layers, final_norm=norm("norm", hidden, bias=True))


def nanochat(config: Config) -> Architecture:
    """nanochat: ReLU² between two matrices, norms without parameters."""
    network = ffn.plain(config.size("hidden_size"), config.size("intermediate_size"), up="mlp.fc1", down="mlp.fc2")
    return common.architecture(config, common.dense(config, biased(config), network, around=()), final_norm=())


def apertus(config: Config) -> Architecture:
    """Apertus: xIELU (two learned scalars) between two matrices, norms of query and key heads.

    Version 1.5 may have a head without the tokens of images and sound (`output_vocab_size`).
    """
    hidden = config.size("hidden_size")
    network = ffn.plain(hidden, config.size("intermediate_size"))
    if config.word("hidden_act", "xielu") == "xielu":
        scalars = tuple(Tensor(f"mlp.act_fn.alpha_{side}", (1,), "ffn", "other") for side in "pn")
        network = network._replace(tensors=(*network.tensors, *scalars))
    around = norms(hidden, "attention_layernorm", "feedforward_layernorm")
    layers = common.dense(config, biased(config, "head"), network, around=around)
    return common.architecture(config, layers, outputs=config.optional("output_vocab_size"))


def bitnet(config: Config) -> Architecture:
    """BitNet: a norm inside the attention and one inside the network."""
    hidden, width = config.size("hidden_size"), config.size("intermediate_size")
    inner = (*norm("self_attn.attn_sub_norm", hidden), *norm("mlp.ffn_sub_norm", width))
    around = (*common.pre_norms(hidden), *inner)
    return common.architecture(config, common.dense(config, biased(config), around=around))


def diffllama(config: Config) -> Architecture:
    """DiffLlama: four vectors λ of the head size in each layer (Ye et al. 2024, Differential Transformer)."""
    size = common.heads(config).size
    names = ("lambda_q1", "lambda_k1", "lambda_q2", "lambda_k2")
    lambdas = tuple(Tensor(f"self_attn.{name}", (size,), "attention", "other") for name in names)
    around = (*common.pre_norms(config.size("hidden_size")), *lambdas)
    return common.architecture(config, common.dense(config, biased(config), around=around))


def doge(config: Config) -> Architecture:
    """Doge: a learned mask of the values, learned residual weights, and a network that may route to neurons."""
    hidden, width, shape = config.size("hidden_size"), config.size("intermediate_size"), common.heads(config)
    bias = config.flag("attention_bias")
    mask = (
        Tensor("self_attn.A", (shape.kv,), "attention", "other"),
        *linear("self_attn.dt_proj", shape.kv * shape.size, shape.kv, "attention", bias),
    )
    residuals = tuple(
        Tensor(name, (hidden,), "other", "other") for name in ("input_residual", "post_attention_residual")
    )
    extra = (*mask, *residuals, *(_neurons(config, hidden) if config.flag("is_moe") else ()))
    network = ffn.gated(hidden, width, config.flag("mlp_bias"))
    slides = common.SLIDING if config.optional("sliding_window") else common.FULL
    around = (*common.pre_norms(hidden), *extra)
    layers = common.dense(config, biased(config, "head"), network, (slides,) * config.layers(), around)
    return common.architecture(config, layers)


def _neurons(config: Config, hidden: int) -> tuple[Tensor, ...]:
    """A router over a square of keys, and one row and one column per neuron (He 2024, Mixture of a Million Experts)."""
    count, taken = config.size("num_experts"), config.size("num_experts_per_tok")
    keys = int(count**0.5)
    router = linear("mlp.router_gate", hidden, 2 * keys, "ffn", kind="router")
    rows = tuple(Tensor(f"mlp.{name}", (hidden,), "ffn", "expert", count, taken) for name in ("down_embed", "up_embed"))
    return (*router, *rows)


FAMILIES = {
    "arcee": arcee,
    **dict.fromkeys(("nemotron", "jais2"), nemotron),
    "nanochat": nanochat,
    **dict.fromkeys(("apertus", "apertus1p5_text"), apertus),
    "bitnet": bitnet,
    "diffllama": diffllama,
    "doge": doge,
}
