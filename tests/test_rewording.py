"""What a config says is repeated in full where that can be read, and else its beginning and end."""

from __future__ import annotations

import pytest

from planner import pipeline
from planner.discover import Found
from planner.report import LINT, PLAN, render
from planner.report.style import Style

CONFIG = """\
model: {{name: "{0}", quantization: "{1}"}}
deployment: {{engine: "{1}", context: "{1}", "{1}": 1, hardware: {{accelerator: "{0}", count: 1}}}}
---
model: {{parameters: 70B, dtype: bfloat16}}
deployment: {{engine: vllm, context: 4096, "{1}": 1, hardware: {{memory: 80GiB, count: 1}}}} # planner: ignore[{1}]
"""


def report(name: str, word: str) -> pipeline.Report:
    text = CONFIG.format(name, word).encode()
    return pipeline.run([Found("-", True)], pipeline.Options(stdin=text, stdin_name="a.yaml"))


def said(of: pipeline.Report) -> list[str]:
    findings = [text for each in of.findings for text in (each.message, each.help, each.field, each.repair.message)]
    return [*findings, *(text for each in of.not_checked for text in (each.because, each.mend))]


def test_a_name_as_people_give_them_is_repeated_in_full() -> None:
    name = "/checkpoints/" + "a-long-path/" * 12
    assert any(name in text for text in said(report(name, "x")))


@pytest.mark.parametrize("part", ["x", "$", "a ", "x, ", "`", "...", "\u00e9"])
def test_of_a_megabyte_the_ends_are_repeated(part: str) -> None:
    text = part * (1_000_000 // len(part))
    found = report(text, (part * 900)[:900])
    assert max(map(len, said(found))) <= 1_000
    assert any(part * 50 in each for each in said(found))
    assert any("the model" in each and "catalogue" in each for each in said(found))


@pytest.mark.parametrize("form", [*LINT, *(f"plan {form}" for form in PLAN)])
def test_no_report_is_as_long_as_the_file(form: str) -> None:
    modules = {**LINT, **{f"plan {name}": module for name, module in PLAN.items()}}
    printed = "\n".join(render(modules[form], report("x" * 1_000_000, "y" * 900), Style()))
    assert len(printed) < 250_000


def test_no_part_of_a_secret_is_left_where_it_is_cut() -> None:
    secret = "s3cr3t" * 500
    text = (
        f"model: {{name: {secret}, hf_token: {secret}, parameters: 7B}}\ndeployment: {{engine: {secret}, context: 1}}\n"
    )
    found = pipeline.run([Found("-", True)], pipeline.Options(stdin=text.encode(), stdin_name="a.yaml"))
    assert said(found)
    assert not any("s3cr3t" in each for each in said(found))
