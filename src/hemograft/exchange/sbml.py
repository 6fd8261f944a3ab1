"""The assembled model as SBML with the numbers of one patient, for any simulator that reads that format.

Level 3 version 1 core. Every state is a species that counts amounts, in one compartment of size 1; quantities are
parameters with assignment rules, flows irreversible reactions, orders events at fixed times. Time is in days and
starts at 0, which is the first simulated day.

Source
------
Hucka and others 2010, The Systems Biology Markup Language (SBML): Language Specification for Level 3 Version 1 Core
(recalled, not re-read).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

import numpy as np
import sympy

from ..model.compile import Model
from ..model.elements import Arrow
from ..model.reading import Equations, equations
from ..version import VERSION
from .mathml import from_time, math
from .orders import Change, levels

NAMESPACE = "http://www.sbml.org/sbml/level3/version1/core"
NOTES = "http://www.w3.org/1999/xhtml"
BODY = "everywhere"  # the one compartment
TITLE = "hemograft"
TAKEN = frozenset({"time", "t", "pi", "e", "inf", "nan", "avogadro", "true", "false", TITLE, BODY})


@dataclass(frozen=True)
class Document:
    """An SBML text and the identifiers in it.

    Attributes
    ----------
    text : str
    ids : mapping
        Names of states, quantities, inputs and parameters of the model to identifiers.
    events : tuple of (Change, str)
        Each change that an event makes, inputs by their level, with the identifier of the parameter that holds it.
    """

    text: str
    ids: Mapping[str, str]
    events: tuple[tuple[Change, str], ...]


def to_sbml(
    model: Model,
    values: Mapping[str, float],
    start: np.ndarray,
    first_day: float = 0.0,
    changes: Iterable[Change] = (),
    title: str = TITLE,
) -> Document:
    """Write a model with the numbers of one patient.

    Parameters
    ----------
    values : mapping
        Parameters, covariates and derived values by name, canonical units.
    start : array, shape (state,)
        Amounts on the first day.
    first_day : float [day]
        What is time 0 in the document.
    changes : iterable of Change
        Fixed orders; those up to the first day are carried out in the initial values.

    Raises
    ------
    ModelError
        An expression has a part that cannot be written.
    """
    return _written(model, values, start, first_day, levels(changes, [e.name for e in model.inputs]), title)


def _written(model: Model, values: Mapping, start: np.ndarray, first_day: float, planned: Any, title: str) -> Document:
    read = equations(model)
    names = {symbol: element.name for element, symbol, _ in read.quantities}
    inputs = [element.name for element in model.inputs]
    early = [change for change in planned if change.day <= first_day]
    events = tuple((c, f"order {i + 1}") for i, c in enumerate(c for c in planned if c.day > first_day))
    flows = (f"flow {i + 1}" for i in range(len(model.arrows)))
    orders = (name for _, name in events)
    ids = identifiers((e.name for e in model.states), names.values(), inputs, model.slots, orders, flows)
    symbols = {symbol: ids[names.get(symbol, str(symbol.name))] for symbol in _symbols(read)}
    root = Element("sbml", xmlns=NAMESPACE, level="3", version="1")
    body = _opening(root, title, first_day)
    _species(body, model, _already(model, start, early), ids)
    begun = {c.target: c.amount for c in early if c.target in inputs}
    _parameters(body, read, {**dict.fromkeys(inputs, 0.0), **values, **begun}, inputs, ids, events)
    _rules(body, read, symbols)
    _reactions(body, model, read, symbols, ids)
    _events(body, events, first_day, inputs, ids)
    ElementTree.indent(root)
    text = '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"
    return Document(text, ids, tuple((change, ids[name]) for change, name in events))


def _already(model: Model, start: np.ndarray, early: list[Change]) -> np.ndarray:
    """Amounts on the first day, with what was given until then."""
    amounts = np.array(start, dtype=float)
    for change in early:
        if change.target in model.state_number:
            amounts[model.state_number[change.target]] += change.amount
    return amounts


def identifiers(*groups: Iterable[str]) -> dict[str, str]:
    """A legal identifier for each name, no two alike, as close to the name as can be."""
    found: dict[str, str] = {}
    used = set(TAKEN)
    for name in (name for group in groups for name in group):
        if name in found:
            continue
        plain = re.sub(r"[^A-Za-z0-9]+", "_", name).strip("_") or "unnamed"
        plain = plain if not plain[0].isdigit() else f"_{plain}"
        own, again = plain, 2
        while own.lower() in used:
            own, again = f"{plain}_{again}", again + 1
        used.add(own.lower())
        found[name] = own
    return found


def _symbols(read: Equations) -> list[Any]:
    return [*read.states, *read.parameters.values(), *(symbol for _, symbol, _ in read.quantities)]


def _opening(root: Element, title: str, first_day: float) -> Element:
    body = SubElement(
        root,
        "model",
        id=TITLE,
        name=title,
        substanceUnits="dimensionless",
        timeUnits="day",
        volumeUnits="dimensionless",
        extentUnits="dimensionless",
    )
    notes = SubElement(SubElement(body, "notes"), "body", xmlns=NOTES)
    SubElement(notes, "p").text = f"Written by hemograft {VERSION}. Time in days; time 0 is day {first_day:g}."
    SubElement(notes, "p").text = "Research use only; not a medical device; not for patient care."
    day = SubElement(SubElement(body, "listOfUnitDefinitions"), "unitDefinition", id="day")
    SubElement(
        SubElement(day, "listOfUnits"), "unit", kind="second", exponent="1", scale="0", multiplier=repr(24 * 60 * 60)
    )
    SubElement(
        SubElement(body, "listOfCompartments"),
        "compartment",
        id=BODY,
        spatialDimensions="3",
        size="1",
        constant="true",
    )
    return body


def _species(body: Element, model: Model, start: np.ndarray, ids: Mapping[str, str]) -> None:
    found = SubElement(body, "listOfSpecies")
    for element, amount in zip(model.states, start, strict=True):
        SubElement(
            found,
            "species",
            id=ids[element.name],
            name=element.name,
            compartment=BODY,
            initialAmount=repr(float(amount)),
            hasOnlySubstanceUnits="true",
            boundaryCondition="false",
            constant="false",
        )


def _parameters(body: Element, read: Equations, values: Mapping, inputs: list[str], ids: Any, events: Any) -> None:
    """Numbers that some expression reads, inputs, amounts of orders, and quantities (without a value)."""
    expressions = [*read.rates, *(value for _, _, value in read.quantities)]
    used = set().union(*(sympy.sympify(e).free_symbols for e in expressions)) if expressions else set()
    found = SubElement(body, "listOfParameters")

    def add(name: str, shown: str, constant: bool, value: float | None) -> None:
        node = SubElement(found, "parameter", id=ids[name], name=shown, constant=str(constant).lower())
        if value is not None:
            node.set("value", repr(float(value)))

    for name, symbol in read.parameters.items():
        if name in inputs or symbol in used:
            add(name, name, name not in inputs, values[name])
    for change, name in events:
        add(name, f"{change.target} on day {change.day:g}", True, change.amount)
    for element, _, _ in read.quantities:
        add(element.name, element.name, False, None)


def _rules(body: Element, read: Equations, symbols: Mapping[Any, str]) -> None:
    if read.quantities:
        found = SubElement(body, "listOfRules")
        for _, symbol, value in read.quantities:
            SubElement(found, "assignmentRule", variable=symbols[symbol]).append(math(value, symbols))


def _reactions(body: Element, model: Model, read: Equations, symbols: Mapping[Any, str], ids: Mapping) -> None:
    found = SubElement(body, "listOfReactions")
    for i, (arrow, rate) in enumerate(zip(model.arrows, read.rates, strict=True)):
        node = SubElement(
            found, "reaction", id=ids[f"flow {i + 1}"], name=_title(model, arrow), reversible="false", fast="false"
        )
        ends = {"listOfReactants": (arrow.source, 1.0), "listOfProducts": (arrow.target, arrow.yields)}
        for kind, (number, amount) in ends.items():
            if number is not None:
                place = ids[model.states[number].name]
                SubElement(
                    SubElement(node, kind),
                    "speciesReference",
                    species=place,
                    stoichiometry=repr(float(amount)),
                    constant="true",
                )
        taking_part = {read.states[n] for n in (arrow.source, arrow.target) if n is not None}
        read_by_rate = rate.free_symbols - taking_part
        seen = [state for state in read.states if state in read_by_rate]
        if seen:
            modifiers = SubElement(node, "listOfModifiers")
            for state in seen:
                SubElement(modifiers, "modifierSpeciesReference", species=symbols[state])
        SubElement(node, "kineticLaw").append(math(rate, symbols))


def _title(model: Model, arrow: Arrow) -> str:
    place = model.states[arrow.source if arrow.source is not None else arrow.target].name  # type: ignore[index]
    return f"{arrow.component}: {place} {arrow.flow.label or arrow.rate.__name__}"


def _events(body: Element, events: Any, first_day: float, inputs: list[str], ids: Any) -> None:
    """One event for each time; what is added to states and the new levels of inputs are its assignments."""
    if not events:
        return
    found = SubElement(body, "listOfEvents")
    for day, group in groupby(events, key=lambda pair: pair[0].day):
        node = SubElement(found, "event", name=f"orders of day {day:g}", useValuesFromTriggerTime="true")
        node.append(trigger := Element("trigger", initialValue="false", persistent="true"))
        trigger.append(from_time(day - first_day))
        assignments = SubElement(node, "listOfEventAssignments")
        for change, name in group:
            amount, place = sympy.Symbol("amount"), sympy.Symbol("place")
            given = amount if change.target in inputs else place + amount
            SubElement(assignments, "eventAssignment", variable=ids[change.target]).append(
                math(given, {amount: ids[name], place: ids[change.target]})
            )
