"""Planned, effective and recommended tokens of a training section, and which runs are judged at all."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.model import read
from planner.plan.batch import global_batch
from planner.plan.tokens import tokens_plan
from planner.plan.training_words import COMMENT, mended
from planner.plan.types import ModelPlan, TokensPlan
from planner.source.document import Document
from planner.workload import Hardware, Lora, Model, NotChecked, Training, Workload

B, T = 10**9, 10**12
DOCUMENT: Document = None  # type: ignore[assignment]  # the plan never looks at the text


def sized(total: int | None, active: int | None = None) -> ModelPlan:
    return ModelPlan("m", "parameters", None, None, total, active or total, "bfloat16", None, None, None)


def plan(
    training: Training | None, total: int = 7 * B, active: int | None = None, **model: Any
) -> tuple[TokensPlan, tuple[NotChecked, ...]]:
    stated = Model(**{"name": "m", "parameters": total, "active_parameters": active, **model})
    found, missing = tokens_plan(Workload(DOCUMENT, "native", "w", stated, None, training), sized(total, active))
    assert found is not None
    return found, missing


NOT_JUDGED = [
    pytest.param(Training(stage="finetune", tokens=B), id="fine-tuning"),
    pytest.param(Training(stage="preference", tokens=B), id="preference optimization"),
    pytest.param(Training(stage="rl", tokens=B), id="reinforcement learning"),
    pytest.param(Training(stage="continued-pretrain", tokens=40 * B), id="continued pre-training"),
    pytest.param(Training(method="lora", tokens=B), id="LoRA without a stage"),
    pytest.param(Training(method="qlora", tokens=B), id="QLoRA without a stage"),
    pytest.param(Training(lora=Lora(16), tokens=B), id="a lora section without a method"),
    pytest.param(Training(stage="pretrain", method="lora", tokens=B), id="LoRA, whatever stage is claimed"),
    pytest.param(Training(stage="finetune"), id="fine-tuning without any count"),
]


@pytest.mark.parametrize("training", NOT_JUDGED)
def test_what_is_no_pre_training_from_scratch_gets_no_ratio(training: Training) -> None:
    found, missing = plan(training)
    assert (found.verdict, found.per_parameter, found.recommended, found.shortfall) == ("not-applicable", None, None, 0)
    assert missing == ()


def test_a_bare_model_gets_the_recommendation_and_no_verdict() -> None:
    found, missing = plan(None, 70 * B)
    assert (found.recommended, found.planned, found.verdict) == (1400 * B, None, "not-applicable")
    assert missing == ()


@pytest.mark.parametrize(
    ("total", "tokens", "verdict"),
    [
        pytest.param(70 * B, 1400 * B, "ok", id="Chinchilla"),
        pytest.param(8_030_261_248, 15 * T, "overtrained", id="Llama 3 8B"),
        pytest.param(355_600_000, 7_025_459_200, "ok", id="mpt-350m of llm-foundry, made for 20 and at 19.76"),
        pytest.param(6_658_000_000, 133_166_858_240, "ok", id="Cerebras-GPT 6.7B"),
        pytest.param(20_600_000_000, 471_859_200_000, "ok", id="GPT-NeoX-20B"),
        pytest.param(280 * B, 300 * B, "severely-undertrained", id="Gopher"),
        pytest.param(175 * B, 300 * B, "severely-undertrained", id="GPT-3"),
        pytest.param(530 * B, 270 * B, "severely-undertrained", id="Megatron-Turing NLG"),
        pytest.param(120 * B, 450 * B, "undertrained", id="Galactica"),
    ],
)
def test_known_runs(total: int, tokens: int, verdict: str) -> None:
    found, missing = plan(Training(stage="pretrain", tokens=tokens), total)
    assert (found.verdict, found.planned, found.recommended) == (verdict, tokens, 20 * total)
    assert found.per_parameter == pytest.approx(tokens / total)
    assert missing == ()


def test_a_mixture_of_experts_is_judged_by_its_active_parameters() -> None:
    # DeepSeek-V3: 671B in total, 37B active, 14.8T tokens
    found, _ = plan(Training(stage="pretrain", tokens=14_800 * B), 671 * B, 37 * B)
    assert (found.recommended, found.verdict) == (740 * B, "overtrained")
    assert found.per_parameter == pytest.approx(400)
    assert found.flops == pytest.approx(6 * 37e9 * 14.8e12)
    assert "krajewski" in found.laws


def test_few_tokens_for_what_may_be_the_total_of_a_mixture_is_not_judged() -> None:
    found, missing = plan(Training(stage="pretrain", tokens=300 * B), 47 * B, name="ours-8x7B")
    assert (found.verdict, found.per_parameter) == ("unknown", None)
    assert [item.field for item in missing] == ["model.parameters"]
    assert "active_parameters" in missing[0].mend


PLANNED = [
    # mosaicml/llm-foundry mpt-7b.yaml: 63900ba; comment "~134B"
    pytest.param({"steps": 63900, "global_batch_size": 1024, "sequence_length": 2048}, 134_008_012_800, id="MPT-7B"),
    # allenai/OLMo configs/official-0724/OLMo-1B.yaml; comment "3.1T"
    pytest.param(
        {"steps": 739_328, "global_batch_size": 2048, "sequence_length": 2048}, 3_100_966_387_712, id="OLMo-1B"
    ),
    # huggingface/smollm smollm3 stage1_8T.yaml: dp 192, tp 2; README "11T"
    pytest.param(
        {"steps": 4_720_000, "micro_batch_size": 3, "sequence_length": 4096, "tensor_parallel": 2, "count": 384},
        11_135_877_120_000,
        id="SmolLM3: tensor-parallel ranks are not counted into the batch",
    ),
    # EleutherAI/gpt-neox configs/20B.yml on 96 GPUs
    pytest.param(
        {"steps": 150_000, "micro_batch_size": 4, "gradient_accumulation": 32, "sequence_length": 2048,
         "tensor_parallel": 2, "pipeline_parallel": 4, "count": 96},
        471_859_200_000,
        id="GPT-NeoX-20B: 96 devices are 12 replicas",
    ),
    # karpathy/nanoGPT config/train_gpt2.py: 12 × 1,024 × 40 accumulated over 8 GPUs
    pytest.param(
        {"steps": 600_000, "micro_batch_size": 12, "gradient_accumulation": 5, "sequence_length": 1024, "count": 8},
        294_912_000_000,
        id="nanoGPT's GPT-2",
    ),
    pytest.param({"epochs": 2, "unique_tokens": 70 * B}, 140 * B, id="two epochs of 70B"),
    pytest.param({"tokens": 140 * B, "epochs": 1}, 140 * B, id="tokens win over an epoch of unknown size"),
]  # fmt: skip


@pytest.mark.parametrize(("keys", "tokens"), PLANNED)
def test_tokens_are_worked_out_from_what_is_stated(keys: dict[str, Any], tokens: int) -> None:
    hardware = Hardware(count=keys.pop("count")) if "count" in keys else None
    found, missing = plan(Training(stage="pretrain", hardware=hardware, **keys))
    assert found.planned == tokens
    assert found.contradictions == ()
    assert missing == ()


MISSING = [
    pytest.param({}, "tokens", "training", id="nothing stated"),
    pytest.param({"steps": 1000}, "global_batch_size", "training.steps", id="steps alone"),
    pytest.param({"steps": 1000, "global_batch_size": 8}, "sequence_length", "training.steps", id="no length"),
    pytest.param(
        {"steps": 1000, "micro_batch_size": 8, "sequence_length": 64}, "devices", "training.steps", id="no devices"
    ),
    pytest.param({"epochs": 3}, "unique_tokens", "training.epochs", id="epochs of a data set of unknown size"),
    pytest.param({"unique_tokens": B}, "epochs", "training.unique_tokens", id="a data set without epochs"),
    pytest.param({"tokens": 0}, "tokens", "training.tokens", id="no tokens at all"),
]


@pytest.mark.parametrize(("keys", "lacks", "field"), MISSING)
def test_a_missing_factor_is_named_with_the_line_that_would_mend_it(
    keys: dict[str, Any], lacks: str, field: str
) -> None:
    found, missing = plan(Training(stage="pretrain", **keys))
    assert (found.verdict, found.planned, found.per_parameter) == ("unknown", None, None)
    assert found.recommended == 140 * B
    assert [(item.what, item.field) for item in missing] == [("tokens", field)]
    assert lacks in missing[0].because
    assert missing[0].mend


def test_without_a_stage_a_size_and_its_tokens_are_read_as_pre_training() -> None:
    found, missing = plan(Training(tokens=300 * B), 175 * B)
    assert found.verdict == "severely-undertrained"
    assert any("pre-training" in note for note in found.assumptions)
    assert missing == ()


@pytest.mark.parametrize(
    ("tokens", "model"),
    [
        pytest.param(100_000_000, {}, id="as few tokens as fine-tuning takes"),
        pytest.param(10 * B, {"source": "catalogue"}, id="a published checkpoint, which may be continued"),
        pytest.param(10 * B, {"folder": "/models/m"}, id="a checkpoint on disk"),
    ],
)
def test_without_a_stage_what_may_be_fine_tuning_is_not_judged(tokens: int, model: dict[str, Any]) -> None:
    found, missing = plan(Training(tokens=tokens), **model)
    assert (found.verdict, found.per_parameter) == ("unknown", None)
    assert "stage" in missing[0].mend


def test_repeated_data_are_discounted() -> None:
    # nanoGPT's GPT-2: 294.9B tokens from OpenWebText's 9,035,582,198. Muennighoff et al. 2023, eq. 5, by hand:
    # 32.64 epochs are worth 1 + 15.387756 × (1 − e^(−31.64/15.387756)) = 14.42
    found, _ = plan(Training(stage="pretrain", tokens=294_912_000_000, unique_tokens=9_035_582_198), 124_337_664)
    assert found.epochs == pytest.approx(32.64, rel=1e-3)
    assert (found.effective or 0) / 9_035_582_198 == pytest.approx(14.42, rel=0.001)
    assert found.per_parameter == pytest.approx((found.effective or 0) / 124_337_664)


def test_epochs_make_known_how_much_of_the_tokens_is_different() -> None:
    found, _ = plan(Training(stage="pretrain", tokens=100 * B, epochs=10))
    assert found.unique == 10 * B
    assert (found.effective or 0) < 80 * B


CONTRADICTIONS = [
    # mpt-13b.yaml of llm-foundry: the comment says ~270B, the fields make 260.0B
    pytest.param(
        {"tokens": 270 * B, "steps": 124_000, "global_batch_size": 1024, "sequence_length": 2048},
        "training.tokens",
        id="MPT-13B",
    ),
    pytest.param({"tokens": 100 * B, "epochs": 3, "unique_tokens": 40 * B}, "training.tokens", id="3 epochs of 40B"),
    pytest.param(
        {"tokens": 100 * B, "micro_batch_size": 2, "gradient_accumulation": 8, "global_batch_size": 256, "count": 8},
        "training.global_batch_size",
        id="a global batch that its factors do not make",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("keys", "field"), CONTRADICTIONS)
def test_figures_that_disagree_are_told(keys: dict[str, Any], field: str) -> None:
    hardware = Hardware(count=keys.pop("count")) if "count" in keys else None
    found, _ = plan(Training(stage="pretrain", hardware=hardware, **keys), 13 * B)
    assert [contradiction[0] for contradiction in found.contradictions] == [field]


AGREE = [
    pytest.param(
        Training("pretrain", tokens=134 * B, steps=63900, global_batch_size=1024, sequence_length=2048),
        id="tokens rounded to three digits",
    ),
    pytest.param(
        Training("finetune", tokens=20_000_000, steps=1000, global_batch_size=64, sequence_length=4096),
        id="fine-tuning on examples shorter than the length",
    ),
]


@pytest.mark.parametrize("training", AGREE)
def test_figures_that_agree_are_not(training: Training) -> None:
    assert plan(training)[0].contradictions == ()


def test_fine_tuning_on_more_tokens_than_its_steps_can_hold_is_told() -> None:
    training = Training("finetune", tokens=2 * B, steps=1000, global_batch_size=64, sequence_length=4096)
    assert len(plan(training)[0].contradictions) == 1


def test_device_hours_and_days() -> None:
    # LLaMA 65B: 1.4T tokens, 1,022,362 A100 hours and about 21 days on 2,048 of them (arXiv 2302.13971): an MFU of 0.48
    hardware = Hardware("A100 80GB", 2048, row={"flops": {"bf16": 312 * T, "fp16": 312 * T}})
    found, _ = plan(Training(stage="pretrain", tokens=1400 * B, hardware=hardware), 65_200_000_000)
    assert found.gpu_hours == pytest.approx(1_022_362 * 0.477 / 0.30, rel=0.005)
    assert found.days == pytest.approx((found.gpu_hours or 0) / 2048 / 24)
    assert (found.gpu_hours_low or 0) < (found.gpu_hours or 0) < (found.gpu_hours_high or 0)


@pytest.mark.parametrize(
    "row", [None, {}, {"flops": None}, {"flops": {}}, {"flops": {"bf16": None}}, {"flops": {"bf16": "x"}}]
)
def test_without_a_peak_there_are_no_hours(row: dict[str, object] | None) -> None:
    found, _ = plan(Training(stage="pretrain", tokens=B, hardware=Hardware("X", 8, row=row)))
    assert (found.gpu_hours, found.days) == (None, None)
    assert found.flops == 6 * 7 * B * B


def test_flops_of_a_known_architecture_are_those_of_its_layers() -> None:
    # Llama 2 7B: of 6,738,415,616 parameters 131,072,000 are looked up (embedding) and 266,240 are norms; attention
    # takes 12 × 32 layers × 4,096 × 4,096
    shape = {"model_type": "llama", "hidden_size": 4096, "intermediate_size": 11008, "num_hidden_layers": 32,
             "num_attention_heads": 32, "vocab_size": 32000}  # fmt: skip
    training = Training(stage="pretrain", tokens=2 * T, sequence_length=4096)
    model = sized(6_738_415_616)._replace(architecture=read(shape))
    found, _ = tokens_plan(Workload(DOCUMENT, "native", "w", Model("m"), None, training), model)
    assert found is not None
    assert found.flops == (6 * 6_607_077_376 + 12 * 32 * 4096 * 4096) * 2 * T


def test_a_declared_demand_finds_the_model_that_serves_it_best() -> None:
    found, _ = plan(Training(stage="pretrain", tokens=1400 * B, lifetime_inference_tokens=10 * T), 70 * B)
    assert found.inference_optimal is not None
    parameters, tokens, saved = found.inference_optimal
    assert parameters < 70 * B
    assert tokens > 1400 * B
    assert 0 < saved < 1
    assert "sardana" in found.laws


def test_an_unknown_model_still_has_its_tokens_counted() -> None:
    workload = Workload(DOCUMENT, "native", "w", Model("m"), None, Training(stage="pretrain", tokens=B))
    found, missing = tokens_plan(workload, None)
    assert found is not None
    assert (found.planned, found.recommended, found.verdict) == (B, None, "unknown")
    assert missing == ()


WILD = st.none() | st.integers(-5, 5) | st.integers(0, 10**60)


@given(
    st.builds(
        Training,
        stage=st.sampled_from([None, "pretrain", "finetune", "nonsense"]),
        tokens=WILD,
        unique_tokens=WILD,
        epochs=st.none() | st.floats() | st.integers(-1, 10**40),
        steps=WILD,
        sequence_length=WILD,
        micro_batch_size=WILD,
        gradient_accumulation=WILD,
        global_batch_size=WILD,
        method=st.sampled_from([None, "full", "lora"]),
        tensor_parallel=WILD,
        lifetime_inference_tokens=WILD,
        hardware=st.none() | st.builds(Hardware, count=WILD, row=st.just({"flops": {"bf16": 10**15}})),
    ),
    st.integers(0, 10**30),
)
def test_nothing_that_a_config_can_say_raises(training: Training, total: int) -> None:
    found, missing = plan(training, total)
    judged = found.per_parameter is not None
    assert judged == (found.verdict in ("ok", "undertrained", "severely-undertrained", "overtrained"))
    assert not (judged and missing)
    if found.planned is not None and found.effective is not None:
        assert 0 <= found.effective <= found.planned


@pytest.mark.parametrize(
    "name", ["jais-13b-chat", "my_sft", "gpt3-phase2", "stage-3", "7b_finetune", "annealing", "continued"]
)
def test_a_run_of_unstated_stage_that_is_called_after_a_later_one_is_not_judged(name: str) -> None:
    workload = Workload(DOCUMENT, "cerebras", name, Model("m", parameters=7 * B), None, Training(tokens=20 * B))
    found, missing = tokens_plan(workload, sized(7 * B))
    assert found is not None and found.verdict == "unknown"
    assert missing[0].because == "the stage of training is not stated"


@pytest.mark.parametrize("name", ["gpt3-7b", "phase1", "stage 1", "transformer", "pretrain"])
def test_other_names_say_nothing(name: str) -> None:
    workload = Workload(DOCUMENT, "cerebras", name, Model("m", parameters=7 * B), None, Training(tokens=20 * B))
    found, _ = tokens_plan(workload, sized(7 * B))
    assert found is not None and found.verdict == "undertrained"


def test_devices_that_parallelism_does_not_divide_are_said() -> None:
    run = Training(micro_batch_size=1, tensor_parallel=8, hardware=Hardware(count=4))
    assert global_batch(run).lacks == "the parallelism takes 8 devices for each replica, and 4 are no multiple of it"
    assert "not stated" in global_batch(run._replace(hardware=None)).lacks


@pytest.mark.parametrize(
    ("format", "mend"),
    [
        ("native", "add `hardware: {count: 8}`, or `global_batch_size: 1024`"),
        ("torchtitan", f"{COMMENT}, or set `training.global_batch_size: 1024`"),
        ("lingua", COMMENT),
    ],
)
def test_cures_speak_the_words_of_the_format(format: str, mend: str) -> None:
    batch = global_batch(Training(micro_batch_size=1))
    assert (batch.mend if format == "native" else mended(format, batch.mend)) == mend
