"""Bytes of one matrix in each format, against what the libraries write."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.model.quantization import formats
from planner.model.quantization.gguf import types
from planner.model.quantization.storage import Storage, bits_per_weight, matrix_bytes, plain, tensor_bytes
from planner.model.stack import Tensor

ROWS, COLUMNS = 4096, 14336
WEIGHTS = ROWS * COLUMNS


@pytest.mark.parametrize(
    ("storage", "rows", "columns", "size"),
    [
        pytest.param(plain("bfloat16"), 3, 5, 30, id="bfloat16 is two bytes a weight and nothing else"),
        pytest.param(plain("int4"), 3, 3, 5, id="half a byte a weight is rounded up to whole bytes"),
        pytest.param(formats.llm_int8(), 4096, 4096, 4096 * 4096 + 4 * 4096 + 1, id="LLM.int8 has a scale a row"),
        pytest.param(
            formats.gptq(4, 128), ROWS, COLUMNS, WEIGHTS // 2 + 112 * ROWS // 2 + 112 * ROWS * 2 + 4 * COLUMNS,
            id="GPTQ has zero points, float16 scales and a group index per input",
        ),
        pytest.param(
            formats.awq(4, 128), ROWS, COLUMNS, WEIGHTS // 2 + 112 * ROWS // 2 + 112 * ROWS * 2,
            id="AWQ is GPTQ without the group index",
        ),
        pytest.param(formats.fp8_tensor(), 7, 9, 63 + 4, id="FP8 per tensor has one float32 scale"),
        pytest.param(formats.fp8_channel(), ROWS, COLUMNS, WEIGHTS + 2 * ROWS, id="FP8 per channel has 16 bit a row"),
        pytest.param(formats.fp8_block(), 2112, 7168, 2112 * 7168 + 4 * 17 * 56, id="half a block has a whole scale"),
        pytest.param(formats.mxfp(4), 2880, 2880, 2880 * 1440 + 2880 * 90, id="MXFP4 has a byte per 32 inputs"),
        pytest.param(
            formats.packed(4, 128), ROWS, COLUMNS, WEIGHTS // 2 + 112 * ROWS * 2 + 16,
            id="a packed symmetric matrix has scales and its shape",
        ),
        pytest.param(
            formats.exl3(4), 2048, 10240, 10_485_760 + 20_480 + 4_096 + 4,
            id="EXL3 as UnstableLlama/Qwen3.6-35B-A3B-DFlash-exl3 lists its fc",
        ),
        pytest.param(
            formats.aqlm(), 4096, 4096, 4096 * 4096 // 4 + 2 * 4096 + (1 << 20), id="AQLM 1×16 has 1 MiB of codebook"
        ),
    ],
)  # fmt: skip
def test_bytes_of_a_matrix(storage: Storage, rows: int, columns: int, size: int) -> None:
    assert matrix_bytes(storage, rows, columns) == size


@pytest.mark.parametrize(
    ("storage", "bits"),
    [
        pytest.param(formats.normal_float("nf4"), 4.50028, id="NF4"),
        pytest.param(formats.normal_float("nf4", double=True), 4.12935, id="NF4 with double quantization"),
    ],
)
def test_bitsandbytes_writes_so_many_bits_for_a_matrix_of_1024_by_4096(storage: Storage, bits: float) -> None:
    assert matrix_bytes(storage, 1024, 4096) * 8 / (1024 * 4096) == pytest.approx(bits, abs=1e-4)


@pytest.mark.parametrize(
    ("storage", "bits"),
    [
        (formats.gptq(4, 128), 4.15625),
        (formats.gptq(4, 32), 4.625),
        (formats.gptq(8, 128), 8.1875),
        (formats.gptq(3, 128), 3.1484375),
        (formats.awq(4, 128), 4.15625),
        (formats.packed(4, 128), 4.125),
        (formats.packed(4, 128, symmetric=False), 4.15625),
        (formats.hqq(4, 64), 4.5),
        (formats.mxfp(4), 4.25),
        (formats.mxfp(8), 8.25),
        (formats.nvfp4(), 4.5),
        (formats.normal_float(), 4.5),
        (formats.aqlm(1, 16), 2.0),
        (formats.aqlm(2, 8), 2.0),
        (formats.fp8_block(), 8 + 32 / 128 / 128),
    ],
    ids=lambda value: value.label if isinstance(value, Storage) else "",
)
def test_bits_of_a_weight_in_a_large_matrix(storage: Storage, bits: float) -> None:
    assert bits_per_weight(storage) == bits


def test_all_copies_of_a_tensor_count() -> None:
    assert tensor_bytes(formats.mxfp(4), Tensor("experts.up_proj", (64, 32), "ffn", "expert", 8)) == 8 * (1024 + 64)


def test_a_kernel_is_rows_of_what_it_sees_and_a_vector_is_one_row() -> None:
    assert tensor_bytes(formats.int8_channel(), Tensor("conv", (4, 2, 3), "attention", "conv")) == 24 + 2 * 4
    assert tensor_bytes(formats.int8_channel(), Tensor("norm", (24,), "other", "norm")) == 24 + 2


@given(st.integers(1, 64), st.integers(1, 64), st.sampled_from((32, 64, 128)))
def test_fewer_bits_are_never_more_bytes(rows: int, blocks: int, group: int) -> None:
    columns = blocks * group
    sizes = [matrix_bytes(formats.gptq(bits, group), rows, columns) for bits in (2, 3, 4, 8)]
    assert sizes == sorted(sizes)


@given(st.integers(1, 500), st.integers(1, 500))
def test_smaller_groups_are_never_fewer_bytes(rows: int, columns: int) -> None:
    sizes = [matrix_bytes(formats.awq(4, group), rows, columns) for group in (None, 128, 64, 32)]
    assert sizes == sorted(sizes)


@pytest.mark.parametrize(
    ("name", "bits"),
    [("Q4_0", 4.5), ("Q4_1", 5.0), ("Q5_0", 5.5), ("Q5_1", 6.0), ("Q8_0", 8.5), ("Q2_K", 2.625), ("Q3_K", 3.4375),
     ("Q4_K", 4.5), ("Q5_K", 5.5), ("Q6_K", 6.5625), ("IQ1_S", 1.5625), ("IQ1_M", 1.75), ("IQ2_XXS", 2.0625),
     ("IQ2_XS", 2.3125), ("IQ2_S", 2.5625), ("IQ3_XXS", 3.0625), ("IQ3_S", 3.4375), ("IQ4_NL", 4.5), ("IQ4_XS", 4.25),
     ("TQ1_0", 1.6875), ("TQ2_0", 2.0625), ("MXFP4", 4.25), ("NVFP4", 4.5), ("F16", 16), ("F32", 32)],
)  # fmt: skip
def test_bits_of_a_ggml_type(name: str, bits: float) -> None:
    assert types.storage(name).bits == bits


@pytest.mark.parametrize(
    ("name", "columns", "taken"),
    [
        pytest.param("Q4_K", 4096, "Q4_K", id="whole blocks stay"),
        pytest.param("Q4_K", 2880, "Q5_0", id="Q4_K of a row that 256 does not divide is Q5_0"),
        pytest.param("Q6_K", 2880, "Q8_0", id="Q6_K becomes Q8_0"),
        pytest.param("IQ3_XXS", 2880, "IQ4_NL", id="all IQ types become IQ4_NL"),
        pytest.param("Q3_K", 2880, "Q4_0", id="Q3_K becomes Q4_0"),
        pytest.param("Q4_0", 100, "F16", id="a row that 32 does not divide is F16"),
    ],
)
def test_a_type_that_does_not_divide_a_row_is_replaced(name: str, columns: int, taken: str) -> None:
    assert types.fitting(name, columns) == taken
