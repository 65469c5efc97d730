"""What an editor shows of the config under the cursor: the memory of a device, and the training tokens."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from planner.report.markdown import plan_lines
from planner.report.style import Style

if TYPE_CHECKING:
    from planner.plan.types import Plan

MOST = 4
"""Plans that are shown of one document."""


def hover(plans: Sequence[Plan], line: int) -> str:
    """Markdown for the document in which `line` (from 1) stands; empty where there is nothing to show."""
    above = [plan for plan in plans if plan.workload.document.line <= line]
    if not above:
        return ""
    index = above[-1].workload.document.index
    here = [plan for plan in above if plan.workload.document.index == index]
    return "\n".join(text for plan in here[:MOST] for text in plan_lines(plan, Style())).strip()
