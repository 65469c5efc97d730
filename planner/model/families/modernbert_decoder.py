"""Ettin's decoders: ModernBERT that looks back only (Weller et al. 2025)."""

from __future__ import annotations

from planner.model.config import Config
from planner.model.families import common, modernbert
from planner.model.parts import attention, embeddings
from planner.model.parts.attention import Names, Options
from planner.model.parts.basic import norm
from planner.model.parts.layer import stack
from planner.model.stack import Architecture, Layer


def modernbert_decoder(config: Config) -> Architecture:
    """One layer in three sees everything, the others half of `local_attention`; the first has no norm before."""
    hidden, shift, bias = config.size("hidden_size"), config.flag("norm_bias"), config.flag("attention_bias")
    every, window = config.size("global_attn_every_n_layers", 3), config.count("local_attention") // 2 or None
    names = common.layer_types(config, common.every(every, 0))
    encoder = modernbert.layers(config)
    options = Options(bias=bias, out_bias=bias, names=Names("attn", out="Wo"))

    def build(kind: tuple[str, bool]) -> Layer:
        slides = kind[0] == common.SLIDING
        shape = common.heads(config)
        mixer = attention.grouped(hidden, shape, options, "sliding" if slides else "full", window if slides else None)
        one = encoder[0 if kind[1] else -1]
        kept = tuple(tensor for tensor in one.tensors if not tensor.name.startswith("attn."))
        return one._replace(mixer=mixer.kind, tensors=(*mixer.tensors, *kept), caches=mixer.caches)

    kinds = tuple((name, index == 0) for index, name in enumerate(names))
    frame = (
        *embeddings.embedding(config.size("vocab_size"), hidden, "embeddings.tok_embeddings"),
        *norm("embeddings.norm", hidden, shift),
        *norm("final_norm", hidden, shift),
        *modernbert.head(config),
    )
    return common.framed(config, stack(kinds, build), frame, tied=config.flag("tie_word_embeddings", True))


FAMILIES = {"modernbert-decoder": modernbert_decoder}
