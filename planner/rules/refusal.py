"""Why an engine would not start, memory aside: what the rules say of a layout, a device or a context on its own."""

from __future__ import annotations

from collections.abc import Sequence

from planner.memo import by_identity
from planner.model.quantization.scheme import Scheme
from planner.plan.types import ModelPlan, Plan
from planner.rules.config import context_beyond_model
from planner.rules.dtype import bfloat16_unsupported, float8_without_hardware
from planner.rules.parallel import heads_not_divisible
from planner.rules.quantization import quantization_unsupported
from planner.rules.registry import Check
from planner.source.document import Document
from planner.workload import Engine, Hardware, Model, Quantization, Serving, Workload

OF_SHAPE = (heads_not_divisible, context_beyond_model)
OF_FORM = (quantization_unsupported, bfloat16_unsupported, float8_without_hardware)

NOWHERE = Document("<command line>", 0, {}, "", (-1, -1, 0, 0))


def refusal(model: Model, plan: ModelPlan, serving: Serving) -> str:
    """The message of the first rule that finds `serving` impossible; empty where none does. Advice does not count."""
    quantized, scheme = model.quantization, plan.scheme
    shaped = serving.tensor_parallel is not None or serving.context is not None
    return (_first(OF_SHAPE, model, plan, serving) if shaped else "") or _of_form(
        serving.hardware,
        serving.engine,
        model.dtype,
        quantized.method if quantized else None,
        scheme.method if scheme else None,
    )


@by_identity
def _of_form(
    hardware: Hardware | None, engine: Engine | None, dtype: str | None, asked: str | None, method: str | None
) -> str:
    """The same of all models in one form on such a device: of `dtype`, or quantized as `asked` and loaded by `method`."""
    model = Model(dtype=dtype, quantization=Quantization(asked) if asked else None)
    scheme = Scheme(method, "", None) if method else None
    plan = ModelPlan(None, "", None, None, None, None, dtype, None, None, None, scheme=scheme)
    return _first(OF_FORM, model, plan, Serving(engine, hardware=hardware))


def _first(checks: Sequence[Check], model: Model, plan: ModelPlan, serving: Serving) -> str:
    asked = Plan(Workload(NOWHERE, "native", "", model, serving), plan, None, None, None)
    for check in checks:
        for violation in check(asked):
            emulated = check is bfloat16_unsupported and violation.level == "warning"
            if violation.level != "info" and not emulated:
                return violation.message
    return ""
