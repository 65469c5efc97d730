"""Clauses of the rules about training tokens: counts to three digits, since no law knows more."""

from __future__ import annotations

from planner.plan.types import ModelPlan, Plan, TokensPlan
from planner.scaling.compute import MFU
from planner.units import short

NOT_ADVICE = frozenset({"chinchilla", "kaplan"})
"""The headline itself, and the law that the others corrected."""
FEW_EPOCHS = 4
"""So many cost the run 7 % of its tokens' worth."""
WASTED_EPOCHS = 40
"""From here on another token is worth less than 8 % of a fresh one."""


def size_field(plan: Plan) -> str:
    """The field that gave the size."""
    stated = plan.workload.model
    if stated is not None and stated.active_parameters is not None:
        return "model.active_parameters"
    return "model.parameters" if stated is not None and stated.parameters is not None else "model"


def data_field(plan: Plan) -> str:
    """The field that makes the data repeat."""
    training = plan.workload.training
    stated = training is not None and training.unique_tokens is not None
    return "training.unique_tokens" if stated else "training.epochs"


def size(plan: Plan) -> str:
    """The parameters that count: "70B parameters", "37B active parameters"."""
    model = plan.model
    if model is None or not model.active:
        return "the model"
    mixture = model.total is not None and model.total != model.active
    return f"{short(model.active)} {'active ' if mixture else ''}parameters"


def count(tokens: TokensPlan) -> str:
    """The tokens: "300B tokens", or after the discount "161B effective tokens of 450B"."""
    if tokens.effective != tokens.planned:
        return f"{short(tokens.effective or 0)} effective tokens of {short(tokens.planned or 0)}"
    return f"{short(tokens.planned or 0)} tokens"


def ratio(tokens: TokensPlan, least: float | None) -> str:
    """Tokens per parameter against the laws, or against the `least` that the settings ask for."""
    wanted = "where about 20 train best" if least is None else f"where the settings ask for {least:g}"
    return f"{tokens.per_parameter or 0:.3g} a parameter {wanted}"


def cost(tokens: TokensPlan) -> str:
    """What the shortfall costs, the company that the worst cases are in, and how the tokens came about; each on its
    line."""
    lines = [""]
    if tokens.overhead is not None:
        lines.append(
            f"the same loss can be had with {1 - 1 / tokens.overhead:.0%} less compute (Besiroglu et al. 2024)"
        )
    if tokens.shortfall == 3:
        lines.append("GPT-3 had 1.7 tokens a parameter, Gopher 1.1")
    if tokens.shortfall > 1 and tokens.break_even_tokens is not None and tokens.break_even_tokens < 0:
        lines.append("no amount of serving pays for so large a model on so few tokens (Sardana et al. 2023)")
    if tokens.field != "training.tokens":
        lines.append(tokens.working)
    return "\n".join(lines)


def remedy(tokens: TokensPlan, model: ModelPlan, least: float | None) -> str:
    """The tokens for this model, as the settings want them or by the laws that still count, and the model for this
    compute."""
    if least is not None:
        return f"tokens {short(round(least * (model.active or 0)))}: {least:g} a parameter"
    if not (tokens.recommended and tokens.recommended_low and tokens.recommended_high and tokens.same_compute):
        return ""
    repeated = tokens.effective != tokens.planned
    span = f"{short(tokens.recommended_low)} to {short(tokens.recommended_high)}"
    laws = [f"{law} {short(answer)}" for law, answer in tokens.laws.items() if answer and law not in NOT_ADVICE]
    lines = [
        f"tokens {short(tokens.recommended)}{' of fresh data' if repeated else ''}: 20 a parameter, range {span}",
        f"by law: {', '.join(laws)}",
    ]
    if not repeated:
        parameters, best = tokens.same_compute
        lines.append(f"or, with the same compute, {short(parameters)} parameters on {short(best)} tokens")
    return "\n".join(lines)


def repetition(tokens: TokensPlan) -> str:
    """How often the data repeat and what that makes of them."""
    epochs, unique, planned = tokens.epochs or 0, short(tokens.unique or 0), short(tokens.planned or 0)
    worth = f"{planned} tokens train like {short(tokens.effective or 0)} fresh ones"
    wasted = ": the last passes are wasted" if epochs > WASTED_EPOCHS else ""
    return f"{epochs:.3g} epochs over {unique}: {worth}, and one more is worth {tokens.marginal_value or 0:.2g}{wasted}"


def repetition_remedy(tokens: TokensPlan, epochs: float) -> str:
    """The data that would make it `epochs`, and the best use of the data there are."""
    price = ", which cost 7 %" if epochs == FEW_EPOCHS else ""
    lines = [f"{short((tokens.planned or 0) / epochs)} different tokens would make it {epochs:g} epochs{price}"]
    if tokens.repeated_optimum and tokens.unique:
        parameters, best = tokens.repeated_optimum
        passes = f"{best / tokens.unique:.2g} epochs"
        lines.append(f"or, with the same compute and data, {short(parameters)} parameters for {passes} train best")
    return "\n".join(lines)


def unpaid(plan: Plan, tokens: TokensPlan, demand: int) -> str:
    """What overtraining costs and when it would pay off."""
    spent = f"{tokens.overhead or 1:.2g} × the compute of the optimum for the same loss"
    pays = (
        f"that pays off from about {short(tokens.break_even_tokens or 0)} served tokens, {short(demand)} are expected"
    )
    return f"{count(tokens)} for {size(plan)} take {spent}; {pays}"


def inference_remedy(tokens: TokensPlan) -> str:
    """The size and tokens that serve the demand at the least lifetime compute."""
    if tokens.inference_optimal is None:
        return ""
    parameters, best, _ = tokens.inference_optimal
    better = f"{short(parameters)} parameters on {short(best)} tokens"
    return f"for that demand {better} reach the same loss at the least compute of training and serving"


def duration(tokens: TokensPlan) -> str:
    """The utilization that the stated time takes, against what there has been."""
    taken = f"{tokens.flops or 0:.3g} FLOPs in that time take {tokens.implied_mfu or 0:.0%} of the devices' peak"
    if (tokens.implied_mfu or 0) > (tokens.mfu_limit or 0):
        return f"{taken}: above {tokens.mfu_limit:.0%} there has been no run; whole runs reach 20 to 45 %"
    return f"{taken}: most of the time is not spent on training; whole runs reach 20 to 45 %"


def duration_remedy(tokens: TokensPlan) -> str:
    """The time that whole runs take."""
    hours = tokens.gpu_hours or 0
    if tokens.implied_field == "training.days" and tokens.days is not None:
        devices = hours / 24 / tokens.days if tokens.days else 0
        return f"at {MFU:.0%} it takes {tokens.days:,.3g} days on {devices:,.0f} devices ({hours:,.0f} device hours)"
    return f"at {MFU:.0%} it takes {hours:,.0f} device hours"


def horizon(schedule: int, steps: int) -> str:
    """How a schedule misses its run."""
    if schedule > steps:
        return (
            f"the learning rate decays over {schedule:,} steps, the run ends after {steps:,}:"
            f" {steps / schedule:.0%} of the schedule, the rate never gets low"
        )
    return (
        f"the learning rate is at its end after {schedule:,} of {steps:,} steps:"
        f" {1 - schedule / steps:.0%} of the run learns at the lowest rate"
    )
