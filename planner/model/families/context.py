"""The longest context that a model's positions reach."""

from __future__ import annotations

from planner.model.config import Config

UNCHANGED = ("default", "llama3", "longrope", "su", "mrope", "proportional")
"""Rope types whose max_position_embeddings is already the extended length."""


def longest(config: Config) -> int | None:
    """max_position_embeddings, times the factor of linear and dynamic rope; of YaRN, original length × factor.

    As vLLM derives max_model_len (vllm/config/model.py, _get_and_verify_max_len); Gemma-3 states the extended length.
    """
    stated = config.optional("max_position_embeddings")
    rope = config.mapping("rope_scaling") or config.mapping("rope_parameters")
    kind, factor = rope.get("rope_type") or rope.get("type") or "default", rope.get("factor")
    if stated is None or kind in UNCHANGED or config.model_type.startswith("gemma3"):
        return stated
    if isinstance(factor, bool) or not isinstance(factor, (int, float)) or not 1 <= factor <= 1 << 20:
        return stated
    original = rope.get("original_max_position_embeddings")
    if (
        kind == "yarn"
        and isinstance(original, (int, float))
        and not isinstance(original, bool)
        and 0 < original <= 1 << 40
    ):
        return max(stated, int(original * factor))
    return stated if kind == "yarn" else int(stated * factor)
