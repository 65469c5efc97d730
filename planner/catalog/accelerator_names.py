"""How people spell accelerators: vendor and brand words, memory sizes, form factors, MIG profiles and TPU slices."""

from __future__ import annotations

import re

from planner.record import NamedTuple

NOISE = frozenset((
    "nvidia", "amd", "intel", "google", "cloud", "aws", "apple", "huawei", "tesla", "geforce", "instinct", "radeon",
    "gpu", "gpus", "card", "graphics", "accelerator", "tensor", "data", "center", "datacenter", "blackwell", "hopper",
    "ampere", "generation", "edition", "oam", "hf", "ac", "mega", "nvlink", "shared",
    "hbm2", "hbm2e", "hbm3", "hbm3e", "gddr6", "gddr6x", "gddr7",
))  # fmt: skip
"""Words that tell no two devices apart."""

_ASIDE = r"\([^()]*\)"
_MEMORY = r"(\d{1,3})(?:gb|gib|g)"
_FORM = r"(.*?)(sxm|pcie)\d?"
_PROFILE = r"(?:^|.*?[-/:\s])?(?:mig-)?(\d)g\.(\d{1,3})gb(?:[+-]\w+(?:\.\w+)?)?$"
_SLICE = r"(?:tpu[\s_-]*)?(v\d+[a-z]*|7x)-(\d{1,5})$"


class Spelling(NamedTuple):
    """What a name says."""

    core: str
    """Letters and digits of the device itself: "a100", "rtx4090", "m3max"."""
    gigabytes: int | None
    form: str | None
    """sxm or pcie."""


def slug(name: str) -> str:
    """Lower case, words joined by hyphens: "NVIDIA A100-SXM4-80GB" is nvidia-a100-sxm4-80gb."""
    plain = re.sub(_ASIDE, "", name) if "(" in name else name
    return "-".join(plain.lower().replace("_", " ").replace("/", " ").replace("-", " ").split())


def spelling(name: str) -> Spelling:
    """Take a name apart."""
    core, gigabytes, form = "", None, None
    words = re.findall(r"[a-z0-9.+]+", re.sub(_ASIDE, "", name).lower())
    for at, word in enumerate(words):
        follows = words[at + 1] if at + 1 < len(words) else ""
        memory = re.fullmatch(_MEMORY, word + ("gb" if word.isdigit() and follows in ("gb", "gib", "g") else ""))
        shape = re.fullmatch(_FORM, word)
        if memory and core:
            gigabytes = int(memory[1])
        elif shape:
            core, form = core + shape[1], shape[2]
        elif word not in NOISE and word not in ("gb", "gib", "g"):
            core += word
    return Spelling(core, gigabytes, form)


def mig(name: str) -> tuple[str, str] | None:
    """The device, perhaps empty, and the profile: "NVIDIA-A100-SXM4-80GB-MIG-1g.10gb", "nvidia.com/mig-1g.10gb"."""
    match = re.match(_PROFILE, name.strip().lower()) if "." in name else None
    if match is None:
        return None
    device = re.split(r"(?i)[-/:\s]*(?:mig-)?\d+g\.\d+gb", name.strip())[0]
    return ("" if "." in device else device), f"{match[1]}g.{match[2]}gb"


def tpu_slice(name: str) -> tuple[str, int] | None:
    """The generation and the number in "v5litepod-8", "tpu-v4-16", "tpu7x-8"."""
    if not name[-1:].isdigit() or "-" not in name:
        return None
    match = re.fullmatch(_SLICE, name.strip().lower().replace("tpu7x", "7x"))
    return (f"tpu{match[1]}", int(match[2])) if match else None
