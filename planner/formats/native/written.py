"""A native config written from what a command line or a call asks for."""

from __future__ import annotations

from collections.abc import Mapping

PLACES = {
    "dtype": ("model", "dtype"),
    "quantization": ("model", "quantization"),
    "tokens": ("training", "tokens"),
    "lifetime_inference_tokens": ("training", "lifetime_inference_tokens"),
    "flops": ("training", "compute"),
    "days": ("training", "days"),
    "mfu": ("training", "mfu"),
    "price": ("training", "price_per_gpu_hour"),
}
"""Section and key of the options that are no part of a deployment."""


def config(model: str | None, stated: Mapping[str, str | float], deployed: bool) -> str:
    """The native config that the options describe, as one would write it."""
    sections: dict[str, dict[str, str | float]] = {"model": {} if model is None else {"name": model}}
    for name, value in stated.items():
        section, key = PLACES.get(name, ("deployment", name))
        sections.setdefault(section, {})[key] = value
    if "training" in sections:
        sections["training"] = {"stage": "pretrain", **sections["training"]}
    elif deployed:
        sections.setdefault("deployment", {"concurrency": 1})
    return "".join(_section(name, values) for name, values in sections.items())


def _section(name: str, values: dict[str, str | float]) -> str:
    from json import dumps

    if not values:
        return ""
    return "".join((f"{name}:\n", *(f"  {key}: {dumps(value, ensure_ascii=False)}\n" for key, value in values.items())))
