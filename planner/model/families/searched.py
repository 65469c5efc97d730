"""Decoders whose layers differ in heads and width: Llama-Nemotron and OpenELM."""

from __future__ import annotations

from collections.abc import Mapping

from planner.model.config import Config
from planner.model.families import common
from planner.model.parts import ffn
from planner.model.parts.attention import Heads, Names, Options
from planner.model.parts.basic import linear, norms
from planner.model.parts.layer import NO_FFN, NO_MIXER, FeedForward, Mixer, layer, stack
from planner.model.stack import Architecture, Layer

NOTHING, MATRIX = 0, -1
"""In place of a number of KV heads or a width."""


def nemotron_nas(config: Config) -> Architecture:
    """Llama-Nemotron by architecture search: each block has heads and a width of its own, or is a matrix or nothing."""
    blocks = config.list("block_configs") or ()
    if len(blocks) < config.layers():
        raise config.error("block_configs", f"has {len(blocks)} entries for {config.layers()} layers")
    kinds = tuple(_block(config, entry) for entry in blocks[: config.layers()])
    hidden = config.size("hidden_size")

    def build(kind: tuple[int, int]) -> Layer:
        mixer, network = _searched_mixer(config, kind[0]), _searched_network(config, kind[1])
        names = [name for name, tensors in zip(common.PRE, (mixer.tensors, network.tensors), strict=True) if tensors]
        return layer(mixer, network, norms(hidden, *names))

    return common.architecture(config, stack(kinds, build))


def _block(config: Config, entry: object) -> tuple[int, int]:
    """(KV heads, width of the network) of one of `block_configs`."""
    block = Config({str(key): value for key, value in entry.items()} if isinstance(entry, Mapping) else {})
    attention, network = block.nested("attention"), block.nested("ffn")
    if attention is None or network is None:
        raise config.error("block_configs", "has an entry without attention or ffn")
    group = attention.optional("n_heads_in_group")
    heads = config.size("num_attention_heads") // group if group else NOTHING
    exact = 2 * network.number("ffn_mult", 0) * config.size("hidden_size") / 3
    width = -(-int(exact) // 256) * 256
    return _replaced(attention, heads), _replaced(network, width)


def _replaced(part: Config, value: int) -> int:
    return NOTHING if part.flag("no_op") else MATRIX if part.flag("replace_with_linear") else value


def _searched_mixer(config: Config, kv: int) -> Mixer:
    if kv > 0:
        shape = common.heads(config)._replace(kv=kv)
        return common.attend(config, common.FULL, shape=shape)
    hidden = config.size("hidden_size")
    return Mixer("none", linear("self_attn.linear_attn", hidden, hidden, "attention")) if kv == MATRIX else NO_MIXER


def _searched_network(config: Config, width: int) -> FeedForward:
    hidden = config.size("hidden_size")
    if width > 0:
        return ffn.gated(hidden, width)
    return FeedForward("dense", linear("mlp.linear_mlp", hidden, hidden, "ffn"), hidden) if width == MATRIX else NO_FFN


def openelm(config: Config) -> Architecture:
    """OpenELM: heads and widths grow from layer to layer (apple/corenet, modeling_openelm.py)."""
    hidden, size, divisor = config.size("hidden_size"), config.size("head_dim"), config.size("ffn_dim_divisor", 256)
    count = config.layers()
    queries, keys = config.counts("num_query_heads") or (), config.counts("num_kv_heads") or ()
    factors = config.list("ffn_multipliers") or ()
    for key, entries in (("num_query_heads", queries), ("num_kv_heads", keys), ("ffn_multipliers", factors)):
        if len(entries) < count:
            raise config.error(key, f"has {len(entries)} entries for {count} layers")
    widths = [_divisible(hidden * Config({"f": factor}).number("f", 0), divisor) for factor in factors]
    norm_kind = "head" if config.flag("normalize_qk_projections") else ""
    options = Options(norm=norm_kind, names=Names("attn", out="out_proj", fused="qkv_proj"))

    def build(kind: tuple[int, int, int]) -> Layer:
        mixer = common.attend(config, common.FULL, options, Heads(max(1, kind[0]), max(1, kind[1]), size))
        glu = config.flag("ffn_with_glu", True)
        network = ffn.gated(hidden, kind[2], fused=True) if glu else ffn.plain(hidden, kind[2])
        return layer(mixer, network, norms(hidden, "attn_norm", "ffn_norm"))

    kinds = tuple(zip(queries, keys, widths, strict=False))[:count]
    tied = config.flag("share_input_output_layers")
    return common.architecture(config, stack(kinds, build), tied=tied)


def _divisible(value: float, divisor: int) -> int:
    """`value` to the nearest multiple of `divisor`, not more than a tenth below it."""
    found = max(divisor, int(value + divisor / 2) // divisor * divisor)
    return found + divisor if found < 0.9 * value else found


FAMILIES = {
    "nemotron-nas": nemotron_nas,
    "openelm": openelm,
}
