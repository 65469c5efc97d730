"""llama.cpp's start-up: the file's metadata and the buffers of each device (src/llama-model.cpp, llama-context.cpp).

Names of the functions in front of the lines changed with the years, the lines hardly: `llm_load_tensors:` is
`load_tensors:`, `llama_new_context_with_model:` is `llama_context:` or `sched_reserve:`.
"""

from __future__ import annotations

import os
import re

from planner.verify.facts import Fact, mib, true, whole, words
from planner.verify.measured import Measured
from planner.verify.start import Kind, Said, Start

_N = r"\d[\d.]{0,15}"
HOST = re.compile(r"CPU|\w{1,20}_Host|Host|BLAS", re.IGNORECASE)
"""Buffers in host memory: CPU, CPU_Mapped, CUDA_Host."""
_DEVICE = r"(?P<device>[A-Za-z]\w{0,30}(?:\[[^\]]{0,40}\])?)"
ON, OFF = frozenset({"1", "enabled", "on"}), frozenset({"0", "disabled", "off"})

MIX = "general.file_type.name"
"""Under which the name of the quantization is kept; the file itself has a number there."""

FACTS = (
    Fact("build", r"\bbuild: (?P<version>\d{1,6}) \(", {"version": words}, opens=True),
    Fact("compute capability", r"Device \d{1,2}: (?P<gpu>[^,]{1,80}), compute capability", {"gpu": words}),
    Fact("VRAM:", r"Device \d{1,2}: .{1,120}VRAM: (?P<total>\d{1,9}) MiB", {"total": mib}),
    Fact("using device", r"using device \w{1,20} \((?P<gpu>[^()]{1,80})\)", {"gpu": words}),
    Fact(
        "loaded meta data",
        r"key-value pairs and (?:\d{1,6}) tensors from (?P<model>.{1,500}?) \(version",
        {"model": words},
        opens=True,
    ),
    Fact(
        "- kv ",
        r"- kv +\d{1,4}: +(?P<metadata>[\w.]{1,100} +(?:[ui]\d{1,2}|str|arr\[\w+,\d{1,9}\]) += .{0,200})",
        {"metadata": words},
    ),
    Fact(" type ", r"(?:file type|model ftype) +(?::|=) (?P<mix>[^()]{1,60})", {"mix": words}),
    Fact("model ftype", r"model ftype +(?::|=) (?P<mix>[^()]{1,60})", {"mix": words}),
    Fact("n_vocab ", r"n_vocab +(?::|=) (?P<vocabulary>\d{1,9})", {"vocabulary": whole}),
    Fact("offloaded ", r"offloaded (?P<layers>\d{1,5})/\d{1,5} layers to GPU", {"layers": whole}),
    Fact("buffer size", rf"tensors: +{_DEVICE}(?: model)? buffer size += +(?P<weights>{_N}) MiB", {"weights": mib}),
    Fact("KV buffer size", rf"{_DEVICE} KV buffer size += +(?P<cache>{_N}) MiB", {"cache": mib}),
    Fact("RS buffer size", rf"{_DEVICE} RS buffer size += +(?P<cache>{_N}) MiB", {"cache": mib}),
    Fact("compute buffer size", rf"{_DEVICE} compute buffer size += +(?P<compute>{_N}) MiB", {"compute": mib}),
    Fact("n_ctx ", r"\bn_ctx +(?::|=) (?P<context>\d{1,12})", {"context": whole}),
    Fact("n_seq_max ", r"\bn_seq_max += (?P<sequences>\d{1,6})", {"sequences": whole}),
    Fact("n_ubatch ", r"\bn_ubatch += (?P<batch>\d{1,9})", {"batch": whole}),
    Fact("flash_attn ", r"\bflash_attn += (?P<flash>\w{1,10})", {"flash": words}),
    Fact("Flash Attention was auto", r"Flash Attention was auto, set to (?P<flash>\w{1,10})", {"flash": words}),
    Fact("K (", r"K \((?P<keys>\w{1,10})\): .{1,40}V \((?P<values>\w{1,10})\)", {"keys": words, "values": words}),
    Fact("out of memory", r"(?:cudaMalloc failed: |CUDA error: )out of memory.{0,120}", {"failure": words}),
    Fact("failed to allocate", r"failed to allocate .{0,40}buffer.{0,120}", {"failure": words}),
    Fact("server is listening", r"server is listening", {"started": true}),
    Fact("model loaded", r"\bmodel loaded\b", {"started": true}),
)  # fmt: skip

FIELDS = {"weights": "weights", "activation": "compute", "cache": "cache"}


def measured(start: Start) -> Measured:
    """The start-up as a record. Buffers of a device add up; the compute buffer is reserved anew and counts once."""
    for field in FIELDS.values():
        part(start, field)
    failure = start.text("failure") or ""
    model = start.text("model")
    places = start.places(FIELDS.values())
    return Measured(
        "llama.cpp",
        start.line,
        f"b{start.text('version')}" if start.text("version") else None,
        model=model,
        options=options(start, model),
        metadata=metadata(start),
        device=start.text("gpu"),
        devices=start.ranks("weights") or None,
        ranks=max(1, start.ranks("weights")),
        total=start.least("total") or None,
        weights=start.most("weights", "sum"),
        weights_all=_all(start),
        activation=start.most("compute"),
        cache=start.most("cache", "sum"),
        started=False if failure else True if "started" in start.said else None,
        failure=failure,
        lines={field: places[ours] for field, ours in FIELDS.items() if ours in places},
    )


def _all(start: Start) -> int | None:
    """Bytes of every buffer of weights, wherever it lies."""
    kept = [*start.said.get("weights", ()), *start.said.get("weights_host", ())]
    return sum(each.value for each in kept if isinstance(each.value, int)) or None


def part(start: Start, field: str) -> None:
    """Take what lies in host memory out of a field of buffers, into one of its own."""
    devices: list[Said] = []
    host: list[Said] = []
    for each in start.said.get(field, ()):
        (host if HOST.match(each.rank) else devices).append(each)
    start.said.pop(field, None)
    start.said |= {name: said for name, said in ((field, devices), (f"{field}_host", host)) if said}


def options(start: Start, model: str | None) -> dict[str, object]:
    """The arguments of `llama-server` that come to the same."""
    flash = (start.text("flash") or "").lower()
    said = {
        "model": model,
        "ctx_size": start.last("context"),
        "parallel": start.last("sequences"),
        "n_gpu_layers": start.last("layers"),
        "ubatch_size": start.last("batch"),
        "cache_type_k": start.text("keys"),
        "cache_type_v": start.text("values"),
        "flash_attn": True if flash in ON else False if flash in OFF else None,
    }
    return {name: value for name, value in said.items() if value is not None}


def metadata(start: Start) -> dict[str, object]:
    """The file's metadata: whole numbers and texts by key, of an array the number of its items."""
    found: dict[str, object] = {}
    for each in start.said.get("metadata", ()):
        key, kind, _, value = [*str(each.value).split(None, 3), "", ""][:4]
        many = re.fullmatch(r"arr\[\w+,(\d+)\]", kind)
        found[key] = int(many[1]) if many else value if kind == "str" else whole(value)
    for key, field in (("tokenizer.ggml.tokens", "vocabulary"), (MIX, "mix")):
        said = start.last(field)
        found |= {} if said is None else {key: said}
    return found


def stem(path: str) -> str:
    """The file's name: what the model is called."""
    return os.path.basename(path.replace("\\", "/"))


FIGURES = frozenset(("weights", "cache", "compute", "failure", "started"))
KIND = Kind("llama.cpp", FACTS, FIGURES, measured)
