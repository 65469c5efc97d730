"""The deployment that a log describes: its own model, arguments and device, or a config's, completed from the log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner.formats import flags, serving
from planner.formats.context import Context
from planner.formats.resolve import hardware as named
from planner.formats.resolve import version
from planner.source import read as load
from planner.source.document import Document
from planner.verify.llama_cpp import MIX
from planner.workload import Engine, Hardware, NotChecked, Quantization, Workload

if TYPE_CHECKING:
    from collections.abc import Iterator

    from planner.verify.measured import Measured
    from planner.workload import Model

ENGINES = {"vllm": "vllm", "sglang": "sglang", "llama.cpp": "llama.cpp", "ollama": "llama.cpp"}
"""Kinds of logs, and the engine whose arguments `Measured.options` are."""
FORMAT = "log"


def from_log(measured: Measured, file: str, hardware: Hardware | None) -> Workload | None:
    """The deployment that the log describes; None of a training run, whose logs do not say what was trained.

    `hardware` is what the command line states; without it the log's own counts.
    """
    engine = ENGINES.get(measured.kind)
    if engine is None:
        return None
    document = Document(file, 0, dict(measured.options))
    place = serving.Place(document, Context(load), FORMAT, "name the model with --model, or give a CONFIG")
    outcome = serving.from_launch(flags.from_options(engine, measured.options, ()), hardware or device(measured), place)
    outcome = outcome._replace(model=outcome.model and _of_metadata(outcome.model, measured))
    outcome = outcome._replace(not_checked=tuple(_mended(outcome)))
    workload = serving.workload(measured.model or measured.kind, outcome, place)
    return completed(workload, measured)


def device(measured: Measured) -> Hardware | None:
    """The accelerators that the log tells of."""
    if measured.device is None and measured.total is None:
        return None
    found, _ = named(measured.device, measured.total, None, measured.devices)
    return found


def completed(workload: Workload, measured: Measured) -> Workload:
    """`workload` with the version that the log prints, where it states none, and an engine that it leaves open."""
    stated = workload.serving
    if stated is None:
        return workload
    own = version((measured.version or measured.version_at_most or "").lstrip("b"))
    name = stated.engine.name if stated.engine else measured.kind
    if stated.engine is not None and (stated.engine.version is not None or own is None):
        return workload
    return workload._replace(serving=stated._replace(engine=Engine(name, own)))


def _of_metadata(model: Model, measured: Measured) -> Model:
    """The model by what llama.cpp prints of its file: its quantization, and its shape where the name is not known."""
    if not measured.metadata:
        return model
    mix = _mix(str(measured.metadata.get(MIX) or ""))
    if mix and model.quantization is None:
        model = model._replace(quantization=Quantization("gguf", options={"type": mix}))
    return model if model.config is not None else _of_shape(model, measured)


def _of_shape(model: Model, measured: Measured) -> Model:
    from planner.model.checkpoint.gguf_config import EMBEDDING, HEAD, config_of

    width, vocabulary = (measured.metadata.get(key) for key in (_key(measured), "tokenizer.ggml.tokens"))
    if not isinstance(width, int) or not isinstance(vocabulary, int):
        return model
    shapes: dict[str, tuple[int, ...]] = {EMBEDDING: (width, vocabulary), HEAD: (width, vocabulary)}
    config = config_of(measured.metadata, shapes)
    return model if config is None else model._replace(config=config, source="inline")


def _key(measured: Measured) -> str:
    return f"{measured.metadata.get('general.architecture')}.embedding_length"


def _mix(printed: str) -> str:
    """llama.cpp prints "Q4_K - Medium" for Q4_K_M."""
    words = printed.split(" - ")
    size = {"Medium": "_M", "Small": "_S", "Large": "_L"}.get(words[-1].strip(), "")
    return words[0].strip() + size


def _mended(outcome: serving.Outcome) -> Iterator[NotChecked]:
    """What is not known, and how a log's reader can tell it."""
    known = outcome.model is not None and outcome.model.config is not None
    for item in outcome.not_checked:
        if item.what != "model":
            yield item
        elif outcome.model is None:
            yield NotChecked("model", "the log does not name it", "--model NAME tells it, or a CONFIG does")
        elif not known:
            yield item._replace(
                mend="--model NAME, with a name that `planner models` lists or the path of a config.json"
            )
