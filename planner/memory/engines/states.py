"""In which dtype an engine keeps the states of recurrent layers: convolutions and what they feed apart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from planner.memo import by_identity
from planner.model.stack import kinds
from planner.record import NamedTuple
from planner.units import DTYPE_BITS, dtype

if TYPE_CHECKING:
    from planner.model.stack import Architecture, Layer, State

Version = tuple[int, ...] | None
NEMOTRON_SINCE, NEMOTRON_WIDE_SINCE = (0, 13), (0, 20)
"""vLLM follows the config of Nemotron-H, and falls back to float32 rather than float16 where it is silent."""
DELTA_SINCE = (0, 17)
"""vLLM knows a dtype for the memory of gated delta nets, and follows the config of Qwen3.5."""
ALIGNED_SINCE = (0, 26)
"""vLLM caches the prefixes of hybrid models unless told not to."""
EVERY_BLOCK = frozenset({"bamba", "falcon_h1", "granitemoehybrid", "jamba", "mamba", "mamba2", "nemotron_h", "zamba2"})
EVERY_BLOCK_UNTIL = (0, 29)
"""Families whose states vLLM kept at every block of a cached prefix (SupportsMambaPrefixCaching)."""


class Widths(NamedTuple):
    """Bytes of an element; None as in the model's dtype."""

    conv: int | None = None
    recurrent: int | None = None


@by_identity
def recurrent(architecture: Architecture | None) -> bool:
    """Whether some layer keeps a state."""
    return architecture is not None and any(layer.states for layer in kinds(architecture.layers))


@by_identity
def hybrid(architecture: Architecture | None) -> bool:
    """Whether some layers keep a state and some a cache."""
    cached = architecture is not None and any(layer.caches for layer in kinds(architecture.layers))
    return cached and recurrent(architecture)


def held(
    architecture: Architecture, engine: str | None, version: Version, options: Mapping[str, object]
) -> Architecture:
    """`architecture` with its states as `engine` keeps them; itself where that is in the model's dtype."""
    if not recurrent(architecture):
        return architecture
    found = widths(architecture, engine, version, options)
    return architecture if found == Widths() else _widened(architecture, found)


@by_identity
def _widened(architecture: Architecture, found: Widths) -> Architecture:
    changed: dict[int, Layer] = {}
    for layer in architecture.layers:
        if id(layer) not in changed:
            states = tuple(_kept(state, layer, found) for state in layer.states)
            changed[id(layer)] = layer._replace(states=states)
    return architecture._replace(layers=tuple(changed[id(layer)] for layer in architecture.layers))


def _kept(state: State, layer: Layer, found: Widths) -> State:
    """Lightning attention (`linear`) has one state, which goes with the convolutions of others."""
    own = found.conv if state.kind == "conv" or layer.mixer == "linear" else found.recurrent
    return state if state.bytes_each is not None else state._replace(bytes_each=own)


def widths(architecture: Architecture, engine: str | None, version: Version, options: Mapping[str, object]) -> Widths:
    """Bytes that `engine` gives an element of each kind of state."""
    if engine == "vllm":
        return _vllm(architecture, version, options)
    if engine == "sglang":
        stated = _bytes(options.get("mamba_ssm_dtype")) or _bytes(architecture.state_dtype)
        return Widths(2, stated or 4)
    return Widths(4, 4) if engine in ("llama.cpp", "ollama") else Widths()


def _vllm(architecture: Architecture, version: Version, options: Mapping[str, object]) -> Widths:
    """`mamba_cache_dtype` for all states, `mamba_ssm_cache_dtype` for what is no convolution, both of them "auto".

    vllm/model_executor/layers/mamba/mamba_utils.py (MambaStateDtypeCalculator) and models/config.py, which reads the
    model's config for two families.
    """
    conv, stated = _bytes(options.get("mamba_cache_dtype")), _bytes(options.get("mamba_ssm_cache_dtype"))
    kind = architecture.model_type
    if kind.startswith("kimi"):
        return Widths(conv, stated or 4)
    own = _bytes(architecture.state_dtype)
    if kind.startswith("nemotron_h") and _since(version, NEMOTRON_SINCE):
        return Widths(conv, stated or own or (4 if _since(version, NEMOTRON_WIDE_SINCE) else 2))
    delta = any(layer.mixer == "gated-delta" for layer in kinds(architecture.layers))
    if delta and not _since(version, DELTA_SINCE):
        return Widths(conv, conv)
    return Widths(conv, stated or (own if kind.startswith("qwen3_5") else None) or conv)


def pages_per_request(architecture: Architecture | None, version: Version, options: Mapping[str, object]) -> int:
    """Pages that the states of a request take in each layer: one; two where prefixes are cached; 0 for one a block.

    vllm/v1/kv_cache_interface.py, MambaSpec.max_memory_usage_bytes. Beside attention, prefixes are cached by default
    from 0.26 on (config/model.py, is_prefix_caching_supported); some families then kept the states of every block
    until 0.29 (models/config.py, MambaModelConfig: mode "all", else "align").
    """
    cached = options.get("enable_prefix_caching", hybrid(architecture) and _since(version, ALIGNED_SINCE))
    if cached is not True:
        return 1
    every = architecture is not None and architecture.model_type in EVERY_BLOCK
    return 0 if every and version is not None and version < EVERY_BLOCK_UNTIL else 2


def _since(version: Version, first: tuple[int, ...]) -> bool:
    return version is None or version >= first


def _bytes(stated: object) -> int | None:
    name = dtype(stated)
    return DTYPE_BITS[name] // 8 if name else None
