"""What the columns of a table of real patients mean: a map, read strictly, that turns each row into a case.

Every field of a case comes from a column (with its unit, or with a translation of its words), from a constant, or
by interpolation from another field. What the table does not say must be stated with evidence and source.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from .case.case import Case
from .case.donor import Donor, Graft
from .case.patient import Patient
from .errors import InputError, Problem, nearest
from .files import Document, read_document
from .measures import MEASURES
from .parameters import DATA, EVIDENCE
from .protocol.protocol import shipped_protocols
from .units import UnitError, amount, unit

FOLDER = DATA / "maps"
HEADER = ("title", "source", "prefix", "missing", "fields", "protocol", "observed")
RULE = ("column", "columns", "unit", "words", "value", "of", "points", "missing", "evidence", "source")
OBSERVED = ("column", "unit", "never", "source")
SKIP = "skip"
ANYTHING = "*"
FORMS = {"patient": Patient, "donor": Donor, "graft": Graft}


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
            place = amount(known[self.of], self.point_unit[0])
            found = float(np.interp(place, *zip(*self.points, strict=True)))
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
            The cell is not a number.
        """
        cell = row[self.column].strip()
        if cell in blank:
            return None
        try:
            if self.never and float(cell) == float(self.never):
                return float("inf")
            return amount(f"{cell} {self.unit}", "day")
        except ValueError:
            raise Skipped(f"{self.column} {cell!r} is not a number") from None


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


def map_path(name: str) -> Path:
    """The file of a map: a path, or the name of one that comes with the package."""
    shipped = FOLDER / f"{name}.yaml"
    return shipped if not Path(name).suffix and shipped.is_file() else Path(name)


def read_map(path: Path | str) -> CohortMap:
    """Read a map.

    Raises
    ------
    InputError
        Every problem of the file, each with its line.
    """
    document = read_document(path)
    problems: list[Problem] = []
    words = document.words
    _unknown(document, (), HEADER, problems)
    for name in ("title", "source", "fields", "protocol", "observed"):
        if not words.get(name):
            problems.append(Problem(f"{name!r} is missing", document.where(), f"a line '{name}: ...'"))
    if problems:
        raise InputError(*problems)
    rules = [_rule(document, ("fields", name), name, problems) for name in _block(document, "fields", problems)]
    protocol = _rule(document, ("protocol",), "protocol", problems)
    observed = [_seen(document, name, problems) for name in _block(document, "observed", problems)]
    blank = words.get("missing", [""])
    if not isinstance(blank, list):
        problems.append(Problem("'missing' is not a list", document.where("missing"), 'such as ["", "?"]'))
    if not problems:
        problems += _in_order(document, [rule for rule in rules if rule])
    if problems:
        raise InputError(*sorted(problems, key=lambda problem: int(problem.where.rpartition(":")[2])))
    return CohortMap(document.path.stem, words["title"], words["source"], words.get("prefix", "patient"),
                     tuple(blank), tuple(rule for rule in rules if rule), protocol or Rule("protocol"),
                     tuple(seen for seen in observed if seen))


def _block(document: Document, name: str, problems: list[Problem]) -> list[str]:
    block = document.words[name]
    if isinstance(block, dict):
        return list(block)
    problems.append(Problem(f"{name!r} is not a block of fields", document.where(name), "'name:' lines, indented below it"))
    return []


def _unknown(document: Document, at: tuple, known: tuple[str, ...], problems: list[Problem]) -> dict[str, Any]:
    """The block at a place; complains about what it holds that is not known."""
    block: Any = document.words
    for step in at:
        block = block[step]
    if not isinstance(block, dict):
        problems.append(Problem(f"{at[-1]!r} is not a block of fields", document.where(*at), ", ".join(known)))
        return {}
    for key in block:
        if key not in known:
            problems.append(Problem(f"unknown field {key!r}", document.where(*at, key), ", ".join(known), nearest(key, known)))
    return block


def _rule(document: Document, at: tuple, field: str, problems: list[Problem]) -> Rule | None:
    before, here = len(problems), document.where(*at)
    block = _unknown(document, at, RULE, problems)
    problems += _field_known(field, here)
    ways = [name for name in ("column", "columns", "value", "of") if name in block]
    if len(ways) != 1:
        problems.append(Problem(f"{field} has {len(ways)} of column, columns, value and of", here, "one of them"))
    problems += _stated(document, at, block, ways)
    columns = block.get("columns", [block["column"]] if "column" in block else [])
    words = block.get("words", {})
    if not isinstance(columns, list) or not isinstance(words, dict):
        problems.append(Problem(f"{field} cannot be read", here, "columns: [a, b] and words: with 'cell: meaning' lines"))
    elif field == "protocol":
        problems += _protocols_known(document, at, words, block)
    points, units = _points(document, at, block, problems)
    unit_problem = _unit_problem(block.get("unit", ""), document.where(*at, "unit"))
    problems += unit_problem
    if len(problems) > before:
        return None
    return Rule(field, tuple(columns), block.get("unit", ""), tuple(words.items()), block.get("value", ""),
                block.get("of", ""), points, units, block.get("missing", SKIP), block.get("evidence", ""),
                block.get("source", ""), here)


def _field_known(field: str, where: str) -> list[Problem]:
    known = [f"{part}.{name}" for part, form in FORMS.items() for name in form.model_fields]
    if field == "protocol" or field in known:
        return []
    return [Problem(f"unknown field {field!r}", where, ", ".join(known), nearest(field, known))]


def _stated(document: Document, at: tuple, block: dict, ways: list[str]) -> list[Problem]:
    """What the table does not say needs evidence and source."""
    needs = at == ("protocol",) or "value" in ways or "of" in ways or block.get("missing", SKIP) != SKIP
    problems = []
    if (needs or "evidence" in block) and not (block.get("evidence") and block.get("source")):
        problems.append(Problem(f"{at[-1]} is not in the table and has no evidence and source", document.where(*at),
                                f"evidence: {' | '.join(EVIDENCE)}; source: where from, or why"))
    if block.get("evidence", EVIDENCE[0]) not in EVIDENCE:
        problems.append(Problem(f"evidence {block['evidence']!r} is not a grade", document.where(*at, "evidence"),
                                " | ".join(EVIDENCE), nearest(block["evidence"], EVIDENCE)))
    return problems


def _protocols_known(document: Document, at: tuple, words: dict, block: dict) -> list[Problem]:
    known = [*shipped_protocols(), SKIP]
    named = [(("words", key), value) for key, value in words.items()] + [(("value",), block["value"])] * ("value" in block)
    return [Problem(f"unknown protocol {value!r}", document.where(*at, *place), ", ".join(known), nearest(value, known))
            for place, value in named if value not in known and not Path(str(value)).suffix]


def _points(document: Document, at: tuple, block: dict, problems: list[Problem]) -> tuple[tuple, tuple[str, str]]:
    if "of" not in block:
        return (), ("", "")
    words = block.get("points")
    if not isinstance(words, dict) or len(words) < 2:
        problems.append(Problem("'points' needs two lines or more", document.where(*at, "points"), "such as 0 year: 50 cm"))
        return (), ("", "")
    left, right = (next(iter(side)).partition(" ")[2] for side in (words.keys(), words.values()))
    try:
        pairs = sorted((amount(a, left), amount(b, right) / amount(f"1 {right}", right)) for a, b in words.items())
    except UnitError as error:
        problems.append(Problem(str(error), document.where(*at, "points"), f"pairs like 0 {left}: 1 {right}"))
        return (), ("", "")
    return tuple(pairs), (left, right)


def _unit_problem(text: str, where: str) -> list[Problem]:
    try:
        unit(text)
    except UnitError as error:
        return [Problem(str(error), where, "such as year, kg, x10^6/kg")]
    return []


def _seen(document: Document, outcome: str, problems: list[Problem]) -> Seen | None:
    at, before = ("observed", outcome), len(problems)
    block = _unknown(document, at, OBSERVED, problems)
    columns = {column.name for measure in MEASURES for column in measure.columns}
    events = sorted(name.removesuffix("_observed") for name in columns if name.endswith("_observed"))
    if outcome not in events:
        problems.append(Problem(f"unknown event {outcome!r}", document.where(*at), ", ".join(events), nearest(outcome, events)))
    for name in ("column", "unit", "source"):
        if not block.get(name):
            problems.append(Problem(f"{outcome} has no {name!r}", document.where(*at), f"a line '{name}: ...'"))
    if len(problems) > before:
        return None
    return Seen(outcome, block["column"], block["unit"], block.get("never", ""), block["source"])


def _in_order(document: Document, rules: list[Rule]) -> list[Problem]:
    """A field that follows from another one must stand below it."""
    problems, known = [], set()
    for rule in rules:
        if rule.of and rule.of not in known:
            problems.append(Problem(f"{rule.field} follows from {rule.of!r}, which is not given above it",
                                    document.where("fields", rule.field, "of"), "a field above", nearest(rule.of, known)))
        known.add(rule.field)
    return problems


def case_of(mapping: CohortMap, row: Mapping[str, str]) -> tuple[dict[str, Any], list[str]]:
    """One row as the words of a case file, and the fields that stand in for missing cells.

    Raises
    ------
    Skipped
        A cell is missing or is not translated.
    """
    words: dict[str, Any] = {"source": mapping.source, **{part: {} for part in FORMS}}
    flat: dict[str, str] = {}
    stand_ins = []
    for rule in mapping.rules:
        flat[rule.field], missing = rule.read(row, mapping.missing, flat)
        part, _, name = rule.field.partition(".")
        words[part][name] = flat[rule.field]
        stand_ins += [rule.field] * missing
    words["protocol"], _ = mapping.protocol.read(row, mapping.missing, flat)
    return {key: value for key, value in words.items() if value != {}}, stand_ins


__all__ = ["Case", "CohortMap", "Rule", "Seen", "Skipped", "case_of", "map_path", "read_map"]
