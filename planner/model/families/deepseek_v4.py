"""DeepSeek-V4: one shared key-value head, kept for a window and, compressed, for the whole past."""

from __future__ import annotations

from planner.model.config import Config
from planner.model.families import common, deepseek
from planner.model.parts import hyper, moe
from planner.model.parts.basic import linear, norm
from planner.model.parts.layer import Mixer, layer, stack
from planner.model.stack import Architecture, Cache, Tensor

COMPRESSED, HEAVILY = "compressed_sparse_attention", "heavily_compressed_attention"
RATES = {COMPRESSED: 4, HEAVILY: 128}
"""Tokens per compressed entry (DeepSeek-V4, section 2.3)."""
BY_RATIO = {0: common.SLIDING, 4: COMPRESSED, 128: HEAVILY}


def layer_kinds(config: Config) -> tuple[str, ...]:
    """The attention of each layer: as listed, by `compress_ratios`, or two heavily compressed and then in turns."""
    ratios = config.counts("compress_ratios") if config.get("layer_types") is None else None
    if ratios is not None:
        if len(ratios) < config.layers():
            raise config.error("compress_ratios", f"has {len(ratios)} entries for {config.layers()} layers")
        return tuple(BY_RATIO.get(ratio, COMPRESSED if ratio < 64 else HEAVILY) for ratio in ratios[: config.layers()])
    return common.layer_types(config, lambda index: HEAVILY if index < 2 or index % 2 == 0 else COMPRESSED)


def rate(config: Config, kind: str) -> int:
    """Tokens per compressed entry of a layer of `kind`."""
    stated = config.mapping("compress_rates").get(kind)
    return stated if isinstance(stated, int) and not isinstance(stated, bool) and stated > 0 else RATES[kind]


def compressor(name: str, hidden: int, width: int, every: int, series: int) -> tuple[Tensor, ...]:
    """What turns `every` tokens into one entry of `width`; `series` = 2 where entries overlap."""
    return (
        *linear(f"{name}.kv_proj", hidden, series * width, "attention"),
        *linear(f"{name}.gate_proj", hidden, series * width, "attention"),
        Tensor(f"{name}.position_bias", (every, series * width), "attention", "other"),
        *norm(f"{name}.kv_norm", width),
    )


def mixer(config: Config, kind: str) -> Mixer:
    """Attention of `kind`: compressed query and output, one head read both as key and as value."""
    hidden, heads, size = config.size("hidden_size"), config.size("num_attention_heads"), config.size("head_dim")
    rank, groups, out = config.size("q_lora_rank"), config.size("o_groups"), config.size("o_lora_rank")
    tensors = (
        *linear("self_attn.q_a_proj", hidden, rank, "attention"),
        *norm("self_attn.q_a_norm", rank),
        *linear("self_attn.q_b_proj", rank, heads * size, "attention"),
        *linear("self_attn.kv_proj", hidden, size, "attention"),
        *norm("self_attn.kv_norm", size),
        *linear("self_attn.o_a_proj", heads * size // groups, groups * out, "attention"),
        *linear("self_attn.o_b_proj", groups * out, hidden, "attention"),
        Tensor("self_attn.sinks", (heads,), "attention", "other"),
    )
    window = Cache(1, size, config.size("sliding_window"), sharded=False, kind="sliding")
    if kind == common.SLIDING:
        return Mixer("sliding", tensors, (window,), query_heads=heads, head_dim=size, kv_heads=1)
    every = rate(config, kind)
    past = Cache(1, size, every=every, sharded=False, kind="latent")
    found = (*tensors, *compressor("self_attn.compressor", hidden, size, every, 2 if kind == COMPRESSED else 1))
    caches: tuple[Cache, ...] = (window, past)
    if kind == COMPRESSED:
        found = (*found, *_indexer(config, hidden, rank, every))
        caches = (*caches, Cache(1, config.size("index_head_dim"), every=every, sharded=False, kind="indexer"))
    return Mixer("latent", found, caches, query_heads=heads, head_dim=size, kv_heads=1)


def _indexer(config: Config, hidden: int, rank: int, every: int) -> tuple[Tensor, ...]:
    heads, size = config.size("index_n_heads"), config.size("index_head_dim")
    name = "self_attn.compressor.indexer"
    return (
        *compressor(name, hidden, size, every, 2),
        *linear(f"{name}.q_b_proj", rank, heads * size, "attention"),
        *linear(f"{name}.scorer.weights_proj", hidden, heads, "attention"),
    )


def deepseek_v4(config: Config) -> Architecture:
    """DeepSeek-V4: experts in every layer, one of them shared; several residual streams."""
    hidden, streams = config.size("hidden_size"), config.size("hc_mult")
    routed = deepseek.routed_experts(config)
    mixture = moe.moe(hidden, routed, shared_width=routed.width)
    around = (*common.pre_norms(hidden), *hyper.connections(hidden, streams, (2 + streams) * streams, 3))
    layers = stack(layer_kinds(config), lambda kind: layer(mixer(config, kind), mixture, around))
    return _with_experts(common.architecture(config, layers, outside=hyper.head(hidden, streams)), config)


def _with_experts(found: Architecture, config: Config) -> Architecture:
    """The dtype of routed experts stands beside `quantization_config`, not in it."""
    stated = config.word("expert_dtype")
    if not found.quantization or not stated:
        return found
    return found._replace(quantization={**found.quantization, "expert_dtype": stated})


FAMILIES = {"deepseek_v4": deepseek_v4}
