"""The model and the tokenizer that a training config names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from planner.formats.native import fields
from planner.formats.resolve_model import model as find_model
from planner.workload import Model, NotChecked, Origin

if TYPE_CHECKING:
    from planner.formats.context import Context
    from planner.source.document import Document

MEND = "name a model that `planner models` lists, or put its config.json where the name points"
VOCABULARY = "model.architecture.vocab_size"
"""The field that a tokenizer fills."""
OPEN = r"\$\{?\(?[A-Za-z_.]|\{\{|<[A-Za-z_][^>]*>|\?\?\?"
"""A variable, a template or a placeholder: something that a later step fills in."""
TOKENIZERS = {
    "gpt2": 50257, "gpt2-vocab.json": 50257, "gpt2bpetokenizer": 50257, "20b_tokenizer.json": 50277,
    "gpt-neox-20b": 50277, "charleveltokenizer": 512, "bertwordpiecelowercase": 30522, "bertwordpiececase": 28996,
}  # fmt: skip
"""Entries of tokenizers that have names of their own, or whose model pads them (the tokenizers' own files)."""


def is_open(text: str) -> bool:
    """Whether `text` holds something that is filled in later."""
    return re.search(OPEN, text) is not None


def find(
    name: str, origin: Origin, document: Document, context: Context, origins: dict[str, Origin]
) -> tuple[Model, tuple[NotChecked, ...]]:
    """The model that `name` stands for, with what is not known of it; where it comes from into `origins`."""
    origins["model"] = origins["model.name"] = origin
    if is_open(name):
        because = f"the model `{name}` is filled in outside of this file"
        return Model(name), (NotChecked("model", because, "write its name there", "model.name"),)
    found = find_model(name, document.file, context.load)
    if found is None or found.wrong:
        because = found.wrong if found else f"the model {name} is neither in the catalogue nor a file"
        return Model(name), (NotChecked("model", because, MEND, "model.name"),)
    kind = "key" if found.document is not None else "catalogue"
    for field in ("architecture", "parameters", "quantization"):
        origins[f"model.{field}"] = Origin(kind, () if found.document else None, found.document, found.note)
    return Model(
        name, found.config, found.source, found.parameters, found.active_parameters,
        quantization=found.quantization, folder=found.folder,
    ), ()  # fmt: skip


def vocabulary(name: str, document: Document, context: Context) -> int | None:
    """Entries in the vocabulary of the tokenizer called `name`: its own, else that of the model of this name."""
    known = TOKENIZERS.get(name.rpartition("/")[2].lower())
    if known or is_open(name):
        return known
    found = find_model(name, document.file, context.load)
    config = found.config if found and found.config else {}
    inner = config.get("text_config")
    text = inner if isinstance(inner, Mapping) else {}
    return fields.whole(config.get("vocab_size")) or fields.whole(text.get("vocab_size"))
