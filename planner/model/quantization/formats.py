"""The storage formats of quantized matrices, each with the tensors that its library writes."""

from __future__ import annotations

from planner.model.quantization.storage import Extra, Storage

PER_TENSOR = Extra(32, None, None)
"""One float32 for the whole matrix."""


def _grouped(bits: int, group: int | None) -> Extra:
    """`bits` per row and group of `group` inputs; one per row without groups."""
    return Extra(bits, 1, group)


def _suffix(group: int | None) -> str:
    return f", group {group}" if group else ", per channel"


def bare(bits: float) -> Storage:
    """Weights of so many bits and nothing known of scales: parameters × bits."""
    return Storage(f"int{bits:g}", bits)


def normal_float(kind: str = "nf4", double: bool = False) -> Storage:
    """bitsandbytes NF4 or FP4: an absolute maximum per 64 weights, a table of 16 values and the quant state's JSON.

    n/2 + 4·⌈n/64⌉ + 64 + 82 bytes; with double quantization the maxima are 8 bit in blocks of 256: n/2 + ⌈n/64⌉ +
    4·⌈n/64/256⌉ + 1,024 + 64 + 171 (bitsandbytes functional.py, QuantState.as_dict; Dettmers et al. 2023, QLoRA §3).
    """
    once = 8 * ((1024 + 64 + 171) if double else (64 + 82))
    maxima = (Extra(8, flat=64), Extra(32, flat=64 * 256)) if double else (Extra(32, flat=64),)
    return Storage(
        kind.upper() + (" with double quantization" if double else ""), 4, (*maxima, Extra(once, None, None))
    )


def llm_int8() -> Storage:
    """bitsandbytes LLM.int8: n + 4·out + 1 bytes, outliers computed from the same copy (Dettmers et al. 2022)."""
    return Storage("LLM.int8", 8, (Extra(32, 1, None), Extra(8, None, None)))


def gptq(bits: int, group: int | None) -> Storage:
    """GPTQ (AutoGPTQ, GPTQModel): packed weights and zero points, float16 scales, an int32 group index per input.

    bits·n/8 + groups·out·bits/8 + 2·groups·out + 4·in bytes; symmetric checkpoints hold their zero points, too.
    """
    extras = (_grouped(bits, group), _grouped(16, group), Extra(32, None, 1))
    return Storage(f"GPTQ {bits} bit{_suffix(group)}", bits, extras)


def awq(bits: int, group: int | None, zero_point: bool = True) -> Storage:
    """AWQ (AutoAWQ GEMM): as GPTQ without the group index (Lin et al. 2023)."""
    zeros = (_grouped(bits, group),) if zero_point else ()
    return Storage(f"AWQ {bits} bit{_suffix(group)}", bits, (*zeros, _grouped(16, group)))


def fp8_tensor(static: bool = False) -> Storage:
    """FP8 with one float32 scale a matrix, and one of its inputs where they are calibrated."""
    return Storage("FP8, per tensor", 8, (PER_TENSOR, PER_TENSOR) if static else (PER_TENSOR,))


def fp8_channel(scale_bits: int = 16) -> Storage:
    """FP8 with a scale per output channel: bfloat16 in compressed-tensors, float32 in FBGEMM."""
    return Storage("FP8, per channel", 8, (_grouped(scale_bits, None),))


def fp8_block(rows: int = 128, columns: int = 128) -> Storage:
    """FP8 in blocks, a float32 scale each (DeepSeek-V3 §3.3.2): n + 4·⌈out/rows⌉·⌈in/columns⌉ bytes."""
    return Storage(f"FP8, blocks of {rows}×{columns}", 8, (Extra(32, rows, columns),))


def mxfp(bits: int) -> Storage:
    """OCP microscaling (MX v1.0 §5.2): an 8 bit exponent per 32 weights; MXFP4 is 4.25, MXFP8 8.25 bits a weight."""
    return Storage(f"MXFP{bits}", bits, (_grouped(8, 32),))


def nvfp4(group: int = 16) -> Storage:
    """NVFP4: an FP8 scale per 16 weights, a float32 scale of the matrix and one of its inputs (NVIDIA ModelOpt)."""
    return Storage("NVFP4", 4, (_grouped(8, group), PER_TENSOR, PER_TENSOR))


def packed(bits: int, group: int | None, symmetric: bool = True) -> Storage:
    """compressed-tensors pack-quantized: int32 words, 16 bit scales, packed zero points unless symmetric, the shape."""
    zeros = () if symmetric else (_grouped(bits, group),)
    return Storage(f"int{bits}{_suffix(group)}", bits, (_grouped(16, group), *zeros, Extra(128, None, None)))


def int8_channel(scale_bits: int = 16) -> Storage:
    """int8 with one scale per output channel: n + 2·out bytes (compressed-tensors int-quantized)."""
    return Storage("int8, per channel", 8, (_grouped(scale_bits, None),))


def int8_tensor() -> Storage:
    """int8 with one scale a matrix."""
    return Storage("int8, per tensor", 8, (PER_TENSOR,))


def affine(bits: int, group: int | None) -> Storage:
    """Scale and offset of 16 bit each per group (torchao int4, MLX, AutoRound's native layout)."""
    return Storage(f"int{bits}{_suffix(group)}", bits, (_grouped(32, group),))


def hqq(bits: int, group: int = 64) -> Storage:
    """HQQ: scale and zero point in float16 per `group` weights in storage order (hqq_base_quant_config)."""
    return Storage(f"HQQ {bits} bit, group {group}", bits, (Extra(32, flat=group),))


def aqlm(codebooks: int = 1, code_bits: int = 16, group_in: int = 8, group_out: int = 1) -> Storage:
    """AQLM: codes of `code_bits` per group, a float16 scale per output, codebooks of 2^code_bits float16 vectors."""
    size = group_in * group_out
    book = codebooks * (1 << min(code_bits, 24)) * size * 16
    label = f"AQLM {codebooks}×{code_bits}, groups of {size}"
    return Storage(label, codebooks * code_bits / size, (_grouped(16, None), Extra(book, None, None)))


def exl2(bits: float) -> Storage:
    """EXL2: `bits` on average over a matrix of mixed widths, its scales counted in (exllamav2 measurement.json)."""
    return Storage(f"EXL2 {bits:g} bit", bits)


def exl3(bits: float) -> Storage:
    """EXL3: a trellis of `bits`, float16 signs of inputs and outputs, a multiplier (exllamav3 checkpoints)."""
    return Storage(f"EXL3 {bits:g} bit", bits, (Extra(16, None, 1), Extra(16, 1, None), PER_TENSOR))
