"""Quantization: from what a config or a checkpoint states to what happens to each tensor."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING

from planner.memo import by_identity

if TYPE_CHECKING:
    from planner.model.quantization.scheme import Scheme as Scheme
    from planner.workload import Quantization

_READERS = {
    "bitsandbytes": "bnb:bitsandbytes",
    "gptq": "grouped:gptq",
    "awq": "grouped:awq",
    "auto-round": "grouped:auto_round",
    "hqq": "weight_only:hqq",
    "aqlm": "weight_only:aqlm",
    "exl2": "weight_only:exl2",
    "exl3": "weight_only:exl3",
    "torchao": "weight_only:torchao",
    "quanto": "weight_only:quanto",
    "eetq": "weight_only:eetq",
    "mlx": "weight_only:mlx",
    "bitnet": "weight_only:bitnet",
    "integer": "integer:integer",
    "int8": "integer:channel_int8",
    "packed": "integer:packed_ints",
    "fp8": "floating:fp8",
    "fbgemm-fp8": "floating:fbgemm_fp8",
    "mxfp4": "floating:mxfp4",
    "mxfp8": "floating:mxfp8",
    "nvfp4": "floating:nvfp4",
    "modelopt": "floating:modelopt",
    "quark": "floating:quark",
    "compressed-tensors": "groups:compressed_tensors",
    "gguf": "gguf:gguf",
}
"""module:function in `readers`."""


def resolve(
    quantization: Quantization | None, quantization_config: Mapping[str, object] | None
) -> tuple[Scheme | None, str]:
    """The scheme that a config's section or a checkpoint's `quantization_config` states, and what is in doubt.

    Weights that come quantized stay so, whatever is asked for on top: a checkpoint's own config decides unless the
    section names another file format (GGUF) or another method with keys of its own. (None, reason) where there is no
    scheme: the reason is empty where none is stated.
    """
    from planner.model.quantization.spelling import NONE

    checkpoint = _checkpoint(quantization_config)
    if quantization is None or quantization.method.strip().lower().replace("_", "-") in NONE:
        return checkpoint
    if checkpoint[0] is None:
        return _section(quantization)
    asked, reason = _section(quantization)
    if asked is None or asked.method == checkpoint[0].method or (not asked.mix and not _detailed(quantization)):
        return checkpoint
    return asked, reason


def _detailed(quantization: Quantization) -> bool:
    return quantization.bits is not None or quantization.group_size is not None or bool(quantization.options)


@by_identity
def _section(quantization: Quantization) -> tuple[Scheme | None, str]:
    from planner.model.quantization.spelling import method_of

    found = method_of(quantization.method)
    if found is None and quantization.bits is not None:
        found = ("integer", {})
    if found is None:
        return None, f"quantization {quantization.method[:60]} is not known: weights counted as unquantized"
    reader, implied = found
    stated = {"bits": quantization.bits, "group_size": quantization.group_size}
    values = {
        **implied,
        **{str(key): value for key, value in quantization.options.items()},
        **{key: value for key, value in stated.items() if value is not None},
    }
    return _read(reader, values, checkpoint=False)


def _checkpoint(config: Mapping[str, object] | None) -> tuple[Scheme | None, str]:
    if not config:
        return None, ""
    from planner.model.quantization.spelling import NONE, method_of

    values = {str(key): value for key, value in config.items()}
    name = _method_name(values)
    if name.replace("_", "-") in NONE:
        return None, ""
    found = method_of(name)
    if found is None:
        bits = values.get("bits")
        if not isinstance(bits, (int, float)) or isinstance(bits, bool):
            return None, f"quantization_config of {name[:60]} is not known: weights counted as unquantized"
        found = ("integer", {})
    reader, implied = found
    return _read(reader, {**implied, **values}, checkpoint=True)


def _method_name(values: Mapping[str, object]) -> str:
    """`quant_method`, or what other keys give away."""
    stated = values.get("quant_method")
    if isinstance(stated, str) and stated:
        return stated.strip().lower()
    if "quant_algo" in values or isinstance(values.get("quantization"), Mapping):
        return "modelopt"
    if "config_groups" in values:
        return "compressed-tensors"
    if "load_in_4bit" in values or "load_in_8bit" in values:
        return "bitsandbytes"
    return "mlx" if "bits" in values and "group_size" in values else "without quant_method"


def _read(reader: str, values: Mapping[str, object], checkpoint: bool) -> tuple[Scheme | None, str]:
    from planner.model.quantization.readers.keys import Keys

    module, _, function = _READERS[reader].partition(":")
    read = getattr(import_module(f"planner.model.quantization.readers.{module}"), function)
    found: Scheme | str = read(Keys(values, checkpoint))
    return (None, found) if isinstance(found, str) else (found, "")


def describe(scheme: Scheme) -> str:
    """A scheme for people: "AWQ 4 bit, group 128: 4.16 bits per quantized weight"."""
    from planner.model.quantization.storage import bits_per_weight

    storage = scheme.storage or scheme.experts
    if scheme.mix or storage is None:
        return scheme.title
    bits = f"{bits_per_weight(storage):.2f}".rstrip("0").rstrip(".")
    return f"{scheme.title}: {bits} bits per quantized weight"
