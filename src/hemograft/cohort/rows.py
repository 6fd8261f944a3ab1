"""A table of real patients and the map of its columns become cases, with the days that were observed."""

from __future__ import annotations

import csv
import io
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..case.case import Case
from ..errors import InputError, Problem, nearest
from ..fields import fill
from ..files import Document
from ..protocol.protocol import Protocol, read_protocol
from ..runs.recipe import Recipe, file_name, protocol_path, read_source
from .map import map_path, read_map
from .rules import CohortMap, Skipped, case_of

LARGEST_TABLE = 50_000_000  # bytes


@dataclass(frozen=True)
class Patient:
    """One row that became a case."""

    line: int
    case: Case
    protocol: Protocol
    observed: dict[str, float | None]
    stand_ins: tuple[str, ...]


@dataclass(frozen=True)
class Left:
    """One row that is left out, and why."""

    line: int
    why: str


@dataclass(frozen=True)
class CohortPlan:
    """A table and its map, read, before anything is simulated."""

    map: CohortMap
    patients: tuple[Patient, ...]
    left: tuple[Left, ...]
    recipe: Recipe

    @property
    def folder(self) -> Path:
        """Where the result goes unless another folder is named."""
        return Path("runs") / f"{file_name(self.map.name)}-seed{self.recipe.settings['seed']}"


def plan_cohort(table: Path | str, map_name: str, **settings: Any) -> CohortPlan:
    """Read a table of real patients and the map of its columns.

    Parameters
    ----------
    map_name : str
        A file, or the name of a map that comes with the package.
    settings
        ``twins``, ``days`` and ``seed``, as :func:`hemograft.simulate` takes them.

    Raises
    ------
    InputError
        The map or the table cannot be read, or no row becomes a case.
    """
    path = map_path(map_name)
    mapping = read_map(path)
    source = read_source("table", table)
    rows = read_rows(source.name, source.content, mapping)
    patients, left = [], []
    for number, (line, row) in enumerate(rows, start=1):
        try:
            patients.append(_patient(mapping, source.name, number, line, row))
        except Skipped as why:
            left.append(Left(line, str(why)))
    if not patients:
        raise InputError(
            Problem(
                "no row of the table becomes a case",
                source.name,
                "rows that the map can read",
                f"the first reason: {left[0].why}" if left else "",
            )
        )
    names = dict.fromkeys(str(patient.case.protocol) for patient in patients)
    orders = (read_source("orders", protocol_path(name)) for name in names)
    recipe = Recipe("cohort", (source, read_source("map", path), *orders), settings)
    return CohortPlan(mapping, tuple(patients), tuple(left), recipe)


def read_rows(name: str, content: bytes, mapping: CohortMap) -> list[tuple[int, dict[str, str]]]:
    """The rows of a CSV file with their line numbers.

    Raises
    ------
    InputError
        Not UTF-8, no header, a column that the map names is absent, or a row of another length.
    """
    if len(content) > LARGEST_TABLE:
        raise InputError(Problem(f"the table has {len(content):,} bytes", name, f"at most {LARGEST_TABLE:,}"))
    try:
        reader = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True)
        lines = [(reader.line_num, cells) for cells in reader if cells]
    except UnicodeDecodeError as error:
        place = f"{name}:{content.count(bytes([10]), 0, error.start) + 1}"
        what = "there are letters that are not UTF-8 text"
        raise InputError(Problem(what, place, "a CSV file saved as UTF-8")) from None
    except csv.Error as error:
        raise InputError(
            Problem(f"not readable as CSV: {error}", name, "commas between cells, one row a line")
        ) from None
    if len(lines) < 2:
        raise InputError(Problem("the table has no rows", name, "a line of column names and one line per patient"))
    header = [cell.strip() for cell in lines[0][1]]
    if len(header) == 1 and (";" in header[0] or "\t" in header[0]):
        what = "the cells are not separated by commas"
        raise InputError(Problem(what, f"{name}:1", "commas between cells; no semicolons or tabs"))
    problems = _table_problems(name, header, lines[1:], mapping)
    if problems:
        raise InputError(*problems)
    return [(line, dict(zip(header, cells, strict=True))) for line, cells in lines[1:]]


def _table_problems(
    name: str, header: list[str], lines: list[tuple[int, list[str]]], mapping: CohortMap
) -> list[Problem]:
    rules = [
        *((rule.where, column) for rule in (*mapping.rules, mapping.protocol) for column in rule.columns),
        *(("observed", seen.column) for seen in mapping.observed),
    ]
    problems = [
        Problem(f"the table has no column {column!r}", where, ", ".join(header), nearest(column, header))
        for where, column in rules
        if column not in header
    ]
    problems += [
        Problem(f"{len(cells)} cells under {len(header)} column names", f"{name}:{line}", "one cell per column")
        for line, cells in lines
        if len(cells) != len(header)
    ]
    problems += [
        Problem(f"the column {column!r} is there twice", f"{name}:1", "each column once")
        for column, count in Counter(header).items()
        if count > 1
    ]
    return problems


def _patient(mapping: CohortMap, table: str, number: int, line: int, row: dict[str, str]) -> Patient:
    """One row as a patient; raises Skipped when it is none."""
    words, stand_ins = case_of(mapping, row)
    name = f"{file_name(mapping.prefix)}-{number:03d}"
    words |= {"id": name, "title": f"{mapping.title}, row {number}"}
    problems: list[Problem] = []
    case = fill(Case, words, Document(Path(table), words, {(): line}), (), problems)
    if case is None:
        raise Skipped("; ".join(problem.what for problem in problems))
    observed = {seen.outcome: seen.read(row, mapping.missing) for seen in mapping.observed}
    return Patient(line, case, read_protocol(words["protocol"]), observed, tuple(stand_ins))
