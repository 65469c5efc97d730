"""Readers of training runs bear whatever stands where they expect something else."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.formats import registry
from planner.formats.context import Context
from planner.plan import make_plan
from planner.source import read as read_source

RUNS: dict[str, dict[str, Any]] = {
    "llm-foundry": {
        "model": {"d_model": 8, "n_heads": 2, "n_layers": 2, "vocab_size": 10, "expansion_ratio": 4, "attn_config": {}},
        "max_duration": "10ba", "global_train_batch_size": 4, "max_seq_len": 8, "train_loader": {"name": "text"},
    },
    "olmo": {
        "model": {"d_model": 8, "n_heads": 2, "n_layers": 2, "vocab_size": 10, "mlp_ratio": 4, "norm_after": True,
                  "attention_layer_norm": True},
        "max_duration": "1ep", "global_train_batch_size": 4, "load_path": None,
    },
    "nanotron": {
        "model": {"model_config": {"hidden_size": 8, "num_hidden_layers": 2}, "init_method": {}, "dtype": "bfloat16"},
        "parallelism": {"dp": 2, "tp": 1, "pp": 1}, "optimizer": {"zero_stage": 0},
        "tokens": {"train_steps": 5, "sequence_length": 8, "micro_batch_size": 2},
    },
    "levanter": {
        "model": {"type": "llama", "hidden_dim": 8, "num_layers": 2}, "data": {"tokenizer": "gpt2"},
        "trainer": {"train_batch_size": 4, "num_train_steps": 5, "mp": "f32"}, "initialize_from_hf": False,
    },
    "litgpt": {
        "model_name": "pythia-14m", "model_config": {"n_layer": 2, "n_embd": 8}, "precision": "bf16-true",
        "train": {"micro_batch_size": 4, "max_tokens": 10**9}, "devices": 2, "lora_r": 4,
    },
    "gpt-neox": {
        "num_layers": 2, "hidden_size": 8, "num_attention_heads": 2, "pos_emb": "rotary", "train_iters": 5,
        "train_micro_batch_size_per_gpu": 2, "optimizer": {"type": "Adam"}, "fp16": {"enabled": True},
        "attention_config": [[["global"], 2]],
    },
    "megatron": {
        "MODEL_ARGS": {"--num-layers": 2, "--hidden-size": 8, "--num-attention-heads": 2, "--train-iters": 5,
                       "--moe-layer-freq": "([0]*1+[1]*1)", "--num-experts": 4, "--moe-router-topk": 2},
    },
    "nemo": {
        "trainer": {"devices": 8, "num_nodes": 2, "max_steps": 5}, "run": {"name": "a"},
        "model": {"micro_batch_size": 1, "global_batch_size": 8, "num_layers": 2, "hidden_size": 8,
                  "ffn_hidden_size": "${multiply:4, ${.hidden_size}}", "peft": {"peft_scheme": "lora"}},
    },
    "nemo-search": {"train_settings": {"model_size_in_b": 7, "num_tokens_in_b": 140, "seq_length": 8}},
    "maxtext": {
        "base_emb_dim": 8, "base_num_decoder_layers": 2, "steps": 5, "per_device_batch_size": 2, "num_experts": 4,
        "first_num_dense_layers": 1, "mlp_activations": ["silu"], "attention_type": "mla", "decoder_block": "deepseek",
    },
    "cerebras": {
        "trainer": {
            "init": {"model": {"hidden_size": 8, "num_hidden_layers": 2, "vocab_size": 10, "moe": {"num_experts": 2}},
                     "loop": {"max_steps": 5}, "callbacks": [{}]},
            "fit": {"train_dataloader": {"batch_size": 4}},
        }
    },
    "lingua": {
        "steps": 5, "optim": {}, "data": {"seq_len": 8, "batch_size": 2},
        "model": {"dim": 8, "n_layers": 2, "n_heads": 2, "ffn_dim_multiplier": 1.0},
    },
    "torchtune": {
        "tokenizer": {"max_seq_len": 8}, "model": {"_component_": "torchtune.models.llama2.lora_llama2", "embed_dim": 8,
        "num_layers": 2, "num_heads": 2, "vocab_size": 10, "lora_attn_modules": ["q_proj"], "lora_rank": 4},
        "optimizer": {"_component_": "torch.optim.AdamW", "fused": True}, "loss": {"_component_": "DPOLoss"},
        "teacher_model": {"_component_": "x"}, "epochs": 2, "max_steps_per_epoch": 3, "batch_size": 2, "dtype": "bf16",
        "checkpointer": {}, "compile": {"model": True}, "ac_mode": "full", "dataset": {"packed": True},
    },
    "nemo-automodel": {
        "recipe": "TrainRecipe", "step_scheduler": {"local_batch_size": 2, "global_batch_size": 4, "max_steps": 5},
        "model": {"_target_": "nemo_automodel.NeMoAutoModelForCausalLM.from_pretrained", "torch_dtype": "bf16",
                  "pretrained_model_name_or_path": "gpt2", "config": {"name_or_path": "gpt2"}},
        "peft": {"target_modules": ["*.q_proj"], "dim": 4}, "quantization": {"load_in_4bit": True},
        "distributed": {"dp_size": 2, "pp_size": 2, "pipeline": {"pp_microbatch_size": 1}, "tp_size": 2},
        "packed_sequence": {"packed_sequence_size": 8}, "optimizer": {"_target_": "a.Adam"},
        "teacher_model": {"pretrained_model_name_or_path": "gpt2"},
        "skypilot": {"accelerators": "T4:1", "num_nodes": 1},
    },
    "nemo-rl": {
        "defaults": ["gone.yaml"], "grpo": {"max_num_steps": 5}, "loss_fn": {"reference_policy_kl_penalty": 0.1},
        "policy": {"model_name": "gpt2", "train_micro_batch_size": 2, "max_total_sequence_length": 8,
                   "precision": "bfloat16", "optimizer": {"name": "a.AdamW"},
                   "megatron_cfg": {"enabled": True, "peft": {"enabled": True, "target_modules": ["a"], "dim": 4},
                                    "optimizer": {"optimizer": "adam"}, "tensor_model_parallel_size": 2},
                   "generation": {"backend": "vllm", "vllm_cfg": {"gpu_memory_utilization": 0.5},
                                  "colocated": {"enabled": True, "resources": {"num_nodes": 1}}}},
        "cluster": {"gpus_per_node": 8, "num_nodes": 2}, "value": {"model_name": "gpt2"},
    },
    "verl": {
        "hydra": {"searchpath": ["file://a"]}, "defaults": ["ppo_trainer", "_self_", {"a@b": "c"}],
        "data": {"max_prompt_length": 8, "max_response_length": 8},
        "actor_rollout_ref": {
            "model": {"path": "gpt2", "lora_rank": 4, "target_modules": ["a"]},
            "actor": {"strategy": "fsdp", "use_dynamic_bsz": True, "ppo_max_token_len_per_gpu": 32,
                      "fsdp_config": {"model_dtype": "fp32", "fsdp_size": 2}},
            "rollout": {"name": "vllm", "n": 4, "gpu_memory_utilization": 0.5}},
        "algorithm": {"adv_estimator": "gae"}, "critic": {"model": {"path": "gpt2"}},
        "reward_model": {"enable": True, "model": {"path": "gpt2"}}, "trainer": {"n_gpus_per_node": 8, "nnodes": 1},
    },
    "verl-sft": {
        "data": {"max_length": 8, "micro_batch_size_per_gpu": 2, "train_batch_size": 4},
        "model": {"partial_pretrain": "gpt2", "lora_rank": 4, "target_modules": ["a"],
                  "fsdp_config": {"model_dtype": "bf16", "cpu_offload": True}},
        "ulysses_sequence_parallel_size": 2, "trainer": {"total_epochs": 2, "n_gpus_per_node": 8, "nnodes": 1},
    },
    "prime-rl": {
        "max_steps": 5, "seq_len": 8, "model": {"name": "gpt2"}, "orchestrator": {"batch_size": 4},
        "trainer": {"model": {"cp": 2, "ep": "auto", "lora": {"rank": 4, "target_modules": ["a"]}, "ac": {"mode": "x"}},
                    "optim": {"type": "adamw"}},
        "deployment": {"type": "multi_node", "num_train_nodes": 2, "gpus_per_node": 8},
    },
    "mcli": {
        "compute": {"gpus": 8}, "image": "mosaicml/llm-foundry", "command": "composer train.py a.yaml",
        "parameters": {"model": {"d_model": 8, "n_heads": 2, "n_layers": 2, "vocab_size": 10}, "max_duration": "10ba",
                       "global_train_batch_size": 4, "max_seq_len": 8, "train_loader": {"name": "text"}},
    },
    "megatron-bridge": {
        "train": {"train_iters": 5, "global_batch_size": 4}, "model": {"seq_length": 8},
        "checkpoint": {"finetune": True},
    },
    "train-job": {
        "apiVersion": "kubeflow.org/v1", "kind": "PyTorchJob", "metadata": {"name": "a"},
        "spec": {"pytorchReplicaSpecs": {"Worker": {"replicas": 2, "containers": [{
            "command": ["torchrun", "--nproc_per_node=8", "--hidden_width=8", "--num_layers", "2", "--num_heads=2",
                        "--model_type=llama_v2", "--epochs=1", "--intermediate_size=$A", "--max_steps=2"]}]}}},
    },
    "torchtitan": {
        "model": {"name": "llama3", "flavor": "8B"}, "optimizer": {"name": "AdamW"},
        "training": {"local_batch_size": 2, "seq_len": 8, "steps": 5}, "parallelism": {"tensor_parallel_degree": 2},
        "activation_checkpoint": {"mode": "full"}, "compile": {"enable": True, "components": ["model"]},
    },
}  # fmt: skip
RUNS |= {
    "axolotl": {
        "base_model": "a/b", "sequence_len": 8, "micro_batch_size": 2, "datasets": [{"path": "x"}], "adapter": "qlora",
        "lora_target_modules": ["q_proj"], "num_epochs": 2, "bf16": "auto", "load_in_4bit": True, "rl": "grpo",
        "trl": {"use_vllm": True, "beta": 0.1}, "fsdp": ["full_shard"], "fsdp_config": {"fsdp_offload_params": True},
        "plugins": ["x"], "gradient_checkpointing": "offload", "batch_size": 4, "deepspeed": {"train_batch_size": 4},
    },
    "llama-factory": {
        "model_name_or_path": "a/b", "stage": "ppo", "finetuning_type": "full", "do_train": True, "cutoff_len": 8,
        "deepspeed": "zero3.json", "reward_model": "a/c", "reward_model_type": "full", "use_galore": True,
        "quantization_bit": 4, "optim": "adamw_torch", "max_steps": 5, "ref_model": "a/d", "lora_target": "all",
    },
    "llama-factory-v1": {
        "model": "a/b", "train_dataset": "x", "peft_config": {"name": "lora", "r": 4, "target_modules": ["q_proj"]},
        "dist_config": {"name": "deepspeed", "config_file": "z3.json"}, "quant_config": {"name": "bnb"}, "cp_size": 2,
    },
    "trl": {
        "model_name_or_path": "a/b", "per_device_train_batch_size": 2, "learning_rate": 1, "num_generations": 4,
        "use_vllm": True, "vllm_gpu_memory_utilization": 0.3, "use_peft": True, "lora_target_modules": ["q"],
        "dtype": "bfloat16", "max_prompt_length": 8, "max_completion_length": 8, "beta": 0.1, "fsdp": "full_shard",
        "accelerate_launch_args": {"config_file": "x"}, "attn_implementation": "flash_attention_2", "optim": "sgd",
    },
    "ms-swift": {
        "model": "a/b", "dataset": ["x#5"], "tuner_type": "lora", "rlhf_type": "gkd", "split_dataset_ratio": 0,
        "colocate_groups": [["train", "rollout"]], "use_vllm": True, "sleep_level": 1, "max_length": 8,
        "train": {"gpus": 4, "tensor_model_parallel_size": 2}, "teacher": {"model": "a/c"}, "deepspeed": "zero2",
    },
    "unsloth": {
        "model": "a/b", "training": {"max_seq_length": 8, "load_in_4bit": True, "batch_size": 2, "max_steps": 0},
        "lora": {"lora_r": 4, "target_modules": "q_proj,v_proj"}, "logging": {}, "data": {},
    },
    "mlx-lora": {
        "model": "a/b", "train": True, "iters": 10, "val_batches": 5, "steps_per_eval": 5, "adapter_path": "x",
        "lora_parameters": {"rank": 8, "keys": ["q_proj"]}, "fine_tune_type": "dora", "num_layers": 4,
    },
    "deepspeed": {
        "train_batch_size": 8, "train_micro_batch_size_per_gpu": 2, "gradient_accumulation_steps": 2,
        "zero_optimization": {"stage": 3, "offload_param": {"device": "cpu"}, "reduce_bucket_size": 5e8},
        "fp16": {"enabled": True}, "bf16": {"enabled": False},
    },
    "accelerate": {
        "compute_environment": "LOCAL_MACHINE", "distributed_type": "FSDP", "num_processes": 8, "num_machines": 1,
        "mixed_precision": "bf16", "fsdp_config": {"fsdp_sharding_strategy": 1, "fsdp_offload_params": True},
        "deepspeed_config": {"zero_stage": 3, "deepspeed_config_file": "x.json"},
        "parallelism_config": {"parallelism_config_tp_size": 2},
    },
}  # fmt: skip
ODD = st.one_of(
    st.none(), st.booleans(), st.integers(-(10**30), 10**30), st.floats(), st.text(max_size=5), st.just([]),
    st.just({}), st.just({"a": [1]}),
    st.sampled_from(["${a}", "${model}", "${..}", "${.x}", "???", "1e400ba", "9" * 60, "auto", "${multiply:${a},2}"]),
)  # fmt: skip


def places(tree: dict[str, Any], above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Paths of all values in `tree`."""
    for key, value in tree.items():
        yield (*above, key)
        if isinstance(value, dict):
            yield from places(value, (*above, key))


@pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)
@settings(max_examples=40)
@given(data=st.data())
def test_no_value_makes_a_reader_fail(run: dict[str, Any], data: st.DataObject) -> None:
    changed = copy.deepcopy(run)
    for path in data.draw(st.lists(st.sampled_from(list(places(run))), min_size=1, max_size=4)):
        inner: Any = changed
        for step in path[:-1]:
            inner = inner.get(step, {}) if isinstance(inner, dict) else {}
        if isinstance(inner, dict):
            inner[path[-1]] = copy.deepcopy(data.draw(ODD))
    source = read_source("run.json", json.dumps(changed).encode())
    assert source is not None
    for workload in registry.read(source, Context(read_source)):
        assert make_plan(workload).workload is workload


@pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)
def test_each_of_them_is_read_as_it_stands(run: dict[str, Any]) -> None:
    source = read_source("run.json", json.dumps(run).encode())
    assert source is not None
    assert len(list(registry.read(source, Context(read_source)))) == 1
