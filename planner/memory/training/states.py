"""Weights, gradients and optimizer states: bytes of one parameter, and of all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner.record import NamedTuple

if TYPE_CHECKING:
    from planner.memory.training.counts import Counts
    from planner.memory.training.step import Step
    from planner.model.stack import Architecture

MOMENTS = {
    "adamw": 2, "adam": 2, "fused-adam": 2, "lion": 1, "sgd": 0, "sgd-momentum": 1, "momentum": 1, "rmsprop": 1,
    "adagrad": 1, "adafactor": 0, "muon": 1, "ademamix": 3, "schedule-free-adamw": 2, "lomo": 0, "adalomo": 0,
}  # fmt: skip
"""States per parameter (torch.optim; Lion: arXiv:2302.06675; Adafactor without momentum: rows and columns alone)."""

LOW_RANK = {"galore": (1, 2), "apollo": (0, 2), "apollo-mini": (0, 2)}
"""Projections and moments of rank r of an m × n matrix: m·r + 2·n·r (GaLore, arXiv:2403.03507), 2·n·r (APOLLO)."""

BLOCK = 256
"""Elements that share one float32 scale in bitsandbytes' 8-bit optimizers."""


class Bytes(NamedTuple):
    """Bytes of one trained parameter."""

    weight: int
    gradient: int
    master: int
    """float32 copy that the optimizer keeps of a 16-bit weight."""
    state: int
    """One float state."""


def of_parameter(step: Step) -> Bytes:
    """How a trained parameter is kept.

    float32, and mixed precision over float32 weights (autocast, FSDP): 4 + 4 + 0, states of 4. DeepSpeed's mixed
    precision: 2 + 2 + 4, states of 4 (ZeRO, arXiv:1910.02054 §3.1). All in 16 bit: 2 + 2 + 0, and torch's optimizers
    keep states in the dtype of the parameter. A stated dtype of the states, and whether there are master weights, win.
    """
    found = _of_precision(step)
    master = found.master if step.master is None or step.frozen else 4 if step.master and found.weight < 4 else 0
    return found._replace(state=step.state_bytes or found.state, master=master)


def _of_precision(step: Step) -> Bytes:
    if step.frozen and step.method != "freeze":
        own = step.adapter_bytes
        return Bytes(own, own, 0, own)
    if step.precision in ("bf16", "fp16"):
        return Bytes(2, step.main_gradients or 2, 0, 2)
    if step.precision == "fp32":
        return Bytes(4, 4, 0, 4)
    if step.sharding.startswith("zero") or step.main_gradients:
        return Bytes(2, step.main_gradients or 2, 4, 4)
    return Bytes(4, 4, 0, 4)


def paged(optimizer: str) -> bool:
    """Its states move to the host when the device is full."""
    return optimizer.startswith("paged")


def optimizer_bytes(step: Step, trained: int, counts: Counts) -> int:
    """States and master weights of `trained` parameters, before sharding.

    8-bit AdamW keeps a byte per moment and a float32 scale per 256 elements (arXiv:2110.02861); 4-bit AdamW half a
    byte and a scale per 128 (arXiv:2309.01507).
    """
    each, name = of_parameter(step), step.optimizer.removeprefix("paged-")
    if paged(step.optimizer):
        return each.master * trained
    plain = name.removesuffix("-8bit").removesuffix("-4bit")
    if plain in LOW_RANK and not step.frozen:
        state = 1 if name.endswith("8bit") else each.state
        low = low_rank_states(step.architecture, plain, state, counts, step.optimizer_rank)
        return low + each.master * trained
    if plain != name:
        bits = 4 if name.endswith("4bit") else 8
        scales = 4 * -(-trained // (BLOCK if bits == 8 else BLOCK // 2))
        return MOMENTS.get(plain, 2) * (-(-trained * bits // 8) + scales) + each.master * trained
    if name == "muon" and not step.frozen:
        return each.state * (trained + counts.vectors) + each.master * trained
    return MOMENTS.get(name, 2) * each.state * trained + each.master * trained


def low_rank_states(architecture: Architecture, optimizer: str, state: int, counts: Counts, rank: int = 128) -> int:
    """States of optimizers that keep the gradients of matrices at a low rank, AdamW's of everything else."""
    projections, moments = LOW_RANK[optimizer]
    kept = 0
    for layer in architecture.layers:
        for tensor in layer.tensors:
            if tensor.kind in ("linear", "expert"):
                short, long = sorted(tensor.shape[-2:])
                own = 1 if optimizer == "apollo-mini" else min(rank, short)
                kept += (projections * short * own + moments * long * own) * tensor.copies
    return state * (kept + 2 * counts.vectors)


def transient(step: Step, trained: int) -> int:
    """What `step()` keeps for a moment: torch's foreach kernels one copy of the parameters, in the dtype of the states.

    "~sizeof(params) more peak memory" (torch.optim.AdamW, foreach); fused kernels and plain SGD keep none.
    """
    quantized = step.optimizer.endswith("bit") or paged(step.optimizer)
    if step.fused or quantized or step.optimizer in ("sgd", "sgd-momentum", "momentum", "muon", *LOW_RANK):
        return 0
    return of_parameter(step).state * trained
