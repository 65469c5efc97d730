"""How a run is spread over devices, where a file of its own says so: DeepSpeed's JSON, accelerate's YAML."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from planner import disk
from planner.formats import named
from planner.formats.native import fields
from planner.formats.trainer import truth
from planner.record import NamedTuple
from planner.workload import Hardware, Origin, Problem

if TYPE_CHECKING:
    from planner.formats.context import Context
    from planner.formats.training import Settings
    from planner.source.document import Document, Path
    from planner.workload import Training

FIELDS = (
    "sharding", "offload", "reshard_after_forward", "shard_degree", "reduce_bucket_size", "max_live_parameters",
    "activation_checkpointing", "tensor_parallel", "context_parallel", "micro_batch_size", "gradient_accumulation",
)  # fmt: skip
"""What a run takes from such a file."""
STAGES = {0: "ddp", 1: "zero1", 2: "zero2", 3: "zero3"}


class Launch(NamedTuple):
    """What such a file says, in the words of `workload.Training`; None is "not stated", or left to the run."""

    sharding: str | None = None
    offload: str | None = None
    reshard_after_forward: bool | None = None
    shard_degree: int | None = None
    reduce_bucket_size: int | None = None
    max_live_parameters: int | None = None
    activation_checkpointing: str | None = None
    precision: str | None = None
    """bf16, fp16, or no for float32: of the arithmetic, whatever the weights are loaded in."""
    devices: int | None = None
    tensor_parallel: int | None = None
    context_parallel: int | None = None
    micro_batch_size: int | None = None
    gradient_accumulation: int | None = None
    global_batch_size: int | None = None
    places: Mapping[str, Path] = {}
    """Where each of them stands."""
    document: Document | None = None
    """None for what is known by the name of a file alone."""
    refers: str | None = None
    """Another such file that it takes the rest from."""


def stated(settings: Settings, key: str) -> tuple[Launch | None, tuple[Problem, ...]]:
    """What the file says that `key` names, and that it could not be had. A mapping may stand there itself."""
    found = settings.find(key)
    if found is None or not found.value or not isinstance(found.value, (str, dict)):
        return None, ()
    if isinstance(found.value, dict):
        from planner.formats import deepspeed

        return deepspeed.launch(found.value, settings.document, found.path), ()
    launch = read(found.value, settings.document.file, settings.context)
    if launch is not None:
        return launch, ()
    guess = by_name(found.value)
    taken = f"taken for {spoken(guess)} by its name" if guess else "how the run is sharded is not known"
    message = f"`{found.value}` is not found from here: {taken}"
    help = "keep it in the repository, at the path from where the run is started"
    return guess, (Problem("REF005", message, found.path, help=help),)


def found(settings: Settings, *keys: str) -> tuple[Launch | None, tuple[Problem, ...]]:
    """How a run is spread: by the file at `deepspeed` or one of `keys`, by FSDP, by accelerate's config beside it."""
    lost: tuple[Problem, ...] = ()
    for key in ("deepspeed", *keys):
        launch, lost = stated(settings, key)
        if launch is not None or lost:
            return launch, lost
    return fsdp(settings) or beside(settings), lost


def fsdp(settings: Settings) -> Launch | None:
    """FSDP by its section, or by the list of words that transformers has for it (training_args.py: fsdp)."""
    words = settings.value("fsdp")
    listed = [str(word) for word in words] if isinstance(words, list) else str(words or "").replace(",", " ").split()
    section = settings.mapping("fsdp_config") or _own_file(settings)
    if (not listed and not section) or words is False:
        return None
    from planner.formats import accelerate

    launch = accelerate.fsdp(section)
    if "shard_grad_op" in listed:
        launch = launch._replace(reshard_after_forward=False)
    if "offload" in listed:
        launch = launch._replace(offload="parameters")
    at = ("fsdp_config",) if section else ("fsdp",)
    return launch._replace(document=settings.document, places=dict.fromkeys(FIELDS, at))


def _own_file(settings: Settings) -> Mapping[str, object]:
    """The section that lies in a JSON file of its own (training_args.py: fsdp_config); empty if it is not found."""
    name = settings.value("fsdp_config")
    if not isinstance(name, str) or not name:
        return {}
    documents = named.documents(name, settings.document.file, settings.context)
    return next((document.data for document in documents if isinstance(document.data, dict)), {})


def beside(settings: Settings) -> Launch | None:
    """What accelerate's config in the same folder says, if there is one alone."""
    folder = os.path.dirname(settings.document.file)
    listed = [name for name in disk.listed(folder) if _may_launch(name)]
    if len(listed) != 1:
        return None
    path = os.path.join(folder, listed[0])
    return (
        None
        if os.path.realpath(path) == os.path.realpath(settings.document.file)
        else read(listed[0], settings.document.file, settings.context)
    )


def _may_launch(name: str) -> bool:
    return name.endswith((".yaml", ".yml")) and "accelerate" in name.lower()


def spoken(launch: Launch) -> str:
    """ZeRO-3 with offload."""
    stage = "DeepSpeed without ZeRO" if launch.sharding == "ddp" else f"ZeRO-{(launch.sharding or '')[-1:]}"
    return f"{stage} with offload" if launch.offload else stage


def read(name: str, beside: str, context: Context) -> Launch | None:
    """What the DeepSpeed or accelerate config called `name` says, if it is found from the file `beside`."""
    from planner.formats import accelerate

    for document in named.documents(name, beside, context):
        if accelerate.recognise(document):
            return accelerate.launch(document, context)
        if (found := _deepspeed(document)) is not None:
            return found
    return None


def read_deepspeed(name: str, beside: str, context: Context) -> Launch | None:
    """What the DeepSpeed config called `name` says; an accelerate config, which refers to such a one, is none."""
    launches = map(_deepspeed, named.documents(name, beside, context))
    return next((found for found in launches if found is not None), None)


def _deepspeed(document: Document) -> Launch | None:
    from planner.formats import deepspeed

    if isinstance(document.data, dict) and deepspeed.recognise(document):
        return deepspeed.launch(document.data, document)
    return None


def by_name(name: str) -> Launch | None:
    """What the name of a DeepSpeed config tells: zero3, ds_z2_offload_config.json, stage3.json, zero3_cpuoffload."""
    base = os.path.basename(name).lower()
    for stage, sharding in STAGES.items():
        if any(f"{word}{stage}" in base for word in ("zero", "zero_", "zero-", "stage", "stage_", "_z", "-z")):
            away = ("parameters" if stage == 3 and "opt" not in base else "optimizer") if "offload" in base else None
            return Launch(sharding=sharding, offload=away if stage else None)
    return None


def joined(settings: Settings, run: Training, launch: Launch | None) -> Training:
    """`run` with what `launch` says of everything that the config itself leaves open."""
    if launch is None:
        return run
    taken = {}
    for field in FIELDS:
        value = getattr(launch, field)
        defaulted = settings.origins.get(f"training.{field}", Origin("default")).kind == "default"
        if value is not None and (getattr(run, field) is None or (defaulted and field in launch.places)):
            taken[field] = value
            settings.origins[f"training.{field}"] = _origin(settings, launch, field)
    hardware = run.hardware
    if launch.devices and (hardware is None or not hardware.count):
        settings.origins["training.hardware.count"] = _origin(settings, launch, "devices")
        hardware = hardware._replace(count=launch.devices) if hardware else Hardware(count=launch.devices)
    return run._replace(**taken, hardware=hardware)


def _origin(settings: Settings, launch: Launch, field: str) -> Origin:
    document = launch.document
    foreign = document if document is not settings.document else None
    if document is None:
        return Origin("derived", note="by the name of the DeepSpeed config, which is not here")
    return Origin("key", launch.places.get(field, ()), foreign, f"from {document.file}" if foreign else "")


def number(value: object) -> int | None:
    """A count, unless it is left to the run: "auto"."""
    return fields.whole(value)


def half(values: Mapping[str, object], name: str) -> bool:
    """Whether the section `name` ("bf16", "fp16") is switched on."""
    section = values.get(name)
    return truth(section.get("enabled")) if isinstance(section, dict) else False


MATCHED = (
    ("train_micro_batch_size_per_gpu", "micro_batch_size", "per_device_train_batch_size"),
    ("gradient_accumulation_steps", "gradient_accumulation", "gradient_accumulation_steps"),
)
"""DeepSpeed's key, the field, transformers' argument, which must agree (transformers: integrations/deepspeed.py)."""


def mismatches(settings: Settings, joined: Launch | None) -> Iterator[Problem]:
    """Numbers of a DeepSpeed config that differ from those of the run, both precisions at once: transformers stops."""
    if truth(settings.value("bf16")) and truth(settings.value("fp16")):
        message = "`bf16` and `fp16` are both on: transformers stops"
        yield Problem("CFG011", message, ("fp16",), help="switch one of them off", related=((("bf16",), "the other"),))
    for theirs, field, ours in MATCHED:
        value, stated = getattr(joined, field, None), settings.find(ours)
        number = fields.whole(stated.value) if stated else None
        if (
            joined
            and joined.document
            and theirs in str(joined.places.get(field))
            and value
            and number not in (None, value)
        ):
            message = f"`{ours}: {number}`, but `{theirs}: {value}` in {joined.document.file}: transformers stops"
            yield Problem("CFG011", message, stated.path if stated else (), help=f'`"{theirs}": "auto"` there')
