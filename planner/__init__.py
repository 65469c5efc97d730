"""A linter and planner for the configuration of large language models.

The Python API: `lint`, `plan` and `render`, and what they return. Everything is imported when it is asked for.
"""

from __future__ import annotations

TYPE_CHECKING = False  # as type checkers read it; until `__main__` has run, no module may be looked for
if TYPE_CHECKING:
    from planner.api import lint as lint
    from planner.api import plan as plan
    from planner.api import render as render
    from planner.finding import Finding as Finding
    from planner.outcome import Unchecked as Unchecked
    from planner.pipeline import Report as Report
    from planner.plan.types import Plan as Plan
    from planner.settings import SettingsError as SettingsError

__version__ = "0.1.0"
__all__ = ["Finding", "Plan", "Report", "SettingsError", "Unchecked", "__version__", "lint", "plan", "render"]

_PLACES = {
    "Finding": "planner.finding",
    "Plan": "planner.plan.types",
    "Report": "planner.pipeline",
    "SettingsError": "planner.settings",
    "Unchecked": "planner.outcome",
    "lint": "planner.api",
    "render": "planner.api",
}
"""Name → the module that defines it. `plan` is the package of that name, which can be called."""


def __getattr__(name: str) -> object:
    from importlib import import_module

    if name == "plan":
        return import_module("planner.plan")
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_PLACES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
