"""MosaicML's command line (MCLI): devices, an image and a command, with LLM Foundry's config as its `parameters`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from planner.formats import llm_foundry, training
from planner.formats.inheritance import Chain, Layer
from planner.formats.native import fields
from planner.workload import Model, NotChecked, Origin, Workload

if TYPE_CHECKING:
    from planner.formats.context import Context
    from planner.source.document import Document

COMPOSER = r"\bcomposer\s[^\n]*?train\.py\s+(\S+\.ya?ml)"
"""What trains, and the config that it is given."""


def recognise(document: Document) -> bool:
    """Whether it runs a command of LLM Foundry on devices that it counts."""
    data = document.data
    if not isinstance(data, dict) or not isinstance(data.get("compute"), dict):
        return False
    words = f"{data.get('image')} {data.get('integrations')} {data.get('command')}"
    return isinstance(data.get("command"), str) and ("llm-foundry" in words or "composer" in words)


def read(document: Document, context: Context) -> Iterator[Workload]:
    """The run of its parameters; what its command reads from elsewhere is named."""
    inner = document.data.get("parameters")
    if llm_foundry.is_run(inner):
        chain = Chain(inner, (Layer(document, (), ("parameters",)),))
        settings = training.Settings(document, context, chain=chain)
        devices = fields.whole(document.data["compute"].get("gpus"))
        found = llm_foundry.run(settings, "mcli", devices)
        if devices:
            settings.origins["training.hardware.count"] = Origin("key", ("compute", "gpus"))
        yield found
        return
    settings = training.Settings(document, context)
    match = re.search(COMPOSER, document.data["command"])
    because = f"what is trained is in {match[1]}, beside the command" if match else "its command trains nothing"
    settings.not_checked.append(NotChecked("model", because, "", "command"))
    settings.origins["model"] = Origin("key", ("command",))
    yield settings.workload("mcli", Model(), None, "name")
