"""Is a document a native config? Yes with mistyped keys as well, no to everyone else's file that has a `model:`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

from planner.formats.resolve_model import located

if TYPE_CHECKING:
    from planner.source.document import Document

SECTIONS = ("model", "deployment", "training")
GENERIC = {
    "model": frozenset({"name", "dtype"}),
    "deployment": frozenset({"engine"}),
    "training": frozenset({"method", "epochs", "steps", "framework", "optimizer", "attention", "precision", "lora"}),
}
"""Keys of a section that many other formats have."""
OWN = {
    "model": frozenset({"parameters", "active_parameters", "quantization", "architecture"}),
    "deployment": frozenset({
        "context", "concurrency", "kv_cache_dtype", "tensor_parallel", "pipeline_parallel", "data_parallel",
        "memory_utilization", "engine_args", "hardware",
    }),
    "training": frozenset({
        "stage", "tokens", "unique_tokens", "sequence_length", "micro_batch_size", "gradient_accumulation",
        "global_batch_size", "optimizer_implementation", "cross_entropy", "activation_checkpointing", "sharding",
        "tensor_parallel", "pipeline_parallel", "context_parallel", "expert_parallel", "lifetime_inference_tokens", "hardware",
    }),
}  # fmt: skip
"""Keys that speak for our format."""
STRANGERS = 2
"""Top-level keys that are not ours, beside strong evidence that the rest is."""


def recognise(document: Document) -> bool:
    """Whether `document` is a native config."""
    data = document.data
    if not isinstance(data, dict):
        return False
    schema = document.schema or data.get("$schema")
    if isinstance(schema, str):
        return names_our_schema(schema)
    sections: dict[str, object] = {}
    strangers = 0
    for key, value in data.items():
        name = key if key in SECTIONS else _mistyped(key)
        if name is not None:
            sections.setdefault(name, value)
        elif not key.startswith("x-"):
            strangers += 1
            if strangers > STRANGERS:
                return False
    return _is_ours(sections, strangers, document.file)


def names_our_schema(address: str) -> bool:
    """Whether an address in `$schema` is that of the native config, wherever it is published."""
    if address.startswith("urn:"):
        return address.startswith("urn:planner:config")
    return address.endswith("config.schema.json") and ("planner" in address or "://" not in address)


def _is_ours(sections: Mapping[str, object], strangers: int, file: str) -> bool:
    own = [_own_keys(name, value) for name, value in sections.items()]
    if not own or any(count is None for count in own):
        return False
    total = sum(count for count in own if count)
    if strangers:
        return len(own) > 1 and total >= 3
    if len(own) > 1:
        return total > 0 and all(count or name == "model" for name, count in zip(sections, own, strict=True))
    return total > 0 or _is_known_model(sections.get("model"), file)


def _own_keys(name: str, value: object) -> int | None:
    """How many keys of a section are ours and no one else's; None if it is no such section."""
    if isinstance(value, str):
        return 1 if name != "model" and _is_path(value) else 0 if name == "model" else None
    if not isinstance(value, dict):
        return 0 if value is None else None
    own = sum(1 for key, entry in value.items() if key in OWN[name] and _fits(key, entry))
    strange = sum(1 for key in value if key not in OWN[name] and key not in GENERIC[name])
    return own if strange <= max(1, len(value) // 4) else None


def _fits(key: str, value: object) -> bool:
    """Whether the value has the shape that ours have, where others use the same key for something else."""
    if key in ("architecture", "hardware", "engine_args"):
        return isinstance(value, dict)
    return not isinstance(value, dict) or key == "quantization"


def _is_path(text: str) -> bool:
    return text.endswith((".yaml", ".yml", ".json"))


def _is_known_model(section: object, file: str) -> bool:
    """Whether a lone `model:` names one, with nothing beside that only we would ask for."""
    if isinstance(section, str):
        return _is_path(section) and os.path.isfile(located(section, file))
    name = section.get("name") if isinstance(section, dict) else None
    if not isinstance(name, str) or not name:
        return False
    if "/" in name or os.path.exists(located(name, file)):
        return True
    from planner.catalog import models

    return models.find(name) is not None


def _mistyped(key: str) -> str | None:
    """The section that `key` is a slip of the finger away from: deploymnet, Model, trainning."""
    if not 4 <= len(key) <= 12:
        return None
    word = key.lower()
    return next((name for name in SECTIONS if word[0] in (name[0], name[1]) and _one_slip(word, name)), None)


def _one_slip(word: str, name: str) -> bool:
    """Whether one letter added, lost, changed or swapped with its neighbour makes `word` out of `name`."""
    if abs(len(word) - len(name)) > 1:
        return False
    start = 0
    while start < min(len(word), len(name)) and word[start] == name[start]:
        start += 1
    left, right = word[start:], name[start:]
    return (
        left == right
        or left[1:] == right[1:]
        or left[1:] == right
        or left == right[1:]
        or (left[:2] == right[1::-1] and left[2:] == right[2:])
    )
