"""Components + axes + parameters -> one Model: the only place where declarations are joined.

The model knows every state, input, parameter and quantity by name and place. Its functions are read with numbers
here (:meth:`Model.derive`, :meth:`Model.start`), with units and with symbols in ``reading.py``.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from ..errors import ModelError, nearest
from ..parameters import ParameterSet
from .component import At, Component, Covariate, Event, Flow, Place, State, Table
from .elements import Arrow, Element
from .spaces import Indexed, Namespace, gather, in_order, put, unknown_name

# an axis whose members are also members of a larger one: what happens to the graft's origin happens to an origin
PART_OF = {"graft_origin": "origin", "responder": "origin"}


@dataclass(frozen=True)
class Model:
    """The declared components, laid out for one set of axes. Built by :func:`assemble`."""

    components: tuple[Component, ...]
    axes: Mapping[str, tuple[str, ...]]
    parameters: ParameterSet

    def with_values(self, parameters: ParameterSet) -> Model:
        """The same layout with other values of the same parameters, without laying it out again."""
        if tuple(parameters) != tuple(self.parameters):
            raise ModelError("other values need the same parameters in the same order")
        other, _ = Model(self.components, self.axes, parameters), self._kept
        other.__dict__.update({name: known for name, known in vars(self).items() if name not in vars(other)})
        return other

    @cached_property
    def _kept(self) -> dict[str, Any]:
        """Shared by all models of one layout."""
        return {}

    def once(self, name: str, make: Callable[[Model], Any]) -> Any:
        """Something that follows from the layout alone, made once for all models that share it."""
        if name not in self._kept:
            self._kept[name] = make(self)
        return self._kept[name]

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
        return tuple(
            q for q in self.quantities if q.declared.observed and all(map(self.axis, q.declared.observed_with))
        )

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
            if not rest or (plain in tables and rest.rstrip("]") in self.axes.get(tables[plain].per, ())):
                names.append(name)
        return tuple(names)

    @cached_property
    def slots(self) -> dict[str, int]:
        """Place of every parameter, covariate, derived value and input in a patient's parameter vector."""
        names = [
            *self.parameter_names,
            *(c.name for c in self.covariates),
            *(d.name for d in self.derived),
            *(i.name for i in self.inputs),
        ]
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
        known, space = dict(values), self.parameter_space(values)
        for element, value in in_order(
            self.derived, lambda e, p: e.declared.value(p, *e.index), lambda: space, [*known, *self.slots]
        ):
            known[element.name] = value
            put(space, element.declared.name, element.key, value)
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
                    raise unknown_name(element.name, error, values) from None
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
            raise ModelError(
                f"{component.name}: no component declares the state {name!r}"
                + (f"; did you mean {hint!r}?" if hint else "")
            )
        fixed = iter(place.index if isinstance(place, At) else ())
        axes = [PART_OF.get(axis, axis) if axis not in declared.per else axis for axis in flow.per]
        own = tuple(index[axes.index(axis)] if axis in axes else next(fixed) for axis in declared.per)
        if declared.stages > 1 and stage is None:
            stage = 0
        places = [*own, *([str(stage + 1)] if declared.stages > 1 and stage is not None else [])]
        return self.state_number.get(f"{name}[{','.join(places)}]" if places else name, -1)

    @cached_property
    def populations(self) -> tuple[tuple[str, tuple[int, ...]], ...]:
        """Populations that are counted in ones: their names and the numbers of their states."""
        found, taken = [], set()
        for component in self.components:
            for declared in component.populations:
                for index in itertools.product(*(self.axis(axis) for axis in declared.per)):
                    states = tuple(n for part in declared.states for n in self._parts(part, index))
                    if taken & set(states):
                        raise ModelError(f"{declared.name}: a state belongs to two populations")
                    taken |= set(states)
                    if states:
                        found.append((f"{declared.name}[{','.join(index)}]" if index else declared.name, states))
        return tuple(found)

    def _parts(self, part: str | At, index: tuple[str, ...]) -> list[int]:
        """Numbers of the states that a part of a population names at an index."""
        name, fixed = (part.state, part.index) if isinstance(part, At) else (part, ())
        if name not in self._declared:
            raise ModelError(f"a population names the state {name!r}, which no component declares")
        return [i for i, e in enumerate(self.states) if e.declared.name == name and e.index == (*index, *fixed)]

    @cached_property
    def events(self) -> tuple[Event, ...]:
        """What may happen once, by chance, in the order of declaration."""
        return tuple(event for component in self.components for event in component.events)

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
    components = tuple(component.parts for component in components)
    model = Model(components, dict(axes), parameters)
    names = [d.name for c in components for kind in (c.states, c.inputs, c.quantities, c.derived) for d in kind]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ModelError(f"the name {twice[0]!r} is declared by two components")
    _ = model.arrows, model.slots, model.observed, model.populations, model.events  # once for all of this layout
    return model
