"""The further models of a training run, by what the config says and what its algorithm needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner.memory.training.companions import CRITICS, REFERENCES
from planner.memory.training.step import Companions
from planner.workload import Companion

if TYPE_CHECKING:
    from planner.plan.types import ModelPlan
    from planner.workload import Training

BYTES = {"float32": 4, "float64": 8, "float8": 1, "int8": 1}
"""Of a weight by dtype; 16 bit otherwise."""
HELD = ("device",)


def companions(training: Training, model: ModelPlan, adapter: bool, notes: list[str]) -> Companions:
    """Further models on the training devices; what is not stated is as the algorithm needs it, and said in `notes`.

    With an adapter, the trained model without it serves as its own reference (TRL, verl, OpenRLHF).
    """
    reference = training.reference_model
    if reference is None and training.algorithm in REFERENCES:
        reference = Companion("none" if adapter else "device")
        notes.append(f"reference_model not stated: {'the base of the adapter' if adapter else 'a copy of the model'}")
    critic = training.critic
    if critic is None and training.algorithm in CRITICS:
        critic = Companion()
        notes.append("critic not stated: as large as the model")
    frozen = [
        _weights(each, model) for each in (reference, training.reward_model, training.teacher_model) if _held(each)
    ]
    trained = [_size(critic, model)] if critic and _held(critic) else []
    found = Companions(tuple(frozen), tuple(trained))
    return _with_engine(found, training)


def _with_engine(found: Companions, training: Training) -> Companions:
    rollout, hardware = training.rollout, training.hardware
    if rollout is None or not rollout.memory_utilization or hardware is None or hardware.memory is None:
        return found
    return found._replace(engine=int(rollout.memory_utilization * hardware.memory), sleeps=bool(rollout.sleeps))


def _held(companion: Companion | None) -> bool:
    return companion is not None and companion.place in HELD


def _weights(companion: Companion | None, model: ModelPlan) -> tuple[int, int]:
    return _size(companion, model), BYTES.get((companion.dtype if companion else None) or "", 2)


def _size(companion: Companion | None, model: ModelPlan) -> int:
    """Its parameters; those of the trained model where it has no size of its own."""
    if companion is not None and companion.model is not None:
        from planner.plan.model import model_plan

        found, _ = model_plan(companion.model)
        if found is not None and found.total:
            return found.total
    return model.total or 0
