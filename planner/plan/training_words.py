"""How a change of a training run is written in the config that it belongs to."""

from __future__ import annotations

import re
from collections.abc import Mapping

NATIVE: Mapping[str, str] = {
    "cross_entropy": "cross_entropy: fused",
    "optimizer_implementation": "optimizer_implementation: fused",
    "attention": "attention: sdpa",
    "micro_batch_size": "micro_batch_size: {micro} with gradient_accumulation: {steps}",
    "rollout": "rollout: {{sleeps: true}}",
    "reshard_after_forward": "reshard_after_forward: true",
    "activation_checkpointing": "activation_checkpointing: full",
    "sharding": "sharding: zero3",
    "optimizer": "optimizer: adamw-8bit",
    "lora": "method: lora (rank 16, all linear layers)",
    "qlora": "method: qlora (the base in 4 bit)",
}
"""By what is changed, or to which method."""
_TRAINER = {
    "cross_entropy": "use_liger_kernel: true",
    "optimizer_implementation": "optim: adamw_torch_fused",
    "attention": "attn_implementation: sdpa",
    "micro_batch_size": "per_device_train_batch_size: {micro} with gradient_accumulation_steps: {steps}",
    "activation_checkpointing": "gradient_checkpointing: true",
    "sharding": "deepspeed: a config with ZeRO stage 3",
    "optimizer": "optim: adamw_bnb_8bit",
}
"""transformers' TrainingArguments."""
_TRL = {
    **_TRAINER,
    "rollout": "vllm_enable_sleep_mode: true",
    "lora": "use_peft: true with lora_r: 16 and lora_target_modules: all-linear",
    "qlora": "use_peft: true with load_in_4bit: true",
}
SPELLED: Mapping[str, Mapping[str, str]] = {
    "axolotl": {
        "cross_entropy": "liger_fused_linear_cross_entropy: true (axolotl.integrations.liger.LigerPlugin)",
        "optimizer_implementation": "optimizer: adamw_torch_fused",
        "attention": "attn_implementation: sdpa",
        "micro_batch_size": "micro_batch_size: {micro} with gradient_accumulation_steps: {steps}",
        "activation_checkpointing": "gradient_checkpointing: true",
        "sharding": "deepspeed: deepspeed_configs/zero3_bf16.json",
        "optimizer": "optimizer: adamw_bnb_8bit",
        "lora": "adapter: lora with lora_r: 16 and lora_target_linear: true",
        "qlora": "adapter: qlora with load_in_4bit: true",
    },
    "llama-factory": {
        **_TRAINER,
        "cross_entropy": "enable_liger_kernel: true",
        "attention": "flash_attn: sdpa",
        "activation_checkpointing": "disable_gradient_checkpointing: false",
        "lora": "finetuning_type: lora with lora_rank: 16",
        "qlora": "finetuning_type: lora with quantization_bit: 4",
    },
    "llama-factory-v1": {
        "micro_batch_size": "micro_batch_size: {micro}",
        "activation_checkpointing": "enable_activation_checkpointing: true",
        "sharding": "dist_config: {{name: fsdp2}}",
        "lora": "peft_config: {{name: lora, r: 16}}",
    },
    "trl": _TRL,
    "fms-hf-tuning": {**_TRAINER, "lora": "peft_method: lora with r: 16"},
    "open-instruct": {
        "cross_entropy": "use_liger_kernel: true",
        "micro_batch_size": "per_device_train_batch_size: {micro} with gradient_accumulation_steps: {steps}",
        "activation_checkpointing": "gradient_checkpointing: true",
        "sharding": "accelerate launch with DeepSpeed's ZeRO stage 3",
        "lora": "use_lora: true with lora_rank: 16",
        "qlora": "use_lora: true with use_qlora: true",
    },
    "ms-swift": {
        **_TRAINER,
        "attention": "attn_impl: sdpa",
        "sharding": "deepspeed: zero3",
        "lora": "tuner_type: lora with lora_rank: 16",
        "qlora": "tuner_type: lora with quant_method: bnb and quant_bits: 4",
    },
    "unsloth": {
        "micro_batch_size": "training.batch_size: {micro} with training.gradient_accumulation_steps: {steps}",
        "activation_checkpointing": "training.gradient_checkpointing: unsloth",
        "optimizer": "training.optim: adamw_8bit",
        "lora": "training.training_type: lora with lora.lora_r: 16",
        "qlora": "training.load_in_4bit: true",
    },
    "mlx-lora": {
        "micro_batch_size": "batch_size: {micro} with grad_accumulation_steps: {steps}",
        "activation_checkpointing": "grad_checkpoint: true",
        "lora": "fine_tune_type: lora",
    },
}
"""By format; what a format has no words for is not proposed."""


LENGTHS: Mapping[str, Mapping[str, str]] = {
    "gpt-neox": {
        "tokens": "train_iters: 100000", "sequence_length": "seq_length: 4096",
        "global_batch_size": "train_batch_size: 1024",
    },
    "levanter": {
        "tokens": "trainer.num_train_steps: 100000", "sequence_length": "model.seq_len: 4096",
        "global_batch_size": "trainer.train_batch_size: 1024",
    },
    "lingua": {"tokens": "steps: 100000", "sequence_length": "data.seq_len: 4096"},
    "litgpt": {
        "tokens": "train.max_tokens: 140000000000", "sequence_length": "train.max_seq_length: 4096",
        "global_batch_size": "train.global_batch_size: 1024",
    },
    "llm-foundry": {
        "tokens": "max_duration: 100000ba", "sequence_length": "max_seq_len: 4096",
        "global_batch_size": "global_train_batch_size: 1024",
    },
    "maxtext": {"tokens": "steps: 100000", "sequence_length": "max_target_length: 4096"},
    "megatron": {
        "tokens": "train-iters: 100000", "sequence_length": "seq-length: 4096",
        "global_batch_size": "global-batch-size: 1024",
    },
    "megatron-bridge": {
        "tokens": "train.train_iters: 100000", "sequence_length": "model.seq_length: 4096",
        "global_batch_size": "train.global_batch_size: 1024",
    },
    "nanotron": {"tokens": "tokens.train_steps: 100000", "sequence_length": "tokens.sequence_length: 4096"},
    "nemo": {
        "tokens": "trainer.max_steps: 100000", "sequence_length": "model.encoder_seq_length: 4096",
        "global_batch_size": "model.global_batch_size: 1024",
    },
    "olmo": {
        "tokens": "max_duration: 2e12T", "sequence_length": "model.max_sequence_length: 4096",
        "global_batch_size": "global_train_batch_size: 1024",
    },
    "torchtitan": {
        "tokens": "training.steps: 100000", "sequence_length": "training.seq_len: 4096",
        "global_batch_size": "training.global_batch_size: 1024",
    },
}  # fmt: skip
"""What makes a run's tokens, by format and the native key that says the same."""
COMMENT = "add a comment `# planner: hardware=H100-80GB:8`, or --hardware"


def mended(format: str, mend: str) -> str:
    """`mend`, which speaks of native keys, in the words of `format`; empty where it has none."""
    keys, theirs = re.findall(r"`(\w+):", mend), LENGTHS.get(format, {})
    said = [COMMENT] if "hardware" in keys else []
    said += [f"set `{theirs[key]}`" for key in keys if key in theirs]
    return ", or ".join(said)


def words(format: str) -> Mapping[str, str]:
    """How `format` writes changes; as the native config does where nothing else is known."""
    return SPELLED.get(format, NATIVE)
