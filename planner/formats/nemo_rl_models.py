"""NeMo RL: the devices that train, the models beside the policy, and the engine that generates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner.formats.native import fields
from planner.workload import Companion, Rollout, Training

if TYPE_CHECKING:
    from planner.formats.training import Settings

GENERATION = "policy.generation."
APART = GENERATION + "colocated.resources."
ENGINES = {
    "vllm": ("vllm", "vllm_cfg.", "gpu_memory_utilization"),
    "sglang": ("sglang", "sglang_cfg.", "mem_fraction_static"),
    "trtllm": ("tensorrt-llm", "trtllm_cfg.", "free_gpu_memory_fraction"),
}
"""Backend of generation → the engine, its section and the key of its share."""


def devices(settings: Settings) -> int | None:
    """Devices that train: those of the cluster without those that only generate."""
    each = settings.get("training.hardware.count", fields.whole, "cluster.gpus_per_node")
    nodes = fields.whole(settings.value("cluster.num_nodes"))
    if each is None or nodes is None:
        return None
    if together(settings):
        return each * nodes
    gpus = fields.whole(settings.value(APART + "gpus_per_node")) or 0
    apart = fields.whole(settings.value(APART + "num_nodes")) or 0
    left = each * (nodes - apart) if nodes > 1 else each - gpus
    return left if left > 0 else None


def together(settings: Settings) -> bool:
    """Whether the engine generates on the devices that train; without generation they are all for training."""
    return not settings.mapping("policy.generation") or settings.flag(True, GENERATION + "colocated.enabled")


def beside(run: Training, settings: Settings) -> Training:
    """`run` with its other models and its engine."""
    penalty = fields.number(settings.value("loss_fn.reference_policy_kl_penalty"))
    if run.algorithm in ("grpo", "ppo"):
        run = run._replace(reference_model=Companion("none" if penalty == 0 else "host"))
    elif run.algorithm == "dpo":
        run = run._replace(reference_model=Companion("host"))
    if run.algorithm == "ppo":
        run = run._replace(critic=Companion("device", settings.named_beside("value.model_name")))
    if run.algorithm == "gkd":
        run = run._replace(teacher_model=Companion("device", settings.named_beside("teacher.model_name")))
    return run._replace(rollout=_rollout(settings)) if run.stage == "rl" else run


def _rollout(settings: Settings) -> Rollout | None:
    """vLLM on the devices that train sleeps meanwhile; elsewhere it does not matter to them."""
    if not together(settings):
        return None
    stated = settings.word(GENERATION + "backend") or "vllm"
    if stated not in ENGINES:
        return None
    engine, section, share = ENGINES[stated]
    return Rollout(
        engine=engine,
        memory_utilization=fields.share(settings.value(GENERATION + section + share)),
        tensor_parallel=fields.whole(settings.value(GENERATION + section + "tensor_parallel_size")),
        sleeps=True,
    )
