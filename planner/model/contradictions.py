"""Hyper-parameters that cannot hold together: what no model could be built from, or what its code refuses.

Only what is provable is said. What a type's defaults supply counts as well, since the model would be built with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from planner.model.config import Config, ConfigError

Contradiction = tuple[str, str, str]
"""Key, what is wrong, what would fix it."""
Check = Callable[[Config], Iterator[Contradiction]]

SIZES = ("vocab_size", "hidden_size", "num_hidden_layers", "num_attention_heads", "max_position_embeddings")
OWN_HEAD_SIZE = (
    "head_dim", "d_kv", "kv_channels", "attention_head_dim", "head_size", "qk_nope_head_dim", "kv_lora_rank",
    "dim_head",
)  # fmt: skip
"""Any of these says how wide a head is, or that the question does not arise."""
EXPERTS = ("num_experts", "num_local_experts", "n_routed_experts", "moe_num_experts")
MOST_HEADS = 1024
"""No model has more heads."""
PER_LAYER = (
    "layer_types", "mlp_layer_types", "layers_block_type", "indexer_types", "num_attention_heads_per_layer",
    "no_rope_layers", "compress_ratios", "kv_source_layers",
)  # fmt: skip
"""Lists with an entry for each layer."""


def contradictions(config: Mapping[str, object]) -> Iterator[Contradiction]:
    """What cannot hold together in a `config.json` and in the language model inside it; each key once."""
    from planner.model.families.common import text_of

    outer = Config(config)
    seen: set[str] = set()
    try:
        text = text_of(outer) or outer
    except ConfigError as error:
        yield error.key, str(error), ""
        return
    for check in CHECKS:
        for found in _attempt(check, text):
            if found[0] not in seen:
                seen.add(found[0])
                yield found


def _attempt(check: Check, config: Config) -> Iterator[Contradiction]:
    try:
        yield from check(config)
    except ConfigError as error:
        yield error.key, str(error), ""


def sizes(config: Config) -> Iterator[Contradiction]:
    """A size that is stated and is zero, negative, beyond reason or no number."""
    for key in SIZES:
        if config.states(key):
            try:
                config.size(key, 1)
            except ConfigError as error:
                yield error.key, str(error), ""


def head_size(config: Config) -> Iterator[Contradiction]:
    """hidden_size that is no multiple of the heads, where heads have no size of their own and the code refuses that."""
    if config.known and not (config.get("even_heads") and config.states("hidden_size")):
        return
    hidden, heads = config.optional("hidden_size"), config.optional("num_attention_heads")
    if hidden and heads and hidden % heads and not any(config.get(key) for key in OWN_HEAD_SIZE):
        names = config.spelled("hidden_size"), config.spelled("num_attention_heads")
        message = f"{names[0]} {hidden:,} is not a multiple of {names[1]} {heads:,}"
        yield names[1], message, f"{names[1]}: {_nearest_divisor(hidden, heads)} divides it, or give head_dim"


def _nearest_divisor(number: int, near: int) -> int:
    """The divisor of `number` that is nearest to `near`, the smaller of two."""
    largest = min(number, MOST_HEADS)
    return min((found for found in range(1, largest + 1) if number % found == 0), key=lambda found: abs(found - near))


def key_value_heads(config: Config) -> Iterator[Contradiction]:
    """Query heads that cannot be shared out evenly among the KV heads."""
    heads, kv = config.optional("num_attention_heads"), config.optional("num_key_value_heads")
    if not heads or not kv or heads % kv == 0 or config.get("kv_lora_rank") or not config.states("num_key_value_heads"):
        return
    names = config.spelled("num_attention_heads"), config.spelled("num_key_value_heads")
    message = f"{names[0]} {heads:,} is not a multiple of {names[1]} {kv:,}"
    yield names[1], message, f"{names[1]}: {_nearest_divisor(heads, kv)}"


def experts(config: Config) -> Iterator[Contradiction]:
    """More experts for a token than there are; groups of experts that do not come out even."""
    name = next((key for key in EXPERTS if config.optional(key)), None)
    if name is None:
        return
    count, taken, stated = config.count(name), config.optional("num_experts_per_tok"), config.spelled(name)
    if taken and taken > count:
        key = config.spelled("num_experts_per_tok")
        yield key, f"{key} {taken:,} is more than {stated} {count:,}", f"{key}: {count} at most"
    groups, chosen = config.optional("n_group"), config.optional("topk_group")
    if groups and count % groups:
        yield config.spelled("n_group"), f"{stated} {count:,} is not a multiple of n_group {groups:,}", ""
    if groups and chosen and chosen > groups:
        yield config.spelled("topk_group"), f"topk_group {chosen:,} is more than n_group {groups:,}", ""


def list_lengths(config: Config) -> Iterator[Contradiction]:
    """A list with an entry for each layer that has too few; further ones may be there for predicted tokens."""
    count = config.optional("num_hidden_layers")
    if not count:
        return
    for key in PER_LAYER:
        entries = config.list(key) if isinstance(config.get(key), (list, tuple)) else None
        if entries and len(entries) < count:
            message = f"{key} has {len(entries):,} entries for {count:,} layers"
            yield config.spelled(key), message, f"num_hidden_layers: {len(entries)}, or {count} entries"


def rope(config: Config) -> Iterator[Contradiction]:
    """A rope factor below 1, or an original context above the extended one."""
    scaling, key = config.mapping("rope_scaling"), "rope_scaling"
    if not scaling:
        scaling, key = config.mapping("rope_parameters"), "rope_parameters"
    factor, original = scaling.get("factor"), scaling.get("original_max_position_embeddings")
    longest = config.optional("max_position_embeddings")
    if isinstance(factor, (int, float)) and not isinstance(factor, bool) and factor < 1:
        yield (
            f"{config.spelled(key)}.factor",
            f"{key}.factor is {factor:g}; it stretches the context and is at least 1",
            "",
        )
    if isinstance(original, int) and not isinstance(original, bool) and longest and original > longest:
        message = f"{key}.original_max_position_embeddings {original:,} is above max_position_embeddings {longest:,}"
        yield f"{config.spelled(key)}.original_max_position_embeddings", message, f"max_position_embeddings: {original}"


def shared_caches(config: Config) -> Iterator[Contradiction]:
    """Every layer taking its keys and values from an earlier one."""
    count, shared = config.optional("num_hidden_layers"), config.optional("num_kv_shared_layers")
    if count and shared and shared >= count:
        message = f"num_kv_shared_layers {shared:,} leaves none of the {count:,} layers to compute keys and values"
        yield config.spelled("num_kv_shared_layers"), message, f"num_kv_shared_layers: {count - 1} at most"


CHECKS: tuple[Check, ...] = (
    sizes, head_size, key_value_heads, experts, list_lengths, rope, shared_caches,
)  # fmt: skip
