"""Zaya (Zyphra 2025): attention behind short convolutions, and experts behind a router of three layers."""

from __future__ import annotations

from planner.model.config import Config
from planner.model.families import common
from planner.model.parts import attention, embeddings
from planner.model.parts.attention import Heads
from planner.model.parts.basic import linear, norm, norms
from planner.model.parts.layer import FeedForward, Mixer, layer, stack
from planner.model.parts.moe import Experts, routed
from planner.model.parts.recurrent_mamba import vectors
from planner.model.stack import Architecture, Cache, Layer, State, Tensor

WINDOWED = "hybrid_sliding"


def mixer(config: Config, kind: str) -> Mixer:
    """Compressed convolutional attention; half of each value is the token's own, half that of the one before."""
    hidden, shape, bias = config.size("hidden_size"), common.heads(config), config.flag("attention_bias")
    depthwise, grouped = config.size("cca_time0"), config.size("cca_time1")
    query, key = shape.query * shape.size, shape.kv * shape.size
    path = "self_attn.qkv_proj"
    tensors = (
        *linear(f"{path}.q_proj", hidden, query, "attention", bias),
        *linear(f"{path}.k_proj", hidden, key, "attention", bias),
        *linear(f"{path}.v_proj_current", hidden, key // 2, "attention", bias),
        *linear(f"{path}.v_proj_delayed", hidden, key // 2, "attention", bias),
        *_conv(f"{path}.conv_qk_depthwise", (query + key, 1, depthwise)),
        *_conv(f"{path}.conv_qk_grouped", (query + key, shape.size, grouped)),
        *vectors("self_attn.qk_norm", temp=shape.kv),
        *linear("self_attn.o_proj", query, hidden, "attention", bias),
    )
    states = (State((query + key) * (depthwise + grouped - 2), kind="conv"), State(key // 2))
    return Mixer("full" if kind != WINDOWED else "sliding", tensors, (_cache(config, shape, kind),), states,
                 shape.query, shape.size, shape.kv)  # fmt: skip


def _conv(name: str, shape: tuple[int, ...]) -> tuple[Tensor, ...]:
    return (Tensor(name, shape, "attention", "conv"), Tensor(f"{name}.bias", shape[:1], "attention", "bias"))


def _cache(config: Config, shape: Heads, kind: str) -> Cache:
    if kind == WINDOWED:
        return attention.cache(shape, "sliding", config.size("sliding_window"))
    return attention.cache(shape)


def experts(config: Config, first: bool) -> FeedForward:
    """Experts, one of which does nothing; the router has three layers and reads the router of the layer before."""
    hidden, inner = config.size("hidden_size"), config.size("router_hidden_size")
    one = Experts(config.size("num_experts"), config.size("num_experts_per_tok"), config.size("moe_intermediate_size"))
    router = (
        *linear("mlp.gate.down_proj", hidden, inner, "ffn", True, "router"),
        *norm("mlp.gate.router_mlp.norm", inner, part="ffn"),
        *linear("mlp.gate.router_mlp.fc1", inner, inner, "ffn", True, "router"),
        *linear("mlp.gate.router_mlp.fc2", inner, inner, "ffn", True, "router"),
        *linear("mlp.gate.router_mlp.out_proj", inner, one.number + 1, "ffn", kind="router"),
    )
    scale = () if first else (Tensor("mlp.gate.router_states_scale", (inner,), "ffn", "router"),)
    tensors = (*router, *scale, *routed(hidden, one))
    return FeedForward("moe", tensors, one.width, one.number, one.taken)


def residual_scales(hidden: int) -> tuple[Tensor, ...]:
    """Scale and shift of stream and residual after mixer and experts."""
    return tuple(
        Tensor(f"{place}_residual_scale.{stream}_{what}", (hidden,), "other", "norm")
        for place in ("post_attention", "post_mlp")
        for stream in ("hidden_states", "residual")
        for what in ("scale", "bias")
    )


def zaya(config: Config) -> Architecture:
    """Zaya."""
    hidden, vocab, tied = config.size("hidden_size"), config.size("vocab_size"), config.flag("tie_word_embeddings")
    kinds = common.layer_types(config, lambda index: "hybrid")

    def build(kind: tuple[str, bool]) -> Layer:
        around = (*norms(hidden, "input_layernorm", "post_attention_layernorm"), *residual_scales(hidden))
        return layer(mixer(config, kind[0]), experts(config, kind[1]), around)

    frame = (
        *embeddings.embedding(vocab, hidden),
        *norms(hidden, "input_hidden_states_scale", "input_hidden_states_bias", "norm"),
        *embeddings.head(vocab, hidden, tied, config.flag("lm_head_bias")),
    )
    layers = stack(tuple((kind, index == 0) for index, kind in enumerate(kinds)), build)
    return common.framed(config, layers, frame, tied=tied)


FAMILIES = {"zaya": zaya}
