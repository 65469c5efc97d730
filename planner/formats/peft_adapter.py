"""PEFT's `adapter_config.json`: an adapter, and the model that it was trained for (peft, `PeftConfig`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from planner.formats.native import fields
from planner.formats.training_model import find
from planner.workload import Lora, Model, NotChecked, Origin, Workload

if TYPE_CHECKING:
    from planner.formats.context import Context
    from planner.source.document import Document

BASE, TARGETS = "base_model_name_or_path", "target_modules"
PARTIAL = ("rank_pattern", "layers_to_transform", "layers_pattern", "layer_replication", "exclude_modules")
"""What gives some layers another rank, or none."""


def recognise(document: Document) -> bool:
    """Whether it names the kind of an adapter and the model below it."""
    data = document.data
    if not isinstance(data, dict) or BASE not in data or "model_type" in data:
        return False
    return isinstance(data.get("peft_type"), str)


def read(document: Document, context: Context) -> Iterator[Workload]:
    """The base model with the adapter on it."""
    data: Mapping[str, object] = document.data
    origins: dict[str, Origin] = {}
    name, kind = data.get(BASE), str(data["peft_type"])
    model = Model()
    unknown: tuple[NotChecked, ...] = (_unnamed(),)
    if isinstance(name, str) and name.strip():
        model, unknown = find(name.strip(), Origin("key", (BASE,)), document, context, origins)
    adapter = _adapter(data, kind)
    if isinstance(adapter, Lora):
        model = model._replace(adapter=adapter)
    elif not unknown:
        unknown = (NotChecked("adapter", adapter, "its own file of weights tells its size", "model"),)
    yield Workload(document, "peft-adapter", f"{kind} adapter", model, origins=origins, not_checked=unknown)


def _unnamed() -> NotChecked:
    return NotChecked("model", f"the adapter names no model: {BASE} is null", f"write the model's name at {BASE}")


def _adapter(data: Mapping[str, object], kind: str) -> Lora | str:
    """A low-rank adapter, or why its parameters cannot be counted."""
    if kind.upper() != "LORA":
        return f"{kind[:40]} adapters are not counted"
    rank, targets = fields.whole(data.get("r")), _targets(data.get(TARGETS))
    if rank is None:
        return "its rank r is not stated"
    if not targets:
        return f"{TARGETS} lists no names of matrices"
    partial = next((key for key in PARTIAL if data.get(key)), None)
    if partial:
        return f"{partial} gives layers ranks of their own"
    saved = data.get("modules_to_save")
    return Lora(
        rank,
        targets,
        dora=data.get("use_dora") is True,
        modules_to_save=tuple(map(str, saved)) if isinstance(saved, list) else (),
    )


def _targets(value: object) -> str | tuple[str, ...] | None:
    """all-linear or the names of matrices; None for a regular expression and for PEFT's own choice (null)."""
    if isinstance(value, str):
        return value if value == "all-linear" else None
    return tuple(entry for entry in value if isinstance(entry, str)) if isinstance(value, list) else None
