"""Sparse attention with an indexer: DeepSeek-V3.2, GLM-5 and others, all on latent attention."""

from __future__ import annotations

from planner.model.config import Config
from planner.model.families import common, deepseek, mixtures
from planner.model.parts.basic import linear, norm
from planner.model.parts.latent import Indexer, latent
from planner.model.parts.layer import Mixer, layer, stack
from planner.model.stack import Architecture, Layer, Tensor

FULL, SHARED, INDEXED = "full", "shared", "indexed_attention"


def indexer_of(config: Config) -> Indexer:
    """Its heads and their size."""
    return Indexer(config.size("index_n_heads"), config.size("index_head_dim"))


def indexer_types(config: Config, first: int = 2) -> tuple[str, ...]:
    """FULL for a layer with an indexer, SHARED for one that takes the choice of the layer before.

    As `indexer_types` or `index_topk_pattern` list them, else every `index_topk_freq`-th from layer
    `index_skip_topk_offset` on (transformers, configuration_glm_moe_dsa.py).
    """
    count, pattern = config.layers(), config.get("index_topk_pattern")
    if config.get("indexer_types") is None and isinstance(pattern, str):
        listed: tuple[str, ...] | None = tuple(FULL if letter == "F" else SHARED for letter in pattern)
    else:
        listed = config.words("indexer_types") or config.words("index_topk_pattern")
    if listed is not None:
        if len(listed) < count:
            raise config.error("indexer_types", f"has {len(listed)} entries for {count} layers")
        return listed[:count]
    step, offset = max(config.count("index_topk_freq", 1), 1), config.count("index_skip_topk_offset", first)
    return tuple(FULL if max(index - offset + 1, 0) % step == 0 else SHARED for index in range(count))


def dsa(config: Config) -> Architecture:
    """DeepSeek-V3.2 and GLM-5: latent attention whose indexer keeps a key per token of its own."""
    hidden, bias, indexer = config.size("hidden_size"), config.flag("attention_bias"), indexer_of(config)
    shape = deepseek.shape_of(config)
    ffns, network = deepseek.networks(config, 3)
    kinds = tuple(zip(indexer_types(config), ffns, strict=True))

    def build(kind: tuple[str, str]) -> Layer:
        mixer = latent(hidden, shape, bias, indexer if kind[0] == FULL else None)
        return layer(mixer, network[kind[1]], common.pre_norms(hidden))

    layers = stack(kinds, build)
    return common.architecture(config, layers, stored_only=deepseek.predicted(config, layers))


def axk2(config: Config) -> Architecture:
    """A.X K2: queries and their gate in one matrix; norms with a gate of low rank."""
    hidden, shape, rank = config.size("hidden_size"), deepseek.shape_of(config), config.size("gated_norm_rank")
    query = shape.query_rank or hidden
    mixer = latent(hidden, shape, config.flag("attention_bias"), indexer_of(config))
    rows = shape.heads * (shape.nope + shape.rope + shape.value)
    both = linear("self_attn.q_gate_proj", 2 * query, rows, "attention")
    kept = tuple(tensor for tensor in mixer.tensors if tensor.name != "self_attn.q_b_proj")
    kinds, network = deepseek.networks(config, 1)

    def build(kind: str) -> Layer:
        second = _gated_norm if kind == mixtures.SPARSE else _plain_norm
        around = (
            *_gated_norm("input_layernorm", hidden, rank),
            *second("post_attention_layernorm", hidden, rank),
        )
        return layer(mixer._replace(tensors=(*kept, *both)), network[kind], around)

    return common.architecture(config, stack(kinds, build))


def _plain_norm(name: str, hidden: int, rank: int) -> tuple[Tensor, ...]:
    return norm(name, hidden)


def _gated_norm(name: str, hidden: int, rank: int) -> tuple[Tensor, ...]:
    return (
        *norm(f"{name}.norm", hidden),
        *linear(f"{name}.mlp.fc1", hidden, rank, "other"),
        *linear(f"{name}.mlp.fc2", rank, hidden, "other"),
    )


SLIDING_SHAPE: dict[str, object] = {
    "num_attention_heads": 64, "q_lora_rank": 1024, "kv_lora_rank": 1024, "qk_nope_head_dim": 192,
    "qk_rope_head_dim": 64, "v_head_dim": 128,
}  # fmt: skip
"""What dots.note's sliding layers have where the config says nothing (transformers, configuration_dots3_note.py)."""


def dots3_note(config: Config) -> Architecture:
    """dots.note: sliding layers are latent as well, with ranks and heads of their own; every head has a gate."""
    slides, indexes = config.flag("use_sliding_window", True), config.flag("use_dsa", True)
    wide = INDEXED if indexes else common.FULL
    names = common.layer_types(
        config, lambda i: wide if not slides or i < 2 or i % 4 == 1 else common.SLIDING
    )  # fmt: skip
    ffns, network = deepseek.networks(config, 1)
    hidden = config.size("hidden_size")

    def build(kind: tuple[str, str]) -> Layer:
        return layer(_dots_mixer(config, kind[0], wide), network[kind[1]], common.pre_norms(hidden))

    return common.architecture(config, stack(tuple(zip(names, ffns, strict=True)), build))


def _dots_mixer(config: Config, name: str, wide: str) -> Mixer:
    hidden, bias = config.size("hidden_size"), config.flag("attention_bias")
    sliding = name == common.SLIDING
    own = {key: config.get(f"swa_{key}") or value for key, value in SLIDING_SHAPE.items()}
    shape = deepseek.shape_of(config.with_values(**own) if sliding else config)
    extra = (
        *norm("self_attn.k_rope_only_layernorm", shape.rope, part="attention"),
        *linear("self_attn.g_proj", hidden, shape.heads, "attention"),
    )
    window = config.size("sliding_window", config.size("sliding_window_size", 512)) if sliding else None
    return latent(hidden, shape, bias, indexer_of(config) if not sliding and wide == INDEXED else None, extra, window)


FAMILIES = {
    **dict.fromkeys(("deepseek_v32", "glm_moe_dsa"), dsa),
    "axk2": axk2,
    "dots3_note_text": dots3_note,
}
