"""Writes arrays as a netCDF 3 file, which every tool of the field reads; the same arrays give the same bytes.

Source
------
The classic format with 64-bit offsets, NetCDF Classic Format Specification (Unidata); (recalled, not re-read), and
compared with what SciPy writes in a test.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

MAGIC = b"CDF\x02"  # 2: offsets of 64 bits
DIMENSIONS, VARIABLES, ATTRIBUTES = 10, 11, 12
TYPES = {"S1": 2, "f4": 5, "f8": 6}


@dataclass(frozen=True)
class Variable:
    """An array of text letters or of floating-point numbers, which name its dimensions and carry notes."""

    name: str
    dimensions: tuple[str, ...]
    values: np.ndarray
    notes: Mapping[str, str | np.floating] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        return {"S": "S1", "f": f"f{self.values.dtype.itemsize}"}[self.values.dtype.kind]


def write_netcdf(path: Path, dimensions: Mapping[str, int], variables: Sequence[Variable]) -> None:
    """Write variables one after the other."""
    begins = [0] * len(variables)
    for _ in range(2):  # how long the header is does not depend on what it says of places
        header = _header(dimensions, variables, begins)
        place = len(header)
        for i, variable in enumerate(variables):
            begins[i] = place
            place += _padded(variable.values.nbytes)
    with path.open("wb") as file:
        file.write(_header(dimensions, variables, begins))
        for variable in variables:
            file.write(_filled(_largest_first(variable.values)))


def letters(words: Sequence[str]) -> np.ndarray:
    """Texts as an array of single letters in UTF-8, shape (text, letter)."""
    array = np.array([word.encode() for word in words])
    return array.view("S1").reshape(len(words), -1)


def _header(dimensions: Mapping[str, int], variables: Sequence[Variable], begins: Sequence[int]) -> bytes:
    number = {name: i for i, name in enumerate(dimensions)}
    parts = [MAGIC, _whole(0), _whole(DIMENSIONS), _whole(len(dimensions))]
    parts += [_text(name) + _whole(size) for name, size in dimensions.items()]
    parts += [bytes(8), _whole(VARIABLES), _whole(len(variables))]
    for variable, begin in zip(variables, begins, strict=True):
        parts += [_text(variable.name), _whole(len(variable.dimensions))]
        parts += [_whole(number[name]) for name in variable.dimensions]
        parts += [_whole(ATTRIBUTES), _whole(len(variable.notes))] if variable.notes else [bytes(8)]
        parts += [_text(name) + _note(value) for name, value in variable.notes.items()]
        parts += [_whole(TYPES[variable.kind]), _whole(_padded(variable.values.nbytes)), begin.to_bytes(8, "big")]
    return b"".join(parts)


def _note(value: str | np.floating) -> bytes:
    if isinstance(value, str):
        return _whole(TYPES["S1"]) + _text(value)
    return _whole(TYPES[f"f{value.nbytes}"]) + _whole(1) + _largest_first(np.asarray(value))


def _largest_first(values: np.ndarray) -> bytes:
    """Numbers with their most significant byte first."""
    return values.astype(values.dtype.newbyteorder(">")).tobytes()


def _text(text: str) -> bytes:
    code = text.encode()
    return _whole(len(code)) + _filled(code)


def _whole(number: int) -> bytes:
    return number.to_bytes(4, "big")


def _filled(content: bytes) -> bytes:
    return content + bytes(_padded(len(content)) - len(content))


def _padded(length: int) -> int:
    return -(-length // 4) * 4
