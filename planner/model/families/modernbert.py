"""ModernBERT (Warner et al. 2024)."""

from __future__ import annotations

from planner.model.config import Config
from planner.model.families import common
from planner.model.parts import attention, embeddings
from planner.model.parts.attention import Names, Options
from planner.model.parts.basic import linear, norm
from planner.model.parts.layer import FeedForward, Mixer, layer
from planner.model.stack import Architecture, Layer, Tensor


def mixer(config: Config) -> Mixer:
    """Attention without a cache, query, key and value in one matrix."""
    bias = config.flag("attention_bias")
    options = Options(bias=bias, out_bias=bias, names=Names("attn", out="Wo", fused="Wqkv"))
    return attention.grouped(config.size("hidden_size"), common.heads(config), options)._replace(caches=())


def layers(config: Config) -> tuple[Layer, ...]:
    """Gated networks and norms before; the first attention has the embeddings' norm."""
    hidden, width = config.size("hidden_size"), config.size("intermediate_size")
    bias, shift = config.flag("mlp_bias"), config.flag("norm_bias")
    matrices = (*linear("mlp.Wi", hidden, 2 * width, "ffn", bias), *linear("mlp.Wo", width, hidden, "ffn", bias))
    first = layer(mixer(config), FeedForward("gated", matrices, width), norm("mlp_norm", hidden, shift))
    other = first._replace(tensors=(*first.tensors, *norm("attn_norm", hidden, shift)))
    return (first, *(other,) * (config.layers() - 1))


def head(config: Config) -> tuple[Tensor, ...]:
    """The head for masked words; a bare model has none."""
    named = [name for name in (config.list("architectures") or ()) if isinstance(name, str)]
    if named and named[0].endswith("Model"):
        return ()
    hidden, vocab = config.size("hidden_size"), config.size("vocab_size")
    tied, bias = config.flag("tie_word_embeddings", True), config.flag("decoder_bias", True)
    return (
        *linear("head.dense", hidden, hidden, "other", config.flag("classifier_bias")),
        *norm("head.norm", hidden, config.flag("norm_bias")),
        *embeddings.head(vocab, hidden, tied, bias, "decoder"),
    )


def modernbert(config: Config) -> Architecture:
    """ModernBERT."""
    hidden, shift = config.size("hidden_size"), config.flag("norm_bias")
    frame = (
        *embeddings.embedding(config.size("vocab_size"), hidden, "embeddings.tok_embeddings"),
        *norm("embeddings.norm", hidden, shift),
        *norm("final_norm", hidden, shift),
        *head(config),
    )
    return common.framed(config, layers(config), frame, tied=config.flag("tie_word_embeddings", True))


FAMILIES = {"modernbert": modernbert}
