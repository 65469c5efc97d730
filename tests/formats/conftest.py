"""What tests of formats share."""

from __future__ import annotations

import textwrap
from collections.abc import Callable

import pytest

from planner.formats import registry
from planner.formats.context import Context
from planner.plan import make_plan
from planner.plan.types import Plan
from planner.source import read as read_source
from planner.workload import Hardware

PlansOf = Callable[..., list[Plan]]


@pytest.fixture
def plans_of() -> PlansOf:
    """The plans of all workloads in a text, as the registry finds them."""

    def plans(text: str, file: str = "run.yaml", devices: int | None = None) -> list[Plan]:
        source = read_source(file, textwrap.dedent(text).encode())
        assert source is not None
        hardware = Hardware("H100", devices, 80 * 10**9, 80 * 2**30) if devices else None
        return [make_plan(found) for found in registry.read(source, Context(read_source, hardware))]

    return plans
