"""A model in the words of Megatron-LM, which NeMo shares (megatron/training/arguments.py, megatron_gpt_config.yaml)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from planner.formats import decoder
from planner.formats.native import fields
from planner.formats.training_model import VOCABULARY
from planner.workload import Model, NotChecked

if TYPE_CHECKING:
    from planner.formats.training import Settings

VOCABULARY_MULTIPLE = 128
GATED = ("swiglu", "fast-swiglu", "geglu", "fast-geglu", "reglu", "fast-reglu")
FOREIGN = frozenset({"hybrid_override_pattern", "hybrid_layer_pattern", "experimental_attention_variant", "spec"})
"""Keys with which layers are no plain transformer's."""


def read(settings: Settings, at: str, vocabulary: tuple[str, ...], learned: bool, name: str | None) -> Model:
    """The model whose sizes stand under `at`; `vocabulary` are places of the tokenizer, `learned` its positions."""
    if any(settings.has(at + key) for key in FOREIGN - {"spec"}):
        because = "its layers are no plain transformer's"
        settings.not_checked.append(NotChecked("model", because, "", "model"))
        return Model(name)
    entries = _entries(settings, at, vocabulary)
    if entries is None:
        because = "the size of the vocabulary is that of the tokenizer, which is not known"
        settings.not_checked.append(NotChecked("model", because, "name the tokenizer of a known model", VOCABULARY))
    sizes = _sizes(settings, at, entries, learned)
    return Model(name, decoder.config(sizes), "inline")


def _entries(settings: Settings, at: str, vocabulary: tuple[str, ...]) -> int | None:
    """Rows of the embedding: padded to a multiple for each tensor-parallel rank."""
    stated = settings.size("vocab_size", at + "padded_vocab_size", at + "override_vocab_size", at + "vocab_size")
    multiple = fields.whole(settings.value(at + "make_vocab_size_divisible_by")) or VOCABULARY_MULTIPLE
    ranks = fields.whole(settings.value(at + "tensor_model_parallel_size")) or 1
    return decoder.rounded_up(stated or settings.vocabulary(*vocabulary), multiple * ranks)


def _sizes(settings: Settings, at: str, entries: int | None, learned: bool) -> decoder.Decoder:
    hidden = settings.size("hidden_size", at + "hidden_size")
    activation = settings.word(at + "activation")
    gated = settings.flag(False, at + "swiglu", at + "gated_linear_unit") or activation in GATED
    heads = settings.size("num_attention_heads", at + "num_attention_heads")
    groups = settings.size("num_key_value_heads", at + "num_query_groups")
    grouped = settings.flag(groups is not None, at + "group_query_attention")
    bias = settings.flag(True, at + "bias", at + "add_bias_linear") and not settings.flag(
        False, at + "disable_bias_linear"
    )
    untied = settings.flag(False, at + "untie_embeddings_and_output_weights")
    positions = settings.word(at + "position_embedding_type") or ("learned_absolute" if learned else "rope")
    return decoder.Decoder(
        hidden=hidden,
        layers=settings.size("num_hidden_layers", at + "num_layers"),
        heads=heads,
        width=settings.size("intermediate_size", at + "ffn_hidden_size") or _width(hidden, gated),
        vocabulary=entries,
        kv_heads=groups if grouped else heads,
        head_size=settings.size("head_dim", at + "kv_channels"),
        context=settings.size("max_position_embeddings", at + "max_position_embeddings"),
        gated=gated,
        bias=bias,
        qkv_bias=settings.flag(bias, at + "add_qkv_bias", at + "qkv_bias"),
        root_norm="rms" in settings.word(at + "normalization"),
        learned="learned" in positions,
        tied=settings.flag(not untied, at + "share_embeddings_and_output_weights"),
        latent=_latent(settings, at),
        mixture=_mixture(settings, at),
    )


def _width(hidden: int | None, gated: bool) -> int | None:
    """4 × hidden; of SwiGLU two thirds of that, down to a multiple of 64 (validate_args)."""
    if hidden is None:
        return None
    return int(4 * hidden * 2 / 3) // 64 * 64 if gated else 4 * hidden


def _latent(settings: Settings, at: str) -> decoder.Latent | None:
    if not settings.flag(False, at + "multi_latent_attention"):
        return None
    return decoder.Latent(
        kv_rank=settings.size("kv_lora_rank", at + "kv_lora_rank"),
        query_rank=settings.size("q_lora_rank", at + "q_lora_rank"),
        plain=settings.size("qk_nope_head_dim", at + "qk_head_dim"),
        rotary=settings.size("qk_rope_head_dim", at + "qk_pos_emb_head_dim"),
        value=settings.size("v_head_dim", at + "v_head_dim"),
    )


def _mixture(settings: Settings, at: str) -> decoder.Mixture | None:
    experts = settings.size("num_experts", at + "num_experts", at + "num_moe_experts")
    if experts is None or experts < 2:
        return None
    shared = settings.size("shared_expert_intermediate_size", at + "moe_shared_expert_intermediate_size")
    first, step = _frequency(settings.value(at + "moe_layer_freq"))
    return decoder.Mixture(
        experts=experts,
        taken=settings.size("num_experts_per_tok", at + "moe_router_topk") or 2,
        width=settings.size("moe_intermediate_size", at + "moe_ffn_hidden_size"),
        shared_width=shared or 0,
        dense_first=first,
        step=step,
    )


def _frequency(stated: object) -> tuple[int, int]:
    """(dense layers at first, step) of `moe_layer_freq`: a step, or a list such as ([0]*3+[1]*58)."""
    if isinstance(stated, int) and not isinstance(stated, bool) and stated > 0:
        return 0, stated
    match = re.match(r"\(\[0\]\*([0-9]{1,4})\+", str(stated or "").replace(" ", ""))
    return (int(match[1]) if match else 0), 1
