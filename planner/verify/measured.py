"""What a log says: plain values in bytes, tokens and counts; None where it does not say."""

from __future__ import annotations

from collections.abc import Mapping

from planner.record import NamedTuple


class Measured(NamedTuple):
    """One start-up. Of several ranks the fullest counts, of their room for the cache the smallest."""

    kind: str
    """vllm, sglang, llama.cpp, ollama or pytorch."""
    line: int
    """Where the start-up begins, from 1."""
    version: str | None = None
    version_at_most: str | None = None
    """Where the log does not print it, but in words of that version or older ones."""
    model: str | None = None
    """As the log names it: of the Hub, a path, a GGUF file."""
    options: Mapping[str, object] = {}
    """The engine's own arguments, underscored."""
    metadata: Mapping[str, object] = {}
    """A GGUF file's, as llama.cpp prints them."""
    device: str | None = None
    """Name of the accelerator."""
    devices: int | None = None
    """That the engine found."""
    starts: int = 1
    """Start-ups in the log; this is the last."""
    ranks: int = 1
    """Processes or devices that told of their weights."""
    total: int | None = None
    """Bytes of a device as its driver reports them."""
    budget: int | None = None
    """Of which the engine may use these."""
    weights: int | None = None
    weights_all: int | None = None
    """On all devices and in host memory."""
    consumed: int | None = None
    """Weights and what is not torch's, where these are told together."""
    activation: int | None = None
    """Peak of activations; of llama.cpp, the compute buffer."""
    headroom: int | None = None
    """Peak of activations and the graphs that are expected, where these are told together (vLLM from 0.27 on)."""
    non_torch: int | None = None
    graph: int | None = None
    """CUDA graphs, as the engine counts them against its budget, else as they came out."""
    cache: int | None = None
    """The KV cache with its states, where the engine allocates what it is asked for."""
    cache_room: int | None = None
    """The same where it takes what is left. May be negative."""
    cache_tokens: int | None = None
    concurrency: float | None = None
    """Sequences of `concurrency_context` tokens that the cache holds."""
    concurrency_context: int | None = None
    request: int | None = None
    """Bytes of cache that one request at the full context would have needed."""
    longest: int | None = None
    """Longest context that the engine says would fit."""
    peak: int | None = None
    """Most that PyTorch had allocated in a run that went on."""
    reserved: int | None = None
    """Most that it had reserved of the device: allocated, and kept for what comes."""
    refused: int | None = None
    """Allocated and asked for when an allocation failed: the peak would have been at least this."""
    estimated: bool = False
    """The engine's own estimate rather than what it allocated."""
    started: bool | None = None
    failure: str = ""
    """Why it did not start, in its own words."""
    lines: Mapping[str, int] = {}
    """Where each value stands."""
    notes: tuple[str, ...] = ()


FIGURES = (
    "weights", "weights_all", "consumed", "activation", "headroom", "non_torch", "graph", "cache", "cache_room",
    "cache_tokens", "concurrency", "request", "longest", "peak", "reserved", "refused",
)  # fmt: skip
"""Fields of which one makes a log worth comparing."""


def tells(measured: Measured) -> bool:
    """Whether there is anything to compare."""
    return bool(measured.failure) or any(getattr(measured, field) is not None for field in FIGURES)
