"""A registry's list of donors: a CSV with one row for each, documented in docs/HLA.md."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from ..errors import InputError, Problem, nearest
from ..fields import fill
from ..files import Document
from ..hla.names import LOCI
from .candidate import Candidate

PLAIN = ("id", "relation", "sex", "cmv", "blood_group", "pregnancies", "source")
COLUMNS = (*PLAIN, "age", *LOCI, "gl")
LARGEST_LIST = 50_000_000  # bytes


def read_registry(path: Path | str) -> tuple[Candidate, ...]:
    """Read every donor of a list; ``age`` is in years, a locus has both alleles with + between them.

    Raises
    ------
    InputError
        Every problem of the list, each with its line.
    """
    path = Path(path)
    rows = _rows(path)
    head = [cell.strip() for cell in rows[0][1]]
    _check_head(head, path)
    problems: list[Problem] = []
    lines = {(number,): number for number, _ in rows[1:]}
    document = Document(path, {}, lines)
    found = []
    for number, row in rows[1:]:
        if len(row) > len(head):
            what = f"{len(row)} cells under {len(head)} columns"
            problems.append(Problem(what, document.where(number), "one cell for each column; commas in quotes"))
            continue
        words = _words({name: cell.strip() for name, cell in zip(head, row, strict=False) if cell.strip()})
        candidate = fill(Candidate, words, document, (number,), problems)
        if candidate is not None:
            found.append((number, candidate))
    seen: dict[str, int] = {}
    for number, candidate in found:
        first = seen.setdefault(candidate.id, number)
        if first != number:
            what = f"donor {candidate.id!r} was listed before, in line {first}"
            problems.append(Problem(what, document.where(number), "each id once"))
    if problems:
        raise InputError(*problems)
    return tuple(candidate for _, candidate in found)


def _rows(path: Path) -> list[tuple[int, list[str]]]:
    """Rows that are not empty, with their line."""
    try:
        if path.stat().st_size > LARGEST_LIST:
            what = f"the list has more than {LARGEST_LIST:,} bytes"
            raise InputError(Problem(what, str(path), "fewer donors at once"))
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file)
            rows = [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    except FileNotFoundError:
        raise InputError(Problem("no such file", str(path), "the path of a CSV file")) from None
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(Problem(f"cannot be read ({error})", str(path), "a CSV file in UTF-8")) from None
    if len(rows) < 2:
        raise InputError(Problem("no donors are listed", f"{path.name}:1", "a row of columns, then one for each donor"))
    return rows


def _check_head(head: list[str], path: Path) -> None:
    where = f"{path.name}:1"
    problems = [
        Problem(f"unknown column {name!r}", where, ", ".join(COLUMNS), nearest(name, COLUMNS))
        for name in head
        if name not in COLUMNS
    ]
    problems += [
        Problem(f"column {name!r} is there twice", where) for name in sorted({n for n in head if head.count(n) > 1})
    ]
    if "id" not in head:
        problems.append(Problem("there is no column 'id'", where, ", ".join(COLUMNS)))
    if problems:
        raise InputError(*problems)


def _words(row: dict[str, str]) -> dict[str, Any]:
    """A row as the words of a candidate's file."""
    words: dict[str, Any] = {name: row[name] for name in PLAIN if name in row}
    if "age" in row:
        words["age"] = row["age"] if any(letter.isalpha() for letter in row["age"]) else f"{row['age']} years"
    words["hla"] = {name: row[name] for name in (*LOCI, "gl") if name in row}
    return words
