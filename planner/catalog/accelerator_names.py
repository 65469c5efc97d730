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
_PROFILE = r"(?:^|.*?[-/:\s])?(?:mig-)?(\d)g\.(\d{1,3})gb(?:[+-]\w+(?:\.\w+)?)?$"
_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789.+")
_UNITS, _FORMS = ("gib", "gb", "g"), ("sxm", "pcie")
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
    return "-".join(_plain(name).replace("_", " ").replace("/", " ").replace("-", " ").split())


def _plain(name: str) -> str:
    return (re.sub(_ASIDE, "", name) if "(" in name else name).lower()


def spelling(name: str) -> Spelling:
    """Take a name apart."""
    core, gigabytes, form = "", None, None
    words = "".join(letter if letter in _LETTERS else " " for letter in _plain(name)).split()
    for at, word in enumerate(words):
        follows = words[at + 1] if at + 1 < len(words) else ""
        memory = _memory(word + ("gb" if word.isdigit() and follows in _UNITS else ""))
        before, shape = _shape(word)
        if memory is not None and core:
            gigabytes = memory
        elif shape:
            core, form = core + before, shape
        elif word not in NOISE and word not in _UNITS:
            core += word
    return Spelling(core, gigabytes, form)


def _memory(word: str) -> int | None:
    """Gigabytes: 80 of "80gb"."""
    number = next((word.removesuffix(unit) for unit in _UNITS if word.endswith(unit)), "")
    return int(number) if number.isdecimal() and len(number) <= 3 else None


def _shape(word: str) -> tuple[str, str | None]:
    """What stands before the form factor, and the form: ("", "sxm") of "sxm4", ("a100", "pcie") of "a100pcie"."""
    bare = word[:-1] if word[-1:].isdigit() else word
    return next(((bare.removesuffix(form), form) for form in _FORMS if bare.endswith(form)), (word, None))


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
