"""The loss of a run: what its last layer puts out, over how many sequences and tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner.memory.training.companions import sequences

if TYPE_CHECKING:
    from planner.memory.training.frameworks import Framework
    from planner.model.stack import Architecture
    from planner.workload import Training

REWARDS = frozenset({"reward", "process-reward"})
"""Algorithms that train a model to put out a number instead of a word."""


def implementation(training: Training, defaults: Framework, notes: list[str]) -> str:
    """A key of `planner.memory.training.logits.COSTS`, by what is stated or by the framework's default."""
    if training.algorithm in REWARDS:
        return defaults.rewards
    word = training.cross_entropy
    if word is None:
        notes.append(
            f"cross_entropy not stated: {defaults.cross_entropy or 'standard'} ({training.framework or 'PyTorch'})"
        )
        return defaults.cross_entropy or defaults.standard
    return defaults.standard if word == "standard" else word


def trained(architecture: Architecture, loss: str) -> Architecture:
    """The model that is trained: without its output projection where a number is put out in its place."""
    if loss != "score" or architecture.tied:
        return architecture
    return architecture._replace(outside=tuple(each for each in architecture.outside if each.kind != "head"))


def per_example(training: Training, notes: list[str]) -> int:
    """Sequences of one example."""
    algorithm = training.algorithm
    if algorithm is None and training.stage == "preference":
        algorithm = "dpo"
        notes.append("algorithm not stated: dpo, a chosen and a rejected answer at once")
    return sequences(algorithm)
