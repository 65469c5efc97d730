"""Training tokens: planned, recommended, by which laws, and what to make of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from planner.report import escape
from planner.report.layout import cells, flow
from planner.units import short

if TYPE_CHECKING:
    from planner.plan.types import TokensPlan
    from planner.report.style import Style

HISTORY = {"kaplan": " (history: the others corrected it)"}
WORTH_SAYING = 0.2
"""Share of attention in the FLOPs."""
_KINDS = {"ok": "good", "undertrained": "warning", "severely-undertrained": "error", "overtrained": "info"}

_WORDS = {"not-applicable": "not judged: no pre-training from scratch", "unknown": "not judged"}


def budget(tokens: TokensPlan, style: Style) -> Iterator[str]:
    """A compute budget, and the model and tokens on which each law would spend it."""
    yield f"{tokens.compute or 0:.3g} FLOPs" + _by(tokens.compute_working, f"{tokens.compute or 0:.3g} FLOPs")
    width = max(map(cells, tokens.allocations))
    for law, (parameters, planned) in tokens.allocations.items():
        ratio = f"{planned / parameters:,.1f} a parameter"
        best = f"{short(parameters):>6} parameters on {short(planned):>6} tokens"
        yield f"{escape.text(law):<{width}}  {best}, {ratio}{HISTORY.get(law, '')}"


def _by(working: str, already: str) -> str:
    return f" = {escape.text(working)}" if working not in ("", already) else ""


def lines(tokens: TokensPlan, style: Style) -> Iterator[str]:
    """What is planned, what the laws say, what it costs."""
    if tokens.planned is not None:
        yield _planned(tokens, style)
    if tokens.recommended is not None:
        yield _recommended(tokens)
        yield from _laws(tokens, style)
    if tokens.flops is not None:
        yield f"{tokens.flops:.2e} FLOPs{_overhead(tokens)}{_attention(tokens)}"
    if tokens.same_compute is not None:
        yield f"the same compute trains best: {_optimum(tokens.same_compute)}"
    if tokens.gpu_hours is not None:
        yield _hours(tokens)
    if tokens.implied_mfu is not None:
        yield f"the stated time implies {tokens.implied_mfu:.0%} model FLOPs utilization"
    if tokens.break_even_tokens is not None and tokens.break_even_tokens > 0:
        yield f"pays off once it serves {short(tokens.break_even_tokens)} tokens in its life"
    if tokens.inference_optimal is not None:
        *best, saving = tokens.inference_optimal
        yield f"least compute over its life: {_optimum(best)}, {100 * saving:.0f} % less"


def _planned(tokens: TokensPlan, style: Style) -> str:
    planned = short(tokens.planned or 0)
    stated = tokens.working in ("", f"{planned} tokens")
    facts = [f"planned {planned}{'' if stated else f' ({escape.text(tokens.working)})'}"]
    if tokens.effective is not None and tokens.effective != tokens.planned:
        facts.append(f"worth {short(tokens.effective)} after repetition")
    if tokens.per_parameter is not None:
        facts.append(f"{tokens.per_parameter:,.1f} per parameter")
    said = style.paint(_KINDS.get(tokens.verdict, "strong"), _WORDS.get(tokens.verdict, tokens.verdict))
    return f"{' · '.join(facts)} · {said}"


def _recommended(tokens: TokensPlan) -> str:
    around = ""
    if tokens.recommended_low is not None and tokens.recommended_high is not None:
        around = f" ({short(tokens.recommended_low)} to {short(tokens.recommended_high)})"
    return f"recommended {short(tokens.recommended or 0)}{around}, compute-optimal"


def _laws(tokens: TokensPlan, style: Style) -> Iterator[str]:
    said = [f"{escape.text(law)} {short(number)}" for law, number in tokens.laws.items() if number is not None]
    if said:
        yield from flow([f"by law: {said[0]}", *said[1:]], " · ", style.width)


def _optimum(optimum: Sequence[float]) -> str:
    return f"{short(optimum[0])} parameters on {short(optimum[1])} tokens"


def _hours(tokens: TokensPlan) -> str:
    around = ""
    if tokens.gpu_hours_low is not None and tokens.gpu_hours_high is not None:
        around = f" ({tokens.gpu_hours_low:,.0f} to {tokens.gpu_hours_high:,.0f})"
    days = f", {tokens.days:,.1f} days on the stated devices" if tokens.days is not None else ""
    price = f", {tokens.price:,.0f} at the stated price" if tokens.price is not None else ""
    return f"{tokens.gpu_hours or 0:,.0f} GPU-hours{around}{days}{price}"


def _attention(tokens: TokensPlan) -> str:
    """Said where it matters: 6·N·D leaves it out."""
    if tokens.attention_share is None or tokens.attention_share <= WORTH_SAYING:
        return ""
    return f" ({tokens.attention_share:.0%} of them attention over long sequences)"


def _overhead(tokens: TokensPlan) -> str:
    if tokens.overhead is None or tokens.overhead < 1.005:
        return ""
    return f", {100 * (tokens.overhead - 1):.0f} % more than a compute-optimal run of equal loss"
