"""SARIF 2.1.0 (OASIS) within the limits of GitHub's code scanning: one run, the rules with their pages, results."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from planner import __version__
from planner.finding import LEVELS
from planner.report.fingerprints import fingerprints
from planner.report.json_text import dump
from planner.report.place_names import relative, uri
from planner.rules import page

if TYPE_CHECKING:
    from planner.finding import Edit, Finding, Repair
    from planner.pipeline import Report
    from planner.report.style import Style
    from planner.rules.registry import Rule
    from planner.suppression import Silenced

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
ROOT = "%SRCROOT%"
LEVEL = {"error": "error", "warning": "warning", "info": "note"}
SEVERITY = {"error": "error", "warning": "warning", "info": "recommendation"}
MOST_RESULTS, MOST_RELATED, LONGEST = 25_000, 1_000, 1_000
"""Results of a run, places of a result, characters of a description that GitHub takes."""


def render(report: Report, style: Style) -> Iterator[str]:
    """The report as one JSON object."""
    from planner import rules

    every = rules.every()
    index = {code: number for number, code in enumerate(every)}
    silenced = {each.finding: each for each in report.silenced}
    findings = sorted({*report.findings, *silenced})
    kept = _worst(findings)
    results = [
        _result(finding, index, mark, silenced.get(finding))
        for finding, mark in zip(findings, fingerprints(findings), strict=True)
        if finding in kept
    ]
    driver = {
        "name": "planner",
        "version": __version__,
        "semanticVersion": __version__,
        "informationUri": page.BASE.partition("/blob/")[0],
        "rules": [_rule(rule) for rule in every.values()],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {ROOT: {"description": {"text": "The folder in which planner ran."}}},
        "invocations": [_invocation(report, len(findings) - len(results))],
        "results": results,
    }
    yield dump({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]})


def _worst(findings: Sequence[Finding]) -> set[Finding]:
    """As many of `findings` as a run may have."""
    if len(findings) <= MOST_RESULTS:
        return set(findings)
    return set(sorted(findings, key=lambda finding: -LEVELS.index(finding.level))[:MOST_RESULTS])


def _invocation(report: Report, left_out: int) -> dict[str, object]:
    """How the run went, with what was not checked."""
    notices = [
        {
            "level": "note",
            "message": {"text": f"{item.what} not checked: {item.because}"},
            "locations": [_location(item.file, (item.line,))],
        }
        for item in report.not_checked[:MOST_RELATED]
    ]
    if left_out:
        text = f"{left_out:,} more findings are left out: a run has at most {MOST_RESULTS:,}"
        notices.append({"level": "warning", "message": {"text": text}})
    done = not report.unreadable and not report.crashes
    return {"executionSuccessful": done, "toolExecutionNotifications": notices}


def _rule(rule: Rule) -> dict[str, object]:
    parts = page.sections(rule)
    text = " ".join((page.summary(rule), *parts.get("What it does", "").split(), *parts.get("Why", "").split()))
    url = page.url(rule.code)
    return {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": page.summary(rule)},
        "fullDescription": {"text": text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"},
        "help": {"text": page.body(rule), "markdown": page.body(rule)},
        **({"helpUri": url} if url else {}),
        "defaultConfiguration": {"level": LEVEL[rule.level]},
        "properties": {"tags": [rule.code[:3], "llm"], "problem.severity": SEVERITY[rule.level]},
    }


def _result(finding: Finding, index: dict[str, int], mark: str, silenced: Silenced | None) -> dict[str, object]:
    text = "\n".join(filter(None, (finding.message, finding.help)))
    result: dict[str, object] = {
        "ruleId": finding.rule,
        "ruleIndex": index.get(finding.rule, -1),
        "level": LEVEL[finding.level],
        "message": {"text": _plain(text)},
        "locations": [_location(finding.file, finding[1:5], finding.field)],
        "partialFingerprints": {"planner/v1": mark},
        "suppressions": [] if silenced is None else [_suppression(silenced)],
    }
    if finding.repair.edits:
        result["fixes"] = [_fix(finding.repair)]
    if finding.related:
        result["relatedLocations"] = [
            {"id": number, "message": {"text": _plain(other.message)}, **_location(other.file, other[1:5])}
            for number, other in enumerate(finding.related[:MOST_RELATED])
        ]
    return result


def _fix(repair: Repair) -> dict[str, object]:
    """A fix object (SARIF 2.1.0, 3.55): what is replaced in each file."""
    by_file: dict[str, list[Edit]] = {}
    for edit in repair.edits:
        by_file.setdefault(edit.file, []).append(edit)
    return {
        "description": {"text": _plain(repair.message)},
        "artifactChanges": [
            {
                "artifactLocation": _artifact(file),
                "replacements": [
                    {"deletedRegion": _region(edit[1:5]), "insertedContent": {"text": edit.text}} for edit in edits
                ],
            }
            for file, edits in by_file.items()
        ],
        "properties": {"safety": "safe" if repair.safe else "unsafe"},
    }


def _suppression(silenced: Silenced) -> dict[str, object]:
    kind = {"kind": "inSource" if silenced.by == "comment" else "external"}
    return {**kind, "justification": silenced.reason} if silenced.reason else {**kind}


def _artifact(file: str) -> dict[str, str]:
    return {"uri": uri(file), "uriBaseId": ROOT} if relative(file) is not None else {"uri": uri(file)}


def _region(place: Sequence[int]) -> dict[str, int]:
    return dict(zip(("startLine", "startColumn", "endLine", "endColumn"), place, strict=False))


def _location(file: str, place: Sequence[int], field: str = "") -> dict[str, object]:
    location: dict[str, object] = {"physicalLocation": {"artifactLocation": _artifact(file), "region": _region(place)}}
    if field:
        location["logicalLocations"] = [{"fullyQualifiedName": field, "kind": "member"}]
    return location


def _plain(text: str) -> str:
    """`text` without what viewers take for a link, `[text](target)`."""
    return text.replace("](", "] (")
