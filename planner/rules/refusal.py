"""Why an engine would not start, memory aside: what the rules say of a layout, a device or a context on its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner.plan.types import Plan
from planner.rules.config import context_beyond_model
from planner.rules.dtype import bfloat16_unsupported, float8_without_hardware
from planner.rules.parallel import heads_not_divisible
from planner.rules.quantization import quantization_unsupported
from planner.source.document import Document
from planner.workload import Workload

if TYPE_CHECKING:
    from planner.plan.types import ModelPlan
    from planner.workload import Model, Serving

CHECKS = (
    heads_not_divisible, context_beyond_model, quantization_unsupported, bfloat16_unsupported, float8_without_hardware,
)  # fmt: skip

NOWHERE = Document("<command line>", 0, {}, "", (-1, -1, 0, 0))


def refusal(model: Model, plan: ModelPlan, serving: Serving) -> str:
    """The message of the first rule that finds `serving` impossible; empty where none does. Advice does not count."""
    asked = Plan(Workload(NOWHERE, "native", "", model, serving), plan, None, None, None)
    for check in CHECKS:
        for violation in check(asked):
            emulated = check is bfloat16_unsupported and violation.level == "warning"
            if violation.level != "info" and not emulated:
                return violation.message
    return ""
