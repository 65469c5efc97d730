"""Compare predictions for deployments with what engines printed at start, and print the tables of docs/accuracy.md.

`python scripts/measure_serving.py FOLDER [--worst N]` reads every *.jsonl file there, one start-up a line. Keys:
  engine, engine_version, model, gpu, gpu_count, tensor_parallel, pipeline_parallel, data_parallel, dtype, quantization,
  kv_cache_dtype, max_model_len (n_ctx of llama.cpp), gpu_memory_utilization, max_num_seqs, max_num_batched_tokens,
  enforce_eager, cpu_offload_gb, block_size, n_ubatch, flash_attn, cache_type_k, cache_type_v: as it was started
  outcome: starts, kv_too_small, oom_at_load, or anything else, which is passed over
  weights_gib, available_kv_gib, kv_tokens, kv_buffer_mib, compute_buffer_mib: as the log has them
  model_confirmed: false where the model was guessed from the log: such rows are left out
Whatever a line leaves out, or has as null, is not compared.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from planner import discover, pipeline
from planner.plan.types import Plan

GIB, MIB = 1 << 30, 1 << 20
Row = Mapping[str, Any]
STATED = {
    "max_model_len": "context", "n_ctx": "context", "gpu_memory_utilization": "memory_utilization",
    "kv_cache_dtype": "kv_cache_dtype", "tensor_parallel": "tensor_parallel",
    "pipeline_parallel": "pipeline_parallel", "data_parallel": "data_parallel",
}  # fmt: skip
OPTIONS = (
    "max_num_seqs", "max_num_batched_tokens", "enforce_eager", "cpu_offload_gb", "block_size", "n_ubatch", "flash_attn",
    "cache_type_k", "cache_type_v",
)  # fmt: skip
PROFILED, LLAMA_CPP = ("vllm", "sglang"), ("llama.cpp", "ollama")


class Miss(NamedTuple):
    """How far a figure is off, relative to what was measured, and of what start-up."""

    error: float
    what: str


def engine_of(row: Row) -> str:
    """The engine without its build: "llama.cpp (ollama 0.34.4)" is llama.cpp."""
    return str(row["engine"]).split()[0].removeprefix("ik_")


def version_of(row: Row) -> tuple[int, ...]:
    """The numbers that a version begins with; none of a date or of "V0"."""
    words = str(row.get("engine_version") or "").split()
    parts = words[0].replace("-", ".").split(".") if words and not words[0].startswith("20") else []
    return tuple(int(part) for part in parts if part.isdigit())


def config(row: Row) -> dict[str, Any]:
    """The start-up as a native config."""
    version = str(row.get("engine_version") or "").split()
    engine: dict[str, Any] = {"name": engine_of(row)}
    if version and version[0][0].isdigit() and engine["name"] in PROFILED:
        engine["version"] = version[0]
    count = max(row.get("gpu_count") or 1, (row.get("tensor_parallel") or 1) * (row.get("pipeline_parallel") or 1))
    deployment = {ours: row[theirs] for theirs, ours in STATED.items() if row.get(theirs) is not None}
    options = {key: row[key] for key in OPTIONS if row.get(key) is not None}
    hardware = {"accelerator": row.get("gpu") or "unknown", "count": count}
    if engine["name"] in LLAMA_CPP:
        hardware = {"memory": "80GB"}
    model = {key: row[source] for key, source in (("name", "model"), ("dtype", "dtype")) if row.get(source)}
    if row.get("quantization"):
        model["quantization"] = row["quantization"]
    return {
        "model": model,
        "deployment": {**deployment, "engine": engine, "engine_args": options, "hardware": hardware},
    }


def plans(rows: list[Row]) -> list[Plan | None]:
    """What planner says of each."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / f"{number}.yaml" for number in range(len(rows))]
        for path, row in zip(paths, rows, strict=True):
            path.write_text(json.dumps(config(row)), encoding="utf-8")
        report = pipeline.run(discover.find([str(path) for path in paths]), pipeline.Options())
        found = {Path(plan.workload.document.file).stem: plan for plan in report.plans}
    return [found.get(path.stem) for path in paths]


def ratio(predicted: float | None, measured: float | None) -> float | None:
    """Relative error; None where there is nothing to compare."""
    return predicted / measured - 1 if predicted and measured and measured > 0 else None


def weights(plan: Plan, row: Row) -> float | None:
    """Of the weights on one device."""
    size = plan.serving.per_device.weights if plan.serving else None
    return ratio(size, (row.get("weights_gib") or 0) * GIB)


def available(plan: Plan, row: Row) -> float | None:
    """Of the memory left for the cache; where it is more than 1 GiB, below which everything is noise."""
    left, measured = plan.serving.per_device.kv_available if plan.serving else None, row.get("available_kv_gib") or 0
    return ratio(left, measured * GIB) if measured > 1 else None


def tokens(plan: Plan, row: Row) -> float | None:
    """Of the size of the cache in tokens, from the config alone."""
    return ratio(plan.serving.kv_capacity_tokens if plan.serving else None, row.get("kv_tokens"))


def rate(plan: Plan, row: Row) -> float | None:
    """Of the tokens per byte of the cache."""
    all_tokens, left = tokens(plan, row), ratio(*_left(plan, row))
    return None if all_tokens is None or left is None or left <= -1 else (1 + all_tokens) / (1 + left) - 1


def _left(plan: Plan, row: Row) -> tuple[float | None, float]:
    left = plan.serving.per_device.kv_available if plan.serving else None
    return left if left and left > 0 else None, (row.get("available_kv_gib") or 0) * GIB


def cache_buffer(plan: Plan, row: Row) -> float | None:
    """Of llama.cpp's cache."""
    return ratio(plan.serving.per_device.kv_cache if plan.serving else None, (row.get("kv_buffer_mib") or 0) * MIB)


def compute_buffer(plan: Plan, row: Row) -> float | None:
    """Of llama.cpp's compute buffer."""
    size = plan.serving.per_device.activation if plan.serving else None
    return ratio(size, (row.get("compute_buffer_mib") or 0) * MIB)


def _sweep(row: Row) -> bool:
    return (0, 15) <= version_of(row) < (0, 20) and "H100" in str(row.get("gpu"))


def _old(row: Row) -> bool:
    return "V0" in str(row.get("engine_version")) or () < version_of(row) < (0, 8)


def _serves(row: Row) -> bool:
    return engine_of(row) in PROFILED


SLICES: tuple[tuple[str, Callable[[Row], bool]], ...] = (
    ("all", _serves),
    ("vLLM 0.15–0.19 on H100", lambda row: _serves(row) and _sweep(row)),
    ("vLLM up to 0.7, and V0 later", lambda row: _serves(row) and _old(row)),
    ("others", lambda row: _serves(row) and not _sweep(row) and not _old(row)),
)
LLAMA: tuple[tuple[str, Callable[[Row], bool]], ...] = (("all", lambda row: engine_of(row) in LLAMA_CPP),)
FIGURES = (
    ("weights per device", weights, SLICES),
    ("tokens per GiB of cache", rate, SLICES[:1]),
    ("memory left for the cache, from the config alone", available, SLICES),
    ("tokens of the cache, from the config alone", tokens, SLICES),
    ("size of the cache, llama.cpp and Ollama", cache_buffer, LLAMA),
    ("compute buffer, llama.cpp and Ollama", compute_buffer, LLAMA),
)


def line(name: str, group: str, misses: list[Miss]) -> str:
    """One row of the table of errors."""
    sizes = sorted(abs(miss.error) for miss in misses)
    median, tenth = sizes[len(sizes) // 2], sizes[min(len(sizes) - 1, int(0.9 * len(sizes)))]
    within = sum(size <= 0.005 for size in sizes) / len(sizes)
    return f"| {name} | {group} | {len(sizes)} | {100 * median:.2g} % | {100 * tenth:.2g} % | {100 * within:.0f} % |"


def verdicts(pairs: list[tuple[Plan, Row]]) -> Iterator[tuple[bool | None, bool, str]]:
    """(predicted, measured, what) of each start-up whose end is known."""
    for plan, row in pairs:
        if row.get("outcome") in ("starts", "kv_too_small", "oom_at_load") and row.get("max_model_len"):
            yield plan.serving.fits if plan.serving else None, row["outcome"] == "starts", called(row)


def called(row: Row) -> str:
    """A start-up in one line."""
    ranks = f" tp{row['tensor_parallel']}" if row.get("tensor_parallel") else ""
    return f"{row['model']}, {row.get('gpu')}{ranks}, {row['engine']} {row.get('engine_version')}"


def show(pairs: list[tuple[Plan, Row]], worst: int) -> None:
    """Print the tables."""
    print("| figure | rows | n | median | 90th percentile | within |\n|---|---|---|---|---|---|")
    largest: list[tuple[str, list[Miss]]] = []
    for name, measure, groups in FIGURES:
        found = [(row, Miss(error, called(row))) for plan, row in pairs if (error := measure(plan, row)) is not None]
        for at, (group, chosen) in enumerate(groups):
            misses = [miss for row, miss in found if chosen(row)]
            if misses:
                print(line("" if at else name, group, misses))
            if misses and not at:
                largest.append((name, sorted(misses, key=lambda miss: -abs(miss.error))[:worst]))
    judged = list(verdicts([pair for pair in pairs if _serves(pair[1])]))
    known = [(predicted, measured, what) for predicted, measured, what in judged if predicted is not None]
    right = sum(predicted == measured for predicted, measured, _ in known)
    print(f"| starts or not | all with a verdict | {len(known)} | {100 * right / max(1, len(known)):.0f} % right | | |")
    print(f"\nWithout a verdict: {len(judged) - len(known)}. Wrong:")
    for predicted, measured, what in known:
        if predicted != measured:
            print(f"- {what}: {'started' if measured else 'failed'}")
    for name, misses in largest:
        print(f"\nLargest errors, {name}:")
        for miss in misses:
            print(f"- {100 * miss.error:+.1f} % {miss.what}")


def main(argv: list[str] | None = None) -> int:
    """Read, predict, compare, print."""
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument(
        "--worst", type=int, default=8, metavar="N", help="of each figure, the rows that are furthest off"
    )
    asked = parser.parse_args(argv)
    lines = [text for path in sorted(asked.folder.glob("*.jsonl")) for text in path.read_text("utf-8").splitlines()]
    every = [json.loads(text) for text in lines if text.strip()]
    rows = [row for row in every if row.get("engine") and row.get("model") and row.get("model_confirmed") is not False]
    pairs = [(plan, row) for plan, row in zip(plans(rows), rows, strict=True) if plan is not None]
    print(f"{len(pairs)} start-ups of {len(every)}\n")
    show(pairs, asked.worst)
    return 0


if __name__ == "__main__":
    sys.exit(main())
