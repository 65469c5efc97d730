"""Zamba (Glorioso et al. 2024): Mamba throughout, and attention blocks that many layers share.

A shared block reads the hidden state beside the embedding, hence twice the hidden size. Its weights count once; every
layer that calls it has a cache of its own.
"""

from __future__ import annotations

from collections.abc import Callable

from planner.model.config import Config
from planner.model.families import common, hybrid
from planner.model.parts import attention, ffn
from planner.model.parts.attention import Heads
from planner.model.parts.basic import linear, norm
from planner.model.parts.layer import FeedForward, Mixer, layer, stack
from planner.model.stack import Architecture, Layer, Tensor


def heads(config: Config) -> Heads:
    """Heads on twice the hidden size, unless the config says otherwise."""
    query = config.size("num_attention_heads")
    size = config.optional("attention_head_dim") or 2 * config.size("hidden_size") // query
    return Heads(query, config.optional("num_key_value_heads") or query, size)


def block(config: Config, width: int, prefix: str, network: FeedForward) -> tuple[Tensor, ...]:
    """One shared block: attention that reads `width` elements and writes the hidden size, and a network."""
    hidden, shape = config.size("hidden_size"), heads(config)
    path = f"{prefix}.self_attn"
    return (
        *linear(f"{path}.q_proj", width, shape.query * shape.size, "attention"),
        *linear(f"{path}.k_proj", width, shape.kv * shape.size, "attention"),
        *linear(f"{path}.v_proj", width, shape.kv * shape.size, "attention"),
        *linear(f"{path}.o_proj", shape.query * shape.size, hidden, "attention"),
        *network.tensors,
        *norm(f"{prefix}.input_layernorm", width),
        *norm(f"{prefix}.pre_ff_layernorm", hidden),
    )


def stacked(
    config: Config, kinds: tuple[str, ...], mixer: Mixer, blocks: tuple[Tensor, ...], adapters: tuple[Tensor, ...] = ()
) -> Architecture:
    """Layers of `mixer`; a hybrid one also calls a shared block through a matrix and `adapters` of its own."""
    hidden, shape = config.size("hidden_size"), heads(config)
    called = Mixer(hybrid.HYBRID, adapters, (attention.cache(shape),), (), shape.query, shape.size, shape.kv)

    def build(kind: str) -> Layer:
        if kind != hybrid.HYBRID:
            return layer(mixer, norms=norm("input_layernorm", hidden))
        outer = linear("linear", hidden, hidden, "other")
        return layer(hybrid.together(hybrid.HYBRID, called, mixer), norms=(*outer, *norm("input_layernorm", hidden)))

    return common.architecture(config, stack(kinds, build), outside=blocks)


def zamba_layer(config: Config) -> Callable[[int], str]:
    """The third layer calls the block, then one in `attn_layer_period`."""
    period, offset = config.size("attn_layer_period"), config.count("attn_layer_offset")

    def kind(index: int) -> str:
        shared = index == 2 if index < 3 else (index - 3) % period == offset
        return hybrid.HYBRID if shared else hybrid.LINEAR

    return kind


def zamba(config: Config) -> Architecture:
    """Zamba: one shared block over Mamba layers."""
    hidden = config.size("hidden_size")
    kinds = hybrid.kinds(config, zamba_layer(config), "layers_block_type")
    width = config.optional("attention_hidden_size") or 2 * hidden
    network = ffn.gated(hidden, config.size("intermediate_size"), prefix="shared_transf.feed_forward")
    blocks = block(config, width, "shared_transf", network) if hybrid.HYBRID in kinds else ()
    return stacked(config, kinds, hybrid.mamba_mixer(config), blocks)


def zamba2_layer(index: int) -> str:
    """Zamba2-2.7B's pattern."""
    shared = (6 <= index <= 42 and index % 6 == 0) or index in (47, 51)
    return hybrid.HYBRID if shared else hybrid.LINEAR


def adapter(name: str, width_in: int, rank: int, width_out: int, part: str) -> tuple[Tensor, ...]:
    """A low-rank adapter of a shared matrix, one for each layer that calls it."""
    return (*linear(f"{name}.0", width_in, rank, part), *linear(f"{name}.1", rank, width_out, part))


def zamba2(config: Config) -> Architecture:
    """Zamba2: shared blocks take turns over Mamba-2 layers, each call with low-rank adapters of its own."""
    hidden, bias = config.size("hidden_size"), config.flag("add_bias_linear")
    inner = config.optional("intermediate_size") or 4 * hidden
    rank = config.size("adapter_rank")
    kinds = hybrid.kinds(config, zamba2_layer, "layers_block_type")
    network = ffn.gated(hidden, inner, bias, "shared_transformer.feed_forward", fused=True)
    once = block(config, 2 * hidden, "shared_transformer", network)
    shared = min(config.size("num_mem_blocks", most=len(kinds)), kinds.count(hybrid.HYBRID))
    adapters = adapter("feed_forward.gate_up_proj_adapter", hidden, rank, 2 * inner, "ffn")
    if config.flag("use_shared_attention_adapter"):
        for letter in ("q", "k", "v"):
            adapters += adapter(f"self_attn.linear_{letter}_adapter", 2 * hidden, rank, 2 * hidden, "attention")
    keys = {"mamba_n_heads": config.size("n_mamba_heads"), "mamba_n_groups": config.size("mamba_ngroups"),
            "mamba_proj_bias": bias}  # fmt: skip
    return stacked(config, kinds, hybrid.mamba2_mixer(config.with_values(**keys)), once * shared, adapters)


FAMILIES = {"zamba": zamba, "zamba2": zamba2}
