"""What NeMo's auto-configurator is asked for: a size of model and tokens, both in thousands of millions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner.formats.native import fields
from planner.workload import Model, NotChecked, Training

if TYPE_CHECKING:
    from planner.formats.training import Settings


def searched(settings: Settings) -> tuple[Model, Training]:
    """The model and the run that are to be spread over devices; how is what the search finds."""
    at = "train_settings."
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
    )
    return Model(parameters=size), run


def _billions(value: object) -> int | None:
    number = fields.above_zero(value)
    return fields.size(number * 10**9) if number else None
