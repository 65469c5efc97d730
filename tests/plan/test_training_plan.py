"""The plan of a training run: what fits and what does not, what is assumed, and what is said to be missing."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.plan.model import model_plan
from planner.plan.training import training_plan
from planner.plan.types import TrainingPlan
from planner.source.document import Document
from planner.units import GIB
from planner.workload import Hardware, Lora, Model, NotChecked, Training, Workload

DOCUMENT: Document = None  # type: ignore[assignment]  # plans never look at the text
LLAMA_8B: dict[str, Any] = {
    "model_type": "llama", "hidden_size": 4096, "num_hidden_layers": 32, "vocab_size": 128256,
    "intermediate_size": 14336, "num_attention_heads": 32, "num_key_value_heads": 8,
}  # fmt: skip
LLAMA_3B: dict[str, Any] = {
    **LLAMA_8B, "hidden_size": 3072, "num_hidden_layers": 28, "intermediate_size": 8192, "num_attention_heads": 24,
    "head_dim": 128, "tie_word_embeddings": True,
}  # fmt: skip
STEP: dict[str, Any] = {
    "stage": "finetune",
    "framework": "transformers",
    "micro_batch_size": 1,
    "sequence_length": 2048,
}


def card(size: float, count: int = 1) -> Hardware:
    return Hardware(None, count, int(size * GIB), int(size * GIB))


def worked(
    config: dict[str, Any] | None = None, parameters: int | None = None, **training: Any
) -> tuple[TrainingPlan | None, tuple[NotChecked, ...]]:
    stated = Model(config=config, source="inline" if config else None, parameters=parameters, dtype="bfloat16")
    model, _ = model_plan(stated)
    return training_plan(Workload(DOCUMENT, "native", "w", stated, None, Training(**training)), model)


def planned(config: dict[str, Any], **training: Any) -> TrainingPlan:
    plan, _ = worked(config, **training)
    assert plan is not None
    return plan


RAN = [
    pytest.param(LLAMA_3B, {"method": "lora", "lora": Lora(14, ("up_proj", "gate_proj", "down_proj")),
                            "precision": "bf16", "micro_batch_size": 4, "sequence_length": 768,
                            "hardware": card(44.4)}, 22.99,
                 id="LoRA of a 3B model on an L40S took 22.99 GiB (PEFT's MetaMathQA benchmark)"),
    pytest.param(LLAMA_8B, {"framework": "litgpt", "method": "lora", "lora": Lora(32, ("query", "value"), 0.05),
                            "cross_entropy": "chunked", "precision": "bf16", "sequence_length": 512,
                            "hardware": card(22)}, 18.4,
                 id="LoRA of an 8B model on an A10G took 18.4 GiB (LitGPT's hub of configs)"),
]  # fmt: skip


@pytest.mark.parametrize(("config", "training", "observed"), RAN)
def test_runs_that_ran_fit_and_take_what_was_reported(
    config: dict[str, Any], training: dict[str, Any], observed: float
) -> None:
    plan = planned(config, **{**STEP, **training})
    assert plan.fits is True
    assert plan.per_device.peak is not None and plan.per_device.runtime is not None
    assert (plan.per_device.peak - plan.per_device.runtime) / GIB == pytest.approx(observed, rel=0.05)


@pytest.mark.parametrize(
    "training",
    [
        pytest.param({"precision": "bf16"}, id="precision alone: the optimizer may keep no states"),
        pytest.param({"optimizer": "adamw"}, id="no method of a finetune: it may be an adapter"),
        pytest.param({"method": "full", "optimizer": "paged-adamw", "precision": "bf16"}, id="paged states may leave"),
        pytest.param({"framework": "torchtune", "method": "full", "precision": "bf16", "optimizer": "sgd"},
                     id="a framework that frees gradients while it computes them"),
        pytest.param({"method": "full", "optimizer": "adamw", "precision": "bf16-mixed", "sharding": "zero2",
                      "offload": "optimizer"}, id="states and gradients in the host's memory"),
    ],
)  # fmt: skip
def test_nothing_is_proved_that_a_framework_can_avoid(training: dict[str, Any]) -> None:
    plan = planned(LLAMA_8B, **{**STEP, **training, "hardware": card(40)})
    assert plan.fits_basis != "proved"


def test_states_that_no_framework_can_avoid_prove_that_it_does_not_fit() -> None:
    """8.03B parameters × (2 + 2 + 4) bytes, all in 16 bit."""
    plan = planned(
        LLAMA_8B, **{**STEP, "method": "full", "precision": "bf16", "optimizer": "adamw", "hardware": card(40)}
    )
    assert (plan.fits, plan.fits_basis) == (False, "proved")
    assert plan.per_device.states_low == 8_030_261_248 * 8


def test_cures_are_worked_out_and_fit() -> None:
    training = {**STEP, "method": "lora", "lora": Lora(16), "precision": "bf16", "activation_checkpointing": "full",
                "micro_batch_size": 4, "sequence_length": 8192}  # fmt: skip
    plan = planned(LLAMA_8B, **training, hardware=card(79))
    assert plan.fits is False and plan.per_device.phase == "cross-entropy"
    assert [fix.what for fix in plan.fixes] == ["cross_entropy", "micro_batch_size"]
    cured = planned(LLAMA_8B, **training, cross_entropy="fused", hardware=card(79))
    assert cured.fits is True


def test_a_smaller_micro_batch_keeps_the_global_batch() -> None:
    plan = planned(
        LLAMA_8B, **{**STEP, "method": "lora", "precision": "bf16", "micro_batch_size": 8, "gradient_accumulation": 3,
                     "sequence_length": 4096, "activation_checkpointing": "full", "hardware": card(60)}
    )  # fmt: skip
    (fix,) = [fix for fix in plan.fixes if fix.what == "micro_batch_size"]
    assert f"gradient_accumulation: {24 // int(fix.value)}" in fix.text


def test_where_no_single_change_fits_several_are_put_together() -> None:
    plan = planned(LLAMA_8B, **{**STEP, "micro_batch_size": 4, "method": "full", "sequence_length": 8192,
                                "precision": "bf16-mixed", "sharding": "ddp", "hardware": card(79, 8)})  # fmt: skip
    assert len(plan.fixes) == 1
    assert "activation_checkpointing: full" in plan.fixes[0].text


@pytest.mark.parametrize(
    ("training", "named"),
    [
        pytest.param({"sequence_length": 2048, "hardware": card(80)}, "micro_batch_size", id="no micro-batch"),
        pytest.param({"micro_batch_size": 1, "hardware": card(80)}, "sequence_length", id="no length"),
        pytest.param({"micro_batch_size": 1, "sequence_length": 2048}, "no hardware is stated", id="no hardware"),
    ],
)
def test_what_is_missing_is_said(training: dict[str, Any], named: str) -> None:
    plan, missing = worked(LLAMA_8B, stage="finetune", method="lora", precision="bf16", **training)
    assert plan is not None and plan.fits is None
    assert [note.what for note in missing] == ["training"]
    assert named in missing[0].because


def test_devices_that_share_the_model_in_an_unknown_way_are_not_judged() -> None:
    step = {**STEP, "method": "full", "precision": "bf16-mixed", "optimizer": "adamw", "hardware": card(80, 8)}
    plan, missing = worked(LLAMA_8B, **step)
    assert plan is not None and plan.fits is None
    assert "how the devices share the model" in missing[0].because
    assert planned(LLAMA_8B, **{**step, "sharding": "ddp"}).fits is False
    assert planned(LLAMA_8B, **{**step, "method": "lora"}).fits is True


def test_a_plan_of_tokens_alone_asks_for_no_memory() -> None:
    assert worked(LLAMA_8B, stage="pretrain", tokens=10**12) == (None, ())


def test_a_size_alone_gives_the_states_and_no_activations() -> None:
    """70B in DeepSpeed's mixed precision on 8 devices: 16 bytes × 70B ÷ 8 (arXiv:1910.02054)."""
    plan, _ = worked(parameters=70 * 10**9, stage="pretrain", precision="bf16-mixed", optimizer="adamw",
                     sharding="zero3", micro_batch_size=1, sequence_length=4096, hardware=card(79, 8))  # fmt: skip
    assert plan is not None and plan.per_device.activations is None and plan.per_device.peak is None
    device = plan.per_device
    assert (device.weights or 0) + (device.gradients or 0) + (device.optimizer or 0) == 140 * 10**9
    assert plan.fits is False


def test_what_is_assumed_is_said() -> None:
    plan = planned(LLAMA_8B, **{**STEP, "hardware": card(80)})
    assert any("activation_checkpointing not stated: none" in note for note in plan.assumptions)
    assert any("optimizer not stated" in note for note in plan.assumptions)


def test_the_parts_sum_to_the_peak() -> None:
    device = planned(LLAMA_8B, **{**STEP, "method": "lora", "hardware": card(80)}).per_device
    parts = (device.weights, device.gradients, device.optimizer, device.activations, device.logits, device.runtime)
    assert sum(part or 0 for part in parts) == device.peak


WILD = st.none() | st.integers(-3, 100) | st.integers(-(10**30), 10**30)
WORDS = st.none() | st.sampled_from(
    ["full", "lora", "none", "zero3", "fsdp", "adamw", "galore-8bit", "apollo-mini", "bf16", "fp8", "eager", "fused",
     "trl", "megatron", "torchtune", "selective", "offloaded", "chunked", "new"]
)  # fmt: skip
FIELDS = ("method", "framework", "optimizer", "attention", "cross_entropy", "precision", "activation_checkpointing",
          "sharding")  # fmt: skip
COUNTS = ("micro_batch_size", "sequence_length", "gradient_accumulation", "global_batch_size", "tensor_parallel",
          "pipeline_parallel", "context_parallel", "expert_parallel")  # fmt: skip
SHAPES = [
    LLAMA_8B,
    {"model_type": "mixtral", "hidden_size": 256, "num_hidden_layers": 3, "vocab_size": 100, "intermediate_size": 64,
     "num_attention_heads": 4, "num_key_value_heads": 2},
    {"model_type": "mamba", "hidden_size": 256, "num_hidden_layers": 3, "vocab_size": 100},
    {"model_type": "deepseek_v3", "num_hidden_layers": 5},
    {"model_type": "gpt2"},
]  # fmt: skip


@given(st.sampled_from(SHAPES), st.tuples(*[WORDS] * len(FIELDS)), st.tuples(*[WILD] * len(COUNTS)), WILD, WILD)
def test_no_config_breaks_it(
    config: dict[str, Any],
    words: tuple[str | None, ...],
    counts: tuple[int | None, ...],
    rank: int | None,
    gpus: int | None,
) -> None:
    stated: dict[str, Any] = {**dict(zip(FIELDS, words, strict=True)), **dict(zip(COUNTS, counts, strict=True))}
    plan, _ = worked(config, **stated, lora=Lora(rank), hardware=Hardware(None, gpus, 80 * GIB, 80 * GIB))
    assert plan is not None
    if plan.fits_basis == "proved":
        assert plan.fits is False


@given(st.integers(1, 200), st.integers(0, 100), st.sampled_from(["full", "lora", "qlora"]))
def test_more_memory_never_makes_it_fail(memory: int, more: int, method: str) -> None:
    step = {**STEP, "method": method, "precision": "bf16", "optimizer": "adamw"}
    fits = [planned(LLAMA_8B, **step, hardware=card(size)).fits for size in (memory, memory + more)]
    assert fits != [True, False]


def test_what_several_devices_need_is_said_where_they_share_the_states() -> None:
    """ZeRO, arXiv:1910.02054: states of 16 bytes a parameter, divided by the devices."""
    step = {**STEP, "method": "full", "precision": "bf16-mixed", "optimizer": "adamw", "sharding": "zero3"}
    shares = planned(LLAMA_8B, **step).by_devices
    assert [share.devices for share in shares] == [2, 8, 32]
    sizes = [share.bytes for share in shares]
    assert sizes == sorted(sizes, reverse=True)
    assert all(share.bytes > 16 * 8.03e9 / share.devices for share in shares)


@pytest.mark.parametrize("more", [{"sharding": "ddp"}, {"sharding": "zero3", "hardware": Hardware(count=4)}])
def test_where_their_number_does_not_matter_or_is_known_it_is_not(more: dict[str, Any]) -> None:
    step = {**STEP, "method": "full", "precision": "bf16-mixed", "optimizer": "adamw"}
    assert planned(LLAMA_8B, **step, **more).by_devices == ()


MIXTRAL: dict[str, Any] = {
    **LLAMA_8B, "model_type": "mixtral", "vocab_size": 32000, "num_local_experts": 8, "num_experts_per_tok": 2,
}  # fmt: skip


def test_experts_of_a_four_bit_base_are_in_four_bit_only_where_the_loader_sees_to_it() -> None:
    """Fused experts are no `nn.Linear`: bitsandbytes leaves them and PEFT casts them to float32. No proof counts it."""
    step = {**STEP, "method": "qlora", "precision": "bf16", "hardware": card(40)}
    left, seen_to = planned(MIXTRAL, **step), planned(MIXTRAL, **step, quantized_experts=True)
    assert left.per_device.weights > 100 * GIB > 30 * GIB > seen_to.per_device.weights
    assert left.per_device.states_low < 30 * GIB
    assert left.fits_basis == "predicted"


def test_expert_parallelism_divides_the_experts_of_a_quantized_base() -> None:
    """Mixtral's experts are 45.1B of its 46.7B parameters: eight ranks hold an eighth of them each."""
    config = {**MIXTRAL, "quantization_config": {"quant_method": "awq", "bits": 4, "group_size": 128}}
    step = {**STEP, "method": "lora", "precision": "bf16", "sharding": "ddp", "hardware": card(80, 8)}
    whole, shared = planned(config, **step), planned(config, **step, expert_parallel=8)
    assert shared.per_device.weights / whole.per_device.weights == pytest.approx((45.1 / 8 + 1.6) / 46.7, rel=0.05)


def test_no_proof_rests_on_gradients_in_32_bit_that_nobody_asked_for() -> None:
    """Megatron-LM: --grad-reduce-in-bf16."""
    run = {
        "framework": "megatron", "precision": "bf16-mixed", "optimizer": "adamw", "sharding": "zero1", "method": "full",
    }  # fmt: skip
    default = planned(LLAMA_8B, **STEP | run, hardware=card(80, 8), tensor_parallel=1)
    stated = planned(LLAMA_8B, **STEP | run, hardware=card(80, 8), tensor_parallel=1, gradient_dtype="float32")
    assert default.per_device.states_low is not None
    assert stated.per_device.states_low == pytest.approx(default.per_device.states_low + 2 * 8_030_261_248, rel=1e-3)


def test_experts_of_a_model_known_by_its_size_may_be_shared_out() -> None:
    run = {"framework": "megatron", "precision": "bf16-mixed", "optimizer": "adamw", "expert_parallel": 8}
    run |= {"method": "full"}
    plan, _ = worked(parameters=30_000_000_000, **STEP | run, hardware=card(80, 32), tensor_parallel=1)
    assert plan is not None
    assert plan.fits_basis != "proved"
