"""A plan as people read it."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from planner.finding import Finding
from planner.pipeline import Report, Unchecked
from planner.plan.types import Plan
from planner.report import PLAN, render
from planner.report.style import Style

GIB = 1 << 30
Reported = Callable[..., Report]
Planned = Callable[..., Plan]


def show(report: Report, style: Style = Style(width=90)) -> str:  # noqa: B008  immutable
    return "\n".join(render(PLAN["text"], report, style))


def test_nothing_planned_is_said(reported: Reported) -> None:
    report = reported(findings=(), plans=(), not_checked=(), checked=0)
    assert show(report) == "nothing planned · checked 0 configs, skipped 12 files · no findings"


def test_sections_without_content_are_left_out(planned: Planned, reported: Reported) -> None:
    plan = planned(model=None, serving=None, training=None, tokens=None, not_checked=())
    assert show(reported(findings=(), not_checked=(), plans=(plan,))).strip().split() == ["deploy", "deploy.yaml:1"]


def test_a_whole_plan_at_a_glance(report: Report) -> None:
    assert (
        show(report)
        == """\
meta-llama/Llama-2-70b-hf                                                    deploy.yaml:1
Model        68,976,648,192 parameters · bfloat16 · weights 128.48 GiB (137.95 GB)
             from the catalogue, context up to 4,096 tokens
Parameters   FFN        56.4B  81.7 %  █████████████████████████
             attention  12.1B  17.5 %  █████
             embedding   524M   0.8 %
             other      1.32M   0.0 %
             most of them (81.7 %) are in the FFN
KV cache     320.00 KiB a token in bfloat16, whole model
             4.00 GiB for 1 sequence of 4,096 tokens, 3.1 % of the weights
             one sequence of 421,000 tokens takes as much as the weights
Memory       one of 4 devices, A100 80GB with 80.00 GiB (85.90 GB), vllm 0.20.2
             █████████████████████████████▓▒▒░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░·······
                                                           budget: 72.00 GiB ^
             █ weights 32.00 GiB   ▓ KV cache 1.00 GiB
             ▒ activations and overhead 3.00 GiB   ░ free 36.00 GiB
             · not for the engine 8.00 GiB
             fits (predicted): 36.00 GiB needed of 72.00 GiB
             room for the KV cache: 37.00 GiB on each device, 484,966 tokens, 118.4
               sequences of 4,096
What fits    concurrency 118: as many sequences of 4,096 tokens fit
Training     one of 64 devices, A100 80GB with 80.00 GiB (85.90 GB), pretrain
             ██▓▓▓▓▓▓▓▓▓▓▓▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒░░░░░░░░░░░░░░░░░░░░░░░░
             █ weights 2.00 GiB   ▓ gradients 4.00 GiB   ▓ optimizer states 8.00 GiB
             ▒ activations 30.00 GiB   ▒ logits 8.00 GiB   ▒ runtime 1.00 GiB
             ░ free 27.00 GiB
             fits (predicted): 53.00 GiB needed of 80.00 GiB, at its peak in the backward
Tokens       planned 300B (140,000 steps × 1,024 × 2,048) · 4.3 per parameter ·
               undertrained
             recommended 1.38T (900B to 2.1T), compute-optimal
             by law: chinchilla 1.38T · hoffmann-1 1.4T
             1.24e+23 FLOPs, 31 % more than a compute-optimal run of equal loss
             310,000 GPU-hours
Not checked  training: no micro-batch is stated; add `micro_batch_size: 1`
Assumed      tensor_parallel not stated: the 4 devices taken to share the model
Findings     warning TOK001 [undertrained] 4.3 tokens per parameter
             error FIT001 [weights-exceed-memory] the weights need 128.48 GiB on each
               device and A100 80GB has 79.25 GiB at most: 49.23 GiB too much
"""
    )


def test_a_place_without_room_beside_the_name_stands_below_it(report: Report) -> None:
    assert show(report, Style(width=38)).split("\n")[:2] == ["meta-llama/Llama-2-70b-hf", "deploy.yaml:1"]


def test_a_model_by_its_size_alone_says_so(planned: Planned, reported: Reported) -> None:
    model = planned().model._replace(parameters=None, source="parameters", max_context=None)  # type: ignore[union-attr]
    shown = show(reported(plans=(planned(model=model, serving=None),)))
    assert "from the size alone" in shown
    assert "Parameters " not in shown


def test_where_no_part_holds_the_majority_it_is_said(planned: Planned, reported: Reported) -> None:
    model = planned().model
    parts = model.parameters._replace(total=100, embedding=40, attention=30, ffn=30, other=0)  # type: ignore[union-attr]
    assert "no part holds the majority" in show(reported(plans=(planned(model=model._replace(parameters=parts)),)))  # type: ignore[union-attr]


def test_what_does_not_fit_runs_over_the_mark(planned: Planned, reported: Reported) -> None:
    serving = planned().serving
    device = serving.per_device._replace(usable=64 * GIB, budget=64 * GIB, weights=124 * GIB, kv_available=-63 * GIB)  # type: ignore[union-attr]
    proved = serving._replace(per_device=device, fits=False, fits_basis="proved")  # type: ignore[union-attr]
    lines = show(reported(plans=(planned(serving=proved, training=None),))).split("\n")
    bar = next(line for line in lines if "██" in line and "%" not in line)
    below = lines[lines.index(bar) + 1]
    assert below.endswith("^ device: 64.00 GiB")
    assert (below.index("^") - 13) / (len(bar) - 13) == pytest.approx(64 / 128, abs=0.02)
    assert any("does not fit (proved): 128.00 GiB needed of 64.00 GiB" in line for line in lines)


def test_without_hardware_the_need_stands_alone(planned: Planned, reported: Reported) -> None:
    serving = planned().serving
    device = serving.per_device._replace(usable=None, budget=None, kv_available=None)  # type: ignore[union-attr]
    unknown = serving._replace(  # type: ignore[union-attr]
        per_device=device,
        fits=None,
        fits_basis="unknown",
        kv_capacity_tokens=None,
        accelerators_that_fit=("H100 80GB", "A100 80GB"),
    )
    shown = show(reported(plans=(planned(serving=unknown, training=None),)))
    assert "not known whether it fits: 36.00 GiB needed" in shown
    assert "enough: H100 80GB, A100 80GB" in shown
    assert "free" not in shown


def test_what_else_the_compute_could_do_is_said_where_it_is_known(planned: Planned, reported: Reported) -> None:
    tokens = planned().tokens._replace(  # type: ignore[union-attr]
        same_compute=(33 * 10**9, 660 * 10**9),
        inference_optimal=(30 * 10**9, 10**12, 0.25),
        gpu_hours_low=200000.0,
        gpu_hours_high=450000.0,
        days=12.25,
        break_even_tokens=2e12,
    )
    shown = show(reported(plans=(planned(tokens=tokens),)))
    assert "the same compute trains best: 33B parameters on 660B tokens" in shown
    assert "310,000 GPU-hours (200,000 to 450,000), 12.2 days on the stated devices" in shown
    assert "pays off once it serves 2T tokens in its life" in shown
    assert "least compute over its life: 30B parameters on 1T tokens, 25 % less" in shown


def test_what_is_stated_needs_no_working_and_what_never_pays_is_not_said_to(
    planned: Planned, reported: Reported
) -> None:
    tokens = planned().tokens._replace(working="300B tokens", break_even_tokens=-1e10)  # type: ignore[union-attr]
    shown = show(reported(plans=(planned(tokens=tokens),)))
    assert "planned 300B · 4.3 per parameter" in shown
    assert "pays off" not in shown


def test_a_finetuning_run_is_said_not_to_be_judged(planned: Planned, reported: Reported) -> None:
    tokens = planned().tokens._replace(verdict="not-applicable", per_parameter=None)  # type: ignore[union-attr]
    assert "not judged: no pre-training from scratch" in show(
        reported(plans=(planned(tokens=tokens),)), Style(width=120)
    )


def test_what_could_not_be_read_is_not_lost(reported: Reported) -> None:
    finding = Finding("broken.yaml", 1, 1, 1, 2, "CFG001", "syntax-error", "error", "", "no YAML")
    shown = show(
        reported(findings=(finding,), plans=(), not_checked=(Unchecked("x.yaml", 0, 1, "file", "too big", ""),))
    )
    assert "broken.yaml:1:1: error CFG001 syntax-error" in shown
    assert "x.yaml:1: file not checked: too big" in shown


def test_what_a_plan_says_itself_is_not_said_again(report: Report) -> None:
    assert show(report).count("no micro-batch is stated") == 1


def test_assumptions_that_sections_share_are_said_once(planned: Planned, reported: Reported) -> None:
    training = planned().training._replace(assumptions=planned().serving.assumptions)  # type: ignore[union-attr]
    assert show(reported(plans=(planned(training=training),))).count("tensor_parallel not stated") == 1


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_every_line_fits_the_terminal(report: Report, width: int) -> None:
    assert max(map(len, show(report, Style(width=width)).split("\n"))) <= width


def test_colour_adds_nothing_but_colour(report: Report) -> None:
    coloured = show(report, Style(width=90, color=True))
    assert "\x1b[" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == show(report)
