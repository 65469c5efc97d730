"""What a training framework does where a config says nothing, as far as it decides memory."""

from __future__ import annotations

from planner.memory.training.modules import LITGPT, TRANSFORMERS, Modules
from planner.record import NamedTuple


class Framework(NamedTuple):
    """Defaults and kernels of one framework."""

    source: str
    """Where they are written."""
    standard: str = "standard"
    """Its standard cross-entropy, a key of `planner.memory.training.logits.COSTS`."""
    cross_entropy: str | None = None
    """The one that it takes by default, where that is not the standard one."""
    rewards: str = "score"
    """The loss of its reward models, a key of the same."""
    kernels: str = "eager"
    attention: str = "sdpa"
    checkpointing: str = "none"
    precision: str | None = None
    """None: the dtype in which the weights are loaded."""
    sharding: str = "ddp"
    """Over several devices."""
    adapter_bytes: int = 4
    upcast_base: bool = True
    main_gradients: int | None = None
    sequence_parallel: bool = False
    pure: bool = False
    """It has no mixed precision: bf16 is everything in 16 bit."""
    master: bool = False
    """Mixed precision keeps float32 weights, whatever the checkpoint was stored in."""
    modules: Modules = TRANSFORMERS
    accumulates: bool = False
    """Its own recipes accumulate gradients where nothing is said."""
    defers_sync: bool = False
    """Under FSDP it exchanges gradients with the last micro-batch of a step alone."""
    early_gradients: bool = False
    """It can step the optimizer within the backward pass, so that gradients are never all there."""


UNKNOWN = Framework("PyTorch", precision="bf16-mixed")
_TRAINER = Framework("transformers: TrainingArguments; accelerate: no_sync", upcast_base=True, defers_sync=True)
_RELEASED = _TRAINER._replace(standard="standard-released")
"""transformers' Trainer, whose `compute_loss` lets go of the outputs before the backward pass begins."""
_MEGATRON = Framework(
    "Megatron-LM: arguments.py", "vocab-parallel", kernels="fused", attention="flash", precision="bf16-mixed",
    main_gradients=4, master=True, adapter_bytes=2, upcast_base=False,
)  # fmt: skip

FRAMEWORKS = {
    "transformers": _TRAINER,
    "peft": _TRAINER._replace(source="PEFT: LoraConfig, autocast_adapter_dtype"),
    "accelerate": _TRAINER._replace(source="accelerate: AcceleratorState"),
    "trl": _RELEASED._replace(source="TRL: SFTConfig, gradient_checkpointing", checkpointing="full"),
    "axolotl": _RELEASED._replace(source="axolotl: config reference"),
    "llama-factory": _RELEASED._replace(
        source="LLaMA-Factory: ModelArguments, disable_gradient_checkpointing", checkpointing="full",
        rewards="value-head",
    ),
    "ms-swift": _RELEASED._replace(source="ms-swift: gradient_checkpointing", checkpointing="full"),
    "unsloth": _TRAINER._replace(
        source="Unsloth: FastLanguageModel", cross_entropy="fused", kernels="fused", checkpointing="full",
        upcast_base=False,
    ),
    "torchtune": Framework(
        "torchtune: recipes, CEWithChunkedOutputLoss", "standard", "chunked", adapter_bytes=2, upcast_base=False,
        precision="bf16", pure=True, sharding="fsdp", early_gradients=True,
    ),
    "nemo-automodel": Framework(
        "NeMo Automodel: NeMoAutoModel.from_pretrained, FSDP2Config", sharding="fsdp", kernels="fused", adapter_bytes=2,
        upcast_base=False,
    ),
    "nemo-rl": Framework(
        "NeMo RL: models/automodel/setup.py", "standard-released", precision="bf16-mixed", sharding="fsdp", master=True,
        upcast_base=False,
    ),
    "verl": Framework(
        "verl: trainer/config", "standard-released", precision="bf16-mixed", sharding="fsdp", attention="flash",
        checkpointing="full", master=True, upcast_base=False,
    ),
    "prime-rl": Framework(
        "prime-rl: configs/trainer.py", "standard-released", "fused", precision="bf16-mixed", sharding="fsdp",
        attention="flash", kernels="fused", checkpointing="full", master=True, upcast_base=False,
    ),
    "torchtitan": Framework(
        "torchtitan: config/job_config.py", "standard-released", precision="bf16-mixed", sharding="fsdp",
        checkpointing="selective", master=True, sequence_parallel=True,
    ),
    "litgpt": Framework(
        "LitGPT: finetune and pretrain scripts, chunked_cross_entropy", "standard", "chunked", adapter_bytes=2,
        precision="bf16", upcast_base=False, sharding="fsdp", modules=LITGPT,
        accumulates=True, defers_sync=True,
    ),
    "llm-foundry": Framework(
        "LLM Foundry: MPTConfig, fused_crossentropy", "fused-loss", precision="bf16-mixed", attention="flash",
        sharding="fsdp", master=True,
    ),
    "olmo": Framework(
        "OLMo: TrainConfig, fsdp", precision="bf16-mixed", attention="flash", sharding="fsdp", master=True
    ),
    "lingua": Framework(
        "Meta Lingua: DistributedArgs, fsdp_type full_shard", precision="bf16-mixed", attention="flash",
        sharding="fsdp", kernels="fused", master=True,
    ),
    "maxtext": Framework("MaxText: base.yml", precision="bf16-mixed", sharding="fsdp", kernels="fused", master=True),
    "levanter": Framework(
        "Levanter: TrainerConfig, LlamaConfig", precision="bf16-mixed", sharding="fsdp", kernels="fused", master=True,
        checkpointing="full",
    ),
    "megatron": _MEGATRON,
    "nemo": _MEGATRON._replace(source="NeMo on Megatron-Core"),
}  # fmt: skip
"""By the names of the native config."""


def framework(name: str | None) -> Framework:
    """The defaults of `name`; PyTorch's where nothing is known of it."""
    return FRAMEWORKS.get(name or "", UNKNOWN)
