"""What hybrids of attention and recurrence share: the names of their layers, and Mamba mixers read from keys."""

from __future__ import annotations

import math
from collections.abc import Callable

from planner.model.config import Config
from planner.model.families import common
from planner.model.parts.layer import Mixer
from planner.model.parts.recurrent_mamba import Mamba, Mamba2, mamba, mamba2

LINEAR = "linear_attention"
HYBRID = "hybrid"

OLDER_NAMES = {"mamba": LINEAR, "mamba2": LINEAR, "recurrent": LINEAR, "attention": common.FULL}
"""As older configs call the layers."""


def kinds(config: Config, default: Callable[[int], str], key: str = "layer_types") -> tuple[str, ...]:
    """The kind of each layer under its newer name."""
    return tuple(OLDER_NAMES.get(kind, kind) for kind in common.layer_types(config, default, key))


def periodic(period: int, offset: int = -1) -> Callable[[int], str]:
    """Linear attention but for one layer in `period`: the last of each group, or the one at `offset`."""
    return lambda index: common.FULL if index % period == offset % period else LINEAR


def together(kind: str, *mixers: Mixer) -> Mixer:
    """Mixers that work side by side in one layer; the attention among them gives the heads."""
    heads = next((mixer for mixer in mixers if mixer.query_heads), mixers[0])
    return heads._replace(
        kind=kind,
        tensors=tuple(tensor for mixer in mixers for tensor in mixer.tensors),
        caches=tuple(cache for mixer in mixers for cache in mixer.caches),
        states=tuple(state for mixer in mixers for state in mixer.states),
    )


def time_step_rank(config: Config, key: str) -> int:
    """Rank of the time steps; "auto" is hidden / 16, rounded up (Mamba's default)."""
    stated = config.get(key)
    return math.ceil(config.size("hidden_size") / 16) if stated in (None, "auto") else config.size(key)


def mamba_mixer(config: Config, prefix: str = "mamba", normed: bool = False) -> Mixer:
    """Mamba under the keys that hybrids give it ("mamba_d_state" …)."""
    hidden = config.size("hidden_size")
    shape = Mamba(
        inner=int(config.number("mamba_expand", 2.0) * hidden),
        size=config.size("mamba_d_state", 16),
        kernel=config.size("mamba_d_conv", 4),
        rank=time_step_rank(config, "mamba_dt_rank"),
        bias=config.flag("mamba_proj_bias"),
        conv_bias=config.flag("mamba_conv_bias", True),
        normed=normed,
    )
    return mamba(hidden, shape, prefix)


def mamba2_mixer(config: Config, inner: int | None = None, normed: bool = True, out_bias: bool | None = None) -> Mixer:
    """Mamba-2 under the keys that hybrids give it; `inner` where it is not expand × hidden size."""
    hidden = config.size("hidden_size")
    shape = Mamba2(
        inner=int(config.number("mamba_expand", 2.0) * hidden) if inner is None else inner,
        size=config.size("mamba_d_state", 128),
        kernel=config.size("mamba_d_conv", 4),
        heads=config.size("mamba_n_heads"),
        groups=config.size("mamba_n_groups", 1),
        bias=config.flag("mamba_proj_bias"),
        out_bias=out_bias,
        conv_bias=config.flag("mamba_conv_bias", True),
        normed=normed,
    )
    return mamba2(hidden, shape, "mamba")
