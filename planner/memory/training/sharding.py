"""What each way of sharding leaves on a device, and the buffers that it needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from planner.memory.training.counts import Counts
    from planner.memory.training.step import Step

SUB_GROUP = 1_000_000_000
"""Elements of DeepSpeed's `sub_group_size`, its default."""

SHARDS = {
    "none": (False, False, False),
    "ddp": (False, False, False),
    "zero1": (False, False, True),
    "zero2": (False, True, True),
    "zero3": (True, True, True),
    "fsdp": (True, True, True),
}
"""Whether weights, gradients and optimizer states are sharded (ZeRO, arXiv:1910.02054 §5; FSDP, arXiv:2304.11277)."""


def sharded(step: Step) -> tuple[bool, bool, bool]:
    """Whether weights, gradients and optimizer states are sharded over the data-parallel devices."""
    return SHARDS.get(step.sharding, SHARDS["none"])


def share(size: int, counts: Counts, step: Step) -> int:
    """The part of `size` bytes that one device holds, where the experts' replicas are fewer than the others'."""
    replicas = step.replicas
    if step.expert == 1 or not counts.total:
        return -(-size // replicas)
    experts = size * counts.experts // counts.total
    return -(-(size - experts) // replicas) + -(-experts // max(1, replicas // step.expert))


def root_group(step: Step, counts: Counts) -> int:
    """Elements of the largest group of FSDP outside of the layers: embedding and head, if they go with the root."""
    alone = step.shards_embeddings and counts.head
    return max(counts.embedding, counts.head) if alone else counts.embedding + counts.head


def gathered(step: Step, counts: Counts, size: int) -> int:
    """Whole weights that stand on a device at the end of the forward pass, `size` bytes each.

    FSDP: the root group, and the last layer's buffer; everything, if nothing is given back after the forward pass. A
    head in a group of its own: its weights and their buffer. ZeRO-3: as many parameters as may live at once.
    """
    if step.sharding == "fsdp":
        if not step.reshards:
            return size * counts.total
        group = root_group(step, counts)
        return size * (2 * counts.head if group < counts.embedding + counts.head else group + counts.layer)
    if step.sharding == "zero3":
        return size * min(step.live + 2 * counts.embedding, counts.total)
    return 0


def gathered_late(step: Step, counts: Counts, size: int) -> int:
    """The same in the backward pass of the first layers: the root group, the current layer and the one prefetched."""
    if step.sharding == "fsdp":
        whole = step.shards_embeddings and counts.head
        return size * ((0 if whole else root_group(step, counts)) + 2 * counts.layer)
    return gathered(step, counts, size)


def reduce_buffers(step: Step, trained: int, size: int) -> int:
    """Gradients on their way to other devices, while the backward pass runs.

    DDP: its buckets, as large as the gradients and there all the time (torch's DistributedDataParallel without
    `gradient_as_bucket_view`, its default); Megatron's gradients are the buckets.
    DeepSpeed: two buckets, where the exchange overlaps with computing.
    """
    if step.replicas == 1:
        return 0
    if replicated(step):
        return 0 if step.main_gradients else size * trained
    if step.sharding.startswith("zero"):
        return 2 * size * min(step.bucket, trained)
    return 0


def replicated(step: Step) -> bool:
    """Whether every device holds all gradients and exchanges them."""
    return step.sharding in ("none", "ddp")


def step_buffer(step: Step, trained: int, counts: Counts) -> int:
    """float32 copy of a shard's gradients that DeepSpeed's step makes; with ZeRO-3 one sub-group at a time."""
    if not step.sharding.startswith("zero") or step.precision == "fp32":
        return 0
    held = share(trained, counts, step)
    return 4 * (min(SUB_GROUP, held) if step.sharding == "zero3" else held)
