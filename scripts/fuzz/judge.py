"""What holds whatever a file contains, from the file to every report."""

from __future__ import annotations

import json
import re
import traceback
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from jsonschema import Draft202012Validator
from vocabulary import SECRET, SECRET_KEYS

from planner import pipeline
from planner.discover import Found
from planner.report import LINT, PLAN, render
from planner.report.style import Style

SCHEMAS = Path(__file__).resolve().parents[2] / "schemas"
STYLE = Style()
_FORMS = [f"lint {name}" for name in LINT if name != "sarif"] + [f"plan {name}" for name in PLAN]
FORMS = ("lint sarif", *_FORMS * 4)
"""Forms of reports; SARIF, which takes longest, more rarely."""
FINDING = re.compile(r"^\S.*?:\d+:\d+: (?:error|warning|info) [A-Z]{3}\d{3} [a-z[]", re.MULTILINE)
FORGED = re.compile(r"^\s*::(?!(?:error|warning|notice) file=)", re.MULTILINE)
COMMAND = re.compile(r"^\s*::", re.MULTILINE)
NO_NUMBER = re.compile(r"(?<![\w.`'\"/-])-?(?:nan|inf|NaN|Infinity)(?![\w.-])")
NEGATIVE = re.compile(r"(?<![\w.)`'\"])[-−]\d[\d.,]* (?:[KMGTP]iB|[KMGTP]?B|bytes|tokens|GPUs?|devices)\b")
NEGATIVE_SIZE = re.compile(r'"\w*bytes\w*": -')
PYTHON = re.compile(
    r"<(?:class|function|module|planner)\b|\bobject at 0x|\b(?:Fraction|Decimal|Stated|Origin|Span)\("
    r"|\bNone\b|\[None|\{'|\['|\(None|\bTraceback\b|Error: "
)
"""What only Python would write like this."""


TOLD = re.compile(
    rb"""(?:%s)['"]*\s*[:=]\s*['"\[]*(?:-\s+)?%s|(?<=, )['"]*%s['"]?\]"""
    % ("|".join(SECRET_KEYS).encode(), SECRET.encode(), SECRET.encode()),
    re.IGNORECASE,
)
"""A secret under the name of one, or at the end of a list."""


class Broken(Exception):  # noqa: N818
    """Something that must hold does not."""


def judge(name: str, data: bytes, number: int) -> bool:
    """Check the input and all that is printed about it; whether planner had anything to say.

    Raises `Broken`, and whatever a defect of planner's own raises. What costs most is done for some `number`s only.
    """
    report = linted(name, data, fixes=number % 6 == 0)
    check(report, data, number)
    return bool(report.findings or report.not_checked or report.plans)


def linted(name: str, data: bytes, fixes: bool = False) -> pipeline.Report:
    """What planner says of `data`."""
    options = pipeline.Options(stdin=data, stdin_name=name, fixes=fixes)
    report = pipeline.run([Found("-", True)], options)
    uncrashed(report)
    return report


def uncrashed(report: pipeline.Report) -> None:
    """Raise where planner failed."""
    for _, error in report.crashes:
        raise Broken("".join(traceback.format_exception(error)))


def check(report: pipeline.Report, data: bytes, number: int) -> None:
    """What holds of every report."""
    places(report)
    _nothing_in_silence(report)
    wording(report, data)
    if report.findings or report.plans or number % 20 == 0:
        _reports(report, data, number)


def places(report: pipeline.Report) -> None:
    """Findings are in order and inside of their files."""
    must(list(report.findings) == sorted(report.findings), "findings are not sorted")
    for finding in report.findings:
        for at in (finding, *finding.related):
            source = report.sources.get(at.file)
            must(1 <= at.line <= at.end_line and at.column >= 1, f"no place: {at}")
            must((at.line, at.column) <= (at.end_line, at.end_column), f"ends before it starts: {at}")
            if source is not None and source.text:
                last = len(re.split("\r\n|\r|\n", source.text))
                must(at.end_line <= last, f"beyond the last line, {last}: {at}")
                must(at.column <= len(source.line(at.line)) + 1, f"beyond the end of the line: {at}")
                must(at.end_column <= len(source.line(at.end_line)) + 1, f"beyond the end of the line: {at}")


def _nothing_in_silence(report: pipeline.Report) -> None:
    """Of every config something is checked, found or said not to be checked; and so of a file that is broken."""
    if report.plans:
        counted = report.checked + len(report.not_checked) + len(report.findings)
        must(counted > 0, f"passed in silence: {[plan.workload.format for plan in report.plans]}")
    for plan in report.plans:
        asked = plan.workload.serving or plan.workload.training
        answered = plan.serving or plan.training or plan.tokens or plan.not_checked
        must(not asked or bool(answered or report.findings), f"passed in silence: {plan.workload.format}")


def wording(report: pipeline.Report, data: bytes) -> None:
    """Messages are about numbers that there are, in people's words; what is odd in them stands in the input."""
    said = [text for finding in report.findings for text in (finding.message, finding.help)]
    said += [text for item in report.not_checked for text in (item.because, item.mend)]
    for pattern, problem in ((NO_NUMBER, "no number"), (NEGATIVE, "a negative size"), (PYTHON, "Python's words")):
        for text in said:
            for each in set(pattern.findall(text)):
                word = each.strip("-−([{'").lower().split(" ")[0].removesuffix("inity")
                where = re.sub(r"`[^`]*`|'[^']*'|\"[^\"]*\"", "…", text)[:60].replace(":", "")
                must(word in _stated(data), f"{problem}, {each}, in {where}: {text}")


def _stated(data: bytes) -> str:
    """What the input says, and the files beside it."""
    others = [file.read_bytes() for file in Path().iterdir() if file.is_file()]
    return b" ".join((data, *others)).decode("utf-8", "replace").lower()


def _reports(report: pipeline.Report, data: bytes, number: int) -> None:
    """Some forms hold all that was found and steer nothing; `number` says which."""
    found, told = len(report.findings), _is_told(data)
    for form in {"lint text", FORMS[number % len(FORMS)]}:
        kind, _, name = form.partition(" ")
        text = "\n".join(render((LINT if kind == "lint" else PLAN)[name], report, STYLE))
        safe(form, text)
        must(not told or SECRET not in text, f"{form} shows a secret: {text}")
        if name in ("json", "jsonl", "sarif", "gitlab"):
            _well_formed(form, text, number)
        if kind == "lint":
            shown = _shown(name, text)
            must(shown in (None, found), f"{form} shows {shown} of {found} findings")


def _is_told(data: bytes) -> bool:
    """Whether every secret in an input stands under the name of one."""
    return len(TOLD.findall(data)) == data.count(SECRET.encode())


def _shown(form: str, text: str) -> int | None:
    """Findings in a printed report; None where they cannot be counted."""
    match form:
        case "json":
            return len(parsed(text)["findings"])
        case "jsonl":
            return sum(parsed(line)["type"] == "finding" for line in text.split("\n"))
        case "gitlab":
            return len({each["fingerprint"] for each in parsed(text)})
        case "junit":
            return sum(1 for _ in ElementTree.fromstring(text).iter("failure"))
        case "github":
            return sum(line.startswith("::") and " not checked::" not in line for line in text.split("\n"))
        case "sarif":
            return sum(not result["suppressions"] for result in parsed(text)["runs"][0]["results"])
        case "concise" | "text":
            return len(FINDING.findall(text))
    return None


def safe(form: str, text: str) -> None:
    """Nothing in `text` steers a terminal or a runner."""
    if not text.replace("\n", "").isprintable():
        line = next(line for line in text.split("\n") if not line.isprintable())
        raise Broken(f"{form} prints what does not print: {line!r}")
    must("##[" not in text, f"{form} forges a command: {text}")
    forged = (FORGED if form.endswith("github") else COMMAND).search(text)
    must(forged is None, f"{form} forges {forged}")


def _well_formed(form: str, text: str, number: int) -> None:
    must(not NEGATIVE_SIZE.search(text), f"negative bytes in {form}")
    values = [parsed(line) for line in text.split("\n")] if form.endswith("jsonl") else [parsed(text)]
    if form.endswith(" json") and number % 30 < 2:
        valid("plan" if form.startswith("plan") else "lint", values[0])


def parsed(text: str) -> Any:
    """JSON, strictly."""

    def refuse(constant: str) -> None:
        raise Broken(f"JSON with {constant}")

    return json.loads(text, parse_constant=refuse)


def valid(schema: str, value: Any) -> None:
    """`value` is as the schema says."""
    error = next(iter(_validator(schema).iter_errors(value)), None)
    must(error is None, f"not as schemas/{schema}.schema.json: {error and (list(error.path), error.message[:300])}")


@cache
def _validator(schema: str) -> Draft202012Validator:
    return Draft202012Validator(json.loads((SCHEMAS / f"{schema}.schema.json").read_text(encoding="utf-8")))


def must(holds: bool, message: str) -> None:
    """Raise `Broken` unless it holds."""
    if not holds:
        raise Broken(message)
