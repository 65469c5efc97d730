"""Mixtures of experts: a router, routed experts of which a token takes a few, and shared ones that it always takes.

Active parameters are the total less routed × (1 − taken / experts) (Fedus et al. 2022, Dai et al. 2024).
"""

from __future__ import annotations

from planner.model.parts.basic import linear
from planner.model.parts.ffn import gated_tensors
from planner.model.parts.layer import FeedForward
from planner.model.stack import Tensor
from planner.record import NamedTuple


class Experts(NamedTuple):
    """The routed experts of a layer."""

    number: int
    taken: int
    """Experts per token."""
    width: int
    gated: bool = True
    bias: bool = False
    inner: int = 0
    """Width of what they read and write; 0 = the hidden size (a latent mixture has less)."""


class Router(NamedTuple):
    """How a token finds its experts."""

    name: str = "mlp.gate"
    outputs: int = 0
    """0 = one per expert; more where there are experts that do nothing."""
    bias: bool = False
    correction: bool = False
    """A learned correction of the scores that counts as a parameter."""


PLAIN_ROUTER = Router()


def router(hidden: int, experts: Experts, kind: Router = PLAIN_ROUTER) -> tuple[Tensor, ...]:
    """The router's matrix, its bias and its correction."""
    outputs = kind.outputs or experts.number
    correction = Tensor(f"{kind.name}.e_score_correction_bias", (outputs,), "ffn", "router")
    tensors = linear(kind.name, hidden, outputs, "ffn", kind.bias, "router")
    return (*tensors, correction) if kind.correction else tensors


def routed(hidden: int, experts: Experts, prefix: str = "mlp.experts") -> tuple[Tensor, ...]:
    """The matrices of all routed experts: E × 3·h·I, or E × 2·h·I without a gate."""
    inner = experts.inner or hidden
    rising = ("gate_proj", "up_proj") if experts.gated else ("up_proj",)
    shapes = [(name, (experts.width, inner)) for name in rising] + [("down_proj", (inner, experts.width))]
    tensors = [_expert(f"{prefix}.{name}", shape, experts, "expert") for name, shape in shapes]
    biases = [_expert(f"{prefix}.{name}.bias", shape[:1], experts, "bias") for name, shape in shapes if experts.bias]
    return (*tensors, *biases)


def _expert(name: str, shape: tuple[int, ...], experts: Experts, kind: str) -> Tensor:
    return Tensor(name, shape, "ffn", kind, experts.number, min(experts.taken, experts.number))


def shared(
    hidden: int, width: int, gate: bool = False, bias: bool = False, prefix: str = "mlp.shared_experts"
) -> tuple[Tensor, ...]:
    """Shared experts of `width` altogether; `gate` is a learned weight of their output."""
    if not width:
        return ()
    weight = linear(f"{prefix}_gate", hidden, 1, "ffn", kind="router") if gate else ()
    return (*gated_tensors(hidden, width, bias, prefix), *weight)


def moe(
    hidden: int,
    experts: Experts,
    route: Router = PLAIN_ROUTER,
    shared_width: int = 0,
    further: tuple[Tensor, ...] | None = None,
    prefix: str = "mlp.experts",
) -> FeedForward:
    """A mixture; `further` replaces the plain gated shared experts of `shared_width`."""
    always = shared(hidden, shared_width) if further is None else further
    return FeedForward(
        "moe",
        (*router(hidden, experts, route), *routed(hidden, experts, prefix), *always),
        experts.width,
        experts.number,
        experts.taken,
        shared_width,
    )
