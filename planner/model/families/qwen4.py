"""Qwen4-Exp: Gated DeltaNet and indexed attention, several residual streams, embeddings of n-grams in some layers."""

from __future__ import annotations

from planner.model.config import Config
from planner.model.families import common, hybrid, qwen_next
from planner.model.parts import embeddings, ngram
from planner.model.parts.basic import linear, norm, norms
from planner.model.parts.latent import Indexer, indexer_cache
from planner.model.parts.layer import Mixer, layer, stack
from planner.model.parts.recurrent_delta import gated_delta
from planner.model.parts.recurrent_mamba import conv
from planner.model.stack import Architecture, Layer, State, Tensor

MOST_ROWS = 1 << 31
MOST_HEADS = 64
MOST_TABLES = 16


def attend(config: Config) -> Mixer:
    """Gated attention whose indexer, where there is one, keeps a key per token."""
    mixer = qwen_next.gated_attention(config)
    heads, keys = config.count("indexer_n_heads"), config.count("indexer_kv_heads", 1)
    if not heads:
        return mixer
    hidden, size = config.size("hidden_size"), config.size("indexer_head_dim")
    tensors = (
        *linear("self_attn.indexer.index_qk_proj", hidden, (heads + keys) * size, "attention"),
        *norm("self_attn.indexer.q_layernorm", size),
        *norm("self_attn.indexer.k_layernorm", size),
    )
    caches = (*mixer.caches, indexer_cache(Indexer(heads, keys * size)))
    return mixer._replace(tensors=(*mixer.tensors, *tensors), caches=caches)


def streams(config: Config, name: str, inject: bool = True) -> tuple[Tensor, ...]:
    """What mixes the residual streams before a block, and what gives its output back to them."""
    count, rank = config.size("hc_count"), config.size("hc_lowrank")
    width = count * config.size("hidden_size")
    return (
        *norm(f"{name}.hc_norm", width),
        *linear(f"{name}.input_mix_weight_down", width, rank, "other"),
        *linear(f"{name}.input_mix_weight_up", rank, width, "other"),
        *(linear(f"{name}.block_inject_weight", width, count, "other") if inject else ()),
    )


def hash_heads(config: Config) -> int:
    """Tables of hashes in each embedding: some for every length of n-gram."""
    heads = max(1, config.size("ngram_size") - 1) * config.size("heads_per_ngram")
    if heads > MOST_HEADS:
        raise config.error("heads_per_ngram", f"makes {heads} hashes of a token; {MOST_HEADS} at most are read")
    return heads


def tables(config: Config, count: int) -> tuple[int, ...]:
    """Rows of each embedding of n-grams."""
    if count > MOST_TABLES:
        raise config.error("ple_layer_ids", f"has {count} entries; {MOST_TABLES} at most are read")
    base = config.size("ngram_vocab_size_base", most=MOST_ROWS)
    return ngram.rows(base, hash_heads(config), count, config.size("make_ngram_vocab_size_divisible_by", 1))


def lexical(config: Config, rows: int) -> tuple[Tensor, ...]:
    """An embedding of n-grams of `rows` rows, and how a layer takes it in."""
    hidden, count = config.size("hidden_size"), config.size("hc_count")
    width = config.optional("ple_embed_dim") or hidden
    return (
        *embeddings.embedding(rows, max(1, width // hash_heads(config)), "ple.ple_embedding.ngram_embedding"),
        *linear("ple.key_proj", width, count * hidden, "other"),
        *linear("ple.value_proj", width, hidden, "other"),
        *norms(count * hidden, "ple.norm_key", "ple.norm_query", "ple.norm_conv"),
        *conv("ple.conv1d", count * hidden, config.size("ple_conv_kernel_size")),
    )


def lexical_state(config: Config) -> State:
    """The past inputs of its convolution, which looks at every `ngram_size`-th token."""
    past = (config.size("ple_conv_kernel_size") - 1) * config.size("ngram_size")
    return State(past * config.size("hc_count") * config.size("hidden_size"), kind="conv")


def qwen4(config: Config) -> Architecture:
    """Experts in every layer; `ple_layer_ids` count from one."""
    hidden = config.size("hidden_size")
    identifiers = sorted(set(config.counts("ple_layer_ids") or ()))
    rows = {index - 1: size for index, size in zip(identifiers, tables(config, len(identifiers)), strict=True)}
    names = hybrid.kinds(config, hybrid.periodic(config.size("full_attention_interval", 4)))
    kinds = tuple((name == hybrid.LINEAR, rows.get(index, 0)) for index, name in enumerate(names))
    around = (*streams(config, "attn_hyper_connection"), *streams(config, "mlp_hyper_connection"))
    delta = gated_delta(hidden, qwen_next.delta_heads(config), "joined")

    def build(kind: tuple[bool, int]) -> Layer:
        further = lexical(config, kind[1]) if kind[1] else ()
        one = layer(delta if kind[0] else attend(config), qwen_next.experts(config), (*around, *further))
        return one._replace(states=(*one.states, lexical_state(config))) if further else one

    last = streams(config, "hyper_connection_mixer", inject=False)
    return common.architecture(config, stack(kinds, build), final_norm=last)


FAMILIES = {"qwen4_exp_text": qwen4}
