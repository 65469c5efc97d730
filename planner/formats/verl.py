"""verl: PPO and GRPO under `actor_rollout_ref`, over FSDP or Megatron, with the rollout engine on the same devices.

Configs build on verl's own `ppo_trainer` (Hydra); what they do not state is as verl/trainer/config has it. Parameters
and states that are offloaded come back for the update, so they count while the actor is trained; the reference model
stays in the host's memory (workers/fsdp_workers.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from planner.formats import inheritance, training
from planner.formats.native import fields
from planner.workload import Companion, Lora, Model, NotChecked, Rollout, Training, Workload

if TYPE_CHECKING:
    from planner.formats.context import Context
    from planner.formats.training import Settings
    from planner.source.document import Document

OWN = ("ppo_trainer.yaml", "ppo_megatron_trainer.yaml")
"""Configs of the installed package, whose values are `DEFAULTS`."""
DEFAULTS: Mapping[str, object] = {
    "data": {"max_prompt_length": 512, "max_response_length": 512},
    "actor_rollout_ref": {
        "hybrid_engine": True,
        "model": {"enable_gradient_checkpointing": True, "lora_rank": 0, "target_modules": "all-linear"},
        "actor": {"strategy": "fsdp", "ppo_mini_batch_size": 256, "ppo_max_token_len_per_gpu": 16384},
        "rollout": {"gpu_memory_utilization": 0.5, "tensor_model_parallel_size": 2, "free_cache_engine": True, "n": 1},
    },
    "algorithm": {"adv_estimator": "gae"},
    "trainer": {"n_gpus_per_node": 8, "nnodes": 1},
}
WHOSE = "verl's default (trainer/config/ppo_trainer.yaml)"
AT, MEGATRON = "actor_rollout_ref.", "actor_rollout_ref.actor.megatron."
ESTIMATORS = {"gae": "ppo", "rloo": "rloo", "reinforce_plus_plus": "reinforce", "remax": "reinforce"}
PRECISIONS = {"fp32": "bf16-mixed", "float32": "bf16-mixed", "bf16": "bf16", "bfloat16": "bf16", "fp16": "fp16"}
MEND = "give it as `actor_rollout_ref.model.path`"


def recognise(document: Document) -> bool:
    """Whether it has verl's section of the actor with something to do in it."""
    data = document.data
    section = data.get("actor_rollout_ref") if isinstance(data, dict) else None
    return isinstance(section, dict) and not {"model", "actor", "rollout", "ref"}.isdisjoint(section)


def read(document: Document, context: Context) -> Iterator[Workload]:
    """The training of the actor."""
    found = inheritance.chain(document, context)
    data = inheritance.merge(DEFAULTS, found.data)
    settings = training.Settings(document, context, chain=found._replace(data=data, whose=WHOSE))
    settings.say_lost(tuple(name for name in found.lost if name not in OWN))
    model = settings.named(AT + "model.path", beneath="~/models/")
    if model is None:
        because = "the model is given on the command line"
        settings.not_checked.append(NotChecked("model", because, MEND, "model"))
        model = Model()
    yield settings.workload("verl", model, _beside(_run(settings), settings))


def _run(settings: Settings) -> Training:
    megatron = settings.word(AT + "actor.strategy") == "megatron"
    rank = settings.get("training.lora.rank", fields.whole, AT + "model.lora_rank")
    length = _length(settings)
    return Training(
        stage="rl",
        sequence_length=length,
        micro_batch_size=_micro_batch(settings, length),
        global_batch_size=_batch(settings),
        method="lora" if rank else "full",
        lora=Lora(rank, targets(settings.value(AT + "model.target_modules"))) if rank else None,
        framework="megatron" if megatron else "verl",
        cross_entropy="fused" if settings.flag(False, AT + "model.use_fused_kernels") else None,
        precision=None if megatron else precision(settings, AT + "actor.fsdp_config.model_dtype"),
        activation_checkpointing=_checkpointing(settings, megatron),
        kernels="fused" if settings.flag(False, AT + "model.use_liger") else None,
        packing=settings.get("training.packing", fields.flag, AT + "model.use_remove_padding"),
        sharding="zero1" if megatron else "fsdp",
        context_parallel=_ranks(settings, "context_parallel", MEGATRON + "context_parallel_size")
        if megatron
        else _ranks(settings, "context_parallel", AT + "actor.ulysses_sequence_parallel_size"),
        tensor_parallel=_ranks(settings, "tensor_parallel", MEGATRON + "tensor_model_parallel_size") if megatron else 1,
        pipeline_parallel=_ranks(settings, "pipeline_parallel", MEGATRON + "pipeline_model_parallel_size"),
        expert_parallel=_ranks(settings, "expert_parallel", MEGATRON + "expert_model_parallel_size"),
        shard_degree=_ranks(settings, "shard_degree", AT + "actor.fsdp_config.fsdp_size"),
        offload="parameters" if settings.flag(False, AT + "actor.fsdp_config.offload_policy") else None,
        hardware=settings.hardware(devices(settings)),
    )


def _ranks(settings: Settings, field: str, path: str) -> int | None:
    return settings.get(f"training.{field}", fields.whole, path)


def _length(settings: Settings) -> int | None:
    """Prompt and response of one sequence."""
    prompt = settings.get("training.sequence_length", fields.context, "data.max_prompt_length")
    response = settings.get("training.sequence_length", fields.context, "data.max_response_length")
    return prompt + response if prompt and response else None


def _micro_batch(settings: Settings, length: int | None) -> int | None:
    """Sequences at once; with dynamic batches as many as their tokens fill."""
    if settings.flag(False, AT + "actor.use_dynamic_bsz") and length:
        tokens = settings.get("training.micro_batch_size", fields.whole, AT + "actor.ppo_max_token_len_per_gpu")
        return -(-tokens // length) if tokens else None
    places = (AT + "actor.ppo_micro_batch_size_per_gpu", AT + "actor.ppo_micro_batch_size")
    return settings.get("training.micro_batch_size", fields.whole, *places)


def _batch(settings: Settings) -> int | None:
    prompts = settings.get("training.global_batch_size", fields.whole, AT + "actor.ppo_mini_batch_size")
    each = fields.whole(settings.value(AT + "rollout.n"))
    return prompts * each if prompts and each else None


def targets(value: object) -> str | tuple[str, ...]:
    """The layers of an adapter: a list of names, or every linear layer."""
    names = tuple(name for name in value if isinstance(name, str)) if isinstance(value, list) else ()
    return names or "all-linear"


def precision(settings: Settings, path: str) -> str:
    """Trained weights are in float32 unless `path` states it (engine/fsdp.yaml), and computed with in bfloat16."""
    return settings.get("training.precision", lambda value: PRECISIONS.get(str(value)), path) or "bf16-mixed"


def _checkpointing(settings: Settings, megatron: bool) -> str:
    if megatron:
        granularity = settings.word(MEGATRON + "override_transformer_config.recompute_granularity")
        return granularity if granularity in ("full", "selective") else "none"
    if not settings.flag(True, AT + "model.enable_gradient_checkpointing"):
        return "none"
    return "offloaded" if settings.flag(False, AT + "model.enable_activation_offload") else "full"


def devices(settings: Settings) -> int | None:
    """Devices of all nodes."""
    each = settings.get("training.hardware.count", fields.whole, "trainer.n_gpus_per_node")
    nodes = fields.whole(settings.value("trainer.nnodes"))
    return each * nodes if each and nodes else None


def _beside(run: Training, settings: Settings) -> Training:
    """`run` with reference, critic, reward model and the engine that generates."""
    estimator = settings.word("algorithm.adv_estimator")
    penalised = settings.flag(False, "algorithm.use_kl_in_reward") or settings.flag(False, AT + "actor.use_kl_loss")
    kept = Companion("host" if run.framework == "verl" else "device")
    rewarded = settings.flag(False, "reward_model.enable")
    return run._replace(
        algorithm=ESTIMATORS.get(estimator, "grpo"),
        reference_model=kept if penalised and not run.lora else Companion("none"),
        critic=Companion("device", settings.named_beside("critic.model.path"))
        if estimator == "gae"
        else Companion("none"),
        reward_model=Companion("device", settings.named_beside("reward_model.model.path"))
        if rewarded
        else Companion("none"),
        rollout=_rollout(settings),
    )


def _rollout(settings: Settings) -> Rollout | None:
    """The engine on the devices that train; one with nodes of its own is none of their business."""
    if settings.has("rollout.nnodes") or not settings.flag(True, AT + "hybrid_engine"):
        return None
    at = AT + "rollout."
    return Rollout(
        engine=settings.word(at + "name") or None,
        memory_utilization=fields.share(settings.value(at + "gpu_memory_utilization")),
        tensor_parallel=fields.whole(settings.value(at + "tensor_model_parallel_size")),
        sleeps=settings.flag(True, at + "free_cache_engine"),
    )
