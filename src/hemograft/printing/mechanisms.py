"""The declared model read for people: states, flows, computed values and parameters of each component.

Nothing here is written by hand for a mechanism: the same functions that the engine runs are read with symbols. What
repeats over an axis is kept once for all members for which the same holds.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import sympy

from ..case.case import Case
from ..case.donor import Donor, Graft
from ..case.patient import Patient
from ..drugs import PARAMETERS, read_drug, shipped_drugs
from ..engine.setup import model_for
from ..errors import InputError, Problem, nearest
from ..files import read_document
from ..model import STANDARD
from ..model.compile import Model, assemble
from ..model.component import Component
from ..model.elements import Arrow, Element
from ..model.reading import Equations, equations
from ..parameters import DATA, Parameter, ParameterSet, parameters_from, read_folder
from ..protocol.protocol import Protocol
from .entries import Entry, FlowEntry, Mechanism, ParameterEntry
from .expressions import Plain, alike

ANY = "any"  # the member that stands for every drug
PREFERRED = ("donor", ANY)  # shown where the same holds for others: the donor's cells have every mechanism
SETUP = "setup"  # what is read when a case is set up, and by no component


def mechanisms(component: str | None = None) -> list[Mechanism]:
    """Every component of the standard model in words, or one of them.

    Raises
    ------
    InputError
        There is no component of that name.
    """
    names = [*(one.name for one in STANDARD), SETUP]
    if component is not None and component not in names:
        raise InputError(
            Problem(f"unknown component {component!r}", "--component", ", ".join(names), nearest(component, names))
        )
    reading = whole_reading()
    found = [reading.mechanism(one) for one in STANDARD if component in (None, SETUP, one.name)]
    if component in (None, SETUP):
        rest = Mechanism(
            SETUP, "Numbers read when a case is set up, and by no component.", parameters=reading.unread(found)
        )
        found = [rest] if component == SETUP else [*found, rest]
    return found


@lru_cache(maxsize=1)
def whole_reading() -> Reading:
    """The equations of everything that can take part."""
    return Reading(*_whole_model())


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
    tables = {
        f"{name}[{ANY}]": Parameter(f"{name}[{ANY}]", 1.0, unit, meaning, "assumed", "stands for any drug")
        for name, (unit, meaning) in PARAMETERS.items()
    }
    everything = used | ParameterSet(tables)
    axes = model_for(_somebody(), Protocol("none", "none", "none"), everything).axes
    return assemble(STANDARD, {**axes, "drug": (ANY,)}, everything), values


def _somebody() -> Case:
    """A case in which everything takes part that the model knows: a leukemia, and a donor's graft."""
    patient = Patient.model_validate(
        {
            "age": "40 years",
            "sex": "female",
            "weight": "70 kg",
            "height": "170 cm",
            "gfr": "100 mL/min",
            "diagnosis": "aml_intermediate",
            "stage": "cr1",
        }
    )
    graft = Graft.model_validate({"product": "marrow", "cd34": "3 x10^6/kg", "cd3": "3 x10^7/kg"})
    return Case(
        id="anybody",
        title="anybody",
        source="stands for any case",
        patient=patient,
        donor=Donor(relation="sibling", match="10/10"),
        graft=graft,
    )


def _entry(parameter: Parameter, section: str) -> ParameterEntry:
    return ParameterEntry(
        parameter.name,
        float(f"{parameter.as_written:.12g}"),
        parameter.unit,
        parameter.meaning,
        parameter.evidence,
        parameter.source,
        parameter.spread,
        section,
    )


@dataclass(frozen=True)
class Form:
    """One expression, the element or arrow that has it, and the indexes for which the same holds."""

    owner: Any
    value: Any
    also: tuple[str, ...]


@dataclass(frozen=True)
class Reading:
    """The whole model read with symbols."""

    model: Model
    values: Mapping[str, list[ParameterEntry]]

    @cached_property
    def equations(self) -> Equations:
        """Quantities and rates as expressions."""
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
        mine = component.name
        derived = [
            (e, sympy.sympify(e.declared.value(self.settings, *e.index)))  # type: ignore[union-attr]
            for e in self.model.derived
            if e.component == mine
        ]
        starts = [(e, self._start(e)) for e in self.model.states if e.component == mine]
        quantities = [(e, value) for e, _, value in self.equations.quantities if e.component == mine]
        flows = [
            (a, rate) for a, rate in zip(self.model.arrows, self.equations.rates, strict=True) if a.component == mine
        ]
        names = {str(symbol) for _, value in (*derived, *starts, *quantities, *flows) for symbol in value.free_symbols}
        return Mechanism(
            mine,
            explain(component),
            self._states(starts),
            tuple(Entry(c.name, c.unit, c.meaning) for c in component.covariates),
            tuple(self._computed(form) for form in forms(derived)),
            tuple(self._computed(form) for form in forms(quantities)),
            tuple(self._flow(form) for form in forms(flows)),
            tuple(e for name in self.model.parameter_names if name in names for e in self.values.get(name, ())),
        )

    def unread(self, found: Iterable[Mechanism]) -> tuple[ParameterEntry, ...]:
        """Parameters that no component reads."""
        read = {entry.name for mechanism in found for entry in mechanism.parameters}
        return tuple(
            e
            for name, entries in self.values.items()
            for e in entries
            if e.name not in read and not name.endswith(f"[{ANY}]")
        )

    def _start(self, element: Element) -> Any:
        start = element.declared.start  # type: ignore[union-attr]
        return sympy.sympify(start(self.settings, *element.key)) if start else sympy.Integer(0)

    def _states(self, starts: list[tuple[Element, Any]]) -> tuple[Entry, ...]:
        """One entry for each declared state: its first stage, of the member that is not empty at the start."""
        entries = []
        for declared in dict.fromkeys(e.declared for e, _ in starts):
            mine = [(e, value) for e, value in starts if e.declared is declared and e.stage in (None, 0)]
            element, value = next(((e, value) for e, value in mine if value != 0), mine[0])
            chain = f", a chain of {declared.stages}" if declared.stages > 1 else ""  # type: ignore[union-attr]
            empty = " (empty at the start)" if value != 0 else ""
            others = tuple(bracket(e.index) + (empty if start == 0 else "") for e, start in mine if e is not element)
            entries.append(Entry(element.name, declared.unit, declared.meaning + chain, self.text(value), others))
        return tuple(entries)

    def _computed(self, form: Form) -> Entry:
        declared = form.owner.declared
        return Entry(form.owner.name, declared.unit, declared.meaning, self.text(form.value), form.also)

    def _flow(self, form: Form) -> FlowEntry:
        arrow: Arrow = form.owner
        source, target = (
            "outside" if end is None else self.model.states[end].name for end in (arrow.source, arrow.target)
        )
        return FlowEntry(source, target, self.text(form.value), arrow.flow.label, arrow.yields, form.also)

    def text(self, value: Any) -> str:
        """An expression as it is printed."""
        return Plain(self.totals).doprint(sympy.sympify(value).xreplace(self.plain))

    @cached_property
    def totals(self) -> dict[str, frozenset[Any]]:
        """Symbols that add up to a whole: all members of a state, or all stages of a chain."""
        found: dict[str, set[Any]] = {}
        for e in self.model.states:
            for name in dict.fromkeys((e.declared.name, e.declared.name + (bracket(e.index) if e.index else ""))):
                found.setdefault(name, set()).add(sympy.Symbol(e.name, real=True))
        largest = sorted(found, key=lambda name: -len(found[name]))
        return {name: frozenset(found[name]) for name in largest if len(found[name]) > 1}


def forms(found: Iterable[tuple[Any, Any]]) -> list[Form]:
    """Expressions of one declaration that differ only in the index are kept once."""
    groups: list[list[tuple[Any, Any]]] = []
    for owner, value in found:
        same = (
            group
            for group in groups
            if _declared(group[0][0]) is _declared(owner) and alike(group[0][1], group[0][0].index, value, owner.index)
        )
        group = next(same, None)
        if group is None:
            groups.append([(owner, value)])
        else:
            group.append((owner, value))
    kept = []
    for group in groups:
        owner, value = max(group, key=lambda one: sum(member in PREFERRED for member in one[0].index))
        kept.append(Form(owner, value, tuple(bracket(o.index) for o, _ in group if o is not owner)))
    return kept


def _declared(owner: Element | Arrow) -> Any:
    return owner.flow if isinstance(owner, Arrow) else owner.declared


def bracket(index: tuple[str, ...]) -> str:
    """An index as it is printed."""
    return f"[{','.join(index)}]"


def explain(component: Component) -> str:
    """The first paragraph of the docstring of the file that declares a component."""
    for name, module in list(sys.modules.items()):
        mine = name.startswith("hemograft.model.") and any(value is component for value in vars(module).values())
        if mine and Path(str(module.__file__)).stem != "__init__":
            return " ".join((inspect.getdoc(module) or "").split("\n\n")[0].split())
    return ""
