"""The tokens section of `planner plan`'s JSON."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from planner.plan.types import TokensPlan


def tokens_object(tokens: TokensPlan) -> dict[str, object]:
    """Training tokens under the names of the schema."""
    return {
        "planned": tokens.planned,
        "effective": tokens.effective,
        "per_parameter": tokens.per_parameter,
        "recommended": tokens.recommended,
        "recommended_low": tokens.recommended_low,
        "recommended_high": tokens.recommended_high,
        "laws": dict(tokens.laws),
        "flops": _whole(tokens.flops),
        "gpu_hours": tokens.gpu_hours,
        "gpu_hours_low": tokens.gpu_hours_low,
        "gpu_hours_high": tokens.gpu_hours_high,
        "days": tokens.days,
        "verdict": tokens.verdict,
        "epochs": tokens.epochs,
        "unique": tokens.unique,
        "working": tokens.working or None,
        "overhead": tokens.overhead,
        "marginal_value": tokens.marginal_value,
        "break_even_tokens": tokens.break_even_tokens,
        "same_compute": _size(tokens.same_compute),
        "repeated_optimum": _size(tokens.repeated_optimum),
        "inference_optimal": _served(tokens.inference_optimal),
        "compute": _whole(tokens.compute),
        "allocations": {law: _size(best) for law, best in tokens.allocations.items()},
        "attention_share": tokens.attention_share,
        "implied_mfu": tokens.implied_mfu,
        "price": tokens.price,
        "assumptions": list(tokens.assumptions),
    }


def _whole(number: float | None) -> int | None:
    return round(number) if number is not None and isfinite(number) else None


def _size(optimum: tuple[int, int] | None) -> dict[str, object] | None:
    return {"parameters": optimum[0], "tokens": optimum[1]} if optimum else None


def _served(optimum: tuple[int, int, float] | None) -> dict[str, object] | None:
    return {"parameters": optimum[0], "tokens": optimum[1], "saving": optimum[2]} if optimum else None
