"""Model configs of llm-analysis (`llm_analysis/config.py`, ModelConfig): a model's name and sizes in its own words.

Its feed-forward width is a stand-in, four times the hidden size also where a network has three matrices of another
width. So the name says which model it is, and the sizes are not read.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from planner.formats.training_model import find
from planner.workload import Origin, Workload

if TYPE_CHECKING:
    from planner.formats.context import Context
    from planner.source.document import Document

KEYS = frozenset({"name", "num_layers", "n_head", "hidden_dim", "vocab_size"})


def recognise(document: Document) -> bool:
    """Whether it has the five keys that every such file has, and a model type beside them."""
    data = document.data
    if not isinstance(data, dict) or not data.keys() >= KEYS | {"model_type"}:
        return False
    return isinstance(data["name"], str) and bool(data["name"])


def read(document: Document, context: Context) -> Iterator[Workload]:
    """The one model; in its name an underscore stands behind the organisation: facebook_opt-1.3b."""
    origins: dict[str, Origin] = {}
    name = document.data["name"].replace("_", "/", 1)
    model, unknown = find(name, Origin("key", ("name",)), document, context, origins)
    yield Workload(document, "llm-analysis", name, model, origins=origins, not_checked=unknown)
