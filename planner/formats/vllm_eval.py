"""Evaluations of a model that vLLM serves: its name, and in one string the arguments of the server."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from planner.formats import flags, serving

if TYPE_CHECKING:
    from planner.formats.context import Context
    from planner.source.document import Document
    from planner.workload import Workload


def recognise(document: Document) -> bool:
    """Whether it names a model and what its server is started with."""
    data = document.data
    return isinstance(data, dict) and all(isinstance(data.get(key), str) for key in ("model_name", "server_args"))


def read(document: Document, context: Context) -> Iterator[Workload]:
    """The server that is evaluated."""
    data = document.data
    named = flags.option(data["model_name"], ("model_name",), "model_name", {})
    line = [flags.Word("vllm", ("server_args",)), flags.Word("serve", ("server_args",))]
    launch = flags.find([*line, *flags.words(data["server_args"], ("server_args",))], {})
    if launch is not None:
        place = serving.Place(document, context, "vllm-eval")
        launch = launch._replace(options={**launch.options, "model": named})
        yield serving.workload(data["model_name"], serving.from_launch(launch, None, place), place)
