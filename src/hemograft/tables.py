"""CSV tables with declared columns: closed vocabularies, numbers and keys, every problem with its file and row.

What a column may hold is written in a YAML file: ``text``, ``number``, ``words`` (one of a list) or ``shares``
(``AML:0.6;ALL:0.4``). Nothing in a cell is guessed. Every declared column must be there; further ones, and rows without
any cell filled, are left aside.
"""

from __future__ import annotations

import csv
import io
import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from .errors import InputError, Problem, nearest
from .files import name_of, read_document

LARGEST_TABLE = 50_000_000  # bytes
KINDS = ("text", "number", "words", "shares")
SHARE_ERROR = 0.011  # published shares are rounded to two or three digits


@dataclass(frozen=True)
class Column:
    """One column: its kind, whether a cell may be blank, the words it may hold and the limits of a number."""

    name: str
    kind: str = "text"
    required: bool = False
    words: tuple[str, ...] = ()
    low: float = -math.inf
    high: float = math.inf


@dataclass(frozen=True)
class TableRow:
    """One row: its line in the file, and its cells by column: text, number, shares, or None where blank."""

    line: int
    where: str
    cells: Mapping[str, Any]


@lru_cache(maxsize=8)
def read_columns(path: Path) -> tuple[Column, ...]:
    """The columns that a YAML file declares."""
    found = []
    for name, words in read_document(path).words["columns"].items():
        low, _, high = words.get("range", "").partition(" to ")
        found.append(
            Column(
                name,
                words.get("kind", "text"),
                words.get("required") == "yes",
                tuple(words.get("words", ())),
                float(low) if low else -math.inf,
                float(high) if high else math.inf,
            )
        )
    return tuple(found)


def read_table(path: Path | str, columns: tuple[Column, ...], unique: str = "") -> tuple[TableRow, ...]:
    """Read a CSV file strictly.

    Parameters
    ----------
    unique : str
        A column in which no word may stand twice.

    Raises
    ------
    InputError
        Every problem of the table, each with its row, what was expected and the nearest valid spelling.
    """
    path = Path(path)
    header, lines = _lines(path)
    name = name_of(path)
    problems = _header_problems(name, header, columns)
    problems += [
        Problem(f"{len(cells)} cells under {len(header)} column names", f"{name}:{line}", "one cell per column")
        for line, cells in lines
        if len(cells) != len(header)
    ]
    if problems:
        raise InputError(*problems)
    rows = [_row(columns, header, f"{name}:{line}", line, cells, problems) for line, cells in lines]
    counts = Counter(str(row.cells[unique]) for row in rows) if unique else Counter()
    problems += [
        Problem(f"{unique} {row.cells[unique]!r} is there twice", row.where, "each once")
        for row in rows
        if unique and counts[str(row.cells[unique])] > 1
    ]
    if problems:
        raise InputError(*problems)
    return tuple(rows)


def _row(
    columns: tuple[Column, ...], header: list[str], where: str, line: int, cells: list[str], problems: list[Problem]
) -> TableRow:
    words = dict(zip(header, cells, strict=True))
    return TableRow(line, where, {one.name: _cell(one, words[one.name].strip(), where, problems) for one in columns})


def _lines(path: Path) -> tuple[list[str], list[tuple[int, list[str]]]]:
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_TABLE + 1)
    except FileNotFoundError:
        raise InputError(Problem("no such file", str(path), "the path of a CSV file")) from None
    except OSError as error:
        raise InputError(Problem(f"cannot be read ({error.strerror})", str(path), "a readable CSV file")) from None
    name = name_of(path)
    if len(content) > LARGEST_TABLE:
        raise InputError(Problem("the table is too large", name, f"at most {LARGEST_TABLE:,} bytes"))
    try:
        reader = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True)
        lines = [(reader.line_num, cells) for cells in reader if any(cell.strip() for cell in cells)]
    except UnicodeDecodeError as error:
        place = f"{name}:{content.count(bytes([10]), 0, error.start) + 1}"
        what = "there are letters that are not UTF-8 text"
        raise InputError(Problem(what, place, "a CSV file saved as UTF-8")) from None
    except csv.Error as error:
        raise InputError(Problem(f"not readable as CSV: {error}", name, "commas between cells")) from None
    if not lines:
        raise InputError(Problem("the file is empty", f"{name}:1", "a line of column names"))
    return [cell.strip() for cell in lines[0][1]], lines[1:]


def _header_problems(name: str, header: list[str], columns: tuple[Column, ...]) -> list[Problem]:
    known = [column.name for column in columns]
    where = f"{name}:1"
    problems = [
        Problem(f"the column {column!r} is missing", where, ", ".join(known), nearest(column, header))
        for column in known
        if column not in header
    ]
    if problems:  # one of these may be meant
        problems += [
            Problem(f"unknown column {column!r}", where, ", ".join(known), nearest(column, known))
            for column in header
            if column not in known
        ]
    twice = [column for column, count in Counter(header).items() if count > 1 and column in known]
    return problems + [Problem(f"the column {column!r} is there twice", where, "each column once") for column in twice]


def _cell(column: Column, text: str, where: str, problems: list[Problem]) -> Any:
    if not text:
        if column.required:
            problems.append(Problem(f"{column.name} is blank", where, " | ".join(column.words) or "a value"))
        return None
    if column.kind == "number":
        return _number(column, text, where, problems)
    if column.kind == "shares":
        return _shares(column, text, where, problems)
    if column.kind == "words" and text not in column.words:
        problems.append(
            Problem(
                f"{column.name} {text!r} is not known", where, " | ".join(column.words), nearest(text, column.words)
            )
        )
    return text


def _number(column: Column, text: str, where: str, problems: list[Problem]) -> float | None:
    try:
        value = float(text)
    except ValueError:
        problems.append(Problem(f"{column.name} {text!r} is not a number", where, "a number with a decimal point"))
        return None
    if not (math.isfinite(value) and column.low <= value <= column.high):
        expected = f"{column.low:g} to {column.high:g}"
        problems.append(Problem(f"{column.name} {text} is outside the plausible range", where, expected))
    return value


def _shares(column: Column, text: str, where: str, problems: list[Problem]) -> dict[str, float]:
    found: dict[str, float] = {}
    for part in text.split(";"):
        word, _, share = part.partition(":")
        if word.strip() not in column.words:
            hint = nearest(word.strip(), column.words)
            problems.append(
                Problem(f"{column.name}: {word.strip()!r} is not known", where, " | ".join(column.words), hint)
            )
        try:
            found[word.strip()] = float(share)
        except ValueError:
            problems.append(Problem(f"{column.name}: {part!r} is not a share", where, "word:share;word:share"))
    total = sum(found.values())
    if found and (abs(total - 1) > SHARE_ERROR or min(found.values()) < 0):
        problems.append(Problem(f"{column.name} adds up to {total:g}", where, "shares that add up to 1"))
    return found
