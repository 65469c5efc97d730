"""FIT010 to FIT012: what is said about a training step, at which level and field, and what must stay silent."""

from __future__ import annotations

from typing import Any

import pytest

import planner.rules.training
from planner.plan.types import Plan, TrainingMemory, TrainingPlan
from planner.rules.registry import RULES, Violation
from planner.source.document import Document
from planner.units import GIB
from planner.workload import Hardware, Training, Workload

DOCUMENT: Document = None  # type: ignore[assignment]  # rules never look at the text
CODES = ("FIT010", "FIT011", "FIT012")


def planned(
    fits: bool | None, basis: str, usable: int | None = 80, peak: int | None = 60, low: int | None = 30
) -> Plan:
    def size(gib: int | None) -> int | None:
        return None if gib is None else gib * GIB

    memory = TrainingMemory(
        size(usable),
        size(usable),
        15 * GIB,
        2 * GIB,
        4 * GIB,
        10 * GIB,
        28 * GIB,
        GIB,
        size(peak),
        size(low),
        "cross-entropy",
    )
    training = TrainingPlan("finetune", 1, memory, fits, basis, (), ("optimizer not stated: adamw",))
    hardware = Hardware("A100 80GB", 1, size(usable), size(usable))
    workload = Workload(DOCUMENT, "native", "w", None, None, Training(hardware=hardware))
    return Plan(workload, None, None, training, None)


def found(plan: Plan) -> list[tuple[str, str, Violation]]:
    checks = [(code, RULES[code]) for code in CODES]
    return [(code, rule.level, each) for code, rule in checks if rule.check for each in rule.check(plan)]


SILENT = [
    pytest.param({"fits": True, "basis": "predicted"}, id="it fits with room to spare"),
    pytest.param({"fits": True, "basis": "predicted", "peak": 71}, id="an eighth of it is free"),
    pytest.param({"fits": None, "basis": "unknown", "usable": None}, id="the memory is not known"),
    pytest.param({"fits": None, "basis": "unknown", "peak": None}, id="the activations are not known"),
]


@pytest.mark.parametrize("plan", SILENT)
def test_silent(plan: dict[str, Any]) -> None:
    assert found(planned(**plan)) == []


def test_without_a_training_plan_nothing_is_said() -> None:
    assert found(planned(True, "predicted")._replace(training=None)) == []


SAID = [
    pytest.param({"fits": False, "basis": "proved", "low": 90, "peak": 120}, "FIT010", "error", "training.hardware",
                 ["90.00 GiB", "80.00 GiB", "10.00 GiB too much"], id="states beyond the device are an error"),
    pytest.param({"fits": False, "basis": "predicted", "peak": 100}, "FIT011", "warning", "training.micro_batch_size",
                 ["100.00 GiB", "20.00 GiB too much", "logits", "assumed: optimizer not stated: adamw"],
                 id="a peak beyond the device is a warning with its phase and its assumptions"),
    pytest.param({"fits": False, "basis": "predicted", "peak": None}, "FIT011", "warning", "training.hardware",
                 ["states of training alone"], id="states beyond the device that rest on an assumption are a warning"),
    pytest.param({"fits": True, "basis": "predicted", "peak": 76}, "FIT012", "warning", "training.hardware",
                 ["4.00 GiB to spare"], id="less than a tenth to spare is a warning"),
]  # fmt: skip


@pytest.mark.parametrize(("plan", "code", "level", "field", "words"), SAID)
def test_said(plan: dict[str, Any], code: str, level: str, field: str, words: list[str]) -> None:
    ((said, at, violation),) = found(planned(**plan))
    assert (said, at, violation.field) == (code, level, field)
    assert all(word in violation.message for word in words)


def test_the_arithmetic_of_the_message_names_every_part() -> None:
    memory = planned(False, "predicted").training
    assert memory is not None
    text = planner.rules.training.working(memory.per_device)
    for part in ("weights", "gradients", "optimizer states", "activations", "logits", "runtime"):
        assert part in text
    assert text.endswith("= 60.00 GiB")
