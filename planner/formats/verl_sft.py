"""verl's supervised fine-tuning: `model.partial_pretrain` over FSDP, with or without an adapter.

Configs build on verl's own `sft_trainer` (Hydra); what they do not state is as verl/trainer/config/sft_trainer.yaml has
it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from planner.formats import inheritance, training, verl
from planner.formats.native import fields
from planner.workload import Lora, Model, NotChecked, Training, Workload

if TYPE_CHECKING:
    from planner.formats.context import Context
    from planner.formats.training import Settings
    from planner.source.document import Document

OWN = ("sft_trainer.yaml",)
DEFAULTS: Mapping[str, object] = {
    "data": {"train_batch_size": 256, "micro_batch_size_per_gpu": 4, "max_length": 1024},
    "model": {"enable_gradient_checkpointing": True, "lora_rank": 0, "target_modules": "all-linear"},
    "trainer": {"n_gpus_per_node": 8, "nnodes": 1},
}
WHOSE = "verl's default (trainer/config/sft_trainer.yaml)"


def recognise(document: Document) -> bool:
    """Whether a model to start from stands beside verl's data or trainer."""
    data = document.data
    section = data.get("model") if isinstance(data, dict) else None
    return isinstance(section, dict) and "partial_pretrain" in section and not {"data", "trainer"}.isdisjoint(data)


def read(document: Document, context: Context) -> Iterator[Workload]:
    """The one run that it describes."""
    found = inheritance.chain(document, context)
    data = inheritance.merge(DEFAULTS, found.data)
    settings = training.Settings(document, context, chain=found._replace(data=data, whose=WHOSE))
    settings.say_lost(tuple(name for name in found.lost if name not in OWN))
    model = settings.named("model.partial_pretrain", beneath="~/models/")
    if model is None:
        because = "the model is given on the command line"
        settings.not_checked.append(NotChecked("model", because, "give it as `model.partial_pretrain`", "model"))
        model = Model()
    yield settings.workload("verl-sft", model, _run(settings), "trainer.experiment_name")


def _run(settings: Settings) -> Training:
    rank = settings.get("training.lora.rank", fields.whole, "model.lora_rank")
    return Training(
        stage="finetune",
        epochs=settings.get("training.epochs", fields.above_zero, "trainer.total_epochs"),
        steps=settings.get("training.steps", fields.count, "trainer.total_training_steps"),
        sequence_length=settings.get("training.sequence_length", fields.context, "data.max_length"),
        micro_batch_size=settings.get(
            "training.micro_batch_size", fields.whole, "data.micro_batch_size_per_gpu", "data.micro_batch_size"
        ),
        global_batch_size=settings.get("training.global_batch_size", fields.whole, "data.train_batch_size"),
        method="lora" if rank else "full",
        lora=Lora(rank, verl.targets(settings.value("model.target_modules"))) if rank else None,
        framework="verl",
        precision=verl.precision(settings, "model.fsdp_config.model_dtype"),
        activation_checkpointing="full" if settings.flag(True, "model.enable_gradient_checkpointing") else "none",
        kernels="fused" if settings.flag(False, "model.use_liger") else None,
        packing=settings.get("training.packing", fields.flag, "use_remove_padding"),
        sharding="fsdp",
        context_parallel=settings.get("training.context_parallel", fields.whole, "ulysses_sequence_parallel_size"),
        offload="parameters" if settings.flag(False, "model.fsdp_config.cpu_offload") else None,
        hardware=settings.hardware(verl.devices(settings)),
    )
