"""llmaz: models, and playgrounds that serve them with one of its backends."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from planner.formats import devices, flags, serving
from planner.formats.kubernetes import accelerators, command, environment
from planner.formats.kubernetes.pods import Container
from planner.formats.values import below, word
from planner.workload import Hardware, NotChecked, Workload

if TYPE_CHECKING:
    from planner.formats.context import Context
    from planner.source.document import Document, Path

GROUPS = ("llmaz.io/", "inference.llmaz.io/")
BACKENDS = {"vllm": "vllm", "sglang": "sglang", "tgi": "tgi", "llamacpp": "llama.cpp", "ollama": "ollama"}
"""llmaz's own backends; without a name it is vLLM."""
BACKEND = NotChecked("model", "a backend serves the models of playgrounds, which stand elsewhere", "", "")
KINDS = frozenset({"OpenModel", "Playground", "BackendRuntime"})


def recognise(document: Document) -> bool:
    """Whether it is a model, a playground, or a backend."""
    data = document.data
    return (
        isinstance(data, dict) and str(data.get("apiVersion")).startswith(GROUPS)
        and str(data.get("kind")) in KINDS and isinstance(data.get("spec"), dict)
    )  # fmt: skip


def read(document: Document, context: Context) -> Iterator[Workload]:
    """The deployment that a playground is; a model by itself only where no playground of the file serves it."""
    place = serving.Place(document, context, "llmaz")
    data = document.data
    objects = [each.data for each in _objects(place)]
    if data["kind"] == "BackendRuntime":
        yield Workload(document, place.format, command.name(data), not_checked=(BACKEND,))
    elif data["kind"] == "Playground":
        yield _of_playground(place)
    elif not any(command.name(data) in _claimed(each) for each in objects if each.get("kind") == "Playground"):
        yield devices.deployment(_with(_launch("vllm", ()), document, place), place)._replace(serving=None)


def _objects(place: serving.Place) -> Iterator[Document]:
    """The objects of llmaz in the same file."""
    source = place.context.load(place.document.file)
    return (each for each in source.documents if recognise(each)) if source else iter(())


def _claimed(playground: Mapping[str, object]) -> tuple[str, ...]:
    """The names of the models that a playground serves, the main one first, drafts after it."""
    spec = below(playground, "spec")
    listed = below(spec, "modelClaims").get("models")
    claims = [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []
    names = [below(spec, "modelClaim").get("modelName")]
    names += [each.get("name") for each in sorted(claims, key=lambda each: each.get("role", "main") != "main")]
    return tuple(filter(None, map(word, names)))


def _launch(engine: str, path: Path) -> flags.Launch:
    return flags.Launch(flags.ENGINES[engine], {}, path)


def _of_playground(place: serving.Place) -> Workload:
    data, path = place.document.data, ("spec", "backendRuntimeConfig")
    runtime = below(data, *path)
    backend = word(runtime.get("backendName")) or "vllm"
    name, claimed = command.name(data), _claimed(data)
    model = next((each for each in _objects(place) if each.data["kind"] == "OpenModel" and claimed[:1] == (
        command.name(each.data),)), None)  # fmt: skip
    if backend not in BACKENDS or model is None:
        because = f"the model {claimed[0] if claimed else '?'} is an object of its own, which stands elsewhere"
        because = because if backend in BACKENDS else f"{backend} is no backend that planner knows"
        mend = "keep the OpenModel in the same file" if backend in BACKENDS else "describe it in a file for planner"
        return Workload(place.document, place.format, name, not_checked=(NotChecked("model", because, mend, ""),))
    container = Container(runtime, path, {}, path, name)
    variables = environment.of(container, place.document, place.context)
    engine = BACKENDS[backend]
    started = flags.find(command.line(container), variables, engine, path) or _launch(engine, path)
    claim: Path = ("spec", "modelClaim" if "modelClaim" in data["spec"] else "modelClaims")
    return devices.deployment(_with(started, model, place, claim), place, _flavor(model.data, container), name)


def _with(launch: flags.Launch, model: Document, place: serving.Place, path: Path = ("spec", "source")) -> flags.Launch:
    """`launch` of the model of an `OpenModel`: from a hub, or from an address."""
    source = below(model.data, "spec", "source")
    hub = below(source, "modelHub")
    address = str(source.get("uri") or "").removeprefix("ollama://").removeprefix("host://")
    name = "/".join(word(hub[key]) for key in ("modelID", "filename") if hub.get(key)) or address
    return devices.with_model(launch, name or command.name(model.data), path)


def _flavor(model: Mapping[str, object], container: Container) -> devices.Devices:
    """The accelerators of the flavors that a model may run on, of which any will do."""
    listed = below(model, "spec", "inferenceConfig").get("flavors")
    found: list[Hardware] = []
    for flavor in listed if isinstance(listed, list) else ():
        if not isinstance(flavor, dict):
            continue
        asked = accelerators.of(Container({"resources": flavor}, (), flavor, (), container.role)).hardware
        if asked is not None and asked.name is None:
            asked = devices.devices((), str(flavor.get("name")), asked.count).hardware if _known(flavor) else asked
        found += [asked] if asked is not None else []
    own = devices.of_container(container)
    return devices.Devices(devices.either(found), container.path, "the model's flavors") if found else own


def _known(flavor: Mapping[str, object]) -> bool:
    """Whether the name of a flavor is that of an accelerator."""
    from planner.formats import resolve

    return resolve.hardware(str(flavor.get("name")))[1] is None
