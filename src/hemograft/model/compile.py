"""Components + axes + parameters -> one Model: the only place where declarations are joined and checked.

The model knows every state, input, parameter and quantity by name and place; its rate functions are read with
units (:func:`check_units`), with symbols (:func:`equations`) and with numbers (:meth:`Model.derive`,
:meth:`Model.start`).
"""

from __future__ import annotations

import itertools
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import sympy

from ..errors import ModelError, nearest
from ..parameters import ParameterSet
from ..units import factor, unit
from .component import At, Component, Covariate, Derived, Flow, Input, Place, Quantity, State, Table


# an axis whose members are also members of a larger one: what happens to the graft's origin happens to an origin
PART_OF = {"graft_origin": "origin"}


def stand_in(name: str) -> float:
    """A number without meaning for a unit check, different for each name so that differences are not zero."""
    return 0.1 + 0.8 * (zlib.crc32(name.encode()) / 2**32)


class Indexed:
    """Values by index: ``x.hsc["donor"]``, ``x.myelocyte["host"][2]``; iterating gives every value."""

    def __init__(self, entries: Mapping[Any, Any]):
        self.entries = entries

    def __getitem__(self, key):
        return self.entries[key]

    def __contains__(self, key) -> bool:
        return key in self.entries

    def keys(self):
        return self.entries.keys()

    def __iter__(self) -> Iterator:
        for value in self.entries.values():
            if isinstance(value, Indexed):
                yield from value
            else:
                yield value


class Namespace:
    """What a rate function sees as ``x`` or ``p``: names by attribute, nothing else."""

    def __init__(self, values: Mapping[str, Any]):
        self.__dict__.update(values)


@dataclass(frozen=True)
class Element:
    """One concrete member of a declaration: a state, input or quantity at one index."""

    declared: State | Input | Derived | Quantity
    index: tuple[str, ...]
    stage: int | None
    component: str

    @cached_property
    def name(self) -> str:
        places = [*self.index, *([str(self.stage + 1)] if self.stage is not None else [])]
        return f"{self.declared.name}[{','.join(places)}]" if places else self.declared.name

    @property
    def key(self) -> tuple:
        return (*self.index, *((self.stage,) if self.stage is not None else ()))


@dataclass(frozen=True)
class Arrow:
    """One concrete flow between two state numbers; ``None`` is outside the body."""

    source: int | None
    target: int | None
    rate: Any
    yields: float
    flow: Flow
    index: tuple[str, ...]
    component: str


def gather(elements: Mapping[tuple[str, tuple], Any]) -> dict[str, Any]:
    """Turn ``{(name, key): value}`` into nested :class:`Indexed` values by name."""
    tree: dict[str, Any] = {}
    for (name, key), value in elements.items():
        if not key:
            tree[name] = value
            continue
        level = tree.setdefault(name, {})
        for step in key[:-1]:
            level = level.setdefault(step, {})
        level[key[-1]] = value

    def wrap(value):
        return Indexed({k: wrap(v) for k, v in value.items()}) if isinstance(value, dict) else value

    return {name: wrap(value) for name, value in tree.items()}


@dataclass(frozen=True)
class Model:
    """The declared components, laid out for one set of axes. Built by :func:`assemble`."""

    components: tuple[Component, ...]
    axes: Mapping[str, tuple[str, ...]]
    parameters: ParameterSet

    def _members(self, declared) -> bool:
        return all(self.axis(axis) for axis in declared.per)

    def _expand(self, kind: str) -> tuple[Element, ...]:
        found = []
        for component in self.components:
            for declared in getattr(component, kind):
                if getattr(declared, "needs", "") and not self.axis(declared.needs):
                    continue
                given = getattr(declared, "given", "")
                for index in itertools.product(*(self.axis(axis) for axis in declared.per)):
                    if given and f"{given}[{index[-1]}]" not in self.parameters:
                        continue
                    stages = getattr(declared, "stages", 1)
                    for stage in range(stages) if stages > 1 else (None,):
                        found.append(Element(declared, index, stage, component.name))
        return tuple(found)

    def axis(self, name: str) -> tuple[str, ...]:
        """The members of an axis, such as ``("host", "donor")`` for ``origin``."""
        if name not in self.axes:
            raise ModelError(f"no axis {name!r}; the model has {', '.join(self.axes)}")
        return self.axes[name]

    @cached_property
    def states(self) -> tuple[Element, ...]:
        return self._expand("states")

    @cached_property
    def inputs(self) -> tuple[Element, ...]:
        return self._expand("inputs")

    @cached_property
    def derived(self) -> tuple[Element, ...]:
        return self._expand("derived")

    @cached_property
    def quantities(self) -> tuple[Element, ...]:
        return self._expand("quantities")

    @cached_property
    def observed(self) -> tuple[Element, ...]:
        """Quantities recorded every day, in the order of declaration."""
        return tuple(q for q in self.quantities if q.declared.observed and all(map(self.axis, q.declared.observed_with)))

    @cached_property
    def covariates(self) -> tuple[Covariate, ...]:
        return tuple(c for component in self.components for c in component.covariates)

    @cached_property
    def tables(self) -> tuple[Table, ...]:
        return tuple(t for component in self.components for t in component.tables)

    @cached_property
    def state_number(self) -> dict[str, int]:
        return {element.name: i for i, element in enumerate(self.states)}

    @cached_property
    def parameter_names(self) -> tuple[str, ...]:
        """Every parameter the model may read: plain ones, and table entries of the members in use."""
        tables = {t.name: t for t in self.tables}
        names = []
        for name in self.parameters:
            plain, _, rest = name.partition("[")
            if not rest:
                names.append(name)
            elif plain in tables and rest.rstrip("]") in self.axes.get(tables[plain].per, ()):
                names.append(name)
        return tuple(names)

    @cached_property
    def slots(self) -> dict[str, int]:
        """Place of every parameter, covariate, derived value and input in a patient's parameter vector."""
        names = [*self.parameter_names, *(c.name for c in self.covariates),
                 *(d.name for d in self.derived), *(i.name for i in self.inputs)]
        if len(set(names)) < len(names):
            twice = sorted({n for n in names if names.count(n) > 1})
            raise ModelError(f"the name {twice[0]!r} is used for two things")
        return {name: i for i, name in enumerate(names)}

    # --- readings -----------------------------------------------------------------------------------------

    def parameter_space(self, values: Mapping[str, Any]) -> Namespace:
        """``p`` for rate functions: plain names and tables (``p.clearance["busulfan"]``)."""
        found: dict[str, Any] = {t.name: Indexed({}) for t in self.tables}
        found |= {d.name: Indexed({}) for c in self.components for d in c.derived if d.per and not self._members(d)}
        entries = {}
        for name, value in values.items():
            plain, _, rest = name.partition("[")
            entries[(plain, tuple(rest.rstrip("]").split(",")) if rest else ())] = value
        return Namespace({**found, **gather(entries)})

    def state_space(self, values: Mapping[str, Any], inputs: Mapping[str, Any]) -> Namespace:
        """``x`` for rate functions, from values by element name."""
        entries = {(e.declared.name, e.key): values[e.name] for e in self.states}
        entries |= {(e.declared.name, e.key): inputs[e.name] for e in self.inputs}
        empty = {name: Indexed({}) for name in self._without_members}
        return Namespace({**empty, **gather(entries)})

    def derive(self, values: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Derived values of every patient from parameters and covariates, shape (patient,) each."""
        known = dict(values)
        for element, value in in_order(self.derived, lambda e, p: e.declared.value(p, *e.index),
                                       lambda: self.parameter_space(known), known):
            known[element.name] = value
        return {e.name: known[e.name] for e in self.derived}

    def start(self, values: Mapping[str, np.ndarray], patients: int) -> np.ndarray:
        """Amounts before any treatment, shape (patient, state), from parameters, covariates and derived values."""
        p = self.parameter_space(values)
        amounts = np.zeros((patients, len(self.states)))
        for i, element in enumerate(self.states):
            if element.declared.start is not None:
                try:
                    amounts[:, i] = element.declared.start(p, *element.key)
                except AttributeError as error:
                    raise _unknown(element.name, error, values) from None
        return amounts

    @cached_property
    def arrows(self) -> tuple[Arrow, ...]:
        """Every concrete flow, in the order of declaration."""
        found = []
        for component in self.components:
            for flow in component.flows:
                for index in itertools.product(*(self.axis(axis) for axis in flow.per)):
                    ends = [self._number(end, index, flow, component) for end in (flow.source, flow.target)]
                    if any(end == -1 for end in ends):
                        continue
                    source, target = ends
                    found.append(Arrow(source, target, flow.rate, flow.yields, flow, index, component.name))
        return tuple(found)

    def _number(self, place: Place, index: tuple, flow: Flow, component: Component) -> int | None:
        """The state number of a flow's end; -1 where the state does not exist for this index."""
        if place is None:
            return None
        name, stage = (place.state, place.stage) if isinstance(place, At) else (place, None)
        declared = self._declared.get(name)
        if declared is None:
            hint = nearest(name, self._declared)
            raise ModelError(f"{component.name}: no component declares the state {name!r}"
                             + (f"; did you mean {hint!r}?" if hint else ""))
        fixed = iter(place.index if isinstance(place, At) else ())
        axes = [PART_OF.get(axis, axis) if axis not in declared.per else axis for axis in flow.per]
        own = tuple(index[axes.index(axis)] if axis in axes else next(fixed) for axis in declared.per)
        if declared.stages > 1 and stage is None:
            stage = 0
        places = [*own, *([str(stage + 1)] if declared.stages > 1 and stage is not None else [])]
        return self.state_number.get(f"{name}[{','.join(places)}]" if places else name, -1)

    @cached_property
    def _without_members(self) -> set[str]:
        """Things that repeat over an axis which is empty here, such as a drug's volume when no drug is given."""
        repeated = {d.name for c in self.components for d in (*c.states, *c.inputs, *c.quantities) if d.per}
        return repeated - {e.declared.name for e in (*self.states, *self.inputs, *self.quantities)}

    @cached_property
    def _declared(self) -> dict[str, State]:
        return {state.name: state for component in self.components for state in component.states}


def assemble(components: tuple[Component, ...], axes: Mapping[str, tuple[str, ...]], parameters: ParameterSet) -> Model:
    """Lay out a model for these axes.

    Parameters
    ----------
    axes : mapping
        Members of each axis, such as ``{"origin": ("host", "donor"), "drug": ("busulfan",)}``.

    Raises
    ------
    ModelError
        Two things share a name, or a flow names a state that no component declares.
    """
    model = Model(tuple(components), dict(axes), parameters)
    names = [d.name for c in components for kind in (c.states, c.inputs, c.quantities, c.derived) for d in kind]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ModelError(f"the name {twice[0]!r} is declared by two components")
    _ = model.arrows, model.slots
    return model


def in_order(waiting, read, space, known):
    """Yield (element, value) so that each is computed after the ones it reads."""
    waiting = list(waiting)
    while waiting:
        later, values = [], space()
        for element in waiting:
            try:
                yield element, read(element, values)
                values = space()
            except (AttributeError, KeyError) as error:
                missing = getattr(error, "name", None)
                names = {e.declared.name for e in waiting}
                if missing is not None and missing not in names:
                    raise _unknown(element.name, error, known) from None
                later.append(element)
        if len(later) == len(waiting):
            raise ModelError(f"these need each other in a circle: {', '.join(e.name for e in later)}")
        waiting = later


def _unknown(where: str, error: AttributeError | KeyError, known) -> ModelError:
    name = getattr(error, "name", None) or str(error)
    hint = nearest(name, [k.partition("[")[0] for k in known])
    return ModelError(f"{where}: {name!r} is neither a state, a quantity nor a parameter"
                      + (f"; did you mean {hint!r}?" if hint else ""))


@dataclass(frozen=True)
class Equations:
    """The model in symbols: quantities in computing order, and a rate for each arrow."""

    states: tuple[sympy.Symbol, ...]
    parameters: dict[str, sympy.Symbol]
    quantities: tuple[tuple[Element, sympy.Symbol, Any], ...]
    rates: tuple[Any, ...]


def equations(model: Model) -> Equations:
    """Read every rate function with symbols.

    Raises
    ------
    ModelError
        A rate branches on a value, or reads an unknown name.
    """
    symbols = {e.name: sympy.Symbol(e.name, real=True) for e in model.states}
    slots = {name: sympy.Symbol(name, real=True) for name in model.slots}
    p = model.parameter_space({n: s for n, s in slots.items() if n not in {i.name for i in model.inputs}})
    x, quantities = _read_quantities(
        model, p, lambda: model.state_space(symbols, {e.name: slots[e.name] for e in model.inputs}),
        lambda element, value: sympy.Symbol(f"{element.name} ", real=True))
    rates = tuple(sympy.sympify(_call(arrow, x, p, slots)) for arrow in model.arrows)
    return Equations(tuple(symbols.values()), slots,
                     tuple((e, s, sympy.sympify(v)) for e, s, v in quantities), rates)


def _read_quantities(model, p, space, stand_in):
    """Evaluate the quantities in order; later ones see the stand-ins of earlier ones."""
    done: dict[tuple, Any] = {}
    found = []

    def current():
        x = space()
        x.__dict__.update(gather(done))
        return x

    known = [*model.slots, *(e.name for e in model.states), *(e.name for e in model.quantities)]
    for element, value in in_order(model.quantities, lambda e, x: _guard(e.name, e.declared.value, x, p, e.index),
                                   current, known):
        symbol = stand_in(element, value)
        done[(element.declared.name, element.key)] = symbol
        found.append((element, symbol, value))
    return current(), found


def _call(arrow: Arrow, x, p, known):
    try:
        return _guard(f"{arrow.component}.{arrow.rate.__name__}", arrow.rate, x, p, arrow.index)
    except AttributeError as error:
        raise _unknown(f"{arrow.component}.{arrow.rate.__name__}", error, [*vars(x), *known]) from None


def _guard(where, function, x, p, index):
    try:
        return function(x, p, *index)
    except TypeError as error:
        if "truth value" in str(error):
            raise ModelError(f"{where}: a rate may not branch with 'if'; use forms.choose") from None
        raise


def check_units(model: Model) -> None:
    """Read every function with units and refuse sums of unlike things and results of the wrong kind.

    Raises
    ------
    ModelError
        Names the function and both units.
    """
    per_day = unit("1/day")
    slot_units = {n: model.parameters[n].unit for n in model.parameter_names}
    slot_units |= {c.name: c.unit for c in model.covariates} | {d.name: d.declared.unit for d in model.derived}
    p = model.parameter_space({n: stand_in(n) * _base(u) for n, u in slot_units.items()})
    for element in model.derived:
        _compare(element.name, _in_units(element.name, element.declared.value, p, *element.index), element.declared.unit)
    for element in model.states:
        if element.declared.start is not None:
            _compare(f"start of {element.name}", _in_units(element.name, element.declared.start, p, *element.key),
                     element.declared.unit)
    states = {e.name: stand_in(e.name) * _base(e.declared.unit) for e in model.states}
    inputs = {e.name: stand_in(e.name) * _base(e.declared.unit) for e in model.inputs}
    x, quantities = _read_quantities(model, p, lambda: model.state_space(states, inputs),
                                     lambda element, value: stand_in(element.name) * _base(element.declared.unit))
    for element, _, value in quantities:
        _compare(element.name, value, element.declared.unit)
    for arrow in model.arrows:
        end = model.states[arrow.source if arrow.source is not None else arrow.target]  # type: ignore[index]
        got = _in_units(f"{arrow.component}.{arrow.rate.__name__}", arrow.rate, x, p, *arrow.index)
        wanted = (_base(end.declared.unit) * per_day)
        _compare(f"{arrow.component}.{arrow.rate.__name__}", got, wanted)


def _base(text):
    return unit(text) if isinstance(text, str) else text


def _in_units(where, function, *arguments):
    import pint

    try:
        return function(*arguments)
    except pint.DimensionalityError as error:
        raise ModelError(f"{where}: cannot add or compare [{error.units1}] and [{error.units2}]") from None


def _compare(where, got, wanted) -> None:
    wanted = _base(wanted)
    found = getattr(got, "units", unit("1"))
    if isinstance(got, (int, float)) and got == 0:
        return  # nothing is nothing in any unit
    if found.dimensionality != wanted.dimensionality:
        raise ModelError(f"{where} must be in [{wanted}], is in [{found}]")


def display_factor(element: Element) -> float:
    """What to divide a recorded quantity by to show it in its observed unit."""
    return factor(element.declared.observed)  # type: ignore[union-attr]
