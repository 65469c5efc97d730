"""Is a document a native config? Yes with mistyped keys as well, no to everyone else's file that has a `model:`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from planner import disk
from planner.formats.resolve_model import located
from planner.record import NamedTuple
from planner.schema.slips import one_slip
from planner.units import count

if TYPE_CHECKING:
    from planner.source.document import Document

SECTIONS = ("model", "deployment", "training")
GENERIC = {
    "model": frozenset({"name", "dtype"}),
    "deployment": frozenset[str](),
    "training": frozenset({
        "method", "epochs", "steps", "framework", "optimizer", "attention", "precision", "lora", "offload", "kernels",
        "packing", "reshard_after_forward", "reduce_bucket_size", "sequence_parallel", "algorithm", "reference_model",
        "reward_model", "critic", "teacher_model", "rollout",
        "compute", "days", "gpu_hours", "mfu", "price_per_gpu_hour", "schedule_steps",
    }),
}  # fmt: skip
"""Keys of a section that many other formats have."""
OWN = {
    "model": frozenset({"parameters", "active_parameters", "quantization", "architecture"}),
    "deployment": frozenset({
        "engine", "context", "concurrency", "kv_cache_dtype", "tensor_parallel", "pipeline_parallel", "data_parallel",
        "memory_utilization", "engine_args", "hardware",
    }),
    "training": frozenset({
        "stage", "tokens", "unique_tokens", "sequence_length", "micro_batch_size", "gradient_accumulation",
        "global_batch_size", "optimizer_implementation", "cross_entropy", "activation_checkpointing", "sharding",
        "tensor_parallel", "pipeline_parallel", "context_parallel", "expert_parallel", "lifetime_inference_tokens",
        "hardware", "quantized_experts",
        "optimizer_rank", "optimizer_in_backward", "optimizer_dtype", "gradient_dtype", "master_weights",
        "shard_embeddings", "shard_degree", "trainable_layers", "trainable_modules", "completion_length", "base_dtype",
        "max_live_parameters", "virtual_pipeline",
    }),
}  # fmt: skip
"""Keys that speak for our format."""
KEYS = {name: OWN[name] | GENERIC[name] for name in SECTIONS}
STRANGERS = 2
"""Top-level keys that are not ours, beside strong evidence that the rest is."""

CERTAIN = 3
"""Keys that are ours, and no others, beside a section that is none."""


class _Evidence(NamedTuple):
    """Keys of a config, or of a section, that speak for and against it."""

    own: int
    """Ours and no one else's."""
    strange: int
    """Neither ours nor nearly so."""


def recognise(document: Document) -> bool:
    """Whether `document` is a native config."""
    data = document.data
    if not isinstance(data, dict):
        return False
    schema = document.schema or data.get("$schema")
    if isinstance(schema, str):
        return names_our_schema(schema)
    sections: dict[str, object] = {}
    mistyped: dict[str, object] = {}
    strangers = 0
    for key, value in data.items():
        if key in SECTIONS:
            sections[key] = value
        elif name := _mistyped(key):
            mistyped.setdefault(name, value)
        elif not key.startswith("x-"):
            strangers += 1
            if strangers > STRANGERS:
                return False
    return _is_ours({**mistyped, **sections}, strangers, document.file)


def names_our_schema(address: str) -> bool:
    """Whether an address in `$schema` is that of the native config, wherever it is published."""
    if address.startswith("urn:"):
        return address.startswith("urn:planner:config")
    return address.endswith("config.schema.json") and ("planner" in address or "://" not in address)


def _is_ours(sections: Mapping[str, object], strangers: int, file: str) -> bool:
    """Whether all sections can be ours, and what speaks for it outweighs what speaks against it.

    Many keep a `model:` and a `training:` of their own making among other sections, but nobody a `deployment:` as well.
    """
    found = {name: _evidence(name, value) for name, value in sections.items() if value is not None}
    evidence = [entry for entry in found.values() if entry is not None]
    own, strange = sum(entry.own for entry in evidence), sum(entry.strange for entry in evidence)
    if len(evidence) < len(found):
        return own >= CERTAIN and not strange and not strangers
    if not evidence:
        return False
    if strangers:
        return {"model", "deployment"} <= sections.keys() and own >= 2 * strange + 3 * strangers
    if len(found) == 1 and not own and not strange:
        return _is_known_model(sections.get("model"), file)
    weight = 1 if {"model", "deployment"} <= found.keys() else 2
    return 0 < own >= weight * strange and all(
        entry.own for name, entry in zip(found, evidence, strict=True) if name != "model"
    )


def misshapen(document: Document) -> tuple[str, ...]:
    """The sections that are none, in what may be a native config but for them; empty for anything else."""
    data = document.data
    sections = {key: value for key, value in data.items() if not key.startswith("x-")} if isinstance(data, dict) else {}
    if not 2 <= len(sections) <= sum(name in sections for name in SECTIONS):
        return ()
    if all(value is None or isinstance(value, dict) for value in sections.values()):
        return ()
    found = {name: _evidence(name, value) for name, value in sections.items() if value is not None}
    rest = [evidence for evidence in found.values() if evidence is not None]
    is_known = any(entry.own for entry in rest) or _is_known_model(sections.get("model"), document.file)
    if not is_known or any(entry.strange for entry in rest):
        return ()
    return tuple(name for name, evidence in found.items() if evidence is None)


def _evidence(name: str, value: object) -> _Evidence | None:
    """What the keys of a section say; None if it can be no such section."""
    if isinstance(value, str):
        return _Evidence(int(name != "model"), 0) if name == "model" or _is_path(value) else None
    if not isinstance(value, dict):
        return None
    own = sum(1 for key, entry in value.items() if (key in OWN[name] and _fits(key, entry)) or _is_size(key, entry))
    return _Evidence(own, sum(1 for key in value if key not in KEYS[name] and not _is_slip(key, name)))


def _is_size(key: str, value: object) -> bool:
    """Whether a mistyped `parameters` says how many: `parametrs: 7B`."""
    return isinstance(value, str) and one_slip(key, "parameters") and count(value) is not None


def _fits(key: str, value: object) -> bool:
    """Whether the value has the shape that ours have, where others use the same key for something else."""
    if key in ("architecture", "hardware", "engine_args"):
        return isinstance(value, dict)
    return not isinstance(value, dict) or key in ("quantization", "engine")


def _is_slip(key: str, name: str) -> bool:
    """Whether a key is one of ours in the wrong section, mistyped, or under another tool's name."""
    if any(key in keys for keys in OWN.values()) or any(one_slip(key, known) for known in KEYS[name]):
        return True
    if name != "deployment":
        return False
    from planner.schema.synonyms import SYNONYMS

    return SYNONYMS.get(key, "").startswith(name)


def _is_path(text: str) -> bool:
    return text.endswith((".yaml", ".yml", ".json"))


def _is_known_model(section: object, file: str) -> bool:
    """Whether a lone `model:` names one, with nothing beside that only we would ask for."""
    if isinstance(section, str):
        return _is_path(section) and disk.is_file(located(section, file))
    values = section if isinstance(section, dict) else {}
    name = next((value for key, value in values.items() if key == "name" or one_slip(key, "name")), None)
    if not isinstance(name, str) or not name:
        return False
    if "/" in name or disk.exists(located(name, file)):
        return True
    from planner.catalog import models

    return models.find(name) is not None


def _mistyped(key: str) -> str | None:
    """The section that `key` is a slip of the finger away from: deploymnet, Model, trainning."""
    return next((name for name in SECTIONS if one_slip(key.lower(), name)), None)
