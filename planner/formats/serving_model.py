"""The model that an engine is told to serve."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from planner import units
from planner.formats.resolve_model import model as find_model
from planner.formats.values import word
from planner.record import NamedTuple
from planner.workload import Model, NotChecked, Origin, Quantization

if TYPE_CHECKING:
    from planner.formats.context import Context
    from planner.formats.flags import Launch, Option
    from planner.formats.resolve_model import ModelFound
    from planner.source.document import Document

MEND = "name a model that `planner models` lists, or put its config.json where the name points"
NONE = frozenset({"none", "null", "no", "auto", ""})
ELSEWHERE = r"(?:s3|gs|gcs|az|pvc|oci|abfss|file|modelscope|runai)://"
SNAPSHOT = r".*models--([^/]+)--([^/]+)/.*"


class Found(NamedTuple):
    """The model, and what is not known of it."""

    model: Model
    not_checked: tuple[NotChecked, ...] = ()


def read_model(
    launch: Launch, named: Option, document: Document, context: Context, origins: dict[str, Origin]
) -> Found:
    """The model of a launch whose name is known; what the name stands for goes into `origins`."""
    name = _name(word(named.value))
    origins["model"] = origins["model.name"] = Origin("key", named.path, note=named.flag)
    file = launch.options.get("hf_file")
    if file is not None and isinstance(file.value, str) and not file.missing:
        name = f"{name}/{file.value}"
    stated = Model(name, dtype=_dtype(launch), quantization=_quantization(launch))
    found = find_model(name, document.file, context.load)
    if found is None or found.wrong:
        because = found.wrong if found else f"the model {name} is neither in the catalogue nor a file"
        return Found(stated, (NotChecked("model", because, MEND, "model.name"),))
    return Found(_resolved(stated, found, origins))


def _name(text: str) -> str:
    """The model that a name, an address or a path in the cache of the Hub stands for."""
    text = text.strip()
    snapshot = re.fullmatch(SNAPSHOT, text)
    if snapshot:
        return f"{snapshot[1]}/{snapshot[2]}"
    return re.sub(ELSEWHERE, "/", text)


def _dtype(launch: Launch) -> str | None:
    option = launch.options.get("dtype")
    return units.dtype(option.value) if option is not None and not option.missing else None


def _quantization(launch: Launch) -> Quantization | None:
    option = next((launch.options[key] for key in ("quantization", "quantize") if key in launch.options), None)
    if option is None or option.missing or not isinstance(option.value, str) or option.value.lower() in NONE:
        return None
    return Quantization(option.value)


def _resolved(stated: Model, found: ModelFound, origins: dict[str, Origin]) -> Model:
    """`stated` with what its name stands for. A checkpoint that says how it is quantized knows it best."""
    if found.document is not None:
        origins["model.architecture"] = Origin("key", (), found.document, found.note)
    else:
        for field in ("architecture", "parameters", "quantization"):
            origins.setdefault(f"model.{field}", Origin("catalogue", note=found.note))
    own = found.quantization or (found.config or {}).get("quantization_config")
    return stated._replace(
        config=found.config,
        source=found.source,
        parameters=found.parameters,
        active_parameters=found.active_parameters,
        quantization=found.quantization if own else stated.quantization,
        folder=found.folder,
    )
