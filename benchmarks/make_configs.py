"""Config files of 40 to 80 lines to measure on: models by name and by hyper-parameters, deployed and trained.

python benchmarks/make_configs.py FOLDER [--count 5000] [--seed 0]
"""

from __future__ import annotations

import argparse
import random
from pathlib import Path

NAMES = (
    "meta-llama/Llama-3.1-8B", "Qwen/Qwen2.5-14B", "Qwen/Qwen2.5-7B", "mistralai/Mistral-7B-v0.1",
    "google/gemma-2-9b", "Qwen/Qwen3-8B", "Qwen/Qwen2.5-3B", "mistralai/Mixtral-8x7B-v0.1",
)  # fmt: skip
TEAMS = ("search", "assistant", "retrieval", "speech", "platform", "evaluation", "safety", "code")
NOTES = (
    "reviewed by the platform team", "kept in step with the cluster's quota", "see the runbook before changing this",
    "measured in the last load test", "raise it together with the limits of the pod",
)  # fmt: skip


def config(rng: random.Random) -> str:
    """One file: a comment on every few lines, nothing that is wrong."""
    lines = [f"# owner: {rng.choice(TEAMS)}, {rng.choice(NOTES)}", *_model(rng), *_deployment(rng), *_training(rng)]
    wanted = rng.randint(40, 80)
    while len(lines) < wanted:
        lines.insert(rng.randrange(len(lines) + 1), f"  # {rng.choice(NOTES)}")
    return "\n".join(lines) + "\n"


def _model(rng: random.Random) -> list[str]:
    if rng.random() < 0.5:
        return ["model:", f"  name: {rng.choice(NAMES)}", "  dtype: bfloat16"]
    heads = rng.choice((16, 32, 40))
    return [
        "model:",
        f"  name: {rng.choice(TEAMS)}-{rng.randint(1, 99)}",
        "  dtype: bfloat16",
        "  architecture:",
        "    model_type: llama",
        f"    hidden_size: {heads * 128}",
        f"    intermediate_size: {rng.choice((8192, 11008, 13824, 14336))}",
        f"    num_hidden_layers: {rng.randint(16, 40)}",
        f"    num_attention_heads: {heads}",
        "    num_key_value_heads: 8",
        f"    vocab_size: {rng.choice((32000, 50304, 128256))}",
        "    max_position_embeddings: 131072",
        "    tie_word_embeddings: false",
    ]


def _deployment(rng: random.Random) -> list[str]:
    count = rng.choice((1, 2, 4))
    return [
        "deployment:",
        "  engine: {name: vllm, version: 0.15.0}",
        f"  context: {rng.choice((4096, 8192))}",
        f"  concurrency: {rng.randint(1, 4)}",
        f"  tensor_parallel: {count}",
        "  kv_cache_dtype: auto",
        "  memory_utilization: 0.90",
        "  engine_args:",
        f"    max_num_seqs: {rng.choice((64, 128, 256))}",
        "    max_num_batched_tokens: 2048",
        "    enforce_eager: false",
        "  hardware:",
        "    accelerator: H200",
        f"    count: {count}",
    ]


def _training(rng: random.Random) -> list[str]:
    return [
        "training:",
        "  stage: finetune",
        "  method: lora",
        "  lora:",
        f"    rank: {rng.choice((8, 16, 32))}",
        "    targets: all-linear",
        f"  unique_tokens: {rng.randint(10, 90)}M",
        "  epochs: 2",
        "  sequence_length: 2048",
        "  micro_batch_size: 1",
        "  gradient_accumulation: 8",
        "  precision: bf16-mixed",
        "  optimizer: adamw",
        "  activation_checkpointing: full",
        "  hardware:",
        "    accelerator: H200",
        "    count: 1",
    ]


def write(folder: Path, count: int, seed: int = 0) -> None:
    """`count` files in `folder`, a hundred to a folder below it; the same for the same seed."""
    rng = random.Random(seed)
    for index in range(count):
        path = folder / f"team-{index // 100:03}" / f"config-{index:05}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(config(rng), encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--count", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    write(asked.folder, asked.count, asked.seed)
