"""What holds whatever a file contains, from the file to every report."""

from __future__ import annotations

import json
import re
import traceback
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from jsonschema import Draft202012Validator

from planner import pipeline
from planner.discover import Found
from planner.report import LINT, PLAN, render
from planner.report.style import Style

SCHEMAS = Path(__file__).resolve().parents[2] / "schemas"
STYLE = Style()
SECRET = "kept-by-the-fuzzer"
"""What inputs have under the names of secrets."""
FINDING = re.compile(r":\d+:\d+: (?:error|warning|info) [A-Z]{3}\d{3} [a-z[]")
NO_NUMBER = re.compile(r"(?<![\w.`'\"/-])-?(?:nan|inf)(?![\w.-])")
NEGATIVE = re.compile(r"(?<![\w.)`'\"])[-−]\d[\d.,]* (?:[KMGTP]iB|[KMGTP]?B|bytes|tokens|GPUs?|devices)\b")


class Broken(Exception):  # noqa: N818
    """Something that must hold does not."""


def judge(name: str, data: bytes, fixes: bool, thorough: bool) -> bool:
    """Check the input and all that is printed about it; whether planner had anything to say.

    Raises `Broken`, and whatever a defect of planner's own raises. `thorough` is for the forms that cost most.
    """
    options = pipeline.Options(stdin=data, stdin_name=name, fixes=fixes)
    report = pipeline.run([Found("-", True)], options)
    for _, error in report.crashes:
        raise Broken("".join(traceback.format_exception(error)))
    text = data.decode("utf-8", "replace").lower()
    _places(report)
    _nothing_in_silence(report)
    if "nan" not in text and "inf" not in text and "e" not in text:
        _numbers(report)
    if report.findings or report.plans or thorough:
        _reports(report, thorough)
    return bool(report.findings or report.not_checked or report.plans)


def _places(report: pipeline.Report) -> None:
    """Findings are in order and inside of their files."""
    _must(list(report.findings) == sorted(report.findings), "findings are not sorted")
    for finding in report.findings:
        for at in (finding, *finding.related):
            source = report.sources.get(at.file)
            _must(1 <= at.line <= at.end_line and at.column >= 1, f"no place: {at}")
            _must((at.line, at.column) <= (at.end_line, at.end_column), f"ends before it starts: {at}")
            if source is not None and source.text:
                last = len(re.split("\r\n|\r|\n", source.text))
                _must(at.end_line <= last, f"beyond the last line, {last}: {at}")
                _must(at.column <= len(source.line(at.line)) + 1, f"beyond the end of the line: {at}")
                _must(at.end_column <= len(source.line(at.end_line)) + 1, f"beyond the end of the line: {at}")


def _nothing_in_silence(report: pipeline.Report) -> None:
    """Of every config something is checked, found or said not to be checked; and so of a file that is broken."""
    if report.plans:
        counted = report.checked + len(report.not_checked) + len(report.findings)
        _must(counted > 0, f"passed in silence: {[plan.workload.format for plan in report.plans]}")
    for plan in report.plans:
        asked = plan.workload.serving or plan.workload.training
        answered = plan.serving or plan.training or plan.tokens or plan.not_checked
        _must(not asked or bool(answered or report.findings), f"passed in silence: {plan.workload.format}")


def _numbers(report: pipeline.Report) -> None:
    said = [text for finding in report.findings for text in (finding.message, finding.help)]
    for text in (*said, *(item.because for item in report.not_checked)):
        _must(not NO_NUMBER.search(text), f"no number: {text}")
        _must(not NEGATIVE.search(text), f"a negative size: {text}")


def _reports(report: pipeline.Report, thorough: bool) -> None:
    found = len(report.findings)
    printed = {name: _printed(LINT[name], report) for name in LINT if name != "sarif" or thorough}
    for form, lines in (*printed.items(), *((f"plan {name}", _printed(PLAN[name], report)) for name in PLAN)):
        for line in lines:
            _safe(form, line)
        if form.endswith("json"):
            value = _json("\n".join(lines))
            _sizes(value)
            if thorough:
                _valid("plan" if form.startswith("plan") else "lint", value)
    counts = {
        "json": len(_json("\n".join(printed["json"]))["findings"]),
        "jsonl": sum(_json(line)["type"] == "finding" for line in printed["jsonl"]),
        "gitlab": len({each["fingerprint"] for each in _json("\n".join(printed["gitlab"]))}),
        "junit": sum(1 for _ in ElementTree.fromstring("\n".join(printed["junit"])).iter("failure")),
        "github": sum(line.startswith("::") and " not checked::" not in line for line in printed["github"]),
        "concise": sum(bool(FINDING.search(line)) for line in printed["concise"]),
        "text": sum(bool(FINDING.search(line)) for line in printed["text"]),
    }  # fmt: skip
    if thorough:
        results = _json("\n".join(printed["sarif"]))["runs"][0]["results"]
        counts["sarif"] = sum(not result["suppressions"] for result in results)
    for form, count in counts.items():
        _must(count == found, f"{form} shows {count} of {found} findings")


def _printed(module: str, report: pipeline.Report) -> list[str]:
    return list(render(module, report, STYLE))


def _safe(form: str, output: str) -> None:
    """No line of `output` steers a terminal or a runner."""
    for line in output.split("\n"):
        _must(line.isprintable(), f"{form} prints what does not print: {line!r}")
        _must(SECRET not in line, f"{form} shows a secret: {line!r}")
        _must("##[" not in line, f"{form} forges a command: {line!r}")
        forged = line.lstrip().startswith("::") and not re.match(r"::(error|warning|notice) file=", line)
        _must(not forged and (form == "github" or not line.lstrip().startswith("::")), f"{form} forges {line!r}")


def _json(text: str) -> Any:
    def refuse(constant: str) -> None:
        raise Broken(f"JSON with {constant}")

    return json.loads(text, parse_constant=refuse)


def _valid(schema: str, value: Any) -> None:
    error = next(iter(_validator(schema).iter_errors(value)), None)
    _must(error is None, f"not as schemas/{schema}.schema.json: {error and (list(error.path), error.message[:300])}")


def _sizes(value: Any) -> None:
    for path, number in _leaves(value):
        if isinstance(number, (int, float)) and path[-1:] and "bytes" in str(path[-1]):
            _must(number >= 0, f"negative bytes: {path} {number}")


def _leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    if isinstance(value, (dict, list)):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _leaves(item, (*path, key))
    else:
        yield path, value


@cache
def _validator(schema: str) -> Draft202012Validator:
    return Draft202012Validator(json.loads((SCHEMAS / f"{schema}.schema.json").read_text(encoding="utf-8")))


def _must(holds: bool, message: str) -> None:
    if not holds:
        raise Broken(message)
