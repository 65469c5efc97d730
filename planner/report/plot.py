"""Recommended tokens and loss against model size, with each planned run on them, as a picture (extra `plot`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from planner.record import NamedTuple

if TYPE_CHECKING:
    from planner.plan.types import Plan

ADVICE = ("chinchilla", "hoffmann-1", "hoffmann-2", "epoch", "deepseek")
"""Laws that are drawn in full; the others are pale."""
AROUND = 30.0
"""How far the axis reaches on either side of the smallest and the largest model."""
SMALLEST, LARGEST = 1e7, 1e12


class PlotError(Exception):
    """No picture can be drawn; the message says why and what would help."""


class Run(NamedTuple):
    """A model and its training, as a point."""

    name: str
    parameters: int
    tokens: int | None
    recommended: int
    flops: float | None


def runs(plans: Sequence[Plan]) -> list[Run]:
    """The models among `plans` of which tokens are known or recommended."""
    found = []
    for plan in plans:
        size = (plan.model.active or plan.model.total) if plan.model else None
        if plan.tokens is not None and plan.tokens.recommended and size:
            name = plan.model.name if plan.model and plan.model.name else plan.workload.name
            flops = 6.0 * size * plan.tokens.planned if plan.tokens.planned else None
            found.append(Run(name, size, plan.tokens.planned, plan.tokens.recommended, flops))
    return found


def draw(plans: Sequence[Plan], file: str) -> None:
    """Write the picture to `file`, in the format that its suffix names. Raises PlotError and OSError."""
    points = runs(plans)
    if not points:
        raise PlotError("nothing to plot: no model with recommended training tokens")
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise PlotError("--plot needs matplotlib: pip install 'llm-config-planner[plot]'") from None
    reach = (
        max(SMALLEST, min(point.parameters for point in points) / AROUND),
        min(LARGEST, max(point.parameters for point in points) * AROUND),
    )
    trained = [point for point in points if point.flops is not None]
    figure = Figure(figsize=(12 if trained else 7, 5), layout="constrained")
    panels = figure.subplots(1, 2 if trained else 1, squeeze=False)[0]
    _tokens(panels[0], points, reach)
    if trained:
        _loss(panels[1], trained, reach)
    try:
        figure.savefig(file)
    except ValueError as error:  # a suffix that matplotlib does not know
        raise PlotError(f"--plot {file}: {error}") from None


def _tokens(axes: Any, points: Sequence[Run], reach: tuple[float, float]) -> None:
    """Tokens against size: the laws as lines, runs as dots, models without a run at what is recommended."""
    from planner.scaling.curves import recommended

    for law, line in recommended(*reach).items():
        known = law in ADVICE
        axes.plot(*zip(*line, strict=True), label=law, lw=1.6 if known else 0.8, alpha=1.0 if known else 0.4)
    for point in points:
        planned = point.tokens is not None
        axes.plot(
            point.parameters, point.tokens or point.recommended, "o", color="black", mfc="black" if planned else "white"
        )
        _label(axes, point.name, point.parameters, point.tokens or point.recommended)
    axes.set(xscale="log", yscale="log", xlabel="parameters (active)", ylabel="training tokens")
    axes.set_title("Training tokens, recommended and planned")
    axes.grid(alpha=0.3)
    axes.legend(fontsize="small")


def _loss(axes: Any, points: Sequence[Run], reach: tuple[float, float]) -> None:
    """Loss against size at the compute of each run."""
    from planner.scaling.curves import equal_compute
    from planner.scaling.epoch import LAW
    from planner.scaling.parametric import loss

    for point in points:
        assert point.flops is not None and point.tokens is not None
        (line,) = axes.plot(*zip(*equal_compute(point.flops, *reach), strict=True), label=f"{point.flops:.1e} FLOPs")
        reached = loss(LAW, point.parameters, point.tokens)
        axes.plot(point.parameters, reached, "o", color=line.get_color())
        _label(axes, point.name, point.parameters, reached)
    axes.set(xscale="log", xlabel="parameters (active)", ylabel="loss, nats per token (Besiroglu et al. 2024)")
    axes.set_title("Loss at the compute of each run")
    axes.grid(alpha=0.3)
    axes.legend(fontsize="small")


def _label(axes: Any, name: str, x: float, y: float) -> None:
    """The name beside a point, as plain text: a dollar sign starts no formula."""
    shown = name.rpartition("/")[2][:40].replace("$", r"\$")
    axes.annotate(shown, (x, y), textcoords="offset points", xytext=(6, 6), fontsize="small")
