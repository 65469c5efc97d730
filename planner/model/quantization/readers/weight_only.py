"""Other weight-only libraries: HQQ, AQLM, EXL2, EXL3, torchao, quanto, EETQ, MLX and BitNet."""

from __future__ import annotations

from planner.model.quantization import formats
from planner.model.quantization.readers.build import assumed, scheme
from planner.model.quantization.readers.keys import Keys, mapping
from planner.model.quantization.scheme import Scheme
from planner.model.quantization.storage import Extra, Storage


def hqq(keys: Keys) -> Scheme:
    """HQQ, by its own keys or those of its library."""
    own = keys.nested("quant_config").nested("weight_quant_params")
    read = own if own.values else keys
    return assumed(scheme(keys, "hqq", formats.hqq(read.whole_bits(4), read.group(64) or 64)), keys, "quant_config")


def aqlm(keys: Keys) -> Scheme:
    """AQLM: codebooks × code bits, groups of inputs × outputs."""

    def count(name: str, default: int) -> int:
        found = keys.number(name)
        return int(found) if found is not None and 1 <= found <= 64 else default

    storage = formats.aqlm(
        count("num_codebooks", 1),
        count("nbits_per_codebook", 16),
        count("in_group_size", 8),
        count("out_group_size", 1),
    )
    return scheme(keys, "aqlm", storage)


def exl2(keys: Keys) -> Scheme:
    """EXL2: an average of bits, the head at 6."""
    head = keys.number("head_bits", "lm_head_bits") or 6
    return assumed(scheme(keys, "exl2", formats.exl2(keys.bits() or 4)), keys)._replace(
        head=formats.exl2(min(head, 16))
    )


def exl3(keys: Keys) -> Scheme:
    """EXL3: bits of the trellis, the head at 6."""
    head = keys.number("head_bits", "lm_head_bits") or 6
    return assumed(scheme(keys, "exl3", formats.exl3(keys.bits() or 4)), keys)._replace(
        head=formats.exl3(min(head, 16))
    )


def torchao(keys: Keys) -> Scheme:
    """torchao: by the name of its config class or shorthand."""
    stated = keys.first("quant_type", "type")
    inner = mapping(mapping(stated).get("default")) or mapping(stated)
    name = str(inner.get("_type", stated)).lower().replace("_", "").replace("-", "")
    own = Keys({**keys.values, **mapping(inner.get("_data"))}, keys.checkpoint)
    storage = _torchao_storage(name, own)
    found = scheme(keys, "torchao", storage, outside=True)
    both = keys.flag("include_input_output_embeddings")
    return found._replace(head=storage if both else None, embedding=storage if both else None)


def _torchao_storage(name: str, keys: Keys) -> Storage:
    if "float8weight" in name or "float8dynamic" in name or "fp8" in name or name.endswith("float8"):
        return formats.fp8_channel(32)
    if "nvfp4" in name:
        return formats.nvfp4()
    if "mx" in name:
        return formats.mxfp(4 if "4" in name else 8)
    if "int8weight" in name or "int8dynamic" in name or name == "int8":
        return formats.int8_channel()
    return formats.affine(keys.whole_bits(4), keys.group(128))


def quanto(keys: Keys) -> Scheme:
    """optimum-quanto: int8 and float8 per channel, fewer bits in groups of 128."""
    weights = keys.word("weights", "type")
    bits = next((bits for bits in (2, 4, 8) if str(bits) in weights), keys.whole_bits(8))
    if "float8" in weights or "fp8" in weights:
        return scheme(keys, "quanto", formats.fp8_channel(), outside=True)
    storage = formats.int8_channel() if bits == 8 else formats.affine(bits, keys.group(128))
    return scheme(keys, "quanto", storage, outside=True)


def eetq(keys: Keys) -> Scheme:
    """EETQ: int8 with a float16 scale per output."""
    return scheme(keys, "eetq", formats.int8_channel(), outside=True)


def mlx(keys: Keys) -> Scheme:
    """MLX: a 16 bit scale and offset per group, embeddings and head included."""
    bits, group = keys.whole_bits(4), keys.group(64)
    storage = formats.affine(bits, group)
    return scheme(keys, "mlx", storage)._replace(title=f"MLX {storage.label}", head=storage, embedding=storage)


def bitnet(keys: Keys) -> Scheme:
    """BitNet b1.58: ternary weights, four to a byte, and one scale a matrix."""
    return scheme(keys, "bitnet", Storage("ternary", 2, (Extra(16, None, None),)))
