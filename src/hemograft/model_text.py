"""The declared model in words: states, flows, quantities, parameters and sources, printed from the declaration.

Nothing here is written by hand for a mechanism: the same functions that the engine runs are read with symbols. What
repeats over an axis is printed for one member of it (the donor's cells, any drug) and says for whom else it holds.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import sympy

from .case.case import Case
from .case.donor import Donor, Graft
from .case.patient import Patient
from .drugs import PARAMETERS, read_drug, shipped_drugs
from .engine.setup import model_for
from .errors import InputError, Problem, nearest
from .files import read_document
from .model import STANDARD
from .model.compile import Arrow, Element, Equations, Model, assemble, equations
from .model.component import Component
from .parameters import DATA, Parameter, ParameterSet, parameters_from, read_folder
from .protocol.protocol import Protocol

ANY = "any"  # the member that stands for every drug
PREFERRED = ("donor", ANY, "sensitive")  # printed where there is a choice; the donor's cells have every mechanism


@dataclass(frozen=True)
class Entry:
    """A state, covariate, derived value or quantity: name, unit, meaning, and how it is computed if it is."""

    name: str
    unit: str
    meaning: str
    value: str = ""
    also: str = ""


@dataclass(frozen=True)
class FlowEntry:
    """Something that moves: ``yields`` units arrive at the target for each unit that leaves the source."""

    source: str
    target: str
    rate: str
    label: str = ""
    yields: float = 1.0
    also: str = ""


@dataclass(frozen=True)
class ParameterEntry:
    """One parameter, and the file section that gives it (a graft, a leukemia or a drug; empty for all)."""

    name: str
    value: float
    unit: str
    meaning: str
    evidence: str
    source: str
    spread: float
    of: str = ""


@dataclass(frozen=True)
class Mechanism:
    """One component in words."""

    name: str
    meaning: str
    states: tuple[Entry, ...]
    covariates: tuple[Entry, ...]
    derived: tuple[Entry, ...]
    quantities: tuple[Entry, ...]
    flows: tuple[FlowEntry, ...]
    parameters: tuple[ParameterEntry, ...]


def mechanisms(component: str | None = None) -> list[Mechanism]:
    """Every component of the standard model, or one of them, in words.

    Raises
    ------
    InputError
        There is no component of that name.
    """
    names = [one.name for one in STANDARD]
    if component is not None and component not in names:
        raise InputError(Problem(f"unknown component {component!r}", "--component", ", ".join(names),
                                 nearest(component, names)))
    reading = Reading(*_whole_model())
    return [reading.mechanism(one) for one in STANDARD if component in (None, one.name)]


def _whole_model() -> tuple[Model, dict[str, list[ParameterEntry]]]:
    """The model with everything that can take part, and the values of each parameter by name."""
    sections = {"": read_folder()}
    for folder in ("grafts", "leukemias"):
        for path in sorted((DATA / folder).glob("*.yaml")):
            sections[path.stem] = parameters_from(read_document(path), ("parameters",))
    used, values = ParameterSet(), {}
    for section, found in sections.items():
        used = found | used
        for parameter in found.parameters.values():
            values.setdefault(parameter.name, []).append(_entry(parameter, section))
    for drug in shipped_drugs():
        for parameter in read_drug(drug).parameters.parameters.values():
            values.setdefault(f"{parameter.name}[{ANY}]", []).append(_entry(parameter, drug))
    tables = {f"{name}[{ANY}]": Parameter(f"{name}[{ANY}]", 1.0, unit, meaning, "assumed", "stands for any drug")
              for name, (unit, meaning) in PARAMETERS.items()}
    everything = used | ParameterSet(tables)
    axes = model_for(_somebody(), Protocol("none", "none", "none"), everything).axes
    return assemble(STANDARD, {**axes, "drug": (ANY,)}, everything), values


def _somebody() -> Case:
    """A case in which everything takes part that the model knows: a leukemia, and a donor's graft."""
    patient = Patient.model_validate({"age": "40 years", "sex": "female", "weight": "70 kg", "height": "170 cm",
                                      "gfr": "100 mL/min", "diagnosis": "aml_intermediate", "stage": "cr1"})
    graft = Graft.model_validate({"product": "marrow", "cd34": "3 x10^6/kg", "cd3": "3 x10^7/kg"})
    return Case(id="anybody", title="anybody", source="stands for any case", patient=patient,
                donor=Donor(relation="sibling", match="10/10"), graft=graft)


def _entry(parameter: Parameter, section: str) -> ParameterEntry:
    return ParameterEntry(parameter.name, float(f"{parameter.as_written:.12g}"), parameter.unit, parameter.meaning,
                          parameter.evidence, parameter.source, parameter.spread, section)


@dataclass(frozen=True)
class Reading:
    """The whole model read with symbols."""

    model: Model
    values: Mapping[str, list[ParameterEntry]]

    @cached_property
    def equations(self) -> Equations:
        return equations(self.model)

    @cached_property
    def plain(self) -> dict[Any, Any]:
        """Quantities are marked inside expressions; on paper they carry their plain names."""
        return {symbol: sympy.Symbol(element.name) for element, symbol, _ in self.equations.quantities}

    @cached_property
    def settings(self) -> Any:
        """``p`` with a symbol for each parameter, covariate and derived value."""
        return self.model.parameter_space({name: sympy.Symbol(name, real=True) for name in self.model.slots})

    def mechanism(self, component: Component) -> Mechanism:
        """One component in words, with the parameters that its functions read."""
        read: list[Any] = []
        states = tuple(self._state(e, read) for e in one_each(self.model.states, component, _stages))
        derived = tuple(
            self._computed(e, e.declared.value(self.settings, *e.index), read)  # type: ignore[union-attr]
            for e in one_each(self.model.derived, component))
        quantities = [(e, value) for e, _, value in self.equations.quantities]
        shown = one_each([e for e, _ in quantities], component)
        computed = tuple(self._computed(e, value, read) for e, value in quantities if e in shown)
        flows = tuple(self._flow(arrow, rate, read) for arrow, rate in self._arrows(component))
        covariates = tuple(Entry(c.name, c.unit, c.meaning) for c in component.covariates)
        names = {str(symbol) for value in read for symbol in getattr(value, "free_symbols", ())}
        parameters = tuple(entry for name in self.model.parameter_names if name in names
                           for entry in self.values.get(name, ()))
        return Mechanism(component.name, explain(component), states, covariates, derived, computed, flows, parameters)

    def _state(self, element: Element, read: list[Any]) -> Entry:
        start = element.declared.start  # type: ignore[union-attr]
        value = sympy.sympify(start(self.settings, *element.key)) if start else sympy.Integer(0)
        read.append(value)
        stages = f", stages 1 to {element.declared.stages}" if element.stage is not None else ""  # type: ignore[union-attr]
        return Entry(_whole(element), element.declared.unit, element.declared.meaning + stages,
                     "" if element.index and "donor" in element.index else self._text(value), self._others(element))

    def _computed(self, element: Element, value: Any, read: list[Any]) -> Entry:
        read.append(sympy.sympify(value))
        return Entry(element.name, element.declared.unit, element.declared.meaning, self._text(value),
                     self._others(element))

    def _text(self, value: Any) -> str:
        return str(sympy.sympify(value).xreplace(self.plain))

    def _others(self, element: Element) -> str:
        return also(element.index, element.declared.per, self.model.axes)

    def _arrows(self, component: Component) -> Iterable[tuple[Arrow, Any]]:
        """One arrow of each declared flow, with its rate."""
        chosen: dict[int, tuple[Arrow, Any]] = {}
        for arrow, rate in zip(self.model.arrows, self.equations.rates, strict=True):
            if arrow.component != component.name:
                continue
            kept = chosen.get(id(arrow.flow))
            if kept is None or rank(arrow.index) > rank(kept[0].index):
                chosen[id(arrow.flow)] = (arrow, rate)
        return chosen.values()

    def _flow(self, arrow: Arrow, rate: Any, read: list[Any]) -> FlowEntry:
        read.append(rate)
        source, target = ("outside" if end is None else self.model.states[end].name
                          for end in (arrow.source, arrow.target))
        return FlowEntry(source, target, self._text(rate), arrow.flow.label, arrow.yields,
                         also(arrow.index, arrow.flow.per, self.model.axes))


def rank(index: tuple[str, ...]) -> int:
    """How well an index stands for all others."""
    return sum(member in PREFERRED for member in index)


def one_each(elements: Iterable[Element], component: Component, key: Callable = lambda e: e.declared.name) -> list[Element]:
    """One element for each declaration of a component: the one that stands best for the others."""
    chosen: dict[Any, Element] = {}
    for element in elements:
        if element.component == component.name:
            kept = chosen.get(key(element))
            if kept is None or rank(element.index) > rank(kept.index):
                chosen[key(element)] = element
    return list(chosen.values())


def _stages(element: Element) -> str:
    return element.declared.name


def _whole(element: Element) -> str:
    """The name of a chain without the number of its stage."""
    return f"{element.declared.name}[{','.join(element.index)}]" if element.index else element.declared.name


def also(index: tuple[str, ...], axes: tuple[str, ...], members: Mapping[str, tuple[str, ...]]) -> str:
    """For which other members of its axes the same holds: ``host``, or ``cd8``."""
    others = [other for axis, mine in zip(axes, index, strict=True) for other in members[axis] if other != mine]
    return ", ".join(others)


def explain(component: Component) -> str:
    """The first paragraph of the docstring of the file that declares a component."""
    for name, module in list(sys.modules.items()):
        if name.startswith("hemograft.model.") and any(value is component for value in vars(module).values()):
            if Path(str(module.__file__)).stem == "__init__":
                continue
            return " ".join((inspect.getdoc(module) or "").split("\n\n")[0].split())
    return ""


def as_words(found: Iterable[Mechanism]) -> list[dict[str, Any]]:
    """Mechanisms for a machine to read."""
    return [asdict(one) for one in found]
