"""Floating-point formats: FP8 in its granularities, MXFP4, MXFP8, NVFP4; configs of NVIDIA ModelOpt and AMD Quark."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from planner.model.quantization import formats
from planner.model.quantization.readers import groups
from planner.model.quantization.readers.build import exceptions, only, scheme
from planner.model.quantization.readers.keys import Keys, mapping
from planner.model.quantization.scheme import Scheme
from planner.model.quantization.storage import Storage


def fp8(keys: Keys) -> Scheme:
    """FP8: in blocks (DeepSeek), per channel or per tensor; `expert_dtype` and `moe_quant_algo` are of routed experts.

    The matrix that joins embedding and state for predicting further tokens stays as it is.
    """
    block = keys.values.get("weight_block_size")
    granularity = keys.word("granularity", "strategy")
    if (
        isinstance(block, (list, tuple))
        and len(block) == 2
        and all(isinstance(side, int) and side > 0 for side in block)
    ):
        storage = formats.fp8_block(int(block[0]), int(block[1]))
    elif granularity == "block":
        storage = formats.fp8_block()
    elif granularity == "channel":
        storage = formats.fp8_channel()
    else:
        storage = formats.fp8_tensor(keys.word("activation_scheme") == "static")
    joint = exceptions((("eh_proj", None),)) if keys.checkpoint else ()
    found, experts = scheme(keys, "fp8", storage, joint, outside=True), _experts(keys)
    title = f"{found.title}, routed experts {experts.label}" if experts else found.title
    return found._replace(experts=experts, title=title)


def _experts(keys: Keys) -> Storage | None:
    if keys.word("moe_quant_algo") == "nvfp4":
        return formats.nvfp4()
    return formats.mxfp(4) if keys.word("expert_dtype") in ("fp4", "mxfp4") else None


def fbgemm_fp8(keys: Keys) -> Scheme:
    """FBGEMM FP8: a float32 scale per output."""
    return scheme(keys, "fp8", formats.fp8_channel(32), outside=True)


def mxfp4(keys: Keys) -> Scheme:
    """MXFP4 as in gpt-oss: routed experts only."""
    return scheme(keys, "mxfp4", formats.mxfp(4))._replace(kinds=frozenset({"expert"}))


def mxfp8(keys: Keys) -> Scheme:
    """MXFP8 of all matrices."""
    return scheme(keys, "mxfp8", formats.mxfp(8), outside=True)


def nvfp4(keys: Keys) -> Scheme:
    """NVFP4 of all matrices but those that the config's lists name."""
    found = scheme(keys, "nvfp4", formats.nvfp4(keys.group(16) or 16), outside=True)
    usual = ("NVFP4 of every matrix assumed: releases often keep attention in 16 bit",)
    return found if keys.checkpoint else found._replace(notes=(*found.notes, *usual))


def algorithm(name: str, keys: Keys) -> Storage | None:
    """ModelOpt's `quant_algo`; None for what is none or mixed."""
    name = name.lower()
    if "nvfp4" in name:
        return formats.nvfp4(keys.group(16) or 16)
    if "mxfp8" in name:
        return formats.mxfp(8)
    if "mxfp4" in name:
        return formats.mxfp(4)
    if "awq" in name or name.startswith("w4a16"):
        return formats.awq(4, keys.group(128), zero_point=False)
    if name.startswith("fp8"):
        return (
            formats.fp8_block()
            if "pb" in name
            else formats.fp8_channel(32)
            if "channel" in name
            else formats.fp8_tensor(True)
        )
    return formats.int8_channel() if name.startswith(("w8a8", "int8")) else None


def modelopt(keys: Keys) -> Scheme | str:
    """NVIDIA ModelOpt: hf_quant_config.json, or its copy in config.json; `quantized_layers` where it mixes."""
    own = Keys({**keys.values, **mapping(keys.values.get("quantization"))}, keys.checkpoint)
    name = own.word("quant_algo")
    layers = mapping(own.values.get("quantized_layers"))
    if layers:
        return _by_layer(own, layers)
    storage = algorithm(name, own)
    if storage is not None:
        return scheme(own, "modelopt", storage, outside=True)
    if own.values.get("config_groups"):
        return groups.read(own, "modelopt")
    return f"ModelOpt's quant_algo {name or 'is missing'}: weights counted as unquantized"


def _by_layer(keys: Keys, layers: Mapping[str, object]) -> Scheme:
    """Only what is listed is quantized, each module by its own algorithm."""
    stated = {module: Keys(mapping(value)) for module, value in layers.items()}
    stored = [(module, algorithm(own.word("quant_algo"), own)) for module, own in stated.items()]
    rules = exceptions((module, storage) for module, storage in stored if storage is not None)
    kinds = Counter(storage for _, storage in stored if storage is not None)
    main = kinds.most_common(1)[0][0] if kinds else formats.bare(16)
    found = scheme(keys, "modelopt", main, outside=True)
    head = next((storage for module, storage in stored if module.split(".")[-1] == "lm_head"), None)
    return only(found, rules)._replace(title=f"mixed, mostly {found.title}", head=head)


def quark(keys: Keys) -> Scheme | str:
    """AMD Quark: dtype and granularity of the weights in `global_quant_config`."""
    weight = keys.nested("global_quant_config").nested("weight")
    dtype, granularity = weight.word("dtype"), weight.word("qscheme")
    if dtype.startswith("fp8"):
        storage = formats.fp8_channel(32) if "channel" in granularity else formats.fp8_tensor(True)
    elif dtype in ("fp4", "mx", "mxfp4"):
        storage = formats.mxfp(4)
    elif dtype in ("int4", "uint4"):
        storage = formats.awq(4, weight.group(128))
    elif dtype == "int8":
        storage = formats.int8_channel(32)
    else:
        return f"Quark's weight dtype {dtype or 'is missing'}: weights counted as unquantized"
    return scheme(keys, "quark", storage, outside=True)
