"""What the columns of a table of real patients mean: a map, read strictly, that turns each row into a case.

Every field of a case comes from a column (with its unit, or with a translation of its words), from a constant, or
by interpolation from another field. What the table does not say must be stated with evidence and source.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from ..case.donor import Donor, Graft
from ..case.patient import Patient
from ..errors import InputError, Problem, nearest
from ..files import Document, read_document
from ..outcome.columns import MEASURES
from ..parameters import DATA, EVIDENCE
from ..protocol.protocol import shipped_protocols
from ..units import UnitError, amount, problem_with, unit
from .rules import SKIP, CohortMap, Rule, Seen

FOLDER = DATA / "maps"
HEADER = ("title", "source", "prefix", "missing", "fields", "protocol", "observed")
RULE = ("column", "columns", "unit", "words", "value", "of", "points", "missing", "evidence", "source")
OBSERVED = ("column", "unit", "never", "source")
FORMS = {"patient": Patient, "donor": Donor, "graft": Graft}


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
    problems += _wrong_shapes(document)
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
    return CohortMap(
        document.path.stem,
        words["title"],
        words["source"],
        words.get("prefix", "patient"),
        tuple(blank),
        tuple(rule for rule in rules if rule),
        _beside(document, protocol or Rule("protocol")),
        tuple(seen for seen in observed if seen),
    )


def _wrong_shapes(document: Document) -> list[Problem]:
    """Complaints about a list or block where one word or number belongs."""
    plural = {"columns": list, "words": dict, "points": dict}

    def look(value: Any, at: tuple[Any, ...]) -> list[Problem]:
        name = at[-1]
        if isinstance(value, str):
            return []
        blocks = len(at) < 2 or (len(at) == 2 and at[0] in ("fields", "observed"))
        if isinstance(value, dict) and (blocks or plural.get(name) is dict) and at not in (("title",), ("source",)):
            return [problem for key, inner in value.items() for problem in look(inner, (*at, key))]
        if isinstance(value, list) and (at == ("missing",) or plural.get(name) is list):
            return [problem for index, inner in enumerate(value) for problem in look(inner, (*at, index))]
        return [Problem(f"{name!r} is not one line of text", document.where(*at), "one word, number or phrase")]

    return [problem for key, value in document.words.items() for problem in look(value, (key,))]


def _block(document: Document, name: str, problems: list[Problem]) -> list[str]:
    block = document.words[name]
    if isinstance(block, dict):
        return list(block)
    problems.append(
        Problem(f"{name!r} is not a block of fields", document.where(name), "'name:' lines, indented below it")
    )
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
            problems.append(
                Problem(f"unknown field {key!r}", document.where(*at, key), ", ".join(known), nearest(key, known))
            )
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
        problems.append(
            Problem(f"{field} cannot be read", here, "columns: [a, b] and words: with 'cell: meaning' lines")
        )
    elif field == "protocol":
        problems += _protocols_known(document, at, words, block)
    points, units = _points(document, at, block, problems)
    unit_problem = _unit_problem(block.get("unit", ""), document.where(*at, "unit"))
    problems += unit_problem
    if len(problems) > before:
        return None
    return Rule(
        field,
        tuple(columns),
        block.get("unit", ""),
        tuple(words.items()),
        block.get("value", ""),
        block.get("of", ""),
        points,
        units,
        block.get("missing", SKIP),
        block.get("evidence", ""),
        block.get("source", ""),
        here,
    )


def _beside(document: Document, protocol: Rule) -> Rule:
    """Protocols that are files lie beside the map, or where their path says from there."""

    def find(name: str) -> str:
        return str(document.path.parent / name) if Path(name).suffix else name

    return replace(
        protocol,
        words=tuple((written, find(name)) for written, name in protocol.words),
        value=find(protocol.value) if protocol.value else "",
    )


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
        problems.append(
            Problem(
                f"{at[-1]} is not in the table and has no evidence and source",
                document.where(*at),
                f"evidence: {' | '.join(EVIDENCE)}; source: where from, or why",
            )
        )
    if block.get("evidence", EVIDENCE[0]) not in EVIDENCE:
        problems.append(
            Problem(
                f"evidence {block['evidence']!r} is not a grade",
                document.where(*at, "evidence"),
                " | ".join(EVIDENCE),
                nearest(block["evidence"], EVIDENCE),
            )
        )
    return problems


def _protocols_known(document: Document, at: tuple, words: dict, block: dict) -> list[Problem]:
    known = [*shipped_protocols(), SKIP]
    named = [
        *((("words", key), value) for key, value in words.items()),
        *((("value",), block[key]) for key in ("value",) if key in block),
    ]
    return [
        Problem(f"unknown protocol {value!r}", document.where(*at, *place), ", ".join(known), nearest(value, known))
        for place, value in named
        if value not in known and not Path(str(value)).suffix
    ]


def _points(document: Document, at: tuple, block: dict, problems: list[Problem]) -> tuple[tuple, tuple[str, str]]:
    if "of" not in block:
        return (), ("", "")
    words = block.get("points")
    if not isinstance(words, dict) or len(words) < 2:
        problems.append(
            Problem("'points' needs two lines or more", document.where(*at, "points"), "such as 0 year: 50 cm")
        )
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
        problems.append(
            Problem(f"unknown event {outcome!r}", document.where(*at), ", ".join(events), nearest(outcome, events))
        )
    for name in ("column", "unit", "source"):
        if not block.get(name):
            problems.append(Problem(f"{outcome} has no {name!r}", document.where(*at), f"a line '{name}: ...'"))
    problems += _seen_problems(document, at, block)
    if len(problems) > before:
        return None
    return Seen(outcome, block["column"], block["unit"], block.get("never", ""), block["source"])


def _seen_problems(document: Document, at: tuple, block: dict) -> list[Problem]:
    problems = []
    unit_problem = problem_with(f"1 {block.get('unit', 'day')}", "day", document.where(*at, "unit"))
    if unit_problem:
        problems.append(replace(unit_problem, what=f"{block['unit']!r} is not a unit of time", expected="such as day"))
    try:
        float(block.get("never") or 0)
    except ValueError:
        what = f"never: {block['never']!r} is not a number"
        problems.append(Problem(what, document.where(*at, "never"), "the number that stands for 'never happened'"))
    return problems


def _in_order(document: Document, rules: list[Rule]) -> list[Problem]:
    """A field that follows from another one must stand below it."""
    problems, known = [], set()
    for rule in rules:
        if rule.of and rule.of not in known:
            problems.append(
                Problem(
                    f"{rule.field} follows from {rule.of!r}, which is not given above it",
                    document.where("fields", rule.field, "of"),
                    "a field above",
                    nearest(rule.of, known),
                )
            )
        known.add(rule.field)
    return problems
