"""The exported model: legal and whole, every number as it was, and the same rates when read back."""

import math
import re
from xml.etree import ElementTree

import numpy as np
import pytest
import sympy

from bench import case, laid_out, people, values_of
from hemograft.errors import ModelError
from hemograft.exchange.mathml import math as mathml
from hemograft.exchange.orders import Change, levels
from hemograft.exchange.sbml import identifiers, to_sbml
from hemograft.model.reading import rates_of_change

SBML = "{http://www.sbml.org/sbml/level3/version1/core}"
MATHML = "{http://www.w3.org/1998/Math/MathML}"
CHANGES = (
    Change(-1.0, "infusion[busulfan]", 40.0),
    Change(-0.5, "infusion[busulfan]", 30.0),
    Change(0.5, "infusion[busulfan]", -40.0),
    Change(0.5, "infusion[busulfan]", -30.0),
    Change(1.5, "circulating[donor,hsc]", 7.0),
    Change(1.5, "circulating[donor,hsc]", 8.0),
)


@pytest.fixture(scope="module")
def exported():
    """A whole model with leukemia, a graft and drugs, as a document and as it was."""
    who = case("mobilized_blood", diagnosis="aml_intermediate", stage="cr1")
    model = laid_out(who, "bucy")
    twins = people(model, who, 1)
    rng = np.random.default_rng(1)
    start = twins.start[0] * rng.uniform(0.3, 1.5, len(model.states)) + rng.uniform(0.1, 0.4, len(model.states))
    document = to_sbml(model, values_of(model, twins), start, -1.0, CHANGES)
    return model, values_of(model, twins), start, document, ElementTree.fromstring(document.text)


def test_every_state_quantity_and_flow_is_in_the_document(exported):
    model, _, _, _, root = exported
    assert len(root.findall(f".//{SBML}species")) == len(model.states)
    assert len(root.findall(f".//{SBML}assignmentRule")) == len(model.quantities)
    assert len(root.findall(f".//{SBML}reaction")) == len(model.arrows)


def test_identifiers_are_legal_unique_and_known(exported):
    _, _, _, _, root = exported
    ids = [e.get("id") for e in root.iter() if e.get("id")]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch("[A-Za-z_][A-Za-z0-9_]*", name) for name in ids)
    read = {e.text for e in root.iter(f"{MATHML}ci")} | {e.get("species") for e in root.iter(f"{SBML}speciesReference")}
    assert read <= set(ids)


def test_names_that_look_alike_get_different_identifiers():
    found = identifiers(["a[b]", "a b", "A_b", "time", "2,3-DPG"], ["a[b]"])
    assert len(set(found.values())) == len(found) == 5
    assert found["a[b]"] == "a_b"
    assert len({name.lower() for name in found.values()}) == 5
    assert found["time"] != "time"


def test_numbers_come_back_to_the_last_digit(exported):
    model, values, start, document, root = exported
    amounts = {e.get("id"): float(e.get("initialAmount")) for e in root.iter(f"{SBML}species")}
    for element, amount in zip(model.states, start, strict=True):
        assert amounts[document.ids[element.name]] == amount
    written = {e.get("id"): e.get("value") for e in root.iter(f"{SBML}parameter")}
    read = [n for n in values if document.ids[n] in written and n not in {i.name for i in model.inputs}]
    assert len(read) > 100
    assert all(float(written[document.ids[name]]) == values[name] for name in read)


def test_the_document_read_back_gives_the_rates_of_the_plain_functions(exported):
    """A small reader of MathML, written for this test, against the declared functions."""
    model, values, start, document, root = exported
    known = {e.get("id"): float(e.get("value")) for e in root.iter(f"{SBML}parameter") if e.get("value")}
    known |= {e.get("id"): float(e.get("initialAmount")) for e in root.iter(f"{SBML}species")}
    for rule in root.iter(f"{SBML}assignmentRule"):
        known[rule.get("variable")] = evaluate(rule.find(f"{MATHML}math")[0], known)
    changes = dict.fromkeys((document.ids[e.name] for e in model.states), 0.0)
    for reaction in root.iter(f"{SBML}reaction"):
        rate = evaluate(reaction.find(f"{SBML}kineticLaw")[0][0], known)
        for kind, sign in (("listOfReactants", -1), ("listOfProducts", 1)):
            for place in reaction.findall(f"{SBML}{kind}/{SBML}speciesReference"):
                changes[place.get("species")] += sign * float(place.get("stoichiometry")) * rate
    with_infusion = {**values, "infusion[busulfan]": 40.0}
    expected, _ = rates_of_change(model, start, with_infusion)
    found = np.array([changes[document.ids[e.name]] for e in model.states])
    assert (np.abs(found - expected) / (np.abs(expected) + 1e-6 * start)).max() < 1e-9


def evaluate(node, known):
    """The value of one MathML element."""
    tag = node.tag.removeprefix(MATHML)
    if tag == "ci":
        return known[node.text]
    if tag == "cn":
        return float(node.text) * (10.0 ** int(node[0].tail) if len(node) else 1.0)
    if tag == "piecewise":
        piece, otherwise = node
        return evaluate(piece[0] if evaluate(piece[1], known) else otherwise[0], known)
    parts = [evaluate(part, known) for part in node[1:]]
    return {
        "plus": lambda: sum(parts),
        "minus": lambda: parts[0] - parts[1],
        "times": lambda: math.prod(parts),
        "divide": lambda: parts[0] / parts[1],
        "power": lambda: parts[0] ** parts[1],
        "exp": lambda: math.exp(parts[0]),
        "abs": lambda: abs(parts[0]),
        "gt": lambda: parts[0] > parts[1],
        "lt": lambda: parts[0] < parts[1],
    }[node[0].tag.removeprefix(MATHML)]()


def test_orders_are_events_and_infusions_are_levels(exported):
    _, _, _, document, root = exported
    first = {e.get("id"): e.get("value") for e in root.iter(f"{SBML}parameter")}
    assert float(first[document.ids["infusion[busulfan]"]]) == 40.0  # what begins with the first day
    assert [(c.day, c.target, c.amount) for c, _ in document.events] == [
        (-0.5, "infusion[busulfan]", 70.0),
        (0.5, "infusion[busulfan]", 0.0),
        (1.5, "circulating[donor,hsc]", 15.0),
    ]
    times = [float(e.find(f".//{MATHML}cn").text) for e in root.iter(f"{SBML}trigger")]
    assert times == [0.5, 1.5, 2.5]


def test_an_infusion_that_ends_is_exactly_zero():
    found = levels(
        [Change(1, "drip", 0.1), Change(2, "drip", 0.2), Change(3, "drip", -0.1), Change(4, "drip", -0.2)], ["drip"]
    )
    assert [change.amount for change in found] == [0.1, pytest.approx(0.3), pytest.approx(0.2), 0.0]


@pytest.mark.parametrize("value", [1.0, 0.1, 1e-300, 6.02214076e23, -2.5e-7, 123456.789])
def test_literals_keep_their_digits(value):
    assert evaluate(mathml(sympy.Float(value), {})[0], {}) == pytest.approx(value, rel=1e-15)


def test_an_expression_without_a_form_is_refused():
    x = sympy.Symbol("x")
    with pytest.raises(ModelError, match="sin"):
        mathml(sympy.sin(x), {x: "x"})


def test_the_format_s_own_library_finds_no_error(exported):
    libsbml = pytest.importorskip("libsbml")
    document = libsbml.readSBMLFromString(exported[3].text)
    for slow in (libsbml.LIBSBML_CAT_UNITS_CONSISTENCY, libsbml.LIBSBML_CAT_MODELING_PRACTICE):  # only warn
        document.setConsistencyChecks(slow, False)
    document.checkConsistency()
    found = [document.getError(i) for i in range(document.getNumErrors())]
    assert [e.getMessage() for e in found if e.getSeverity() >= libsbml.LIBSBML_SEV_ERROR] == []
