"""The longest context that a model's positions reach."""

from __future__ import annotations

from collections.abc import Mapping

from planner.model.config import LARGEST, Config, ConfigError

KEYS = (
    "max_position_embeddings", "n_positions", "max_seq_len", "seq_length", "model_max_length", "max_target_positions",
    "max_sequence_length", "max_seq_length",
)  # fmt: skip
"""Where configs state it, in the order in which they are asked."""
UNCHANGED = ("default", "llama3", "longrope", "su", "mrope", "proportional")
"""Rope types whose max_position_embeddings is already the extended length."""


def longest(config: Config) -> int | None:
    """max_position_embeddings, times the factor of linear and dynamic rope; of YaRN, original length × factor.

    As vLLM derives max_model_len (vllm/config/model.py, _get_and_verify_max_len): Gemma-3 states the extended length,
    Command R's `model_max_length` wins.
    """
    keys = ("model_max_length", *KEYS) if config.model_type == "cohere" else KEYS
    stated = next((found for key in keys if (found := _length(config, key))), None)
    if stated is None or config.model_type.startswith("gemma3"):
        return stated
    return max(stated, *(_stretched(stated, rope) for rope in _ropes(config)), 0)


def _length(config: Config, key: str) -> int | None:
    """A length as the config itself states it: a class default says little of what a checkpoint can do.

    What is no length is left out, for a model can be counted without one.
    """
    try:
        return config.optional(key) if config.states(key) else None
    except ConfigError:
        return None


def _ropes(config: Config) -> list[Mapping[str, object]]:
    """Rope parameters, those of each kind of layer where kinds differ."""
    rope = config.mapping("rope_scaling") or config.mapping("rope_parameters")
    inner = [value for value in rope.values() if isinstance(value, Mapping)]
    return inner or [rope]


def _stretched(stated: int, rope: Mapping[str, object]) -> int:
    """What one set of rope parameters makes of the stated length."""
    kind, factor = rope.get("rope_type") or rope.get("type") or "default", _number(rope.get("factor"))
    if kind in UNCHANGED or factor < 1:
        return stated
    original = _number(rope.get("original_max_position_embeddings"))
    if kind == "yarn":
        return int(original * factor)
    return int(stated * factor)


def _number(value: object) -> float:
    """A plausible positive number; 0 for anything else."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return 0.0
    return float(value) if 0 < value <= LARGEST else 0.0
