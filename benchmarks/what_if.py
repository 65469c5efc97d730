"""Combinations per second of `planner what-if`, and CPU time as a ratio to the floor `python -c "import click, yaml"`.

    python benchmarks/what_if.py [--runs 3] [--rows 100000]

Four grids: many contexts and sequences on few layouts, the three contexts that people ask for, one, and one of many
forms, most of them GGUF mixes, on one device. A single plan of the same deployments stands beside them. Garbage is
collected as seldom as by the command. Prints medians; asserts nothing.
"""

from __future__ import annotations

import argparse
import gc
import os
import statistics
import time
from itertools import islice
from pathlib import Path
from sys import executable, path

path.insert(0, str(Path(__file__).parent))

from startup import cpu_seconds

from planner.catalog import accelerators, models
from planner.formats import by_query
from planner.plan import make_plan
from planner.plan.what_if import Devices, Grid, Variant, combinations, variants
from planner.record import NamedTuple
from planner.rules.refusal import NOWHERE, refusal
from planner.workload import Engine, Model, Serving, Workload

FORMS = ("none", "fp8", "awq")
MIXES = (
    "q2_k", "q3_k_s", "q3_k_m", "q3_k_l", "q4_0", "q4_k_s", "q4_k_m", "q5_0", "q5_k_s", "q5_k_m", "q6_k", "q8_0",
    "iq1_m", "iq2_xs", "iq3_xxs", "iq3_m", "iq4_xs",
)  # fmt: skip


class Asked(NamedTuple):
    """A grid without its models."""

    contexts: tuple[int, ...]
    many: tuple[int, ...] = (1,)
    counts: tuple[int, ...] = (1, 2, 4, 8)
    forms: tuple[str, ...] = FORMS


GRIDS = {
    "6 contexts × 4 sequences": Asked((2048, 4096, 8192, 32_768, 65_536, 131_072), (1, 4, 16, 64)),
    "3 contexts": Asked((8192, 32_768, 131_072)),
    "1 context": Asked((8192,)),
    "1 context, 20 forms, 1 device": Asked((8192,), counts=(1,), forms=FORMS + MIXES),
}
VLLM = Engine("vllm")


def kinds(counts: tuple[int, ...]) -> tuple[Devices, ...]:
    """The common accelerators, so many of them."""
    return tuple(Devices(*by_query.devices(label, counts)) for label, _ in accelerators.COMMON)


def models_for(rows: int, each: int) -> list[Model]:
    """As many models of the catalogue as make `rows` combinations, `each` of them so many."""
    known = (row for row in models.all() if row.config is not None and "quantization_config" not in row.config)
    return [Model(row.id, row.config, "catalogue") for row in islice(known, max(1, round(rows / each)))]


def ask(found: list[Model], devices: tuple[Devices, ...], asked: Asked) -> int:
    """Work out every combination, from the models on; how many there are."""
    forms: list[Variant] = [form for model in found for form in variants(model, asked.forms, "vllm")]
    return sum(1 for _ in combinations(Grid(tuple(forms), devices, asked.contexts, asked.many, VLLM), refusal))


def plans(found: list[Model], devices: tuple[Devices, ...], number: int) -> int:
    """The same, deployment by deployment."""
    done = 0
    for model in found:
        for kind in devices:
            if done < number:
                hardware = kind.hardware._replace(count=1)
                serving = Serving(engine=VLLM, context=8192, tensor_parallel=1, hardware=hardware)
                make_plan(Workload(NOWHERE, "native", "", model, serving))
                done += 1
    return done


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--rows", type=int, default=100_000)
    args = parser.parse_args()
    gc.set_threshold(100_000, 20, 20)
    floor = statistics.median(cpu_seconds([executable, "-c", "import click, yaml"]) for _ in range(10))
    print(f"CPU, median of {args.runs}; load {os.getloadavg()[0]:.1f}; floor (import click, yaml) {floor:.3f} s\n")
    for name, asked in GRIDS.items():
        devices = kinds(asked.counts)
        each = len(devices) * len(asked.counts) * len(asked.contexts) * len(asked.many) * len(asked.forms)
        found = models_for(args.rows, each)
        seconds, rows = [], 0
        for _ in range(args.runs):
            begin = time.process_time()
            rows = ask(found, devices, asked)
            seconds.append(time.process_time() - begin)
        report(f"what-if, {name}", rows, statistics.median(seconds), floor)
    begin = time.process_time()
    rows = plans(models_for(2000, 1), kinds((1,)), 2000)
    report("planner.plan.make_plan, each", rows, time.process_time() - begin, floor)


def report(name: str, rows: int, seconds: float, floor: float) -> None:
    each, rate = 1e6 * seconds / rows, rows / seconds
    print(
        f"{name:40} {rows:8,} in {seconds:6.2f} s  {each:7.1f} µs each  {rate:9,.0f} /s  {seconds / floor:6.1f} × floor"
    )


if __name__ == "__main__":
    main()
