"""A training section with every default filled in, and what was assumed while doing so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner.memory.training.frameworks import Framework, framework
from planner.memory.training.step import Companions, Step
from planner.model.stack import Architecture, Layer, Tensor
from planner.plan import training_loss
from planner.plan.training_companions import companions
from planner.record import NamedTuple

if TYPE_CHECKING:
    from planner.plan.types import ModelPlan
    from planner.workload import Lora, Training

LARGEST = 1 << 40
DTYPE_BYTES = {"float32": 4, "float16": 2, "bfloat16": 2, "float8": 1, "int8": 1}
MIXED = ("bf16-mixed", "fp16-mixed", "fp8")
HALF = ("float16", "bfloat16")


class Filled(NamedTuple):
    """A step, and where it rests on a guess."""

    step: Step
    assumptions: tuple[str, ...]
    defaults: Framework


def size(value: int | None, default: int = 1) -> int:
    """`value` where it is a count that a machine can have, else `default`."""
    return value if value is not None and 0 < value <= LARGEST else default


def filled(training: Training, model: ModelPlan) -> Filled | None:
    """The step of `training`; None where not even the number of parameters is known."""
    architecture = model.architecture or _of_size(model.total)
    if architecture is None:
        return None
    defaults = framework(training.framework)
    notes: list[str] = []
    whose = training.framework or "PyTorch"
    method = training.method or ("lora" if training.lora else "full")
    precision = _precision(training, model, defaults, notes)
    for name, default in (("attention", defaults.attention), ("activation_checkpointing", defaults.checkpointing)):
        if getattr(training, name) is None:
            notes.append(f"{name} not stated: {default} ({whose})")
    if training.optimizer is None:
        notes.append("optimizer not stated: adamw")
    devices = size(training.hardware.count if training.hardware else None)
    loss = training_loss.implementation(training, defaults, notes)
    step = Step(
        architecture=training_loss.trained(architecture, loss),
        micro_batch=size(training.micro_batch_size, 0) * training_loss.per_example(training, notes),
        sequence_length=size(training.sequence_length, 0),
        method=method,
        trainable_layers=training.trainable_layers or None,
        trainable_modules=training.trainable_modules,
        base_dtype_bytes=DTYPE_BYTES.get(training.base_dtype or ""),
        precision=precision,
        optimizer=training.optimizer or "adamw",
        fused=training.optimizer_implementation != "foreach",
        attention=training.attention or defaults.attention,
        cross_entropy=loss,
        completion=size(training.completion_length, 0),
        checkpointing=training.activation_checkpointing or defaults.checkpointing,
        sharding=_sharding(training, defaults, devices, notes),
        devices=devices,
        tensor=size(training.tensor_parallel),
        pipeline=min(size(training.pipeline_parallel), len(architecture.layers)),
        context=size(training.context_parallel),
        expert=size(training.expert_parallel),
        accumulates=_accumulates(training, defaults, devices, notes),
        kernels=training.kernels or defaults.kernels,
        sequence_parallel=_either(training.sequence_parallel, defaults.sequence_parallel),
        main_gradients=DTYPE_BYTES.get(training.gradient_dtype or "", defaults.main_gradients),
        base_bytes=model.weights_bytes if model.scheme is not None and method in ("lora", "qlora") else None,
        int8_base=_int8(model) and method in ("lora", "qlora"),
        offload=training.offload or "none",
        upcast_base=defaults.upcast_base,
        modules=defaults.modules,
        quantized_experts=training.quantized_experts is True,
        full_batches=training.packing is True,
        defers_sync=defaults.defers_sync,
        reshards=training.reshard_after_forward is not False,
        shards_embeddings=training.shard_embeddings is True,
        shard_degree=training.shard_degree,
        bucket=size(training.reduce_bucket_size, Step._field_defaults["bucket"]),
        live=size(training.max_live_parameters, Step._field_defaults["live"]),
        optimizer_rank=size(training.optimizer_rank, Step._field_defaults["optimizer_rank"]),
        state_bytes=DTYPE_BYTES.get(training.optimizer_dtype or ""),
        master=training.master_weights,
        in_backward=_in_backward(training, defaults, devices, notes),
        virtual=size(training.virtual_pipeline),
        companions=companions(training, model, method in ("lora", "qlora"), notes),
    )
    return Filled(_adapted(step, training.lora, defaults, notes), tuple(notes), defaults)


def _of_size(total: int | None, kind: str = "other") -> Architecture | None:
    """A stand-in for a model of which only the size is known: enough for its states."""
    if total is None or total < 1:
        return None
    layer = Layer("none", "none", (Tensor("weights", (total, 1), "ffn", kind),))
    return Architecture("", 1, 1, (layer,), ())


def _int8(model: ModelPlan) -> bool:
    """Whether bitsandbytes multiplies the weights in 8 bit (LLM.int8, arXiv:2208.07339)."""
    scheme = model.scheme
    return (
        scheme is not None
        and scheme.method == "bitsandbytes"
        and scheme.storage is not None
        and scheme.storage.bits == 8
    )


def _adapted(step: Step, lora: Lora | None, defaults: Framework, notes: list[str]) -> Step:
    """`step` with its adapter."""
    if step.method not in ("lora", "qlora"):
        return step
    if lora is None or lora.rank is None:
        notes.append(f"lora.rank not stated: {step.rank}")
    stated = {"float32": 4, "float16": 2, "bfloat16": 2}.get((lora.dtype if lora else None) or "")
    adapter = stated or (4 if step.precision == "fp32" else defaults.adapter_bytes)
    if stated is None:
        notes.append(f"lora.dtype not stated: {'float32' if adapter == 4 else '16 bit'}")
    return step._replace(
        rank=size(lora.rank if lora else None, step.rank),
        targets=lora.targets if lora else step.targets,
        dropout=lora.dropout if lora else 0.0,
        adapter_bytes=adapter,
        dora=bool(lora and lora.dora),
        saved_modules=lora.modules_to_save if lora else (),
    )


def _precision(training: Training, model: ModelPlan, defaults: Framework, notes: list[str]) -> str:
    stated = training.precision
    if stated in MIXED and defaults.pure:
        notes.append(f"{training.framework} has no mixed precision: {stated} taken as bf16")
        return "bf16"
    if stated is not None:
        return stated
    assumed = defaults.precision or {"float32": "fp32", "float16": "fp16"}.get(model.dtype or "", "bf16")
    notes.append(f"precision not stated: {assumed}")
    return assumed


def _sharding(training: Training, defaults: Framework, devices: int, notes: list[str]) -> str:
    if training.sharding is not None:
        return "ddp" if training.sharding == "none" and devices > 1 else training.sharding
    if devices == 1:
        return "none"
    notes.append(f"sharding not stated: {defaults.sharding} ({training.framework or 'PyTorch'})")
    return defaults.sharding


def _either(stated: bool | None, default: bool) -> bool:
    return default if stated is None else stated


def _in_backward(training: Training, defaults: Framework, devices: int, notes: list[str]) -> bool:
    """Whether layers are updated within the backward pass.

    torchtune's recipes for one device pair paged optimizers with it (llama2/7B_full_low_memory).
    """
    if training.optimizer_in_backward is not None:
        return training.optimizer_in_backward
    alone = devices == 1 and (training.gradient_accumulation or 1) == 1
    if not (defaults.early_gradients and alone and (training.optimizer or "").startswith("paged")):
        return False
    notes.append(f"optimizer_in_backward not stated: true, as {training.framework} does with paged optimizers")
    return True


def _accumulates(training: Training, defaults: Framework, devices: int, notes: list[str]) -> bool:
    if training.gradient_accumulation is not None:
        return training.gradient_accumulation > 1
    if training.global_batch_size is None and defaults.accumulates:
        notes.append(f"gradient_accumulation not stated: more than 1 ({training.framework})")
        return True
    if training.global_batch_size is None or training.micro_batch_size is None:
        return False
    from planner.plan.batch import data_parallel

    return training.global_batch_size > training.micro_batch_size * (data_parallel(training) or devices)


def least(training: Training, model: ModelPlan, found: Filled) -> Step:
    """The step with everything unstated, or open to another reading, at its cheapest: what a proof may rest on.

    Nobody's gradients or states are counted that a framework can do without: an optimizer that is not stated, states
    that move to the host, experts in 16 bit that a loader may quantize, float32 weights where a 16-bit checkpoint may
    be trained as it is.
    """
    step, defaults = found.step, found.defaults
    stored = model.dtype in HALF or model.dtype is None
    full = training.precision == "fp32" or step.sharding.startswith("zero") or defaults.master
    if training.precision is None or (stored and not full):
        step = step._replace(precision="bf16", main_gradients=None)
    if training.optimizer is None:
        step = step._replace(optimizer="sgd")
    if training.sharding is None and step.devices > 1:
        step = step._replace(sharding="fsdp")
    if training.method is None and training.lora is None and training.stage not in ("pretrain", "continued-pretrain"):
        step = step._replace(method="qlora", rank=1, adapter_bytes=2)
    if training.quantized_experts is None:
        step = step._replace(quantized_experts=True)
    if model.architecture is None and step.expert > 1:
        step = step._replace(tensor=min(step.tensor * step.expert, step.devices))
    if training.tensor_parallel is None and training.framework in ("megatron", "nemo"):
        step = step._replace(tensor=step.devices)
    if training.gradient_dtype is None and step.main_gradients:
        step = step._replace(main_gradients=2)
    if model.architecture is None and step.expert > 1:
        step = step._replace(architecture=_of_size(model.total, "expert") or step.architecture)
    if training.optimizer_in_backward is None and defaults.early_gradients:
        step = step._replace(in_backward=True)
    stated = (training.reference_model, training.reward_model, training.teacher_model)
    frozen = step.companions.frozen[: sum(each is not None and each.place == "device" for each in stated)]
    trained = step.companions.trained if training.critic is not None else ()
    return step._replace(upcast_base=False, shard_degree=None, companions=Companions(frozen, trained))
