"""What a serving engine takes of a device beside weights and KV cache: one module per engine."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from functools import lru_cache
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

from planner.memory.engines.states import recurrent, widths
from planner.record import NamedTuple

if TYPE_CHECKING:
    from planner.memory.pages import Paging
    from planner.model.quantization import Scheme
    from planner.model.stack import Architecture

GIB = 1 << 30


class Shape(NamedTuple):
    """What activations depend on."""

    hidden_size: int
    vocab_size: int
    ffn_width: int
    """Widest dense feed-forward network."""
    expert_width: int = 0
    experts_per_token: int = 0


class Setup(NamedTuple):
    """How the engine is run."""

    version: tuple[int, ...] | None
    """None: the newest known."""
    shape: Shape | None
    """None where only the model's size is known."""
    context: int | None
    concurrency: int
    dtype_bytes: int
    """Of activations."""
    tensor_parallel: int
    pipeline_parallel: int
    device_bytes: int | None
    """What the driver reports of one device."""
    device_name: str | None
    utilization: float | None
    """As stated; None = the engine's default."""
    options: Mapping[str, object]
    """The engine's own options, underscored."""
    architecture: Architecture | None = None
    dtype: str = "bfloat16"
    """Of the weights, canonical."""
    scheme: Scheme | None = None
    """What the quantization does to each tensor."""
    rotary_elements: int = 0
    """Of the tables of rotary positions."""
    link: str | None = None
    """How the devices are connected: "NVLink4", "NVLink bridge", "Infinity Fabric"."""
    compute_capability: tuple[int, int] | None = None
    vendor: str | None = None
    """nvidia, amd, intel …; None where the device is not known."""
    weights_bytes: int | None = None
    """On one device."""


class Demand(NamedTuple):
    """What the engine does with one device, in bytes."""

    share: float
    """Of the device's memory that weights, cache and the rest below must fit in."""
    activation: int
    runtime: int
    """Context, communication buffers, workspaces, where the engine counts them."""
    graph: int
    """CUDA graphs, where the engine counts them."""
    paged: bool = True
    """Sequences beyond the cache wait; False where all of them must be held."""
    offload: int = 0
    """Bytes of weights per device that live in host memory."""
    notes: tuple[str, ...] = ()
    """Defaults that were used, and whose they are."""
    paging: Paging | None = None
    """How the cache is laid out; None for exactly what its tokens take."""
    cache_bytes: int | None = None
    """Size of the cache where the engine is told it."""
    cache_blocks: int | None = None
    """The same in blocks."""
    cache_tokens: int | None = None
    """The same in tokens, where that is the most it may be."""
    cache_share: float = 1.0
    """Of what the rest leaves free."""
    beyond: int = 0
    """Bytes that the engine takes outside its share, at least."""


MODULES = {
    "vllm": "planner.memory.engines.vllm",
    "sglang": "planner.memory.engines.sglang",
    "tgi": "planner.memory.engines.tgi",
    "llama.cpp": "planner.memory.engines.llama_cpp",
    "ollama": "planner.memory.engines.llama_cpp",
    "tensorrt-llm": "planner.memory.engines.tensorrt_llm",
}
"""Engines with a module of their own; the others are taken as a plain process."""


LOADERS = frozenset({"vllm", "sglang"})
"""Engines that load weights as `loading` says; of the others it is not known."""

UNIFIED = ("gb10", "spark", "jetson", "orin", "thor", "strix", "ryzen ai", "apple")
"""Words in the names of devices that share their memory with the system."""


def demand(engine: str | None, setup: Setup) -> Demand:
    """What `engine` takes of a device when run as `setup` says."""
    found: Demand = _module(engine).demand(setup)
    notes = (_unified(setup.device_name), _states(engine, setup))
    return found._replace(notes=(*found.notes, *(note for note in notes if note)))


def device_kind(engine: str | None, setup: Setup) -> Hashable:
    """All that `demand` goes by of the device in `setup`, to which version and tensor parallelism alone add.

    Setups that agree in it, and in all but the device, have the same demand.
    """
    kind = getattr(_module(engine), "device_kind", None)
    return kind and kind(setup), _unified(setup.device_name)


@lru_cache(maxsize=16)
def _module(engine: str | None) -> ModuleType:
    return import_module(MODULES.get(engine or "", "planner.memory.engines.plain"))


@lru_cache(maxsize=256)
def _unified(device: str | None) -> str:
    shared = any(word in (device or "").lower() for word in UNIFIED)
    return "unified memory: what the system holds of it is not counted" if shared else ""


def _states(engine: str | None, setup: Setup) -> str:
    if setup.architecture is None or not recurrent(setup.architecture):
        return ""
    wide = widths(setup.architecture, engine, setup.version, setup.options).recurrent == 4 and setup.dtype_bytes == 2
    return f"recurrent states in float32, as {engine} keeps those of this model" if wide else ""


def loaded_bytes(engine: str | None, setup: Setup) -> int:
    """Bytes that the weights take of a device beyond the checkpoint's tensors once they are loaded, on any device."""
    if engine not in LOADERS:
        return 0
    from planner.memory.engines.loading import extra_bytes

    return extra_bytes(setup)


def forward_bytes(tokens: int, shape: Shape, dtype_bytes: int, tensor_parallel: int = 1) -> int:
    """Peak activations of one forward pass over `tokens` tokens, in bytes.

    tokens × dtype × (3 × FFN width / TP + 4.25 × hidden), fitted to 59 start-ups of vLLM on H100, mean error 0.04 GiB.
    """
    width = 3 * shape.ffn_width // max(1, tensor_parallel) + 4.25 * shape.hidden_size
    return int(tokens * dtype_bytes * width)


@lru_cache(maxsize=256)
def number(engine: str, version: tuple[int, ...] | None, key: str) -> float:
    """The engine's default of `key` as the catalogue has it."""
    from planner.catalog.engines import default

    found = default(engine, version, key)
    if found is None or not isinstance(found[0], (int, float)):
        raise LookupError(f"no default of {engine}'s {key}")
    return float(found[0])


def whole(value: object) -> int | None:
    """A count ≥ 1 as an option states it, in digits or as a number; None otherwise."""
    if isinstance(value, str) and value.isdecimal() and len(value) < 16:
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 1 << 50 else None


def gibibytes(value: object) -> int:
    """Bytes of an option given in GiB; 0 where it states none."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value < 1 << 20:
        return 0
    return int(value * GIB)
