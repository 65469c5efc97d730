"""vLLM's start-up, 0.2 to 0.33: the arguments, the profile and the cache, in the words of each version.

The lines stand in vllm/worker/worker.py and vllm/executor (V0), vllm/v1/worker/gpu_worker.py, gpu_model_runner.py and
vllm/v1/core/kv_cache_utils.py (V1). Sizes called GB before 0.8 are GiB.
"""

from __future__ import annotations

from collections.abc import Mapping

from planner.verify.arguments import arguments
from planner.verify.facts import Fact, gib, number, room, true, whole, words
from planner.verify.measured import Measured
from planner.verify.start import Kind, Start

LARGEST_GRAPH = 512
"""Sequences up to which graphs of decoding are captured: below it, the largest is `max_num_seqs`."""
BLOCK = 16
"""Tokens of a block where the log does not say."""
PRINTED_SINCE = "0.4"
"""The version in "Initializing an LLM engine"; older ones do not print theirs."""
_N = r"-?\d[\d.]{0,15}"
_COUNT = r"\d[\d,]{0,20}"

CONFIG = {
    "model": "model", "dtype": "dtype", "max_seq_len": "max_model_len", "quantization": "quantization",
    "tensor_parallel_size": "tensor_parallel_size", "pipeline_parallel_size": "pipeline_parallel_size",
    "data_parallel_size": "data_parallel_size", "enforce_eager": "enforce_eager", "kv_cache_dtype": "kv_cache_dtype",
    "chunked_prefill_enabled": "enable_chunked_prefill", "enable_chunked_prefill": "enable_chunked_prefill",
}  # fmt: skip
"""What the engine prints of its config, and the arguments that say the same."""
FOREIGN = frozenset({"config", "model_tag", "tokenizer", "served_model_name", "api_key", "host", "port"})
"""Arguments that say nothing of memory; a config file's are among the others already."""

FACTS = (
    Fact("Automatically detected platform", r"detected platform", {}, opens=True),
    Fact("vLLM API server version", r"server version (?P<version>\S{1,60})", {"version": words}, opens=True),
    Fact("█  version", r"█  version (?P<version>\S{1,60})", {"version": words}, opens=True),
    Fact("non-default args:", r"non-default args: \{(?P<given>.*)", {"given": arguments}, opens=True),
    Fact(
        "LLM engine",
        r"Initializing an? (?P<engine>V\d )?LLM engine (?:\(v(?P<version>[^()\s]{1,60})\) )?with config: "
        r"(?:\w{1,40}\()?(?P<config>.*)",
        {"engine": words, "version": words, "config": arguments},
        opens=True,
    ),
    Fact("max model len", r"Using max model len (?P<context>\d{1,12})", {"context": whole}),
    Fact("max_num_batched_tokens=", r"max_num_batched_tokens=(?P<batched>\d{1,12})", {"batched": whole}),
    Fact(" took ", rf"(?:Model loading|Loading model weights) took (?P<weights>{_N}) Gi?B", {"weights": gib}),
    Fact(
        "model weights take",
        rf"model weights take\s+(?P<profiled>{_N})GiB(?:; non_torch_memory takes (?P<non_torch>{_N})GiB; PyTorch "
        rf"activation peak memory takes (?P<activation>{_N})GiB; the rest of the memory reserved for KV Cache is "
        rf"(?P<room>{_N})GiB)?",
        {"profiled": gib, "non_torch": gib, "activation": gib, "room": room},
    ),
    Fact("total_gpu_memory", rf"total_gpu_memory\s*[=(]?\s*(?P<total>{_N})GiB", {"total": gib}),
    Fact(
        "torch peak memory increase",
        rf"torch peak memory increase: (?P<activation>{_N})GiB; (?:non-torch forward increase memory: "
        rf"(?P<non_torch>{_N})GiB; )?(?:total consumed \(from mem_get_info\): (?P<consumed>{_N})GiB; )?"
        rf"weights memory: (?P<profiled>{_N})GiB",
        {"activation": gib, "non_torch": gib, "consumed": gib, "profiled": gib},
    ),
    Fact("non_torch_memory", rf"non_torch_memory[\s=]+(?P<non_torch>{_N})GiB", {"non_torch": gib}),
    Fact("activation peak memory", rf"activation peak memory\s+(?P<activation>{_N})GiB", {"activation": gib}),
    Fact("kv_cache_", rf"(?:available_kv_cache_memory\s+|kv_cache_size=)(?P<room>{_N})GiB", {"room": room}),
    Fact(
        "gpu_memory_utilization",
        rf"gpu_memory_utilization(?: \((?P<share>{_N})\)|[\s=]+(?P<share2>{_N}))(?: = (?P<budget>{_N})GiB)?",
        {"share": number, "share2": number, "budget": gib},
    ),
    Fact(
        "--gpu-memory-utilization=",
        rf"The current --gpu-memory-utilization=(?P<share>{_N}) is equivalent",
        {"share": number},
    ),
    Fact("Profiling CUDA graph memory", r"FULL=\d{1,4} \(largest=(?P<sequences>\d{1,6})\)", {"sequences": whole}),
    Fact("Available KV cache memory", rf"Available KV cache memory: (?P<room>{_N}) GiB", {"room": room}),
    Fact("KV cache size", rf"GPU KV cache size: (?P<tokens>{_COUNT}) tokens", {"tokens": whole}),
    Fact("blocks:", rf"# (?:GPU|CUDA|cuda) blocks: (?P<blocks>{_COUNT})", {"blocks": whole}),
    Fact(
        "aximum concurrency for",
        rf"Maximum concurrency for (?P<length>{_COUNT}) tokens per request: (?P<concurrency>{_N})x",
        {"length": whole, "concurrency": number},
    ),
    Fact("Estimated CUDA graph memory", rf"graph memory: (?P<estimate>{_N}) GiB", {"estimate": gib}),
    Fact("Graph capturing finished", rf"took (?P<graph>{_N}) Gi?B", {"graph": gib}),
    Fact(
        "Free memory on device",
        rf"Free memory on device (?:\S{{1,20}} )?\({_N}/(?P<total>{_N}) GiB\) on startup"
        rf".{{1,60}}GPU memory utilization (?:is )?\((?P<share>{_N}), (?P<budget>{_N}) GiB\)",
        {"total": gib, "share": number, "budget": gib},
    ),
    Fact("on startup is less than", r"Free memory on device .{1,300}", {"failure": words}),
    Fact(
        "Actual usage is",
        rf"Actual usage is {_N} GiB for weight.{{1,60}}?(?P<activation>{_N}) GiB for peak activation, "
        rf"(?:(?P<non_torch>{_N}) GiB for non-torch memory, )?and (?P<graph>{_N}) GiB for CUDAGraph",
        {"activation": gib, "non_torch": gib, "graph": gib},
    ),
    Fact(
        "for consumed memory",
        rf"Actual usage is (?P<consumed>{_N}) GiB for consumed.{{1,60}}?(?P<headroom>{_N}) GiB for peak activation, "
        rf"and (?P<graph>{_N}) GiB for CUDAGraph",
        {"consumed": gib, "headroom": gib, "graph": gib},
    ),
    Fact(
        "KV cache is needed",
        rf"(?:To serve at least one request with the \S{{1,10}} )?max seq len \((?P<length>\d{{1,12}})\), "
        rf"\(?(?P<request>{_N}) GiB KV cache is needed, which is larger than the available KV cache memory "
        rf"\((?P<room>{_N}) GiB\)+",
        {"length": whole, "request": gib, "room": room, "failure": words},
    ),
    Fact("estimated maximum model length", r"maximum model length is (?P<longest>\d{1,12})", {"longest": whole}),
    Fact(
        "can be stored in KV cache",
        r"max seq len \(\d{1,12}\) is larger than the maximum number of tokens that can be stored in KV cache "
        r"\((?P<tokens>\d{1,12})\)",
        {"tokens": whole, "failure": words},
    ),
    Fact("No available memory for the cache", r"No available memory for the cache blocks", {"failure": words}),
    Fact("CUDA out of memory", r"CUDA out of memory.{0,200}", {"failure": words}),
    Fact("Application startup complete", r"Application startup complete", {"started": true}),
    Fact("init engine (profile", r"init engine \(profile.{1,60}took", {"started": true}),
)  # fmt: skip
"""A later line says more: of a value that two of them hold, the last counts."""

FIELDS = {
    "weights": "weights", "consumed": "consumed", "activation": "activation", "headroom": "headroom",
    "non_torch": "non_torch", "graph": "graph", "cache_room": "room", "cache_tokens": "tokens",
    "concurrency": "concurrency", "request": "request", "longest": "longest", "total": "total",
}  # fmt: skip
"""Fields of the record and what they are called here."""


def measured(start: Start) -> Measured:
    """The start-up as a record."""
    options = _options(start)
    failure = start.text("failure") or ""
    version, at_most, notes = _version(start)
    places = start.places(FIELDS.values())
    return Measured(
        "vllm",
        start.line,
        version,
        at_most,
        model=_text(options.get("model")),
        options=options,
        ranks=max(1, start.ranks("weights")),
        total=start.least("total") or None,
        budget=start.least("budget"),
        weights=start.most("weights") or start.most("profiled"),
        consumed=start.most("consumed"),
        activation=start.most("activation"),
        headroom=start.most("headroom"),
        non_torch=start.most("non_torch"),
        graph=start.most("estimate") if "estimate" in start.said else start.most("graph"),
        cache_room=start.least("room"),
        cache_tokens=_tokens(start, options),
        concurrency=start.number("concurrency"),
        concurrency_context=start.least("length"),
        request=start.most("request"),
        longest=start.least("longest"),
        started=False if failure else True if "started" in start.said else None,
        failure=failure,
        lines={field: places[ours] for field, ours in FIELDS.items() if ours in places},
        notes=notes,
    )


def _version(start: Start) -> tuple[str | None, str | None, tuple[str, ...]]:
    """(as printed, at most, what is to be said of it)"""
    version = start.text("version")
    if version is None and "config" in start.said:
        return None, PRINTED_SINCE, (f"the log does not print vLLM's version, as those up to {PRINTED_SINCE} did not",)
    engine = start.text("engine")
    if engine == "V0" and version and not version.startswith(("0.5", "0.6", "0.7")):
        return version, None, ("the first engine (V0) ran; planner reckons with V1 in this version",)
    return version, None, ()


def _options(start: Start) -> dict[str, object]:
    """The arguments that were given, over what the engine made of them."""
    config, given = start.last("config"), start.last("given")
    found: dict[str, object] = {}
    if isinstance(config, Mapping):
        found = {CONFIG[name]: value for name, value in config.items() if name in CONFIG}
    for name, field in (("max_model_len", "context"), ("max_num_batched_tokens", "batched")):
        value = start.last(field)
        found |= {} if value is None else {name: value}
    sequences = start.least("sequences")
    found |= {"max_num_seqs": sequences} if sequences and sequences < LARGEST_GRAPH else {}
    share = start.last("share") or start.last("share2")
    found |= {} if share is None else {"gpu_memory_utilization": share}
    if isinstance(given, Mapping):
        known = {name: value for name, value in given.items() if name not in FOREIGN}
        found |= known if "model" in known or "model_tag" not in given else {**known, "model": given["model_tag"]}
    return found


def _tokens(start: Start, options: Mapping[str, object]) -> int | None:
    if "tokens" in start.said:
        return start.least("tokens")
    blocks, block = start.least("blocks"), options.get("block_size")
    return blocks * (block if isinstance(block, int) and 0 < block < 1 << 16 else BLOCK) if blocks else None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


KIND = Kind(
    "vllm", FACTS, frozenset(("weights", "profiled", "room", "tokens", "blocks", "failure", "started")), measured
)
