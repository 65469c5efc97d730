"""accelerate's YAML: how many processes, and how they share the model. A part of a launch; it names no model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from planner.formats import launch as launches
from planner.formats.launch import STAGES, Launch, number
from planner.formats.trainer import truth
from planner.formats.training import Settings
from planner.workload import NotChecked, Problem, Workload

if TYPE_CHECKING:
    from planner.formats.context import Context
    from planner.source.document import Document, Path

OWN = frozenset({
    "compute_environment", "distributed_type", "num_machines", "num_processes", "machine_rank", "mixed_precision",
    "main_training_function", "deepspeed_config", "fsdp_config", "downcast_bf16", "rdzv_backend", "same_network",
})  # fmt: skip
KINDS = {"NO": "none", "FALSE": "none", "MULTI_GPU": "ddp", "MULTI_NPU": "ddp", "MULTI_XPU": "ddp"}
"""`NO` is false to YAML 1.1."""
STRATEGIES = ("FULL_SHARD", "SHARD_GRAD_OP", "NO_SHARD", "HYBRID_SHARD", "HYBRID_SHARD_ZERO2")
"""accelerate's constants.py; numbers count from 1."""
PART = "it is accelerate's part of a launch and names no model"
MEND = "lint the training config that is started with it"


def recognise(document: Document) -> bool:
    """Whether it says what accelerate asks for: where and how a launch is distributed."""
    data = document.data
    if not isinstance(data, dict) or "distributed_type" not in data:
        return False
    return len(OWN & data.keys()) >= 3


def read(document: Document, context: Context) -> Iterator[Workload]:
    """The part by itself: nothing to be worked out, but perhaps contradictions."""
    settings = Settings(document, context)
    settings.not_checked.append(NotChecked("part", PART, MEND, "training"))
    problems = tuple(contradictions(document.data, launch(document, context)))
    yield settings.workload("accelerate", None, None)._replace(problems=problems)


def launch(document: Document, context: Context) -> Launch:
    """What it says of a run, with the DeepSpeed config that it refers to."""
    data = document.data
    kind = str(data.get("distributed_type")).upper()
    own = Launch(
        sharding=KINDS.get(kind),
        precision=str(data.get("mixed_precision", "no")).lower(),
        devices=number(data.get("num_processes")),
        places={"devices": ("num_processes",), "precision": ("mixed_precision",), "sharding": ("distributed_type",)},
        document=document,
    )
    if kind == "FSDP":
        own = _sharded(own, _section(data, "fsdp_config"))
    elif kind == "DEEPSPEED":
        own = _deepspeed(own, _section(data, "deepspeed_config"), context)
    return _parallel(own, _section(data, "parallelism_config"))


def _section(data: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = data.get(name)
    return found if isinstance(found, dict) else {}


def fsdp(section: Mapping[str, Any]) -> Launch:
    """What an `fsdp_config` says, whose keys may begin with `fsdp_`.

    Version 2 shards parameters and gathers them again for the backward pass unless `reshard_after_forward` is false;
    the same key holds a strategy in version 1.
    """

    def of(key: str) -> Any:
        return section.get(f"fsdp_{key}", section.get(key))

    strategy = str(of("sharding_strategy") or of("reshard_after_forward") or "").upper()
    if strategy.isdecimal() and len(strategy) == 1 and 1 <= int(strategy) <= len(STRATEGIES):
        strategy = STRATEGIES[int(strategy) - 1]
    offload, checkpointing = of("offload_params"), of("activation_checkpointing")
    kept = of("reshard_after_forward") is False or strategy in ("SHARD_GRAD_OP", "HYBRID_SHARD_ZERO2")
    return Launch(
        sharding="ddp" if strategy == "NO_SHARD" else "fsdp",
        reshard_after_forward=False if kept else None,
        offload=None if offload is None else "parameters" if truth(offload) else "none",
        activation_checkpointing="full" if truth(checkpointing) else None,
    )


def _sharded(own: Launch, section: Mapping[str, Any]) -> Launch:
    found = fsdp(section)
    at: Path = ("fsdp_config",) if section else ("distributed_type",)
    places = {**own.places, **dict.fromkeys(("sharding", "offload", "activation_checkpointing"), at)}
    return found._replace(precision=own.precision, devices=own.devices, document=own.document, places=places)


def _deepspeed(own: Launch, section: Mapping[str, Any], context: Context) -> Launch:
    """Of the DeepSpeed plugin; its stage is 2 where none is stated (accelerate: DeepSpeedPlugin)."""
    name = section.get("deepspeed_config_file")
    if isinstance(name, str) and name and own.document is not None:
        other = launches.read_deepspeed(name, own.document.file, context) or launches.by_name(name)
        if other is None:
            return own._replace(refers=name)
        return other._replace(
            devices=own.devices, precision=other.precision or own.precision, document=other.document or own.document,
        )  # fmt: skip
    stage = section.get("zero_stage", 2)
    sharding = STAGES.get(stage) if isinstance(stage, int) and not isinstance(stage, bool) else None
    at: Path = ("deepspeed_config", "zero_stage") if "zero_stage" in section else ("distributed_type",)
    away = {key: str(section.get(f"offload_{key}_device", "none")).lower() for key in ("param", "optimizer")}
    offload = "parameters" if away["param"] in ("cpu", "nvme") and stage == 3 else (
        "optimizer" if away["optimizer"] in ("cpu", "nvme") else "none"
    )  # fmt: skip
    accumulation = number(section.get("gradient_accumulation_steps"))
    return own._replace(
        sharding=sharding,
        offload=offload,
        gradient_accumulation=accumulation,
        places={**own.places, "sharding": at, "offload": ("deepspeed_config",)},
    )


def _parallel(own: Launch, section: Mapping[str, Any]) -> Launch:
    """Tensor and sequence parallelism; both kinds of the latter split a sequence over devices."""

    def of(key: str) -> int:
        return number(section.get(f"parallelism_config_{key}", section.get(key))) or 1

    tensor, context, shards = of("tp_size"), of("cp_size") * of("sp_size"), of("dp_shard_size")
    return own._replace(
        tensor_parallel=tensor if tensor > 1 else None,
        context_parallel=context if context > 1 else None,
        shard_degree=shards * context if shards > 1 and of("dp_replicate_size") > 1 else None,
    )


def contradictions(data: Mapping[str, Any], found: Launch) -> Iterator[Problem]:
    """A number of processes that the stated parallelism does not divide."""
    split = (found.tensor_parallel or 1) * (found.context_parallel or 1)
    if found.devices and split > 1 and found.devices % split:
        message = f"`num_processes: {found.devices}` is no multiple of tensor × sequence parallel = {split}"
        yield Problem("CFG011", message, ("num_processes",), help=f"a multiple of {split}")
    section = _section(data, "deepspeed_config")
    offloads = str(section.get("offload_param_device", "none")).lower() in ("cpu", "nvme")
    if str(data.get("distributed_type")).upper() == "DEEPSPEED" and offloads and section.get("zero_stage", 2) != 3:
        message = "`offload_param_device` has no effect without ZeRO stage 3: parameters stay on the device"
        path = ("deepspeed_config", "offload_param_device")
        yield Problem("CFG012", message, path, help="`zero_stage: 3` offloads them", on_key=True)
