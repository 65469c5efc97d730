"""RWKV-4, xLSTM and RecurrentGemma."""

from __future__ import annotations

import math

from planner.model.config import Config
from planner.model.families import common
from planner.model.parts import embeddings, ffn
from planner.model.parts.attention import Options
from planner.model.parts.basic import linear, norm, norms
from planner.model.parts.layer import FeedForward, layer, stack
from planner.model.parts.recurrent import gated_linear, mlstm
from planner.model.parts.recurrent import rwkv as time_mixing
from planner.model.parts.recurrent_mamba import vectors
from planner.model.stack import Architecture, Layer


def rwkv(config: Config) -> Architecture:
    """RWKV-4: time mixing and channel mixing; `context_length` is the length that it was trained at."""
    hidden, vocab, tied = config.size("hidden_size"), config.size("vocab_size"), config.flag("tie_word_embeddings")
    width = config.optional("intermediate_size") or 4 * hidden
    mix = (
        tensor._replace(part="ffn")
        for tensor in vectors("feed_forward", time_mix_key=hidden, time_mix_receptance=hidden)
    )
    channel_mixing = (
        *linear("feed_forward.key", hidden, width, "ffn"),
        *linear("feed_forward.receptance", hidden, hidden, "ffn"),
        *linear("feed_forward.value", width, hidden, "ffn"),
        *mix,
    )
    mixer = time_mixing(hidden, config.optional("attention_hidden_size") or hidden)
    one = layer(mixer, FeedForward("dense", channel_mixing, width), norms(hidden, "ln1", "ln2", bias=True))
    frame = (
        *embeddings.embedding(vocab, hidden, "embeddings"),
        *norms(hidden, "pre_ln", "ln_out", bias=True),
        *embeddings.head(vocab, hidden, tied, name="head"),
    )
    return common.framed(config, (one,) * config.layers(), frame, tied=tied)


def rounded_up(width: float, multiple: int) -> int:
    """The next multiple of `multiple`."""
    return math.ceil(width / multiple) * multiple


def xlstm(config: Config) -> Architecture:
    """xLSTM-7B (Beck et al. 2025): an mLSTM and a gated network in each block."""
    stated = config.optional("hidden_size")
    config = config.with_values(hidden_size=config.size("embedding_dim") if stated is None else stated)
    layers = config.optional("num_blocks", 10_000) or config.layers()
    hidden, vocab, tied = config.size("hidden_size"), config.size("vocab_size"), config.flag("tie_word_embeddings")
    bias, heads = config.flag("use_bias"), config.size("num_heads")
    key = rounded_up(hidden * config.number("qk_dim_factor", 0.5), 64)
    value = rounded_up(hidden * config.number("v_dim_factor", 1.0), 64)
    width = rounded_up(hidden * config.number("ffn_proj_factor", 2.667), config.size("ffn_round_up_to_multiple_of", 64))
    network = ffn.gated(hidden, width, bias, "ffn")
    one = layer(mlstm(hidden, heads, key, value, bias), network, norms(hidden, "norm_mlstm", "norm_ffn", bias=bias))
    frame = (
        *embeddings.embedding(vocab, hidden, "embeddings"),
        *norm("out_norm", hidden),
        *embeddings.head(vocab, hidden, tied),
    )
    return common.framed(config, (one,) * layers, frame, tied=tied)


def recurrent_gemma(config: Config) -> Architecture:
    """Griffin (De et al. 2024): RG-LRU and windowed attention by turns; networks of half `intermediate_size`."""
    hidden, width = config.size("hidden_size"), config.size("intermediate_size") // 2
    turns = config.words("block_types") or ("recurrent", "recurrent", "attention")
    kinds = tuple(turns[index % len(turns)] for index in range(config.layers()))
    options = Options(bias=config.flag("attention_bias"), out_bias=True)
    lru = config.optional("lru_width") or hidden

    def build(kind: str) -> Layer:
        mixer = (
            gated_linear(hidden, lru, config.size("num_attention_heads"), config.size("conv1d_width"))
            if kind == "recurrent"
            else common.attend(config, common.SLIDING, options)
        )
        return layer(
            mixer, ffn.gated(hidden, width, True, "mlp_block"), norms(hidden, "temporal_pre_norm", "channel_pre_norm")
        )

    return common.architecture(config, stack(kinds, build))


FAMILIES = {"rwkv": rwkv, "xlstm": xlstm, "recurrent_gemma": recurrent_gemma}
