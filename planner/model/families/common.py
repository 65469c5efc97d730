"""What readers of families share: heads, windows, and the frame of embeddings, final norm and head."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from planner.model.config import Config
from planner.model.families.context import longest
from planner.model.parts import attention, embeddings, ffn
from planner.model.parts.attention import Heads, Options
from planner.model.parts.basic import norm, norms
from planner.model.parts.layer import FeedForward, Mixer, layer, stack
from planner.model.stack import Architecture, Layer, Tensor

FULL, SLIDING, CHUNKED = "full_attention", "sliding_attention", "chunked_attention"


def heads(config: Config) -> Heads:
    """Query and KV heads (missing or null: as many as query heads) and their size (hidden / heads unless stated)."""
    query = config.size("num_attention_heads")
    size = config.optional("head_dim") or config.size("hidden_size") // query
    if size < 1:
        raise config.error("num_attention_heads", f"is {query}, above hidden_size")
    return Heads(query, config.optional("num_key_value_heads") or query, size)


def at(config: Config, index: int) -> Config:
    """`config` with what `per_layer_config` changes for the layer at `index`, which it may write as "05"."""
    entries = config.mapping("per_layer_config").items()
    changes = next((value for key, value in entries if (key.lstrip("0") or "0") == str(index)), None)
    return (
        config.with_values(**{str(key): value for key, value in changes.items()})
        if isinstance(changes, Mapping)
        else config
    )


def layer_types(
    config: Config, default: Callable[[int], str] = lambda index: FULL, key: str = "layer_types"
) -> tuple[str, ...]:
    """The kind of each layer as `key` lists it; where it does not, what `default` says of the layer's index."""
    count = config.layers()
    stated = config.words(key)
    if stated is None:
        return tuple(default(index) for index in range(count))
    if len(stated) < count:
        raise config.error(key, f"has {len(stated)} entries for {count} layers")
    return stated[:count]


def every(period: int, offset: int = -1) -> Callable[[int], str]:
    """Sliding attention but for one layer in `period`: the last of each group, or the one at `offset`."""
    return lambda index: FULL if index % period == offset % period else SLIDING


def attend(config: Config, kind: str, options: Options = attention.PLAIN, shape: Heads | None = None) -> Mixer:
    """The attention of a layer of `kind`, with the window that the config states for it; without one it sees all."""
    hidden, shape = config.size("hidden_size"), shape or heads(config)
    key, name = WINDOWS.get(kind, ("", "full"))
    window = config.optional(key) if key else None
    return attention.grouped(hidden, shape, options, name if window else "full", window or None)


WINDOWS = {SLIDING: ("sliding_window", "sliding"), CHUNKED: ("attention_chunk_size", "chunked")}
"""For kinds of attention that keep less than everything: the key of what they keep, and `Cache.kind`."""


def dense(
    config: Config,
    options: Options = attention.PLAIN,
    network: FeedForward | None = None,
    kinds: Sequence[str] | None = None,
    around: tuple[Tensor, ...] | None = None,
    shape: Heads | None = None,
) -> tuple[Layer, ...]:
    """Layers of grouped-query attention and one and the same feed-forward network.

    `kinds` are the attentions (as the config lists them), `network` is a gated one without biases and `around` are
    two RMSNorms where not given.
    """
    hidden = config.size("hidden_size")
    same = network or ffn.gated(hidden, config.size("intermediate_size"))
    return stack(
        tuple(kinds or layer_types(config)),
        lambda kind: layer(attend(config, kind, options, shape), same, pre_norms(hidden) if around is None else around),
    )


def sparse(
    config: Config,
    ffns: Sequence[str],
    network: Callable[[str], FeedForward],
    options: Options = attention.PLAIN,
    kinds: Sequence[str] | None = None,
    around: tuple[Tensor, ...] | None = None,
) -> tuple[Layer, ...]:
    """Layers of grouped-query attention and feed-forward networks of several kinds, `ffns` naming each layer's."""
    hidden = config.size("hidden_size")
    return stack(
        tuple(zip(kinds or layer_types(config), ffns, strict=True)),
        lambda kind: layer(
            attend(config, kind[0], options), network(kind[1]), pre_norms(hidden) if around is None else around
        ),
    )


def pre_norms(hidden: int, bias: bool = False) -> tuple[Tensor, ...]:
    """A norm before the attention and one before the network."""
    return norms(hidden, *PRE, bias=bias)


PRE = ("input_layernorm", "post_attention_layernorm")
SANDWICH = ("input_layernorm", "post_attention_layernorm", "pre_feedforward_layernorm", "post_feedforward_layernorm")
"""Norms before and after both, as in Gemma-2."""


def architecture(
    config: Config,
    layers: Sequence[Layer],
    *,
    outside: tuple[Tensor, ...] | None = None,
    final_norm: tuple[Tensor, ...] | None = None,
    head_bias: bool = False,
    stored_only: tuple[Tensor, ...] = (),
    notes: tuple[str, ...] = (),
    tied: bool | None = None,
    outputs: int | None = None,
) -> Architecture:
    """`layers` between the embedding, the final norm (RMSNorm unless given) and the head, which may be tied.

    `outside` stands beside these three: learned positions, towers, projections. `outputs` are the tokens that the head
    knows, where they are fewer than the vocabulary.
    """
    hidden, vocab = config.size("hidden_size"), config.size("vocab_size")
    tie = config.flag("tie_word_embeddings") if tied is None else tied
    frame = (
        *embeddings.embedding(vocab, hidden),
        *(outside or ()),
        *(norm("norm", hidden) if final_norm is None else final_norm),
        *embeddings.head(outputs or vocab, hidden, tie, head_bias),
    )
    return framed(config, layers, frame, tied=tie, stored_only=stored_only, notes=notes)


def framed(
    config: Config,
    layers: Sequence[Layer],
    outside: tuple[Tensor, ...],
    *,
    tied: bool,
    stored_only: tuple[Tensor, ...] = (),
    notes: tuple[str, ...] = (),
) -> Architecture:
    """`layers` with all that stands outside of them given."""
    return Architecture(
        model_type=config.model_type,
        hidden_size=config.size("hidden_size"),
        vocab_size=config.size("vocab_size"),
        layers=tuple(layers),
        outside=outside,
        tied=tied,
        max_context=longest(config),
        dtype=dtype(config),
        state_dtype=state_dtype(config),
        quantization=config.mapping("quantization_config") or None,
        stored_only=stored_only,
        notes=notes,
    )


def dtype(config: Config) -> str | None:
    """Canonical dtype of the checkpoint, under either of its two keys."""
    from planner import units

    return units.dtype(config.get("dtype")) or units.dtype(config.get("torch_dtype"))


def state_dtype(config: Config) -> str | None:
    """Canonical dtype of recurrent states, under the key of Qwen3.5 or that of Nemotron-H."""
    from planner import units

    return units.dtype(config.get("mamba_ssm_dtype")) or units.dtype(config.get("mamba_ssm_cache_dtype"))


TEXT_KEYS = ("text_config", "language_config", "llm_config", "thinker_config")


def text_of(config: Config) -> Config | None:
    """The language model inside a wrapper, with what the wrapper decides for it; None where there is none."""
    for key in TEXT_KEYS:
        inner = config.nested(key)
        if inner is not None and (config.states(key) or not config.states("hidden_size")):
            tie = config.get("tie_word_embeddings") if config.states("tie_word_embeddings") else None
            return inner if tie is None else inner.with_values(tie_word_embeddings=tie)
    return None


def wrapped(
    config: Config, text: Architecture, towers: tuple[Tensor, ...], notes: tuple[str, ...] = ()
) -> Architecture:
    """A wrapper `config` around the language model `text`: its type, dtype and quantization, and `towers`."""
    return text._replace(
        model_type=config.model_type,
        outside=(*text.outside, *towers),
        dtype=dtype(config) or text.dtype,
        quantization=config.mapping("quantization_config") or text.quantization,
        notes=(*text.notes, *notes),
    )
