"""Names by which programs recognise a finding again in the next run, whatever lines came above it meanwhile."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

from planner.report.place_names import called

if TYPE_CHECKING:
    from planner.finding import Finding


def fingerprints(findings: Iterable[Finding]) -> list[str]:
    """One for each of `findings`, all different: of file, rule and field, and a number among those that agree."""
    from hashlib import sha256

    seen: Counter[str] = Counter()
    found = []
    for finding in findings:
        key = "\0".join((called(finding.file), finding.rule, finding.field))
        seen[key] += 1
        text = f"{key}\0{seen[key]}"
        found.append(sha256(text.encode("utf-8", "surrogatepass")).hexdigest())
    return found
