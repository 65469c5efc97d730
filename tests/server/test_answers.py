"""What an editor is told, apart from the protocol."""

from __future__ import annotations

from pathlib import Path

import pytest

from planner.finding import Finding
from planner.pipeline import Options, Report
from planner.server.actions import inserted, silencing
from planner.server.checking import check
from planner.server.hover import hover
from planner.server.positions import position

TOO_LARGE = """\
model: {name: meta-llama/Llama-2-70b-hf, dtype: bfloat16}
deployment:
  engine: vllm
  context: 4096
  hardware: {accelerator: A100-80GB, count: 1}
"""
POD = """\
apiVersion: v1
kind: Pod
metadata: {name: llama}
spec:
  nodeSelector: {nvidia.com/gpu.product: NVIDIA-A100-SXM4-80GB}
  containers:
  - name: vllm
    image: vllm/vllm-openai:v0.9.2
    command: [sh, -c]
    args:
    - |
      vllm serve meta-llama/Llama-2-70b-hf \\
        --dtype bfloat16
    resources: {limits: {nvidia.com/gpu: 1}}
"""


def report(text: str, path: str = "a.yaml") -> Report:
    return check(text, path, Options())


def only(text: str, path: str = "a.yaml") -> Finding:
    [finding] = report(text, path).findings
    return finding


@pytest.mark.parametrize("text", ["", "on: push\njobs: {}\n", "services: [\n", "a: 1\na: 2\n", "\x00", "model"])
def test_texts_that_are_not_ours_pass_in_silence(text: str) -> None:
    found = report(text)
    assert (found.findings, found.not_checked) == ((), ())


def test_a_config_that_is_being_written_is_no_crash() -> None:
    for end in range(len(TOO_LARGE)):
        assert not report(TOO_LARGE[:end]).crashes


def test_the_settings_beside_the_file_hold_as_they_are_now(tmp_path: Path) -> None:
    path = str(tmp_path / "a.yaml")
    assert [finding.rule for finding in report(TOO_LARGE, path).findings] == ["FIT001"]
    (tmp_path / "planner.toml").write_text('ignore = ["FIT"]\n')
    assert report(TOO_LARGE, path).findings == ()
    (tmp_path / "planner.toml").write_text('exclude = ["a.yaml"]\n')
    assert report(TOO_LARGE, path).checked == 0


def test_siblings_count(tmp_path: Path) -> None:
    (tmp_path / "model.yaml").write_text("name: meta-llama/Llama-2-70b-hf\ndtype: bfloat16\n")
    text = TOO_LARGE.replace("{name: meta-llama/Llama-2-70b-hf, dtype: bfloat16}", "./model.yaml")
    assert [finding.rule for finding in report(text, str(tmp_path / "a.yaml")).findings] == ["FIT001"]


@pytest.mark.parametrize(
    ("text", "column", "expected"),
    [("abc", 1, 0), ("abc", 4, 3), ("abc", 99, 3), ("é𝄞x", 3, 3), ("", 5, 0)],
)
def test_columns_are_utf_16_by_default(text: str, column: int, expected: int) -> None:
    assert position(f"first\r\n{text}\r\n", 2, column) == (1, expected)


@pytest.mark.parametrize(("encoding", "expected"), [("utf-8", 6), ("utf-16", 3), ("utf-32", 2)])
def test_columns_are_in_the_editors_units(encoding: str, expected: int) -> None:
    assert position("é𝄞x", 1, 3, encoding) == (0, expected)


def test_a_line_is_what_the_protocol_calls_one() -> None:
    assert position("a\u2028b\x0cc\nd", 1, 4) == (0, 3)


def test_a_comment_silences_the_finding_alone() -> None:
    finding = only(TOO_LARGE)
    found = silencing(TOO_LARGE, finding, report)
    assert found is not None
    text = inserted(TOO_LARGE, found)
    assert "count: 1}  # planner: ignore[FIT001] reason\n" in text
    assert report(text).findings == ()


def test_a_line_with_a_comment_gets_another_above() -> None:
    text = TOO_LARGE.replace("count: 1}", "count: 1}  # the small one")
    found = silencing(text, only(text), report)
    assert found is not None
    new = inserted(text, found)
    assert report(new).findings == ()
    assert text.splitlines()[-1] in new


def test_where_no_comment_can_stand_none_is_offered() -> None:
    import json

    text = json.dumps({"model": {"name": "meta-llama/Llama-2-70b-hf", "dtype": "bfloat16"},
                       "deployment": {"engine": "vllm", "context": 4096,
                                      "hardware": {"accelerator": "A100-80GB", "count": 1}}}, indent=1)  # fmt: skip
    assert silencing(text, only(text, "a.json"), lambda new: report(new, "a.json")) is None


def test_whatever_is_offered_in_a_pod_works() -> None:
    for finding in report(POD).findings:
        found = silencing(POD, finding, report)
        if found is not None:
            rules = [each.rule for each in report(inserted(POD, found)).findings]
            assert finding.rule not in rules
            assert "IGN001" not in rules


def test_hovering_shows_the_memory_of_the_document_under_the_cursor() -> None:
    text = f"{TOO_LARGE}---\n{TOO_LARGE.replace('70b', '7b')}"
    plans = report(text).plans
    first, second = hover(plans, 3), hover(plans, 9)
    assert "Llama-2-70b-hf" in first
    assert "128.48 GiB" in first
    assert "Llama-2-7b-hf" in second
    assert "70b" not in second


def test_hovering_over_nothing_shows_nothing() -> None:
    assert hover((), 1) == ""
    assert hover(report(f"# a comment\n\n{TOO_LARGE}").plans, 1) == ""
