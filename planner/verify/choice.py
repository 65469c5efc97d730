"""Which plan of a config a log is of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from planner.plan.types import Plan
    from planner.verify.measured import Measured

SAME = {"ollama": "llama.cpp", "llama.cpp": "ollama"}
"""Engines that print each other's lines."""


class NoPlanError(ValueError):
    """No plan, or more than one, is what the log is of; the message says what would decide."""


def choose(plans: Sequence[Plan], measured: Measured, document: int | None, model: str | None) -> Plan:
    """The plan that a log is of: of its kind, of that document, of that model, else of the model that the log names.

    Raises `NoPlanError`.
    """
    found = [plan for plan in plans if _of_kind(plan, measured)]
    if not found:
        raise NoPlanError(f"no {_wanted(measured)} in it{_kinds(plans)}")
    if document is not None:
        found = [plan for plan in found if plan.workload.document.index == document]
        if not found:
            raise NoPlanError(f"its document {document} holds no {_wanted(measured)}")
    named = model or measured.model
    same = [plan for plan in found if named and _is_called(plan, named)]
    if model and not same:
        raise NoPlanError(f"no {_wanted(measured)} of {model} in it: {_listed(found)}")
    found = same or found
    if len(found) > 1:
        raise NoPlanError(f"{len(found)} plans can be meant: {_listed(found)}; choose with --document or --model")
    return found[0]


def _of_kind(plan: Plan, measured: Measured) -> bool:
    if measured.kind == "pytorch":
        return plan.workload.training is not None
    stated = plan.workload.serving
    if stated is None:
        return False
    return stated.engine is None or stated.engine.name in (measured.kind, SAME.get(measured.kind))


def _wanted(measured: Measured) -> str:
    return "training run" if measured.kind == "pytorch" else f"deployment with {measured.kind}"


def _kinds(plans: Sequence[Plan]) -> str:
    engines = {plan.workload.serving.engine.name for plan in plans
               if plan.workload.serving and plan.workload.serving.engine}  # fmt: skip
    return f" (it deploys {', '.join(sorted(engines))})" if engines else ""


def _is_called(plan: Plan, name: str) -> bool:
    model = plan.workload.model
    known = (plan.workload.name, model.name if model else None, plan.model.name if plan.model else None)
    return bare(name) in {bare(each) for each in known if each}


def bare(name: str) -> str:
    """A model's name without the organisation, a folder and case: two names of one mostly differ in these."""
    return name.replace("\\", "/").rstrip("/").rpartition("/")[2].lower()


def _listed(plans: Sequence[Plan]) -> str:
    """For people: "0 a, 1 b"."""
    return ", ".join(f"{plan.workload.document.index} {plan.workload.name}" for plan in plans[:20])
