"""Gemma 1 to 3 and VaultGemma."""

from __future__ import annotations

from planner.model.config import Config
from planner.model.families import common
from planner.model.families.llama import biased
from planner.model.parts.basic import norms
from planner.model.stack import Architecture


def gemma(config: Config) -> Architecture:
    """Gemma: heads of a size of their own, tied embeddings."""
    return common.architecture(config, common.dense(config, biased(config)))


def gemma2(config: Config) -> Architecture:
    """Gemma-2: every other layer slides, the first among them; norms before and after attention and network."""
    kinds = common.layer_types(config, common.every(2))
    around = norms(config.size("hidden_size"), *common.SANDWICH)
    return common.architecture(config, common.dense(config, biased(config), kinds=kinds, around=around))


def gemma3(config: Config) -> Architecture:
    """Gemma-3: five of six layers slide; norms of query and key heads."""
    pattern = config.size("sliding_window_pattern", config.size("_sliding_window_pattern", 6))
    kinds = common.layer_types(config, common.every(pattern))
    around = norms(config.size("hidden_size"), *common.SANDWICH)
    return common.architecture(config, common.dense(config, biased(config, "head"), kinds=kinds, around=around))


def vaultgemma(config: Config) -> Architecture:
    """VaultGemma: Gemma-2 without the norms after attention and network."""
    kinds = common.layer_types(config, common.every(2))
    around = norms(config.size("hidden_size"), "input_layernorm", "pre_feedforward_layernorm")
    return common.architecture(config, common.dense(config, biased(config), kinds=kinds, around=around))


FAMILIES = {"gemma": gemma, "gemma2": gemma2, "gemma3_text": gemma3, "vaultgemma": vaultgemma}
