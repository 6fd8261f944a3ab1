"""The declared functions read with symbols, for equations and machine code, and with units, to check them."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import ModelError
from ..units import unit
from .compile import Model
from .elements import Arrow, Element
from .spaces import gather, in_order, unknown_name
from .terms import Tape


def stand_in(name: str) -> float:
    """A number without meaning for a unit check, different for each name so that differences are not zero."""
    return 0.1 + 0.8 * (zlib.crc32(name.encode()) / 2**32)


@dataclass(frozen=True)
class Equations:
    """The model in symbols: quantities in computing order, and a rate for each arrow."""

    states: tuple[Any, ...]
    parameters: dict[str, Any]
    quantities: tuple[tuple[Element, Any, Any], ...]
    rates: tuple[Any, ...]


def equations(model: Model) -> Equations:
    """Read every rate function with symbols of SymPy, to be printed.

    Raises
    ------
    ModelError
        A rate branches on a value, or reads an unknown name.
    """
    import sympy  # only for people

    return _read(model, lambda name, fixed: sympy.Symbol(name, real=True), sympy.sympify)


def terms(model: Model) -> Equations:
    """Read every rate function with :mod:`hemograft.model.terms`, for machine code.

    Raises
    ------
    ModelError
        A rate branches on a value, or reads an unknown name.
    """
    tape = Tape()
    return _read(model, tape.symbol, tape.term)


def _read(model: Model, symbol, expression) -> Equations:
    """Read with ``symbol(name, whether it is a parameter)``; ``expression`` makes one of a plain number."""
    inputs = {i.name for i in model.inputs}
    symbols = {e.name: symbol(e.name, False) for e in model.states}
    slots = {name: symbol(name, name not in inputs) for name in model.slots}
    p = model.parameter_space({name: slot for name, slot in slots.items() if name not in inputs})
    x, quantities = _read_quantities(
        model,
        p,
        lambda: model.state_space(symbols, {e.name: slots[e.name] for e in model.inputs}),
        lambda element, value: symbol(f"{element.name} ", False),
    )
    rates = tuple(expression(_call(arrow, x, p, slots)) for arrow in model.arrows)
    return Equations(tuple(symbols.values()), slots, tuple((e, s, expression(v)) for e, s, v in quantities), rates)


def _read_quantities(model, p, space, stand_in):
    """Evaluate the quantities in order; later ones see the stand-ins of earlier ones."""
    done: dict[tuple, Any] = {}
    found = []

    def current():
        x = space()
        x.__dict__.update(gather(done))
        return x

    known = [*model.slots, *(e.name for e in model.states), *(e.name for e in model.quantities)]
    for element, value in in_order(
        model.quantities, lambda e, x: _guard(e.name, e.declared.value, x, p, e.index), current, known
    ):
        symbol = stand_in(element, value)
        done[(element.declared.name, element.key)] = symbol
        found.append((element, symbol, value))
    return current(), found


def _call(arrow: Arrow, x, p, known):
    try:
        return _guard(f"{arrow.component}.{arrow.rate.__name__}", arrow.rate, x, p, arrow.index)
    except AttributeError as error:
        raise unknown_name(f"{arrow.component}.{arrow.rate.__name__}", error, [*vars(x), *known]) from None


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
        _compare(
            element.name,
            _in_units(element.name, element.declared.value, p, *element.index),
            element.declared.unit,
        )
    for element in model.states:
        if element.declared.start is not None:
            _compare(
                f"start of {element.name}",
                _in_units(element.name, element.declared.start, p, *element.key),
                element.declared.unit,
            )
    states = {e.name: stand_in(e.name) * _base(e.declared.unit) for e in model.states}
    inputs = {e.name: stand_in(e.name) * _base(e.declared.unit) for e in model.inputs}
    x, quantities = _read_quantities(
        model,
        p,
        lambda: model.state_space(states, inputs),
        lambda element, value: stand_in(element.name) * _base(element.declared.unit),
    )
    for element, _, value in quantities:
        _compare(element.name, value, element.declared.unit)
    for arrow in model.arrows:
        end = model.states[arrow.source if arrow.source is not None else arrow.target]  # type: ignore[index]
        got = _in_units(f"{arrow.component}.{arrow.rate.__name__}", arrow.rate, x, p, *arrow.index)
        wanted = _base(end.declared.unit) * per_day
        _compare(f"{arrow.component}.{arrow.rate.__name__}", got, wanted)


def _base(text):
    return unit(text) if isinstance(text, str) else text


def _in_units(where, function, *arguments):
    from pint import DimensionalityError

    try:
        return function(*arguments)
    except DimensionalityError as error:
        raise ModelError(f"{where}: cannot add or compare [{error.units1}] and [{error.units2}]") from None


def _compare(where, got, wanted) -> None:
    wanted = _base(wanted)
    found = getattr(got, "units", unit("1"))
    if getattr(got, "magnitude", got) == 0:
        return  # nothing is nothing in any unit
    if found.dimensionality != wanted.dimensionality:
        raise ModelError(f"{where} must be in [{wanted}], is in [{found}]")


def rates_of_change(model: Model, amounts: np.ndarray, values: dict[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    """The same functions read with plain numbers: slow, obvious, and what the machine code is tested against.

    Parameters
    ----------
    amounts : array, shape (state,)
    values : dict
        Parameters, covariates, derived values and inputs by name.

    Returns
    -------
    changes : array, shape (state,)
        Rates of change of the states.
    rates : array, shape (arrow,)
        Rate of every flow, in the order of ``model.arrows``.
    """
    inputs = {i.name for i in model.inputs}
    p = model.parameter_space({name: value for name, value in values.items() if name not in inputs})
    states = {element.name: amounts[i] for i, element in enumerate(model.states)}
    outside = {name: values[name] for name in inputs}
    x, _ = _read_quantities(model, p, lambda: model.state_space(states, outside), lambda element, value: value)
    rates = np.array([float(_call(arrow, x, p, model.slots)) for arrow in model.arrows])
    changes = np.zeros(len(model.states))
    for arrow, rate in zip(model.arrows, rates, strict=True):
        if arrow.source is not None:
            changes[arrow.source] -= rate
        if arrow.target is not None:
            changes[arrow.target] += arrow.yields * rate
    return changes, rates
