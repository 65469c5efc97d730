"""Language models that exist only inside a wrapper and differ from no other kin but in name or in a norm."""

from __future__ import annotations

from planner.model.config import Config
from planner.model.families import common, deepseek, qwen
from planner.model.parts import attention, embeddings, ffn
from planner.model.parts.attention import Names, Options
from planner.model.parts.basic import norms
from planner.model.parts.layer import Mixer, layer, stack
from planner.model.stack import Architecture, Cache, Layer, Tensor

SANDWICH = ("input_layernorm", "post_self_attn_layernorm", "post_attention_layernorm", "post_mlp_layernorm")
EXTRA_ROWS = 8
"""Tokens that Llama 3.2 Vision embeds beyond its vocabulary."""


def glm(config: Config) -> Architecture:
    """GLM-4.1V's language model: GLM-4 with norms before and after, biases of query, key and value."""
    hidden = config.size("hidden_size")
    network = ffn.gated(hidden, config.size("intermediate_size"), fused=True)
    one = layer(common.attend(config, common.FULL, Options(bias=True)), network, norms(hidden, *SANDWICH))
    return common.architecture(config, (one,) * config.layers())


def glm_ocr(config: Config) -> Architecture:
    """GLM-OCR's language model: the same without biases."""
    hidden = config.size("hidden_size")
    network = ffn.gated(hidden, config.size("intermediate_size"), fused=True)
    one = layer(common.attend(config, common.FULL), network, norms(hidden, *SANDWICH))
    return common.architecture(config, (one,) * config.layers())


def cross_attention(config: Config) -> Mixer:
    """Attention to the image, with norms per head: its cache holds the image's patches, none for a text alone."""
    shape = common.heads(config)
    options = Options(norm="head", names=Names("cross_attn"))
    tensors = (
        *attention.projections(config.size("hidden_size"), shape, options),
        *attention.head_norms(shape, options),
        Tensor("cross_attn_attn_gate", (1,), "attention", "other"),
        Tensor("cross_attn_mlp_gate", (1,), "ffn", "other"),
    )
    cache = Cache(shape.kv, 2 * shape.size, 0, kind="cross")
    return Mixer("cross", tensors, (cache,), (), shape.query, shape.size, shape.kv)


def mllama(config: Config) -> Architecture:
    """Llama 3.2 Vision: Llama with layers of cross-attention in between (`cross_attention_layers`)."""
    hidden, vocab, tied = config.size("hidden_size"), config.size("vocab_size"), config.flag("tie_word_embeddings")
    stated = config.counts("cross_attention_layers")
    crossed = frozenset(range(3, 40, 5) if stated is None else stated)

    def build(cross: bool) -> Layer:
        mixer = cross_attention(config) if cross else common.attend(config, common.FULL)
        network = ffn.gated(hidden, config.size("intermediate_size"))
        return layer(mixer, network, norms(hidden, "input_layernorm", "post_attention_layernorm"))

    frame = (
        *embeddings.embedding(vocab + EXTRA_ROWS, hidden),
        *norms(hidden, "norm"),
        *embeddings.head(vocab, hidden, tied),
    )
    layers = stack([index in crossed for index in range(config.layers())], build)
    note = "what images add to the cache of cross-attention is not counted"
    return common.framed(config, layers, frame, tied=tied, notes=(note,))


def paddle(config: Config) -> Architecture:
    """PaddleOCR-VL's language model: ERNIE 4.5 with `use_bias` on all matrices."""
    bias = config.flag("use_bias")
    network = ffn.gated(config.size("hidden_size"), config.size("intermediate_size"), bias)
    return common.architecture(config, common.dense(config, Options(bias=bias, out_bias=bias), network))


def glm_moe(config: Config) -> Architecture:
    """GLM-4.5V's language model: GLM-4.5 without norms of queries and keys."""
    ffns, networks = deepseek.networks(config, 1)
    layers = common.sparse(config, ffns, lambda kind: networks[kind], Options(bias=config.flag("attention_bias")))
    return common.architecture(config, layers)


FAMILIES = {
    "qwen2_vl_text": qwen.qwen2, "qwen2_5_vl_text": qwen.qwen2, "qwen2_5_omni_text": qwen.qwen2,
    "qwen3_vl_text": qwen.qwen3, "qwen3_vl_moe_text": qwen.qwen3_moe, "qwen3_omni_moe_text": qwen.qwen3_moe,
    "glm4v_text": glm, "glm4v_moe_text": glm_moe, "glm_ocr_text": glm_ocr, "mllama_text_model": mllama,
    "paddleocr_vl_text": paddle,
}  # fmt: skip
