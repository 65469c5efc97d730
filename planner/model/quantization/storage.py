"""How one tensor is stored: so many bits per weight, and what stands beside them (scales, zero points, codebooks)."""

from __future__ import annotations

from math import ceil, prod

from planner.model.stack import Tensor
from planner.record import NamedTuple
from planner.units import DTYPE_BITS


class Extra(NamedTuple):
    """Values beside the weights: one of `bits` for every block of `rows` × `columns` weights."""

    bits: int
    rows: int | None = 1
    """Rows (outputs) that share a value; None = all of them."""
    columns: int | None = None
    """Columns (inputs) that share a value; None = all of them."""
    flat: int = 0
    """Weights in storage order that share a value, whatever their rows; 0 = blocks of rows and columns."""


class Storage(NamedTuple):
    """How a matrix is stored."""

    label: str
    """As people call it: "int4, group 128", "NF4", "Q4_K"."""
    bits: float
    """Bits of one weight alone."""
    extras: tuple[Extra, ...] = ()


def plain(dtype: str) -> Storage:
    """Weights in a dtype of `planner.units`, nothing beside them."""
    return Storage(dtype, DTYPE_BITS[dtype])


def _blocks(extra: Extra, rows: int, columns: int) -> int:
    if extra.flat:
        return ceil(rows * columns / extra.flat)
    down = 1 if extra.rows is None else -(-rows // extra.rows)
    across = 1 if extra.columns is None else -(-columns // extra.columns)
    return down * across


def matrix_bytes(storage: Storage, rows: int, columns: int) -> int:
    """Bytes of a matrix from `columns` inputs to `rows` outputs, with all that stands beside it."""
    alone = ceil(rows * columns * storage.bits / 8)
    if not storage.extras:
        return alone
    return alone + sum(ceil(_blocks(extra, rows, columns) * extra.bits / 8) for extra in storage.extras)


def tensor_bytes(storage: Storage, tensor: Tensor) -> int:
    """Bytes of all copies of `tensor`; vectors are one row, kernels are rows of all that each of them sees."""
    rows, columns = tensor.shape if len(tensor.shape) == 2 else _flat(tensor.shape)
    return tensor.copies * matrix_bytes(storage, rows, columns)


def _flat(shape: tuple[int, ...]) -> tuple[int, int]:
    """(rows, columns) of what is no matrix."""
    return (shape[0], prod(shape[1:])) if len(shape) > 1 else (1, prod(shape))


def bits_per_weight(storage: Storage) -> float:
    """Bits of one weight of a large matrix: what stands once per row, column or matrix vanishes."""
    shared = [extra.flat or (extra.rows or 0) * (extra.columns or 0) for extra in storage.extras]
    return storage.bits + sum(extra.bits / block for extra, block in zip(storage.extras, shared, strict=True) if block)
