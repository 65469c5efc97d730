"""Ollama's log: the command of its runner, the memory that its scheduler and its engine print (server.go, device.go).

What llama.cpp prints below it is more exact and counts first; `msg=offload` is an estimate made before loading.
"""

from __future__ import annotations

import shlex

from planner.verify import llama_cpp
from planner.verify.facts import Fact, size, true, whole, words
from planner.verify.measured import Measured
from planner.verify.start import Kind, Start

_SIZE = r"[\d.]{1,12} [KMGT]?i?B"
_OF = r"(?:device|buffer|backend)=(?P<device>\w{1,30})"
FLAGS = {
    "--model": "model", "--ctx-size": "ctx_size", "--parallel": "parallel", "--n-gpu-layers": "n_gpu_layers",
    "--batch-size": "ubatch_size", "--kv-cache-type": "cache_type_k",
}  # fmt: skip
"""Of the runner's, and llama.cpp's arguments that come to the same; its batch is the physical one."""

OWN = (
    Fact("routes.go", r"\(version (?P<release>[\d.]{1,20}\S{0,20})\)", {"release": words}),
    Fact("inference compute", r"(?:name|description)=\"(?P<gpu>[^\"]{1,80})\".{0,200}? total=\"", {"gpu": words}),
    Fact("inference compute", rf" total=\"(?P<total>{_SIZE})\"", {"total": size}),
    Fact('starting llama server"', r"cmd=\"(?P<command>[^\"]{1,2000})\"", {"command": words}, opens=True),
    Fact('starting runner"', r"msg=\"starting runner\"", {"runner": true}, opens=True),
    Fact("layers.offload=", r"layers\.offload=(?P<layers>\d{1,5})", {"layers": whole}),
    Fact("memory.required.kv", rf"memory\.required\.kv=\"(?P<cache_guess>{_SIZE})\"", {"cache_guess": size}),
    Fact("memory.weights.total", rf"memory\.weights\.total=\"(?P<weights_guess>{_SIZE})\"", {"weights_guess": size}),
    Fact("memory.graph.full", rf"memory\.graph\.full=\"(?P<compute_guess>{_SIZE})\"", {"compute_guess": size}),
    Fact('msg="model weights"', rf"{_OF} .{{0,80}}size=\"(?P<weights_said>{_SIZE})\"", {"weights_said": size}),
    Fact('msg="kv cache"', rf"{_OF} .{{0,80}}size=\"(?P<cache_said>{_SIZE})\"", {"cache_said": size}),
    Fact('msg="compute graph"', rf"{_OF} .{{0,80}}size=\"(?P<compute_said>{_SIZE})\"", {"compute_said": size}),
    Fact("KvSize:", r"KvSize:(?P<context>\d{1,12})", {"context": whole}),
    Fact("Parallel:", r"\bParallel:(?P<sequences>\d{1,6})", {"sequences": whole}),
    Fact("BatchSize:", r"\bBatchSize:(?P<batch>\d{1,9})", {"batch": whole}),
    Fact("FlashAttention:", r"\bFlashAttention:(?P<flash>\w{1,10})", {"flash": words}),
    Fact("KvCacheType:", r"\bKvCacheType:(?P<keys>\w{1,10}) ", {"keys": words}),
    Fact("llama runner started", r"llama runner started", {"started": true}),
)  # fmt: skip


def measured(start: Start) -> Measured:
    """The start-up as a record: llama.cpp's buffers, else what Ollama says it allocated, else its estimate."""
    runs = "command" in start.said or "runner" in start.said
    found = llama_cpp.measured(start)
    if not runs:
        return Measured("ollama", start.line)
    for field in ("weights_said", "cache_said", "compute_said"):
        llama_cpp.part(start, field)
    own = (found.weights, found.cache, found.activation)
    said = (start.most("weights_said"), start.most("cache_said"), start.most("compute_said"))
    guess = (start.most("weights_guess"), start.most("cache_guess"), start.most("compute_guess"))
    weights, cache, activation = next((known for known in (own, said) if any(known)), guess)
    model, options = _asked(start, found)
    return found._replace(
        kind="ollama",
        version=start.text("release"),
        model=model,
        options=options,
        total=start.least("total") or found.total,
        estimated=not any(own) and not any(said),
        weights=weights,
        cache=cache,
        activation=activation,
        lines=found.lines if any(own) else {},
    )


def _asked(start: Start, found: Measured) -> tuple[str | None, dict[str, object]]:
    """The model and the arguments of the runner's command, under what llama.cpp says of them."""
    options: dict[str, object] = {}
    words = _split(start.text("command") or "")
    for flag, value in zip(words, [*words[1:], ""], strict=False):
        if flag in FLAGS:
            options[FLAGS[flag]] = whole(value) if whole(value) is not None else value
        elif flag == "--flash-attn":
            options["flash_attn"] = True
    options |= {name: value for name, value in found.options.items() if value is not None}
    if "cache_type_k" in options:
        options.setdefault("cache_type_v", options["cache_type_k"])
    model = found.model or options.get("model")
    name = found.metadata.get("general.name")
    model = name if isinstance(model, str) and "/blobs/" in model.replace("\\", "/") else model
    options.pop("model", None)
    return (model, {**options, "model": model}) if isinstance(model, str) else (None, options)


def _split(command: str) -> list[str]:
    try:
        return shlex.split(command, posix="\\" not in command)
    except ValueError:
        return command.split()


FIGURES = llama_cpp.FIGURES | {"weights_said", "cache_said", "compute_said"}
BELOW = tuple(fact._replace(opens=False) for fact in llama_cpp.FACTS)
KIND = Kind("ollama", (*OWN, *BELOW), FIGURES, measured)
