"""Models and engines beside the one that is trained: what preference training and reinforcement learning hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner.memory.training import sharding

if TYPE_CHECKING:
    from planner.memory.training.counts import Counts
    from planner.memory.training.states import Bytes
    from planner.memory.training.step import Step

PAIRS = frozenset({"dpo", "ipo", "orpo", "simpo", "cpo", "reward"})
"""Algorithms that pass a chosen and a rejected answer through the model at once (TRL: `concatenated_forward`)."""
REFERENCES = frozenset({"dpo", "ipo", "kto", "ppo"})
"""Algorithms that compare with a frozen copy. GRPO's is left out at TRL's default, beta 0."""
CRITICS = frozenset({"ppo"})


def sequences(algorithm: str | None) -> int:
    """Sequences that one example of a batch has."""
    return 2 if algorithm in PAIRS else 1


def resident(step: Step, counts: Counts, each: Bytes) -> int:
    """Bytes of all further models on one device, split and sharded as the trained model is.

    Frozen ones are weights alone. A critic is trained: `each` of the trained model's weights, gradients and states.
    """
    weights, gradients, optimizer = sharding.sharded(step)
    split = step.tensor * step.pipeline
    total = 0
    for elements, size in step.companions.frozen:
        total += _share(-(-elements * size // split), weights, counts, step)
    for elements in step.companions.trained:
        own = -(-elements // split)
        total += _share(own * each.weight, weights, counts, step)
        total += _share(own * each.gradient, gradients, counts, step)
        total += _share(own * (each.master + 2 * each.state), optimizer, counts, step)
    return total


def _share(size: int, sharded: bool, counts: Counts, step: Step) -> int:
    return sharding.share(size, counts, step) if sharded else size
