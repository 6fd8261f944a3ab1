"""Every number that claims a measurement was read a second time; every citation leads to a reference."""

import ast
import math
import re
from functools import cache
from pathlib import Path

import pytest

from hemograft.files import read_document
from hemograft.outcome.columns import MEASURES, definition_of
from hemograft.parameters import DATA, ParameterSet, parameters_from, read_folder, read_parameters
from hemograft.sources import KEY, read_sources
from hemograft.units import factor

READINGS = read_document(Path(__file__).parent / "qc" / "parameters.yaml").words
ENTRIES = [(place, name) for place, block in READINGS.items() for name in block]
FEWEST = 70  # readings; a file that shrinks without a word is an error
FIELDS = {"read", "low", "high", "where"}
RATES = {"half-life": math.log(2), "interval": 1.0}  # a time of this kind, as a rate
CITING = ("parameters", "leukemias", "grafts", "drugs", "protocols", "hla")
NUMBER = re.compile(r"[-+*/().\deE]+")


@cache
def shipped(place: str) -> ParameterSet:
    if place == "parameters":
        return read_folder()
    return parameters_from(read_document(DATA / f"{place}.yaml"), ("parameters",))


def arithmetic(text: str) -> float:
    """Evaluate numbers joined by + - * / and brackets; nothing else."""
    allowed = (ast.Expression, ast.BinOp, ast.UnaryOp, ast.Constant, ast.operator, ast.unaryop)
    tree = ast.parse(text, mode="eval")
    assert NUMBER.fullmatch(text), text
    assert all(isinstance(node, allowed) for node in ast.walk(tree)), text
    return float(eval(compile(tree, "<reading>", "eval"), {"__builtins__": {}}))


def canonical(text: str, kind: str = "") -> float:
    """What a reading such as ``1/40 1/week`` or ``5.2 L`` is in canonical units, a time as a rate."""
    expression, _, unit = text.partition(" ")
    value = arithmetic(expression) * factor(unit or "1")
    return RATES[kind] / value if kind else value


def bounds(entry: dict) -> tuple[float, float]:
    ends = sorted(canonical(entry[end], entry.get("kind", "")) for end in ("low", "high"))
    return ends[0] * (1 - 5e-3), ends[1] * (1 + 5e-3)  # numbers are printed with two or three digits


def test_enough_numbers_were_read_twice():
    assert len(ENTRIES) >= FEWEST


@pytest.mark.parametrize(("place", "name"), ENTRIES)
def test_second_reading(place, name):
    entry = READINGS[place][name]
    assert FIELDS <= set(entry) <= {*FIELDS, "kind", "differs"}
    low, high = bounds(entry)
    assert low <= canonical(entry["read"], entry.get("kind", "")) <= high, "the reading is outside itself"
    value = shipped(place)[name].value
    if "differs" in entry:
        assert not low <= value <= high, f"{name} agrees with its reading now; remove 'differs'"
        assert shipped(place)[name].evidence == "assumed", f"{name} differs and still claims a source"
    else:
        assert low <= value <= high, f"{name}: {value:.6g} is not in {low:.6g} to {high:.6g}"


def test_every_measured_number_was_read_twice():
    others = [path for folder in ("leukemias", "grafts") for path in (DATA / folder).glob("*.yaml")]
    for place in ("parameters", *(f"{path.parent.name}/{path.stem}" for path in others)):
        claims = {name for name, each in shipped(place).parameters.items() if each.evidence == "measured"}
        assert claims <= set(READINGS.get(place, {})), place


@pytest.mark.parametrize("folder", CITING)
def test_every_key_in_a_data_file_has_an_entry(folder):
    known = read_sources()
    paths = sorted((DATA / folder).glob("*.yaml"))
    assert paths
    for path in paths:
        cited = set(KEY.findall(path.read_text(encoding="utf-8")))
        assert cited <= set(known), f"{path.name}: {sorted(cited - set(known))}"


def test_every_key_of_an_outcome_definition_has_an_entry():
    cited = {key for measure in MEASURES for key in KEY.findall(definition_of(measure.define)[1])}
    assert cited
    assert cited <= set(read_sources())


def test_every_parameter_that_claims_a_measurement_names_a_publication():
    for path in sorted((DATA / "parameters").glob("*.yaml")):
        for name, each in read_parameters(path).parameters.items():
            if each.evidence == "measured":
                assert KEY.search(each.source), f"{path.name}: {name}"


def test_bibliography_is_readable():
    for key, entry in read_sources().items():
        assert {"author", "title", "year"} <= set(entry), key
        assert re.fullmatch(r"\d{4}", entry["year"]), key
        assert "doi" not in entry or re.fullmatch(r"10\.\d{4,9}/\S+", entry["doi"]), key
