"""The YAML that `vllm serve --config` reads: flags without their hyphens, flat."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

from planner.formats import flags, serving

if TYPE_CHECKING:
    from planner.formats.context import Context
    from planner.source.document import Document
    from planner.workload import Workload

OWN = frozenset((
    "max_model_len", "gpu_memory_utilization", "tensor_parallel_size", "pipeline_parallel_size", "max_num_seqs",
    "max_num_batched_tokens", "enforce_eager", "kv_cache_dtype", "enable_prefix_caching", "enable_chunked_prefill",
    "served_model_name", "enable_auto_tool_choice", "tool_call_parser", "cpu_offload_gb", "swap_space",
    "enable_expert_parallel", "limit_mm_per_prompt", "reasoning_parser", "trust_remote_code", "hf_overrides",
    "disable_log_requests", "enable_lora", "data_parallel_size", "uvicorn_log_level",
))  # fmt: skip
"""Options that tell its config from others; two of them make one."""
FOREIGN = frozenset((
    "_target_", "defaults", "services", "apiVersion", "kind", "rl", "engine_kwargs", "actor_rollout_ref",
    "learning_rate", "datasets", "dataset", "base_model", "model_name_or_path", "tensor_model_parallel_size",
    "num_train_epochs", "param_offload", "ckpt_manager", "weight_dtype", "hidden_size", "model_type", "name",
    "inherits", "stages",
))  # fmt: skip
"""Keys of other files that name options of vLLM as well: rollouts of reinforcement learning, training configs."""


def recognise(document: Document) -> bool:
    """Whether it is a mapping of vLLM's options and of nothing else."""
    data = document.data
    if not isinstance(data, dict) or FOREIGN & data.keys() or any(key.startswith("-") for key in data):
        return False
    return len(OWN & {key.replace("-", "_") for key in data}) >= 2


def read(document: Document, context: Context) -> Iterator[Workload]:
    """The one deployment that it describes. Which model, the command line may say."""
    place = serving.Place(document, context, "vllm-config")
    launch = flags.from_options("vllm", document.data, ())
    outcome = serving.from_launch(launch, None, place)
    stem = os.path.splitext(os.path.basename(document.file))[0]
    yield serving.workload((outcome.model and outcome.model.name) or stem, outcome, place)
