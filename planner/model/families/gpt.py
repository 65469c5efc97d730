"""GPT-2 and the decoders after its fashion: LayerNorms with bias, two matrices, every head with keys of its own."""

from __future__ import annotations

from planner.model.config import Config
from planner.model.families import common
from planner.model.parts import embeddings, ffn
from planner.model.parts.attention import Heads, Names, Options
from planner.model.parts.basic import norm, norms
from planner.model.stack import Architecture, Layer, Tensor
from planner.record import NamedTuple


class Style(NamedTuple):
    """How one of them names and biases its matrices."""

    names: Names
    up: str
    down: str
    norms: tuple[str, ...]
    bias: bool = True
    """Of query, key and value."""
    out_bias: bool = True
    mlp_bias: bool = True


GPT2 = Style(Names("attn", out="c_proj", fused="c_attn"), "mlp.c_fc", "mlp.c_proj", ("ln_1", "ln_2"))
NEO = GPT2._replace(names=Names("attn.attention", out="out_proj"), bias=False)
NEOX = Style(
    Names("attention", out="dense", fused="query_key_value"), "mlp.dense_h_to_4h", "mlp.dense_4h_to_h",
    ("input_layernorm", "post_attention_layernorm"),
)  # fmt: skip
BLOOM = NEOX._replace(names=Names("self_attention", out="dense", fused="query_key_value"))
J = Style(Names("attn", out="out_proj"), "mlp.fc_in", "mlp.fc_out", ("ln_1",), bias=False, out_bias=False)
CODEGEN = J._replace(names=Names("attn", out="out_proj", fused="qkv_proj"))
FAIRSEQ = Style(Names(out="out_proj"), "fc1", "fc2", ("self_attn_layer_norm", "final_layer_norm"))
CTRL = Style(
    Names("multi_head_attention", "Wq", "Wk", "Wv", "dense"), "ffn.0", "ffn.2", ("layernorm1", "layernorm2")
)  # fmt: skip


def many(config: Config) -> Heads:
    """As many KV heads as query heads, of hidden / heads elements."""
    query = config.size("num_attention_heads")
    return Heads(query, query, max(1, config.size("hidden_size") // query))


def blocks(config: Config, style: Style, width: int, shape: Heads | None = None) -> tuple[Layer, ...]:
    """The layers in `style`, with a network of `width`."""
    hidden = config.size("hidden_size")
    return common.dense(
        config,
        Options(bias=style.bias, out_bias=style.out_bias, names=style.names),
        ffn.plain(hidden, width, style.mlp_bias, style.up, style.down),
        (common.FULL,) * config.layers(),
        norms(hidden, *style.norms, bias=True),
        shape or many(config),
    )


def final(config: Config, name: str = "ln_f") -> tuple[Tensor, ...]:
    """The LayerNorm after the last layer."""
    return norm(name, config.size("hidden_size"), bias=True)


def width_of(config: Config, key: str) -> int:
    """The network's width: 4 × hidden where `key` is null or missing."""
    return config.optional(key) or 4 * config.size("hidden_size")


def learned(config: Config, offset: int = 0) -> tuple[Tensor, ...]:
    """Learned positions, `offset` rows more than there are positions."""
    return embeddings.positions(config.size("max_position_embeddings") + offset, config.size("hidden_size"), "wpe")


def gpt2(config: Config) -> Architecture:
    """GPT-2: learned positions."""
    layers = blocks(config, GPT2, width_of(config, "n_inner"))
    return common.architecture(config, layers, outside=learned(config), final_norm=final(config))


def gpt_bigcode(config: Config) -> Architecture:
    """SantaCoder and StarCoder: GPT-2 with one KV head for all (`multi_query`)."""
    shape = many(config)
    if config.flag("multi_query", True):
        shape = shape._replace(kv=1)
    layers = blocks(config, GPT2, width_of(config, "n_inner"), shape)
    return common.architecture(config, layers, outside=learned(config), final_norm=final(config))


def gpt1(config: Config) -> Architecture:
    """GPT: norms after attention and network, none at the end."""
    layers = blocks(config, GPT2, 4 * config.size("hidden_size"))
    return common.architecture(config, layers, outside=learned(config), final_norm=())


def gpt_neo(config: Config) -> Architecture:
    """GPT-Neo: local layers attend to a window, but their cache holds everything."""
    layers = blocks(config, NEO, width_of(config, "intermediate_size"))
    return common.architecture(config, layers, outside=learned(config), final_norm=final(config))


def gpt_neox(config: Config) -> Architecture:
    """GPT-NeoX and Pythia: attention and network side by side, each with a norm; fewer KV heads where stated."""
    bias = config.flag("attention_bias", True)
    shape = many(config)
    shape = shape._replace(kv=config.optional("num_key_value_heads") or shape.kv)
    layers = blocks(config, NEOX._replace(bias=bias, out_bias=bias), width_of(config, "intermediate_size"), shape)
    return common.architecture(config, layers, final_norm=final(config, "final_layer_norm"))


def gpt_neox_japanese(config: Config) -> Architecture:
    """GPT-NeoX Japanese: no biases but for the output of the last attention."""
    hidden = config.size("hidden_size")
    style = NEOX._replace(bias=False, out_bias=False, mlp_bias=False)
    layers = blocks(config, style, int(hidden * config.number("intermediate_multiple_size", 4)))
    bias = Tensor("attention.dense_bias", (hidden,), "attention", "bias")
    last = layers[-1]._replace(tensors=(*layers[-1].tensors, bias))
    return common.architecture(config, (*layers[:-1], last), final_norm=final(config, "final_layer_norm"))


def gptj(config: Config) -> Architecture:
    """GPT-J and CodeGen: one norm for attention and network, a bias in the head."""
    style = CODEGEN if config.model_type == "codegen" else J
    layers = blocks(config, style, width_of(config, "n_inner"))
    return common.architecture(config, layers, final_norm=final(config), head_bias=True)


def bloom(config: Config) -> Architecture:
    """BLOOM: a norm after the embedding."""
    layers = blocks(config, BLOOM, 4 * config.size("hidden_size"))
    first = norm("word_embeddings_layernorm", config.size("hidden_size"), bias=True)
    return common.architecture(config, layers, outside=first, final_norm=final(config))


def ctrl(config: Config) -> Architecture:
    """CTRL: fixed positions, a bias in the head."""
    layers = blocks(config, CTRL, config.size("dff"))
    return common.architecture(config, layers, final_norm=final(config, "layernorm"), head_bias=True)


def xglm(config: Config) -> Architecture:
    """XGLM: fixed positions."""
    layers = blocks(config, FAIRSEQ, config.size("ffn_dim"))
    return common.architecture(config, layers, final_norm=final(config, "layer_norm"))


def biogpt(config: Config) -> Architecture:
    """BioGPT: learned positions, two rows more than there are."""
    layers = blocks(config, FAIRSEQ, config.size("intermediate_size"))
    return common.architecture(config, layers, outside=learned(config, 2), final_norm=final(config, "layer_norm"))


FAMILIES = {
    **dict.fromkeys(("gpt2", "gpt-sw3"), gpt2),
    "gpt_bigcode": gpt_bigcode,
    "openai-gpt": gpt1,
    "gpt_neo": gpt_neo,
    **dict.fromkeys(("gpt_neox", "gptneox", "neox"), gpt_neox),
    "gpt_neox_japanese": gpt_neox_japanese,
    **dict.fromkeys(("gptj", "codegen"), gptj),
    "bloom": bloom,
    "ctrl": ctrl,
    "xglm": xglm,
    "biogpt": biogpt,
}
