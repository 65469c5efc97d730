"""Sequences per optimizer step: as stated, or micro-batch × accumulation × data-parallel replicas."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from planner.record import NamedTuple

if TYPE_CHECKING:
    from planner.workload import Training


class Batch(NamedTuple):
    """Sequences per optimizer step over all devices, or what is missing to know them."""

    sequences: int | None
    working: str = ""
    lacks: str = ""
    mend: str = ""
    assumption: str = ""


def global_batch(training: Training) -> Batch:
    """The global batch of `training`. Accumulation that nobody states is 1, the default of every trainer."""
    stated = training.global_batch_size
    if stated is not None and stated > 0:
        return Batch(stated, f"{stated:,} sequences")
    micro, accumulation = training.micro_batch_size, training.gradient_accumulation
    if micro is None or micro < 1:
        return Batch(None, lacks="global_batch_size is not stated", mend="add `global_batch_size: 1024`, in sequences")
    replicas = data_parallel(training)
    if replicas is None:
        mend = "add `hardware: {count: 8}`, or `global_batch_size: 1024`"
        return Batch(None, lacks=_no_replicas(training), mend=mend)
    working = f"({micro:,} × {accumulation or 1:,} × {replicas:,}) sequences"
    assumption = "" if accumulation else "gradient_accumulation not stated: 1"
    return Batch(micro * (accumulation or 1) * replicas, working, assumption=assumption)


def _no_replicas(training: Training) -> str:
    """Why the devices make no number of replicas."""
    devices = training.hardware.count if training.hardware else None
    if not devices or devices < 1:
        return "the number of devices is not stated"
    return f"the parallelism takes {_split(training)} devices for each replica, and {devices} are no multiple of it"


def _split(training: Training) -> int:
    """Devices that work on the same sequences."""
    return (training.tensor_parallel or 1) * (training.pipeline_parallel or 1) * (training.context_parallel or 1)


def data_parallel(training: Training) -> int | None:
    """Data-parallel replicas: the devices that model parallelism leaves. None where that is not a whole number.

    Tensor, pipeline and context parallel ranks work on the same sequences and are not counted into the batch.
    """
    devices = training.hardware.count if training.hardware else None
    split = _split(training)
    return devices // split if devices and devices > 0 and devices % split == 0 else None


def contradiction(training: Training) -> Iterator[tuple[str, str, str]]:
    """(field, what is wrong, what would fix it) where the stated global batch is not what its stated factors make."""
    replicas, stated = data_parallel(training), training.global_batch_size
    micro, accumulation = training.micro_batch_size, training.gradient_accumulation
    if not (replicas and stated and micro and accumulation) or micro * accumulation * replicas == stated:
        return
    product = micro * accumulation * replicas
    factors = f"{micro:,} per device × {accumulation:,} accumulated × {replicas:,} replicas"
    message = f"global_batch_size is {stated:,}, but {factors} = {product:,} sequences a step"
    yield (
        "training.global_batch_size",
        message,
        f"write `global_batch_size: {product}`, or leave one of the factors out",
    )
