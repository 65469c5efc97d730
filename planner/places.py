"""From a field of the vocabulary to its place in the text: what readers and rules say becomes findings here."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from planner.failure import stop
from planner.finding import NO_REPAIR, Finding, Related

if TYPE_CHECKING:
    from planner.failure import Failed
    from planner.finding import Repair
    from planner.plan.types import Plan
    from planner.rules.registry import Rule, Violation
    from planner.source.document import Document, Path, Source, Span
    from planner.workload import Problem, Workload


def source_findings(source: Source) -> Iterator[Finding]:
    """What the reader met in a file, and comments that name unknown hardware."""
    from planner import rules
    from planner.formats import context

    for problem in (*source.problems, *context.problems(source)):
        related = tuple(Related(source.file, *span, label) for span, label in problem.related)
        yield _finding(rules.get(problem.rule), source.file, problem.span, "", problem.message, problem.help, related)


def plan_findings(plan: Plan, failed: Failed = stop) -> Iterator[Finding]:
    """What the format's reader met in a config, and what the rules say of its plan."""
    from planner import rules

    workload = plan.workload
    for problem in workload.problems:
        document = problem.document or workload.document
        related = tuple(Related(document.file, *document.span(path), label) for path, label in problem.related)
        span = document.span(problem.path, problem.on_key)
        field = ".".join(map(str, problem.path))
        found = _finding(rules.get(problem.rule), document.file, span, field, problem.message, problem.help, related)
        yield found._replace(repair=_renamed(problem, document)) if problem.renamed else found
    for rule, violation in rules.run(plan, failed):
        yield _violation_finding(workload, rule, violation)


def _violation_finding(workload: Workload, rule: Rule, violation: Violation) -> Finding:
    related = []
    for field, label in violation.related:
        other, path = _origin(workload, field)
        related.append(Related(other.file, *other.span(path), label))
    document, path = _origin(workload, violation.field)
    level = violation.level or rule.level
    found = _finding(rule, document.file, document.span(path), violation.field, violation.message, violation.help)
    return found._replace(level=level, related=tuple(related), repair=_changed(workload, violation))


def _renamed(problem: Problem, document: Document) -> Repair:
    from planner.fix.offers import rename

    return rename(document, problem.path, problem.renamed, problem.safe)


def _changed(workload: Workload, violation: Violation) -> Repair:
    """The repair that the changes of a rule come to in the text; none where the text leaves one of them open."""
    if not violation.changes:
        return NO_REPAIR
    from planner.fix.offers import change

    return change(workload, violation.changes, violation.safe)


def _finding(
    rule: Rule, file: str, span: Span, field: str, message: str, help: str, related: tuple[Related, ...] = ()
) -> Finding:
    return Finding(file, *span, rule.code, rule.name, rule.level, field, message, help, related)


def _origin(workload: Workload, field: str) -> tuple[Document, Path]:
    """The document and path that `field` came from; the section's where the field itself was not stated."""
    while field:
        origin = workload.origins.get(field)
        if origin is not None and origin.path is not None:
            return origin.document or workload.document, origin.path
        field = field.rpartition(".")[0]
    return workload.document, ()


def place(workload: Workload, field: str) -> Span:
    """Where `field` stands in the text."""
    document, path = _origin(workload, field)
    return document.span(path)
