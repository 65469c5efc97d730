"""A budget of compute: what is none, how the laws spend one, the tokens it pays for, and what declared time says."""

from __future__ import annotations

from typing import Any

import pytest

from planner.catalog import accelerators
from planner.plan.tokens import tokens_plan
from planner.plan.types import ModelPlan, TokensPlan
from planner.source.document import Document
from planner.workload import Hardware, Lora, Model, Training, Workload

B, T = 10**9, 10**12
DOCUMENT: Document = None  # type: ignore[assignment]  # the plan never looks at the text


def devices(name: str, count: int) -> Hardware:
    found = accelerators.find(name)
    assert found is not None
    return Hardware(name, count, row=found.rows[0]._asdict())


def plan(size: int | None, **training: Any) -> TokensPlan:
    stated = Model("m", parameters=size) if size else None
    model = ModelPlan("m", "parameters", None, None, size, size, "bfloat16", None, None, None) if size else None
    run = Training(**{"stage": "pretrain", **training})
    found, _ = tokens_plan(Workload(DOCUMENT, "native", "w", stated, None, run), model)
    assert found is not None
    return found


@pytest.mark.parametrize(
    "training",
    [
        pytest.param({"tokens": 140 * B}, id="tokens and nothing else"),
        pytest.param({"days": 30}, id="days on nobody knows what"),
        pytest.param({"days": 30, "hardware": Hardware("H100", None)}, id="days on nobody knows how many"),
        pytest.param({"gpu_hours": 1e6}, id="hours of nobody knows what"),
        pytest.param({"stage": "finetune", "compute": 1e21}, id="fine-tuning"),
        pytest.param({"lora": Lora(16), "gpu_hours": 10.0, "hardware": devices("H100-SXM", 8)}, id="an adapter"),
        pytest.param({"compute": float("nan")}, id="not a number"),
        pytest.param({"compute": -1e21}, id="less than nothing"),
    ],
)
def test_no_budget(training: dict[str, Any]) -> None:
    assert plan(7 * B, **training).allocations == {}


# Hoffmann et al. 2022: Table 3 (67B), section 4 (Gopher's budget: 40B by approach 3, in the TeX source 40.4B)
@pytest.mark.parametrize(
    ("law", "parameters", "tokens", "within"),
    [("hoffmann-1", 67e9, 1.5e12, 0.06), ("hoffmann-3", 40.4e9, 2.38e12, 0.02), ("chinchilla", 69.3e9, 1.386e12, 1e-3)],
)
def test_gophers_budget(law: str, parameters: float, tokens: float, within: float) -> None:
    best = plan(None, compute=5.76e23).allocations[law]
    assert best == (pytest.approx(parameters, rel=within), pytest.approx(tokens, rel=within))


def test_time_on_devices_is_a_budget() -> None:
    # jax-ml/scaling-book: 70B on 15T tokens, 6.3e24 FLOPs, takes 44 days of 8,960 TPU v5p at 40 %
    found = plan(None, days=44.3, mfu=0.4, hardware=devices("TPU v5p", 8960))
    assert found.compute == pytest.approx(6.3e24, rel=0.01)
    assert "40% utilization" in found.compute_working


def test_a_budget_pays_for_tokens() -> None:
    found = plan(70 * B, compute=5.88e23)  # 6 · 70e9 · 1.4e12, Chinchilla
    assert (found.planned, found.field, found.verdict) == (1400 * B, "training.compute", "ok")


@pytest.mark.parametrize(("tokens", "contradicts"), [(1400 * B, False), (1300 * B, False), (700 * B, True)])
def test_a_budget_against_tokens(tokens: int, contradicts: bool) -> None:
    found = plan(70 * B, compute=5.88e23, tokens=tokens)
    assert [field for field, _, _ in found.contradictions] == (["training.compute"] if contradicts else [])
    assert found.planned == tokens


# Device hours of model cards and papers, as in tests/scaling/test_compute.py
PUBLISHED = [
    pytest.param(68_976_653_312, 2 * T, 1_720_320, "A100-80GB", 0.428, id="Llama 2 70B"),
    pytest.param(405_853_388_800, 15_600 * B, 30_840_000, "H100-SXM", 0.346, id="Llama 3.1 405B"),
    pytest.param(8_030_261_248, 15 * T, 1_460_000, "H100-SXM", 0.139, id="Llama 3.1 8B"),
    pytest.param(13_015_864_320, 1 * T, 135_168, "A100-80GB", 0.514, id="LLaMA 13B, the best of all"),
]


@pytest.mark.parametrize(("size", "tokens", "hours", "device", "mfu"), PUBLISHED)
def test_published_hours_are_possible(size: int, tokens: int, hours: float, device: str, mfu: float) -> None:
    found = plan(size, tokens=tokens, gpu_hours=hours, hardware=devices(device, 1024))
    assert found.implied_mfu == pytest.approx(mfu, rel=0.01)
    assert found.implied_mfu is not None and found.mfu_limit is not None
    assert 0.1 < found.implied_mfu < found.mfu_limit
    by_days = plan(size, tokens=tokens, days=hours / 24 / 1024, hardware=devices(device, 1024))
    assert by_days.implied_mfu == pytest.approx(found.implied_mfu)


def test_money_is_hours_times_the_stated_price() -> None:
    free = plan(7 * B, tokens=140 * B, hardware=devices("A100-80GB", 8))
    paid = plan(7 * B, tokens=140 * B, hardware=devices("A100-80GB", 8), price_per_gpu_hour=1.5)
    assert free.price is None
    assert paid.price == pytest.approx(1.5 * 6 * 7e9 * 140e9 / (312e12 * 0.3) / 3600)


def test_a_stated_utilization_leaves_no_range() -> None:
    found = plan(7 * B, tokens=140 * B, mfu=0.5, hardware=devices("A100-80GB", 8))
    assert (found.gpu_hours_low, found.gpu_hours_high) == (None, None)
    assert found.gpu_hours == pytest.approx(6 * 7e9 * 140e9 / (312e12 * 0.5) / 3600)


def test_a_bare_model_with_a_demand_gets_its_better() -> None:
    found = plan(70 * B, lifetime_inference_tokens=20 * T)
    assert found.inference_optimal is not None
    parameters, tokens, saved = found.inference_optimal
    assert parameters < 70 * B and tokens > 1400 * B and 0 < saved < 1
