"""Columns of tables from Python values.

``pyarrow.array`` loads pandas, where that is installed, only to ask whether it was given a Series; these arrays are
made of their buffers instead, and equal those of ``pyarrow.array``. (So do its scalars and ``to_numpy``.)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa


def text(values: Sequence[str | None]) -> pa.Array:
    """A column of words; None is missing."""
    codes = [(value or "").encode() for value in values]
    ends = np.cumsum([0, *map(len, codes)]).astype(np.int32)
    known = np.array([value is not None for value in values], dtype=bool)
    buffers = [_bits(known), pa.py_buffer(ends), pa.py_buffer(b"".join(codes))]
    return pa.Array.from_buffers(pa.string(), len(codes), buffers)


def numbers(values: Any, kind: pa.DataType | None = None) -> pa.Array:
    """A column of numbers, in double precision or of another kind; NaN and None are missing."""
    kind, values = kind or pa.float64(), np.asarray(values, dtype=float)
    known = ~np.isnan(values)
    plain = np.where(known, values, 0)
    content = np.packbits(plain != 0, bitorder="little") if kind == pa.bool_() else plain.astype(str(kind))
    return pa.Array.from_buffers(kind, len(values), [_bits(known), pa.py_buffer(content)])


def column(values: Any, kind: pa.DataType) -> pa.Array:
    """A column of a kind."""
    return text(values) if kind == pa.string() else numbers(values, kind)


def where(table: pa.Table, **words: str) -> pa.Table:
    """The rows of a table whose columns hold these words."""
    alike = [[value == word for value in table[name].to_pylist()] for name, word in words.items()]
    return table.filter(numbers(np.all(alike, axis=0), pa.bool_()))


def _bits(known: np.ndarray) -> pa.Buffer | None:
    return None if known.all() else pa.py_buffer(np.packbits(known, bitorder="little"))
