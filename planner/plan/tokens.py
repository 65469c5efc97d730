"""A run's training tokens: how many are planned and recommended, what they cost, whether they are too few."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from planner.plan.token_budget import Budget, budget, within_reason
from planner.plan.types import TokensPlan
from planner.workload import NotChecked

if TYPE_CHECKING:
    from planner.plan.types import ModelPlan
    from planner.workload import Model, Training, Workload

PRETRAIN, OTHER, UNKNOWN = "pretrain", "other", "unknown"
"""What a run is, as far as tokens per parameter go."""
FROM_SCRATCH = 0.05
"""Tokens per parameter from which a run of unstated stage is read as pre-training. Fine-tuning uses 0.0001 to 0.01."""
FROM_SCRATCH_PUBLISHED = 18
"""The same for a published checkpoint, which fewer tokens would rather continue."""

LATER_STAGE = (
    r"(?i)(?<![a-z])(chat|instruct|sft|dpo|rlhf|lora)|fine-?_?tun|(phase|stage)[-_ ]?[2-9]|continu|anneal|mid-?_?train"
)
"""Names of runs that go on from a trained model."""

Answer = tuple[TokensPlan | None, tuple[NotChecked, ...]]


def tokens_plan(workload: Workload, model: ModelPlan | None) -> Answer:
    """The tokens of `workload`. Only pre-training from scratch is judged; a bare model gets the recommendation."""
    size = _size(model)
    if workload.training is None:
        return (_advised(_empty(), model, size, None) if size else None), ()
    training = within_reason(workload.training)
    found = budget(training, full_sequences=_fills_sequences(training))
    plan = _budgeted(_planned(found), training, model, size)
    kind, note = _kind(training, workload.model, plan.planned, size)
    if kind == PRETRAIN and training.stage is None and _named_otherwise(workload):
        kind, note = UNKNOWN, ()
    plan = _costed(plan._replace(assumptions=(*plan.assumptions, *note)), training, model, size)
    if kind == OTHER:
        return plan, ()
    plan = _advised(plan, model, size, training.lifetime_inference_tokens)._replace(verdict="unknown")
    if plan.planned is None:
        if workload.model is None and plan.allocations:
            return plan, ()
        because = f"the number of training tokens is not known: {found.lacks}"
        return plan, (NotChecked("tokens", because, _mend(workload, found.mend), found.field),)
    if kind == UNKNOWN:
        mend = "add `stage: pretrain`, or `stage: finetune`: only pre-training from scratch is judged"
        because = "the stage of training is not stated"
        return plan, (NotChecked("tokens", because, _mend(workload, mend), "training"),)
    return _judged(plan, workload, training, model)


def _mend(workload: Workload, mend: str) -> str:
    """`mend` in the words of the config's own format."""
    if workload.format == "native":
        return mend
    from planner.plan.training_words import mended

    return mended(workload.format, mend)


def _empty() -> TokensPlan:
    return TokensPlan(None, None, None, None, None, None, {}, None, None, "not-applicable")


def _planned(found: Budget) -> TokensPlan:
    return _empty()._replace(
        planned=found.tokens,
        epochs=found.epochs,
        unique=found.unique,
        working=found.working,
        field=found.field,
        contradictions=found.contradictions,
        assumptions=found.assumptions,
    )


def _budgeted(plan: TokensPlan, training: Training, model: ModelPlan | None, size: int | None) -> TokensPlan:
    """`plan` with the run's budget of compute, its use by the laws, and the tokens that it pays for."""
    timed = plan.planned is None and (training.days or training.gpu_hours)
    if not (training.compute or timed) or training.stage not in (None, "pretrain") or _adapts(training):
        return plan
    from planner.plan import compute_budget

    plan = compute_budget.allocated(plan, training)
    if model is None or size is None:
        return plan
    return compute_budget.filled(plan, training, model, size)


def _size(model: ModelPlan | None) -> int | None:
    """Parameters that a token passes through, as far as the laws reach."""
    from planner.scaling import LARGEST

    size = (model.active or model.total) if model else None
    return size if size and 0 < size <= LARGEST else None


def _adapts(training: Training) -> bool:
    return training.method in ("lora", "qlora") or training.lora is not None


def _fills_sequences(training: Training) -> bool:
    """Whether sequences are filled to their length, as pre-training does and fine-tuning need not."""
    return not _adapts(training) and training.stage in (None, "pretrain", "continued-pretrain")


def _kind(training: Training, model: Model | None, tokens: int | None, size: int | None) -> tuple[str, tuple[str, ...]]:
    """(what the run is, what was assumed for it)."""
    if _adapts(training) or training.stage not in (None, "pretrain"):
        return OTHER, ()
    if training.stage == "pretrain":
        return PRETRAIN, ()
    published = model is not None and (model.source == "catalogue" or model.folder is not None)
    least = FROM_SCRATCH_PUBLISHED if published else FROM_SCRATCH
    if tokens is None or size is None or tokens < least * size:
        return UNKNOWN, ()
    return PRETRAIN, ("stage not stated: judged as pre-training from scratch",)


def _named_otherwise(workload: Workload) -> bool:
    """Whether the run or its file is called after a later stage."""
    file = workload.document.file.replace("\\", "/").rpartition("/")[2] if workload.document else ""
    return any(re.search(LATER_STAGE, text) for text in (file, workload.name))


def _advised(plan: TokensPlan, model: ModelPlan | None, size: int | None, demand: int | None) -> TokensPlan:
    if model is None or size is None:
        return plan
    from planner.plan.token_verdict import advised

    return advised(plan, size, model.total, demand)


def _costed(plan: TokensPlan, training: Training, model: ModelPlan | None, size: int | None) -> TokensPlan:
    """`plan` with its cost; that of an adapter's run, which skips the gradients of the weights, is not known."""
    if model is None or size is None or _adapts(training):
        return plan
    from planner.plan.training_cost import costed

    return costed(plan, training, model, size)


def _judged(plan: TokensPlan, workload: Workload, training: Training, model: ModelPlan | None) -> Answer:
    """`plan` of a pre-training run with known tokens, judged if the model's size is known."""
    from planner.plan import token_verdict

    plan, size = token_verdict.discounted(plan), _size(model)
    if size is None:
        beyond = NotChecked(
            "tokens", "the size is beyond what any law covers", "write `parameters: 7B`", "model.parameters"
        )
        return plan, (beyond,) if model is not None else ()
    plan = plan._replace(mixture_doubt=token_verdict.mixture_doubt(workload.model))
    judged = token_verdict.judged(plan, size, training)
    if plan.mixture_doubt and judged.shortfall:
        because = f"{plan.mixture_doubt}: too few tokens for these may be enough for the active ones"
        return plan, (NotChecked("tokens", because, "add `active_parameters: 3B`", "model.parameters"),)
    return judged, ()
