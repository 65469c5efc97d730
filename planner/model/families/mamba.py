"""Mamba, Falcon-Mamba and Mamba-2: stacks of state-space layers without attention or feed-forward networks."""

from __future__ import annotations

from planner.model.config import Config
from planner.model.families import common
from planner.model.families.hybrid import time_step_rank
from planner.model.parts import embeddings
from planner.model.parts.basic import norm
from planner.model.parts.layer import Mixer, layer, stack
from planner.model.parts.recurrent_mamba import Mamba, Mamba2
from planner.model.parts.recurrent_mamba import mamba as mamba_mixer
from planner.model.parts.recurrent_mamba import mamba2 as mamba2_mixer
from planner.model.stack import Architecture


def pure(config: Config, mixer: Mixer) -> Architecture:
    """One norm and one mixer in each layer; no position, so no longest context."""
    hidden, vocab, tied = config.size("hidden_size"), config.size("vocab_size"), config.flag("tie_word_embeddings")
    layers = stack(("mamba",) * config.layers(), lambda kind: layer(mixer, norms=norm("norm", hidden)))
    frame = (
        *embeddings.embedding(vocab, hidden, "embeddings"),
        *norm("norm_f", hidden),
        *embeddings.head(vocab, hidden, tied),
    )
    return common.framed(config, layers, frame, tied=tied)


def mamba(config: Config) -> Architecture:
    """Mamba; Falcon-Mamba's norms on time step, B and C have no parameters."""
    hidden = config.size("hidden_size")
    shape = Mamba(
        inner=int(config.number("expand", 2.0) * hidden),
        size=config.size("state_size"),
        kernel=config.size("conv_kernel"),
        rank=time_step_rank(config, "time_step_rank"),
        bias=config.flag("use_bias"),
        conv_bias=config.flag("use_conv_bias", True),
    )
    return pure(config, mamba_mixer(hidden, shape))


def mamba2(config: Config) -> Architecture:
    """Mamba-2."""
    hidden = config.size("hidden_size")
    shape = Mamba2(
        inner=int(config.number("expand", 2.0) * hidden),
        size=config.size("state_size"),
        kernel=config.size("conv_kernel"),
        heads=config.size("num_heads"),
        groups=config.size("n_groups"),
        bias=config.flag("use_bias"),
        conv_bias=config.flag("use_conv_bias", True),
    )
    return pure(config, mamba2_mixer(hidden, shape))


FAMILIES = {"mamba": mamba, "falcon_mamba": mamba, "mamba2": mamba2}
