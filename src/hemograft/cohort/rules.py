"""How one row of a table of real patients becomes a case: the rules of a map, and how they read a row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..units import UnitError, amount

SKIP = "skip"
ANYTHING = "*"
PARTS = ("patient", "donor", "graft")
LATEST = 36_525.0  # days; a later event, or one before the graft, is a slip


class Skipped(Exception):
    """A row that cannot become a case, and why."""


@dataclass(frozen=True)
class Rule:
    """Where one field of a case comes from.

    Attributes
    ----------
    columns : tuple of str
        Columns of the table, joined by a space before their words are looked up.
    unit : str
        Unit of a numeric column.
    words : mapping
        Translation of the column's words; ``*`` stands for any word of one column.
    value : str
        A constant, as a case file would say it.
    of, points : str and tuple
        Another field, and pairs of its value and this field's, to be interpolated.
    missing : str
        Used where the cell is empty; ``skip`` leaves the row out.
    """

    field: str
    columns: tuple[str, ...] = ()
    unit: str = ""
    words: tuple[tuple[str, str], ...] = ()
    value: str = ""
    of: str = ""
    points: tuple[tuple[float, float], ...] = ()
    point_unit: tuple[str, str] = ("", "")
    missing: str = SKIP
    evidence: str = ""
    source: str = ""
    where: str = ""

    def read(self, row: Mapping[str, str], blank: tuple[str, ...], known: Mapping[str, str]) -> tuple[str, bool]:
        """The field as a case file would say it, and whether it stands in for a missing cell.

        Raises
        ------
        Skipped
            The cell is missing or says something the map does not translate.
        """
        if self.value:
            return self.value, False
        if self.of:
            try:
                place = amount(known[self.of], self.point_unit[0])
            except UnitError as error:
                raise Skipped(f"{self.of} cannot be read: {error}") from None
            given, follows = np.array(self.points).T
            found = float(np.interp(place, given, follows))
            return f"{found:.6g} {self.point_unit[1]}", False
        cells = [row[column].strip() for column in self.columns]
        if any(cell in blank for cell in cells):
            if self.missing == SKIP:
                raise Skipped(f"{' and '.join(self.columns)} missing")
            return self.missing, True
        if self.unit:
            return f"{cells[0]} {self.unit}", False
        return (self._translated(cells) if self.words else cells[0]), False

    def _translated(self, cells: list[str]) -> str:
        for written, meaning in self.words:
            parts = written.split(" ") if len(cells) > 1 else [written]
            if len(parts) == len(cells) and all(p in (ANYTHING, c) for p, c in zip(parts, cells, strict=True)):
                if meaning == SKIP:
                    raise Skipped(f"{' and '.join(self.columns)} {' '.join(cells)!r} left out by the map")
                return meaning
        raise Skipped(f"{' and '.join(self.columns)} {' '.join(cells)!r} has no translation in the map")


@dataclass(frozen=True)
class Seen:
    """An observed event: its outcome, the column with its day, and the code of patients who never had it."""

    outcome: str
    column: str
    unit: str
    never: str
    source: str

    def read(self, row: Mapping[str, str], blank: tuple[str, ...]) -> float | None:
        """The day [day]; infinite when it never happened, None when it is not known.

        Raises
        ------
        Skipped
            The cell is not a number, or no plausible day.
        """
        cell = row[self.column].strip()
        if cell in blank:
            return None
        try:
            if self.never and float(cell) == float(self.never):
                return float("inf")
            day = amount(f"{cell} {self.unit}", "day")
        except ValueError:
            raise Skipped(f"{self.column} {cell!r} is not a number") from None
        if not 0 <= day <= LATEST:
            raise Skipped(f"{self.column} {cell!r} is not a plausible day")
        return day


@dataclass(frozen=True)
class CohortMap:
    """A map that was read and found consistent."""

    name: str
    title: str
    source: str
    prefix: str
    missing: tuple[str, ...]
    rules: tuple[Rule, ...]
    protocol: Rule
    observed: tuple[Seen, ...]

    @property
    def stated(self) -> Iterator[Rule]:
        """The rules that rest on something else than the table."""
        return (rule for rule in (*self.rules, self.protocol) if rule.source)


def case_of(mapping: CohortMap, row: Mapping[str, str]) -> tuple[dict[str, Any], list[str]]:
    """One row as the words of a case file, and the fields that stand in for missing cells.

    Raises
    ------
    Skipped
        A cell is missing or is not translated.
    """
    words: dict[str, Any] = {"source": mapping.source, **{part: {} for part in PARTS}}
    flat: dict[str, str] = {}
    stand_ins = []
    for rule in mapping.rules:
        flat[rule.field], missing = rule.read(row, mapping.missing, flat)
        part, _, name = rule.field.partition(".")
        words[part][name] = flat[rule.field]
        stand_ins += [rule.field] * missing
    words["protocol"], _ = mapping.protocol.read(row, mapping.missing, flat)
    return {key: value for key, value in words.items() if value != {}}, stand_ins
