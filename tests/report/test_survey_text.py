"""What `planner init` says of a repository."""

from __future__ import annotations

from planner.init.survey import Survey
from planner.outcome import Unchecked
from planner.report.style import Style
from planner.report.survey_text import MOST, render

NOTHING = Survey({}, {}, 0, {}, {}, (), {}, 3)


def shown(survey: Survey) -> str:
    return "\n".join(render(survey, Style()))


def test_nothing_is_said_to_be_nothing() -> None:
    assert shown(NOTHING) == "no config of a language model in 3 files"


def test_kinds_are_counted_by_engine_and_format() -> None:
    found = shown(NOTHING._replace(deployments={"vllm": 2, "tgi": 1}, trainings={"trl": 1}, models=2))
    assert found == "3 deployments: 2 vllm, 1 tgi\n1 training config: 1 trl\n2 configs of a model alone"


def test_the_hardware_of_most_files_comes_first_and_the_list_ends() -> None:
    hardware = {f"a{n}": ("x.yaml",) for n in range(MOST + 1)} | {"L4": ("1", "2", "3", "4", "5")}
    lines = shown(NOTHING._replace(deployments={"vllm": 1}, hardware=hardware, unstated={"b/**": 2})).splitlines()
    assert lines[3] == "  L4: 1, 2, 3 and 2 more files"
    assert lines[-2:] == ["  and 2 other kinds", "  none stated: b/** (2 configs)"]


def test_what_is_not_checked_is_said_with_what_would_mend_it() -> None:
    entry = Unchecked("a.yaml", 0, 3, "model", "no name", "name it")
    assert shown(NOTHING._replace(models=1, not_checked=(entry,))).splitlines()[2:] == [
        "a.yaml:3: model not checked: no name",
        "  = help: name it",
    ]


def test_others_strings_are_only_shown() -> None:
    text = shown(NOTHING._replace(deployments={"\x1b[31m": 1}, hardware={"\nA": ("::x\x07",)}, unstated={"\r": 1}))
    assert not any(character in text for character in "\x1b\x07\r")
    assert "\n::" not in text
