"""BART (Lewis et al. 2019) and its kin, Whisper (Radford et al. 2022): two halves with biases and LayerNorm."""

from __future__ import annotations

from functools import partial

from planner.model.config import MOST_LAYERS, Config
from planner.model.families import common
from planner.model.parts import attention, embeddings, ffn
from planner.model.parts.attention import Heads, Names, Options
from planner.model.parts.basic import norms
from planner.model.parts.layer import FeedForward, Mixer, layer
from planner.model.parts.towers import sound
from planner.model.stack import Architecture, Cache, Layer, Tensor
from planner.record import NamedTuple

OUT = Options(bias=True, out_bias=True, names=Names(out="out_proj"))
CROSS = Options(bias=True, out_bias=True, names=Names("encoder_attn", out="out_proj"))


class Kin(NamedTuple):
    """Where the relatives differ."""

    offset: int = 2
    """Rows of the position table before the first position."""
    positions: bool = True
    """Learned, or kept as a table all the same."""
    first_norm: bool = True
    """A norm of the embeddings."""
    last_norm: bool = False
    """A norm behind the last layer."""


def heads(config: Config, half: str) -> Heads:
    """Heads of "encoder" or "decoder"."""
    number, hidden = config.size(f"{half}_attention_heads"), config.size("d_model")
    return Heads(number, number, max(hidden // number, 1))


def network(config: Config, half: str) -> FeedForward:
    """Two matrices with biases."""
    return ffn.plain(config.size("d_model"), config.size(f"{half}_ffn_dim"), True, "fc1", "fc2")


def cross_attention(mixer: Mixer, hidden: int, shape: Heads, length: int | None = None) -> Mixer:
    """Attention to what the encoder yields, `length` entries (None: one per token), beside the decoder's own."""
    cache = Cache(shape.kv, 2 * shape.size, length, kind="cross")
    further = attention.projections(hidden, shape, CROSS)
    return mixer._replace(tensors=(*mixer.tensors, *further), caches=(*mixer.caches, cache))


def without_key_bias(one: Layer) -> Layer:
    """Whisper's keys have none."""
    return one._replace(tensors=tuple(tensor for tensor in one.tensors if not tensor.name.endswith("k_proj.bias")))


def encoder_layer(config: Config) -> Layer:
    """A layer of the encoder."""
    hidden = config.size("d_model")
    mixer = attention.grouped(hidden, heads(config, "encoder"), OUT)._replace(caches=())
    return layer(
        mixer, network(config, "encoder"), norms(hidden, "self_attn_layer_norm", "final_layer_norm", bias=True)
    )


def decoder_layer(config: Config, length: int | None = None) -> Layer:
    """A layer of the decoder."""
    hidden, shape = config.size("d_model"), heads(config, "decoder")
    mixer = cross_attention(attention.grouped(hidden, shape, OUT), hidden, shape, length)
    names = ("self_attn_layer_norm", "encoder_attn_layer_norm", "final_layer_norm")
    return layer(mixer, network(config, "decoder"), norms(hidden, *names, bias=True))


def both(config: Config, first: Layer, second: Layer) -> tuple[Layer, ...]:
    """All layers of encoder and decoder."""
    depths = (config.count("encoder_layers", most=MOST_LAYERS), config.count("decoder_layers", most=MOST_LAYERS))
    return (first,) * depths[0] + (second,) * depths[1]


def bart(config: Config, kin: Kin) -> Architecture:
    """One embedding for both halves and the head."""
    hidden, vocab, tied = config.size("d_model"), config.size("vocab_size"), config.flag("tie_word_embeddings", True)
    outside: tuple[Tensor, ...] = embeddings.embedding(vocab, hidden, "shared")
    if not config.flag("share_encoder_decoder_embeddings", True):
        outside += embeddings.embedding(config.size("decoder_vocab_size", vocab), hidden, "decoder.embed_tokens")
    for half in ("encoder", "decoder"):
        if kin.positions:
            rows = config.size("max_position_embeddings") + kin.offset
            outside += embeddings.positions(rows, hidden, f"{half}.embed_positions")
        if kin.first_norm:
            outside += norms(hidden, f"{half}.layernorm_embedding", bias=True)
        if kin.last_norm:
            outside += norms(hidden, f"{half}.layer_norm", bias=True)
    layers = both(config, encoder_layer(config), decoder_layer(config))
    return common.framed(config, layers, (*outside, *embeddings.head(vocab, hidden, tied)), tied=tied)


def whisper(config: Config) -> Architecture:
    """Whisper: the encoder reads a fixed length of sound; `max_target_positions` bounds the text."""
    hidden, vocab, tied = config.size("d_model"), config.size("vocab_size"), config.flag("tie_word_embeddings", True)
    source = config.size("max_source_positions")
    outside = (
        *embeddings.embedding(vocab, hidden, "decoder.embed_tokens"),
        *embeddings.positions(config.size("max_target_positions"), hidden, "decoder.embed_positions"),
        *sound.whisper_input("encoder", hidden, config.size("num_mel_bins"), source),
        *norms(hidden, "encoder.layer_norm", "decoder.layer_norm", bias=True),
        *embeddings.head(vocab, hidden, tied, name="proj_out"),
    )
    first, second = without_key_bias(encoder_layer(config)), without_key_bias(decoder_layer(config, source))
    found = common.framed(config, both(config, first, second), outside, tied=tied)
    return found._replace(max_context=config.size("max_target_positions"))


KIN = {
    "bart": Kin(), "plbart": Kin(), "mvp": Kin(), "mbart": Kin(last_norm=True),
    "marian": Kin(offset=0, first_norm=False), "blenderbot-small": Kin(offset=0),
    "pegasus": Kin(offset=0, first_norm=False, last_norm=True),
    "blenderbot": Kin(offset=0, first_norm=False, last_norm=True),
    "m2m_100": Kin(positions=False, first_norm=False, last_norm=True),
}  # fmt: skip

FAMILIES = {"whisper": whisper, **{name: partial(bart, kin=kin) for name, kin in KIN.items()}}
