"""Reading Hugging Face `config.json` keys: other names, nested configs, and the defaults of each model type.

A missing key is the type's default, an explicit null is a value of its own (DeepSeek-V2-Lite's `q_lora_rank: null`
means no compression of queries; the class default is 1536).
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from planner.model.defaults import record

LARGEST = 1 << 40
"""Above any size, count or length of a model."""
MOST_LAYERS = 10_000
DEEPEST = 5
"""Configs within configs; real ones have two."""

COMMON_ALIASES = {
    "hidden_size": ("n_embd", "d_model", "dim", "embed_dim", "model_dim"),
    "num_hidden_layers": ("n_layer", "n_layers", "num_layers"),
    "num_attention_heads": ("n_head", "n_heads", "num_heads"),
    "num_key_value_heads": (
        "num_kv_heads", "n_kv_heads", "n_head_kv", "n_kv_head", "num_query_groups", "n_query_groups",
    ),
    "intermediate_size": ("ffn_hidden_size", "ffn_dim", "d_ff", "n_inner", "hidden_dim"),
    "head_dim": ("kv_channels", "head_size", "d_head", "attention_head_dim"),
    "vocab_size": ("padded_vocab_size", "n_vocab"),
    "max_position_embeddings": (
        "n_positions", "max_seq_len", "seq_length", "context_length", "block_size", "n_ctx", "max_sequence_length",
    ),
}  # fmt: skip
"""Other names of the core keys, for decoders whose type says nothing about them."""


class ConfigError(ValueError):
    """A config that cannot describe a model: `key` is missing or nonsense."""

    def __init__(self, key: str, message: str) -> None:
        super().__init__(message)
        self.key = key


class Config:
    """The keys of one model, tower or text stack, with the defaults of its type. Methods raise only `ConfigError`."""

    __slots__ = ("_aliases", "_common", "_defaults", "_nested", "_values", "known", "model_type", "prefix")

    def __init__(self, values: Mapping[str, object], model_type: str | None = None, *, prefix: str = "") -> None:
        """`model_type` is for values that name none, `prefix` their place in the whole config ("text_config.")."""
        named = values.get("model_type")
        self.model_type: str = named if isinstance(named, str) else model_type or ""
        found = record(self.model_type)
        self.known: bool = found is not None
        """Whether there are defaults for this type."""
        self.prefix = prefix
        self._values = values
        self._defaults: Mapping[str, object] = found or {}
        self._common = not self.known
        self._nested = _mapping(self._defaults.get("nested"))
        self._aliases: dict[str, tuple[str, ...]] = {}
        for ours, theirs in _mapping(self._defaults.get("aliases")).items():
            self._aliases[ours] = (*self._aliases.get(ours, ()), str(theirs))
            self._aliases[str(theirs)] = (*self._aliases.get(str(theirs), ()), ours)

    def _names(self, key: str) -> tuple[str, ...]:
        """`key` and its other names in this type."""
        return (key, *self._aliases.get(key, ()), *(COMMON_ALIASES.get(key, ()) if self._common else ()))

    def states(self, key: str) -> bool:
        """Whether the config itself gives `key`, under any of its names, be it as null."""
        return any(name in self._values for name in self._names(key))

    def spelled(self, key: str) -> str:
        """The place of `key` in the whole config, under the name by which the config states it."""
        return self.prefix + next((name for name in self._names(key) if name in self._values), key)

    def get(self, key: str) -> object:
        """The value as stated, else the type's default, else None."""
        if key in self._values:
            return self._values[key]
        names = self._names(key)
        for source in (self._values, self._defaults):
            for name in names:
                if name in source:
                    return source[name]
        return None

    def error(self, key: str, message: str) -> ConfigError:
        """An error about `key`, placed in the whole config."""
        place = self.spelled(key)
        return ConfigError(place, f"{place} {message}")

    def optional(self, key: str, most: int = LARGEST) -> int | None:
        """A count ≥ 0, or None where it is null or missing."""
        value = self.get(key)
        return None if value is None else self._whole(key, value, most)

    def count(self, key: str, default: int = 0, most: int = LARGEST) -> int:
        """A count ≥ 0; `default` where it is null or missing."""
        found = self.optional(key, most)
        return default if found is None else found

    def size(self, key: str, default: int | None = None, most: int = LARGEST) -> int:
        """A count ≥ 1; `default` where it is null or missing."""
        found = self.optional(key, most)
        if found is None:
            found = default
        if found is None:
            raise self.error(key, "is missing")
        if found < 1:
            raise self.error(key, f"is {found}; it must be at least 1")
        return found

    def _whole(self, key: str, value: object, most: int) -> int:
        if isinstance(value, float) and math.isfinite(value) and value == int(value):
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.error(key, f"is {shown(value)}; it must be a whole number")
        if not 0 <= value <= most:
            raise self.error(key, f"is {shown(value)}; it must lie between 0 and {most:,}")
        return value

    def number(self, key: str, default: float) -> float:
        """A finite number ≥ 0; `default` where it is null or missing."""
        value = self.get(key)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= LARGEST:
            raise self.error(key, f"is {shown(value)}; it must be a number between 0 and {LARGEST:,}")
        return float(value)

    def flag(self, key: str, default: bool = False) -> bool:
        """A boolean; `default` where it is null or missing."""
        value = self.get(key)
        if value is None:
            return default
        if not isinstance(value, (bool, int)):
            raise self.error(key, f"is {shown(value)}; it must be true or false")
        return bool(value)

    def word(self, key: str, default: str = "") -> str:
        """A string; `default` where it is null or missing."""
        value = self.get(key)
        if value is None:
            return default
        if not isinstance(value, str):
            raise self.error(key, f"is {shown(value)}; it must be a string")
        return value

    def list(self, key: str) -> tuple[object, ...] | None:
        """The entries of a list, or None where it is null or missing."""
        value = self.get(key)
        if value is None:
            return None
        if not isinstance(value, (list, tuple)) or len(value) > MOST_LAYERS:
            raise self.error(key, f"is {shown(value)}; it must be a list of at most {MOST_LAYERS:,} entries")
        return tuple(value)

    def counts(self, key: str) -> tuple[int, ...] | None:
        """A list of counts ≥ 0, or None where it is null or missing."""
        entries = self.list(key)
        return None if entries is None else tuple(self._whole(key, entry, LARGEST) for entry in entries)

    def words(self, key: str) -> tuple[str, ...] | None:
        """A list of strings, or None where it is null or missing."""
        entries = self.list(key)
        if entries is None:
            return None
        for entry in entries:
            if not isinstance(entry, str):
                raise self.error(key, f"holds {shown(entry)}; its entries must be strings")
        return tuple(str(entry) for entry in entries)

    def mapping(self, key: str) -> Mapping[str, object]:
        """A mapping as it stands; empty where it is null, missing or something else."""
        return _mapping(self.get(key))

    def nested(self, key: str, model_type: str | None = None) -> Config | None:
        """The config under `key`; with the type's own values where there is none; None where neither exists.

        `model_type` is the type that it has if neither it nor the outer type names one.
        """
        value, own = self._values.get(key), _mapping(self._nested.get(key))
        if value is not None and not isinstance(value, Mapping):
            raise self.error(key, f"is {shown(value)}; it must be a mapping")
        if value is None and not own:
            return None
        if self.prefix.count(".") >= DEEPEST:
            raise self.error(key, "is nested too deeply")
        kind = str(own.get("model_type") or model_type or "")
        values = own if value is None else {str(name): entry for name, entry in value.items()}
        if kind and record(str(values.get("model_type"))) is None:
            values = {**values, "model_type": kind}
        return Config(values, prefix=f"{self.prefix}{key}.")

    def with_values(self, **values: object) -> Config:
        """The same config with further values stated."""
        return Config({**self._values, **values}, self.model_type, prefix=self.prefix)

    def as_type(self, model_type: str) -> Config:
        """The same keys read with the names and defaults of another type."""
        return Config({**self._values, "model_type": model_type}, prefix=self.prefix)

    def layers(self) -> int:
        """`num_hidden_layers`."""
        return self.size("num_hidden_layers", most=MOST_LAYERS)


def _mapping(value: object) -> Mapping[str, object]:
    return {str(key): entry for key, entry in value.items()} if isinstance(value, Mapping) else {}


def shown(value: object) -> str:
    """`value` in a sentence: scalars as they are written, of all else only what it is."""
    if isinstance(value, (Mapping, list, tuple)):
        return "a mapping" if isinstance(value, Mapping) else "a list"
    if value is None or isinstance(value, bool):
        return "null" if value is None else str(value).lower()
    if isinstance(value, float) and not math.isfinite(value):
        return str(value).replace("inf", ".inf").replace("nan", ".nan")
    text = repr(value) if not isinstance(value, int) or abs(value) < LARGEST**4 else "a number beyond reason"
    return text if len(text) <= 40 else f"{text[:37]}…"
