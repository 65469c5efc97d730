"""What NeMo's auto-configurator is asked for: a size of model and tokens, both in thousands of millions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner.formats.native import fields
from planner.workload import Hardware, Model, NotChecked, Training

if TYPE_CHECKING:
    from planner.formats.training import Settings

GPUS_PER_NODE = 8
"""Where it is not stated (auto_configurator/autoconfig/utils.py)."""


def searched(settings: Settings) -> tuple[Model, Training]:
    """The model and the run that a configuration is searched for."""
    at = "train_settings."
    each = fields.whole(settings.value(at + "gpus_per_node")) or GPUS_PER_NODE
    nodes = settings.get("training.hardware.count", fields.whole, at + "num_nodes")
    memory = settings.get("training.hardware.memory", _gigabytes, at + "gpu_memory_gb")
    hardware = settings.hardware(nodes * each if nodes else None)
    if memory is not None and (hardware is None or hardware.memory is None):
        hardware = (hardware or Hardware())._replace(memory=memory[0], memory_max=memory[1])
    size = settings.get("model.parameters", _billions, at + "model_size_in_b")
    if size is None:
        because = "the size of the model is to be found by the search"
        settings.not_checked.append(NotChecked("model", because, "write `model_size_in_b`", "model"))
    run = Training(
        stage="pretrain",
        tokens=settings.get("training.tokens", _billions, at + "num_tokens_in_b"),
        sequence_length=settings.get("training.sequence_length", fields.context, at + "seq_length"),
        method="full",
        framework="nemo",
        hardware=hardware,
    )
    return Model(parameters=size), run


def _gigabytes(value: object) -> tuple[int, int] | None:
    return fields.memory(f"{value}GB")


def _billions(value: object) -> int | None:
    number = fields.above_zero(value)
    return round(number * 10**9) if number else None
