"""KubeAI's models: the address of the weights, an engine with its arguments, and a profile of the hardware."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from planner import units
from planner.formats import devices, flags, serving
from planner.formats.modelfile import library_name
from planner.formats.values import below, word
from planner.workload import NotChecked

if TYPE_CHECKING:
    from planner.formats.context import Context
    from planner.source.document import Document, Path
    from planner.workload import Workload

IMAGES = {"VLLM": "vllm/vllm-openai", "OLlama": "ollama/ollama"}
"""Image of each engine that serves language models."""
PROFILE = r"(?:nvidia-gpu|amd-gpu|google)-(.+)"
TOPOLOGY = r"(tpu-v\d\w*)-\d+x\d+(?:x\d+)?"
HOST = NotChecked("serving", "it is served from the host's memory, of which nothing is known", "")


def recognise(document: Document) -> bool:
    """Whether it is a KubeAI `Model`, or the catalogue of its chart, with language models."""
    return any(True for _ in _models(document))


def read(document: Document, context: Context) -> Iterator[Workload]:
    """Each model that is served."""
    place = serving.Place(document, context, "kubeai")
    for name, spec, path in _models(document):
        yield _model(name, spec, path, place)


def _models(document: Document) -> Iterator[tuple[str, Mapping[str, object], Path]]:
    """Name, specification and its path."""
    data = document.data
    if not isinstance(data, dict):
        return
    if data.get("kind") == "Model" and str(data.get("apiVersion")).startswith("kubeai.org/"):
        entries = {word(below(data, "metadata").get("name")) or "model": data.get("spec")}
        paths: dict[str, Path] = dict.fromkeys(entries, ("spec",))
    else:
        entries = dict(below(data, "catalog"))
        paths = {name: ("catalog", name) for name in entries}
    for name, spec in entries.items():
        if isinstance(spec, dict) and str(spec.get("engine")) in IMAGES and isinstance(spec.get("url"), str):
            yield name, spec, paths[name]


def _model(name: str, spec: Mapping[str, object], path: Path, place: serving.Place) -> Workload:
    image = spec.get("image")
    environment = {
        key: flags.Variable(None if value is None else str(value), (*path, "env", key))
        for key, value in below(spec, "env").items()
    }
    line = flags.words(spec.get("args"), (*path, "args"))
    engine = str(spec["engine"])
    table = flags.by_image(IMAGES[engine])
    launch = flags.find(line, environment, str(image) if image else IMAGES[engine], path)
    launch = launch or flags.Launch(table or flags.ENGINES["vllm"], {}, path)
    launch = devices.with_model(launch, _address(str(spec["url"])), (*path, "url"))
    profile = word(spec.get("resourceProfile"))
    found = devices.deployment(launch, place, _profile(profile, (*path, "resourceProfile")), name)
    if profile.startswith("cpu"):
        return found._replace(serving=None, not_checked=(*found.not_checked, HOST))
    return found


def _address(url: str) -> str:
    """The model's name in an address: ollama://llama3.1:8b, hf://Qwen/Qwen2.5-7B-Instruct, pvc://claim?model=qwen2:0.5b."""
    where, _, query = url.partition("?")
    asked = re.search(r"(?:^|&)model=([^&]+)", query)
    if asked or where.startswith("ollama://"):
        return library_name(asked[1] if asked else where.removeprefix("ollama://"))
    return where.removeprefix("hf://")


def _profile(stated: str, path: Path) -> devices.Devices:
    """The devices behind a profile of KubeAI's chart, or one named like them: nvidia-gpu-l4:2, google-tpu-v5e-2x2:4."""
    name, _, count = stated.partition(":")
    if not name or name.startswith("cpu"):
        return devices.NONE
    known = re.fullmatch(PROFILE, name)
    device = known[1] if known else name
    chips = re.fullmatch(TOPOLOGY, device)
    return devices.devices(path, chips[1] if chips else device, units.count(count) or 1, note=f"profile {name}")
