"""TOK: what is said about training tokens, at which level, at which field, and with which way out."""

from __future__ import annotations

from typing import Any

import pytest

import planner.rules.token_economy
import planner.rules.tokens
from planner.plan.tokens import tokens_plan
from planner.plan.types import ModelPlan, Plan
from planner.rules.registry import RULES, Violation
from planner.source.document import Document
from planner.workload import Hardware, Model, Training, Workload

B, T = 10**9, 10**12
DOCUMENT: Document = None  # type: ignore[assignment]  # rules never look at the text


def planned(total: int = 7 * B, active: int | None = None, name: str = "m", **training: Any) -> Plan:
    stated = Model(name=name, parameters=total, active_parameters=active)
    workload = Workload(DOCUMENT, "native", "w", stated, None, Training(**{"stage": "pretrain", **training}))
    model = ModelPlan(name, "parameters", None, None, total, active or total, "bfloat16", None, None, None)
    tokens, missing = tokens_plan(workload, model)
    return Plan(workload, model, None, None, tokens, missing)


def found(plan: Plan) -> list[tuple[str, str, Violation]]:
    rules = [rule for code, rule in RULES.items() if code.startswith("TOK") and rule.check is not None]
    return [(r.code, v.level or r.level, v) for r in rules if r.check is not None for v in r.check(plan)]


def said(plan: Plan) -> list[tuple[str, str]]:
    return [(code, level) for code, level, _ in found(plan)]


A100 = Hardware("A100-80GB", 8, row={"flops": {"bf16": 312e12}, "compute_capability": [8, 0]})
H100 = Hardware("H100-SXM", 8, row={"flops": {"bf16": 989.5e12}, "compute_capability": [9, 0]})
RUN: dict[str, Any] = {"total": 7 * B, "steps": 143_000, "global_batch_size": 1024, "sequence_length": 2048}
SILENT = [
    pytest.param({"total": 70 * B, "tokens": 1400 * B}, id="Chinchilla"),
    pytest.param({"total": 8_030_261_248, "tokens": 15 * T}, id="Llama 3 8B: far past the optimum is no finding"),
    pytest.param({"total": 355_600_000, "tokens": 7_025_459_200}, id="19.76 a parameter"),
    pytest.param({"total": 671 * B, "active": 37 * B, "tokens": 14_800 * B}, id="DeepSeek-V3"),
    pytest.param(
        {"total": 14_200_000_000, "active": 2_700_000_000, "tokens": 60 * B}, id="a mixture at 4 by its total"
    ),
    pytest.param({"total": 7 * B, "tokens": B, "stage": "finetune"}, id="fine-tuning"),
    pytest.param({"total": 70 * B, "tokens": 10_000_000, "method": "qlora", "stage": None}, id="QLoRA"),
    pytest.param({"total": 13 * B, "tokens": 100 * B, "stage": "continued-pretrain"}, id="OLMo 2 13B's second stage"),
    pytest.param({"total": 7 * B, "steps": 100}, id="tokens that cannot be worked out"),
    pytest.param({"total": B, "tokens": 80 * B, "unique_tokens": 20 * B}, id="four epochs"),
    pytest.param(
        {"total": B, "stage": "finetune", "epochs": 10, "unique_tokens": 10**6}, id="ten epochs of fine-tuning"
    ),
    pytest.param({"total": 8 * B, "tokens": 15 * T, "lifetime_inference_tokens": 100 * T}, id="a demand that pays"),
    pytest.param(
        {"total": 70 * B, "tokens": 1400 * B, "lifetime_inference_tokens": B}, id="no demand, not overtrained"
    ),
]


SILENT += [
    pytest.param({"total": 7 * B, "tokens": 140 * B, "gpu_hours": 14_500.0, "hardware": A100}, id="at 36 %"),
    pytest.param({"total": 7 * B, "tokens": 140 * B, "gpu_hours": 1.0}, id="hours of unknown devices"),
    pytest.param(
        {"total": 7 * B, "stage": "finetune", "steps": 90, "schedule_steps": 900}, id="the schedule of a fine-tune"
    ),
    pytest.param({**RUN, "schedule_steps": 143_000}, id="a schedule over the run"),
    pytest.param({**RUN, "schedule_steps": 170_000}, id="a schedule that is 19 % longer"),
]


@pytest.mark.parametrize("config", SILENT)
def test_nothing_is_said(config: dict[str, Any]) -> None:
    assert said(planned(**config)) == []


UNDERTRAINED = [
    pytest.param(280 * B, 300 * B, "warning", id="Gopher"),
    pytest.param(175 * B, 300 * B, "warning", id="GPT-3"),
    pytest.param(540_350_000_000, 780 * B, "warning", id="PaLM"),
    pytest.param(176_247_000_000, 366 * B, "warning", id="BLOOM"),
    pytest.param(130 * B, 400 * B, "warning", id="GLM-130B"),
    pytest.param(7 * B, 100 * B, "info", id="within a factor of two"),
    pytest.param(447_000_000, 1_220_000_000, "info", id="Delphi's smallest rung, a measured optimum"),
    pytest.param(2_500_000_000, 18_617_466_880, "info", id="Delphi at 3e20, a measured optimum"),
]


@pytest.mark.parametrize(("total", "tokens", "level"), UNDERTRAINED)
def test_too_few_tokens(total: int, tokens: int, level: str) -> None:
    assert said(planned(total, tokens=tokens)) == [("TOK001", level)]


def test_the_message_has_the_ratio_and_the_help_a_way_out_by_tokens_and_by_size() -> None:
    ((_, _, violation),) = found(planned(280 * B, tokens=300 * B))
    assert violation.field == "training.tokens"
    assert "1.07 a parameter" in violation.message
    assert "5.6T" in violation.help
    assert "2.8T to 11.2T" in violation.help
    assert "hoffmann-1 5.91T" in violation.help
    assert "64.8B parameters on 1.3T tokens" in violation.help
    assert violation.related == (("model.parameters", "280B parameters"),)


def test_nobody_is_advised_to_follow_kaplan() -> None:
    ((_, _, violation),) = found(planned(280 * B, tokens=300 * B))
    assert "kaplan" not in violation.help


@pytest.mark.parametrize(
    ("keys", "field"),
    [
        ({"steps": 10_000, "global_batch_size": 512, "sequence_length": 2048}, "training.steps"),
        ({"epochs": 1, "unique_tokens": 10 * B}, "training.epochs"),
    ],
)
def test_it_points_at_the_key_that_makes_the_tokens(keys: dict[str, Any], field: str) -> None:
    ((code, _, violation),) = found(planned(7 * B, **keys))
    assert (code, violation.field) == ("TOK001", field)
    assert "=" in violation.message


def test_a_trial_of_a_few_steps_is_not_judged() -> None:
    trial = planned(70 * B, steps=500, global_batch_size=4096, sequence_length=4096)
    assert said(trial) == []
    assert trial.tokens is not None and trial.tokens.verdict == "not-applicable"


@pytest.mark.parametrize(("epochs", "level"), [(4.1, "info"), (16, "info"), (16.1, "warning"), (41, "warning")])
def test_many_epochs(epochs: float, level: str) -> None:
    plan = planned(10**9, epochs=epochs, unique_tokens=100 * B)
    assert ("TOK002", level) in said(plan)


def test_nanogpts_33_epochs_are_repeated_but_not_undertrained() -> None:
    plan = planned(124_337_664, tokens=294_912_000_000, unique_tokens=9_035_582_198)
    ((code, level, violation),) = found(plan)
    assert (code, level, violation.field) == ("TOK002", "warning", "training.unique_tokens")
    assert "32.6 epochs" in violation.message


def test_data_that_repeat_too_often_for_the_size_ask_for_fresh_data() -> None:
    codes = {code: violation for code, _, violation in found(planned(7 * B, tokens=140 * B, unique_tokens=2 * B))}
    assert set(codes) == {"TOK001", "TOK002"}
    assert "fresh data" in codes["TOK001"].help
    assert "same compute" not in codes["TOK001"].help


def test_training_long_for_a_demand_that_does_not_come() -> None:
    ((code, level, violation),) = found(planned(8 * B, tokens=15 * T, lifetime_inference_tokens=T))
    assert (code, level, violation.field) == ("TOK004", "info", "training.lifetime_inference_tokens")
    assert "190T" in violation.message


def test_a_mixture_by_its_name_is_asked_for_its_active_parameters_and_not_accused() -> None:
    plan = planned(47 * B, name="ours-8x7B", tokens=300 * B)
    assert said(plan) == [("TOK008", "info")]
    assert [item.what for item in plan.not_checked] == ["tokens"]


@pytest.mark.parametrize("name", ["gemma-2b", "Qwen3-8B", "a3b-tokenizer-study", "llama-4x-longer", "memoe"])
def test_other_names_are_not_taken_for_mixtures(name: str) -> None:
    assert said(planned(7 * B, name=name, tokens=140 * B)) == []


@pytest.mark.parametrize(
    "name", ["Mixtral", "x-8x22B", "Qwen3-30B-A3B", "OLMoE-1B-7B", "granite-moe", "Phi-3.5-MoE-instruct"]
)
def test_names_of_mixtures(name: str) -> None:
    assert said(planned(47 * B, name=name, tokens=10 * T)) == [("TOK008", "info")]


def test_tokens_stated_twice_and_differently() -> None:
    # llm-foundry's mpt-13b.yaml: ~270B in the comment, 260.0B by its fields
    plan = planned(13 * B, tokens=270 * B, steps=124_000, global_batch_size=1024, sequence_length=2048)
    ((code, level, violation),) = found(plan)
    assert (code, level, violation.field) == ("TOK014", "warning", "training.tokens")
    assert "270B" in violation.message
    assert "260B" in violation.message


def test_the_family_is_complete() -> None:
    assert planner.rules.tokens.__doc__ and planner.rules.token_economy.__doc__
    assert [code for code in sorted(RULES) if code.startswith("TOK")] == [
        "TOK001",
        "TOK002",
        "TOK004",
        "TOK005",
        "TOK008",
        "TOK011",
        "TOK012",
        "TOK014",
    ]


# 6 · 7e9 · 140e9 FLOPs are 5,234 device hours of an A100 at its whole peak, 1,651 of an H100
@pytest.mark.parametrize(
    ("hours", "hardware", "level", "words"),
    [
        pytest.param(7_000.0, A100, "warning", "take 75% of the devices' peak: above 65%", id="A100"),
        pytest.param(2_600.0, H100, "warning", "take 63% of the devices' peak: above 60%", id="H100"),
        pytest.param(100_000.0, A100, "info", "take 5% of the devices' peak: most of the time", id="idle"),
    ],
)
def test_a_time_that_no_run_has_taken(hours: float, hardware: Hardware, level: str, words: str) -> None:
    ((code, said_level, violation),) = found(planned(7 * B, tokens=140 * B, gpu_hours=hours, hardware=hardware))
    assert (code, said_level, violation.field) == ("TOK011", level, "training.gpu_hours")
    assert words in violation.message
    assert "at 30% it takes" in violation.help


@pytest.mark.parametrize(
    ("schedule", "words"),
    [(286_000, "50% of the schedule, the rate never gets low"), (71_500, "50% of the run learns at the lowest rate")],
)
def test_a_schedule_that_misses_the_run(schedule: int, words: str) -> None:
    ((code, level, violation),) = found(planned(**RUN, schedule_steps=schedule))
    assert (code, level, violation.field) == ("TOK012", "warning", "training.schedule_steps")
    assert words in violation.message


def test_a_trial_need_not_end_its_schedule() -> None:
    assert said(planned(**{**RUN, "steps": 100, "schedule_steps": 320_000})) == []
