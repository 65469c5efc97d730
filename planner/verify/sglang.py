"""SGLang's start-up: its `ServerArgs`, the weights, the pool (srt/model_executor/model_runner.py, srt/mem_cache).

Sizes called GB are GiB. It prints no total of the device's memory. A draft model loads after the model itself.
"""

from __future__ import annotations

from collections.abc import Mapping

from planner.verify.arguments import arguments
from planner.verify.facts import Fact, gib, true, whole, words
from planner.verify.measured import Measured
from planner.verify.start import Kind, Start

_N = r"-?\d[\d.]{0,15}"

MEANT = frozenset((
    "model_path", "quantization", "dtype", "kv_cache_dtype", "context_length", "mem_fraction_static", "tp_size",
    "pp_size", "dp_size", "ep_size", "enable_dp_attention", "chunked_prefill_size", "cuda_graph_max_bs",
    "max_running_requests", "max_total_tokens", "page_size", "cpu_offload_gb", "disable_cuda_graph", "device",
    "speculative_algorithm",
))  # fmt: skip
"""Of some 300 arguments, those that say something of memory."""

FACTS = (
    Fact("ServerArgs(", r"ServerArgs\((?P<given>.*)", {"given": arguments}, opens=True),
    Fact("sglang.version", r"sglang\.version[=: ]+(?P<version>\S{1,40})", {"version": words}),
    Fact("Load weight end", rf"mem usage=(?P<weights>{_N}) GB", {"weights": gib}),
    Fact(
        "KV Cache is allocated",
        rf"(?:#tokens: (?P<tokens>\d{{1,15}}), )?K size: (?P<keys>{_N}) GB, V size: (?P<rest>{_N}) GB",
        {"tokens": whole, "keys": gib, "rest": gib},
    ),
    Fact(
        "KV Cache is allocated",
        rf"#tokens: (?P<tokens>\d{{1,15}}), KV size: (?P<room>{_N}) GB",
        {"tokens": whole, "room": gib},
    ),
    Fact(
        "Mamba Cache is allocated",
        rf"conv_state size: (?P<columns>{_N}) ?GB, ssm_state size: (?P<states>{_N}) ?GB",
        {"columns": gib, "states": gib},
    ),
    Fact("max_total_num_tokens=", r"max_total_num_tokens=(?P<all_tokens>\d{1,15})", {"all_tokens": whole}),
    Fact("context_len=", r"max_total_num_tokens=.{1,200}context_len=(?P<context>\d{1,12})", {"context": whole}),
    Fact(" graph end", rf"(?i:cuda) graph end.{{1,80}}?mem usage=(?P<graph>{_N}) GB", {"graph": gib}),
    Fact("leave no GPU memory", r"Loaded weights leave no GPU memory.{0,200}", {"failure": words}),
    Fact("Not enough memory", r"Not enough memory\. Please try to increase --mem-fract.{0,80}", {"failure": words}),
    Fact("CUDA out of memory", r"CUDA out of memory.{0,200}", {"failure": words}),
    Fact("fired up and ready", r"The server is fired up", {"started": true}),
)  # fmt: skip

POOL = ("keys", "rest", "room", "columns", "states")
"""What the pool is made of: keys and values, or both in one, and the states of recurrent layers."""
FIELDS = {
    "weights": "weights", "graph": "graph", "cache_room": "room", "cache_tokens": "tokens",
}  # fmt: skip


def measured(start: Start) -> Measured:
    """The start-up as a record: of the model itself, not of a draft model loaded after it."""
    options = _options(start)
    failure = start.text("failure") or ""
    pool = [size for field in POOL if (size := start.most(field, "first")) is not None]
    tokens = start.most("tokens", "first") or start.least("all_tokens")
    places = start.places((*FIELDS.values(), "keys", "all_tokens"))
    lines = {field: places[ours] for field, ours in FIELDS.items() if ours in places}
    return Measured(
        "sglang",
        start.line,
        start.text("version"),
        model=_text(options.get("model_path")),
        options=options,
        ranks=max(1, start.ranks("weights")),
        weights=start.most("weights", "first"),
        graph=start.most("graph", "first"),
        cache_room=sum(pool) if pool else None,
        cache_tokens=tokens,
        started=False if failure else True if "started" in start.said else None,
        failure=failure,
        lines={"cache_room": places["keys"], **lines} if "keys" in places else lines,
        notes=("weights are the memory that loading took of what was free, by what SGLang prints",),
    )


def _options(start: Start) -> dict[str, object]:
    given, context = start.last("given"), start.last("context")
    found: dict[str, object] = {} if context is None else {"context_length": context}
    if isinstance(given, Mapping):
        found |= {name: value for name, value in given.items() if name in MEANT and value != "auto"}
    return found


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


KIND = Kind("sglang", FACTS, frozenset(("weights", "tokens", "failure", "started")), measured)
