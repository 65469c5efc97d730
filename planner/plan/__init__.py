"""Workload → plan: every number that the rules and the reports need, computed once."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

from planner.plan.types import ModelPlan, Plan, ServingPlan

if TYPE_CHECKING:
    from planner.workload import Model, NotChecked, Workload


def make_plan(workload: Workload, *, fixes: bool = False) -> Plan:
    """Work `workload` out. With `fixes`, what would fit is found for every deployment, else for those that do not."""
    from planner.plan.model import model_plan

    missing: list[NotChecked] = list(workload.not_checked)
    model: ModelPlan | None = None
    if workload.model is not None:
        engine = workload.serving.engine if workload.serving else None
        model, unknown = model_plan(workload.model, engine.name if engine else None)
        if model is not None and (named := _named(workload)):
            model = model._replace(notes=(*named, *model.notes))
        missing += unknown if not any(item.what == "model" for item in workload.not_checked) else ()
    serving = None
    if workload.model is not None and model is not None:
        serving, unknown = _serving(workload, workload.model, model, fixes)
        missing += unknown
    tokens = None
    if workload.training is not None or (fixes and model is not None):
        from planner.plan.tokens import tokens_plan

        tokens, unknown = tokens_plan(workload, model)
        missing += unknown
    training = None
    if workload.training is not None:
        from planner.plan.training import training_plan

        training, unknown = training_plan(workload, model)
        missing += unknown
    return Plan(workload, model, serving, training, tokens, tuple(missing))


def _serving(
    workload: Workload, model: Model, resolved: ModelPlan, fixes: bool
) -> tuple[ServingPlan | None, tuple[NotChecked, ...]]:
    """The deployment; of a bare model, where all is asked for, what its cache takes."""
    if workload.serving is None and (workload.training is not None or not fixes):
        return None, ()
    from planner.plan import serving
    from planner.workload import Serving

    if workload.serving is None:
        return serving.work_out(serving.case(Serving(), resolved)), ()
    case = serving.case(workload.serving, resolved)
    layout = serving.Layout(case)
    plan = serving.work_out(case, layout)
    if (fixes or plan.fits is False) and plan.per_device.usable is not None:
        from planner.plan.fixes import lighter, limits, longest_that_fits
        from planner.plan.serving_words import words

        plan = plan._replace(max_context_that_fits=longest_that_fits(case, layout, layout.room(case)))
        spelled = words(workload.format, case.engine)
        found = [*limits(case, plan, spelled), *(lighter(case, model, spelled) if plan.fits is False else ())]
        plan = plan._replace(fixes=tuple(found))
    least = plan.needed_bytes or plan.per_device.weights
    stated = workload.serving.hardware
    if least is not None and (stated is None or (stated.memory is None and stated.name is None)):
        from planner.catalog.accelerators import fitting

        plan = plan._replace(accelerators_that_fit=tuple(row.name for row in fitting(least)[:5]))
    return plan, serving.not_checked(case, workload.serving, workload.format == "native")


def _named(workload: Workload) -> tuple[str, ...]:
    """What was assumed of the model because of its name: "read as X quantized with awq, 4 bit: from the name"."""
    for field in ("model.architecture", "model.parameters"):
        origin = workload.origins.get(field)
        if origin is not None and origin.kind == "catalogue":
            return tuple(filter(None, (origin.note.partition("; ")[2],)))
    return ()


class _Callable(ModuleType):
    """This package, which is also the `planner.plan` of the Python API."""

    def __call__(self, *paths: Any, **asked: Any) -> Any:
        from planner.api import plan

        return plan(*paths, **asked)


sys.modules[__name__].__class__ = _Callable
