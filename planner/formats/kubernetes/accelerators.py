"""The accelerators that a container asks for: how many, and what the labels of its nodes say that they are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from planner import units
from planner.formats import resolve
from planner.formats.values import below
from planner.record import NamedTuple
from planner.workload import Hardware, Origin, Problem

if TYPE_CHECKING:
    from planner.formats.kubernetes.pods import Container
    from planner.source.document import Path

RESOURCES = (
    r"(?:nvidia\.com|amd\.com)/gpu(?:\.shared)?|nvidia\.com/mig-[\w.]+|gpu\.intel\.com/(?:i915|xe)|habana\.ai/gaudi|"
    r"google\.com/tpu|aws\.amazon\.com/neuron(?:core|device)?|huawei\.com/Ascend\w+|gpu"
)
"""Resources that are devices; the last is Dynamo's."""
PRODUCTS = frozenset((
    "nvidia.com/gpu.product", "cloud.google.com/gke-accelerator", "cloud.google.com/gke-tpu-accelerator",
    "machine.cluster.vke.volcengine.com/gpu-name", "amd.com/gpu.product-name", "gpu.nvidia.com/model",
    "gpu.nvidia.com/class", "karpenter.k8s.aws/instance-gpu-name", "eks.amazonaws.com/instance-gpu-name",
    "doks.digitalocean.com/gpu-model", "k8s.amazonaws.com/accelerator", "accelerator", "accelerator-type", "gpu-type",
    "gpu", "nvidia.com/gpu.name", "node.coreweave.cloud/class",
))  # fmt: skip
"""Labels that name the product."""
DEVICES_ALONE = frozenset((
    "nvidia.com/gpu.product", "cloud.google.com/gke-accelerator", "cloud.google.com/gke-tpu-accelerator",
    "machine.cluster.vke.volcengine.com/gpu-name", "amd.com/gpu.product-name", "karpenter.k8s.aws/instance-gpu-name",
    "eks.amazonaws.com/instance-gpu-name", "doks.digitalocean.com/gpu-model",
))  # fmt: skip
"""Those whose value is a product and nothing else; the others may hold "true", or a name of one's own."""
INSTANCES = frozenset({"node.kubernetes.io/instance-type", "beta.kubernetes.io/instance-type", "instance-type"})
LABEL = r"[A-Za-z0-9](?:[\w.-]{0,61}[A-Za-z0-9])?"
"""What the value of a label can be; a template or a variable cannot."""
PLACEHOLDER = (
    r"(?i).*(?:placeholder|your|change|replace|example|accelerator[-_]?type|gpu[-_]?type).*|[A-Z]+(?:_[A-Z]+)+"
)
IN_PARTS = r"aws\.amazon\.com/neuron(?:device)?|huawei\.com/Ascend910\w*"
"""Devices with several cores or dies, each of which the engines count: how many, the kind of the device says (an Ascend
910B is one, a 910C two)."""
CORES = ("tpu7", "tpu-v7", "ironwood")
"""Beginnings of the names of chips with two such cores."""
MEMORY = "nvidia.com/gpumem"
"""MiB of a device that a share of it has (HAMi)."""


class Devices(NamedTuple):
    """The accelerators, and where what is stated."""

    hardware: Hardware | None
    origins: Mapping[str, Origin] = {}
    problems: tuple[Problem, ...] = ()


def of(container: Container) -> Devices:
    """The accelerators of a container, of all pods that serve one model together."""
    count, profile, memory, path = _asked(container)
    origins = {"deployment.hardware.count": Origin("key", path)} if path else {}
    in_parts = bool(path) and re.fullmatch(IN_PARTS, str(path[-1])) is not None
    several = count * container.nodes if count and not in_parts else None
    products = list(_products(container))
    problems = (*_disagreements(container), *(wrong for each in products if (wrong := _unknown(*each)) is not None))
    if profile:
        products = [(f"{products[0][0]} {profile}" if products else profile, products[0][1] if products else path, "")]
    found = [(each, where) for name, where, key in products if (each := _hardware(name, key in INSTANCES)) is not None]
    if not found:
        hardware = Hardware(count=several) if several or memory else None
        where = path
    else:
        weakest, where = min(found, key=lambda each: each[0].memory or 0)
        several = None if any(name.lower().startswith(CORES) for name, _, _ in products) else several
        hardware = weakest._replace(count=several or (weakest.count if weakest.memory and not in_parts else None))
    if hardware is not None and hardware.count is None:
        origins.pop("deployment.hardware.count", None)
    if hardware is not None and memory:
        hardware = hardware._replace(memory=memory, memory_max=memory)
    if where:
        note = "the smallest of several" if len(found) > 1 else ""
        origins["deployment.hardware"] = Origin("key", where, note=note)
    return Devices(hardware, origins, problems)


def asks(container: Container) -> bool:
    """Whether a container asks for devices."""
    return bool(_asked(container)[-1])


def _asked(container: Container) -> tuple[int | None, str, int | None, Path]:
    """(devices, MIG profile, bytes of each, where the number stands)."""
    count, memory = None, None
    profile = ""
    place: Path = ()
    for values, path in ((container.values, container.path), (container.around, container.around_path)):
        for kind in ("requests", "limits"):
            for key, value in below(values, "resources", kind).items():
                number = units.count(value)
                if key == MEMORY and number:
                    memory = number * units.MIB
                elif number and number < 10_000 and re.fullmatch(RESOURCES, key):
                    count, place = number, (*path, "resources", kind, key)
                    profile = key.partition("/mig-")[2].partition(".shared")[0]
    return count, profile, memory, place


def _disagreements(container: Container) -> Iterator[Problem]:
    """Devices of which another number is requested than the limit is."""
    for values, path in ((container.values, container.path), (container.around, container.around_path)):
        limits = below(values, "resources", "limits")
        for key, value in below(values, "resources", "requests").items():
            asked, most = units.count(value), units.count(limits.get(key))
            if "/" in key and re.fullmatch(RESOURCES, key) and asked is not None and most is not None and asked != most:
                yield Problem(
                    "PAR010",
                    f"{asked} {key} are requested and the limit is {most}: of devices both must be equal",
                    (*path, "resources", "requests", key),
                    help=f"set both to {max(asked, most)}",
                    related=(((*path, "resources", "limits", key), f"the limit is {most}"),),
                )


def _unknown(name: str, place: Path, key: str) -> Problem | None:
    """What is wrong with a label that no node has, as far as the catalogue can tell."""
    if key not in DEVICES_ALONE or not re.fullmatch(LABEL, name) or re.fullmatch(PLACEHOLDER, name):
        return None
    _, wrong = resolve.hardware(name)
    if wrong is None:
        return None
    first, _, rest = wrong.partition("\n")
    meant = next((line for line in rest.splitlines() if line.startswith("did you mean")), "")
    waits = "a pod waits for ever for a node with a label that none has"
    return Problem("REF002", f"{first} (label {key})", place, help=f"{meant}\n{waits}".strip())


def _products(container: Container) -> Iterator[tuple[str, Path, str]]:
    """(name, where, label) of everything that the labels of the nodes allow."""
    for pod, root in ((container.pod, container.pod_path), (container.around, container.around_path)):
        for key, value in below(pod, "nodeSelector").items():
            yield from _named(key, [value], (*root, "nodeSelector", key))
        path = ("affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution")
        terms = below(pod, *path).get("nodeSelectorTerms")
        for index, term in enumerate(terms if isinstance(terms, list) else ()):
            listed = term.get("matchExpressions") if isinstance(term, dict) else None
            for at, rule in enumerate(listed if isinstance(listed, list) else ()):
                if isinstance(rule, dict) and rule.get("operator") == "In" and isinstance(rule.get("values"), list):
                    place = (*root, *path, "nodeSelectorTerms", index, "matchExpressions", at, "values")
                    yield from _named(str(rule.get("key")), rule["values"], place)


def _named(key: str, values: list[object], place: Path) -> Iterator[tuple[str, Path, str]]:
    if key in PRODUCTS or key in INSTANCES:
        for value in values:
            if isinstance(value, str) and value.strip():
                yield value, place, key


def _hardware(name: str, instance: bool) -> Hardware | None:
    """What a label's value is; None where it is no name of an accelerator ("true", "nvidia")."""
    found, wrong = resolve.hardware(None, instance=name) if instance else resolve.hardware(name)
    return None if wrong else found
