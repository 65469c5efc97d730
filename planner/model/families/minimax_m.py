"""MiniMax-M2, and MiniMax-M3 without its vision tower."""

from __future__ import annotations

from planner.model.config import Config
from planner.model.families import common, minimax, mixtures
from planner.model.families.experts import everywhere, local
from planner.model.parts.attention import Options
from planner.model.stack import Architecture


def minimax_m2(config: Config) -> Architecture:
    """MiniMax-M2: norms of all queries and all keys together."""
    network = mixtures.network(config, local(config))
    return common.architecture(config, common.sparse(config, everywhere(config), network, Options(norm="heads")))


def minimax_m3(config: Config) -> Architecture:
    """MiniMax-M3 in one flat config, under a type of its own."""
    return minimax.minimax_m3(config.as_type("minimax_m3_vl_text"))._replace(model_type=config.model_type)


FAMILIES = {"minimax_m2": minimax_m2, "minimax_m3": minimax_m3}
