"""What every simulator is given: a declared model, patients with their own numbers, fixed orders, and perhaps rules."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

import hemograft
from hemograft.engine.bedside import ADD_TO_INPUT, ADD_TO_STATE, TRANSFUSE
from hemograft.engine.orders import Orders
from hemograft.engine.setting import Setting
from hemograft.engine.setup import model_for, parameters_for
from hemograft.engine.simulate import TOLERANCE, groups_of
from hemograft.engine.twins import Twins
from hemograft.exchange.orders import Change, changes_of
from hemograft.model.compile import Model, assemble
from hemograft.parameters import individualize
from hemograft.protocol.protocol import read_protocol
from hemograft.streams import key

from .surrogate import SURROGATE
from .surrogate_numbers import ORDERS, TRANSFUSIONS, parameters

CASE = Path(__file__).parent.parent / "examples" / "aml_cr1_flubu4.yaml"
YEARS = 730  # days of follow-up unless said otherwise
FLOORS = {"cells": 1.0}  # below this amount an error is absolute, not relative
OTHER_FLOOR = 1e-3
NEVER = 1e9


@dataclass(frozen=True)
class Work:
    """One task for all simulators.

    Attributes
    ----------
    vectors : array, shape (patient, slot)
        Parameters, covariates, derived values and inputs (zero), in the order of ``model.slots``.
    start : array, shape (patient, state)
        Amounts on the first day.
    """

    name: str
    model: Model
    vectors: np.ndarray
    start: np.ndarray
    orders: Orders
    first_day: float
    last_day: float

    @property
    def days(self) -> np.ndarray:
        """Whole days on which all states are recorded."""
        return np.arange(self.first_day, self.last_day + 0.5)

    @property
    def floors(self) -> np.ndarray:
        """Amount of each state below which its error is judged absolutely."""
        return np.array([FLOORS.get(e.declared.unit, OTHER_FLOOR) for e in self.model.states])

    @property
    def compared(self) -> np.ndarray:
        """Which amounts are compared, shape (day, state): not those to which something is added at that very moment."""
        mask = np.ones((len(self.days), len(self.model.states)), dtype=bool)
        for time, (kind, target, *_) in zip(self.orders.times, self.orders.events, strict=True):
            if kind == ADD_TO_STATE:
                mask[self.days == time, target] = False
        return mask

    def values(self, i: int) -> dict[str, float]:
        """One patient's numbers by name."""
        return dict(zip(self.model.slots, map(float, self.vectors[i]), strict=True))

    def changes(self, i: int) -> tuple[Change, ...]:
        """One patient's orders."""
        return changes_of(self.model, self.orders, i)

    def some(self, count: int) -> Work:
        """The first patients alone."""
        return self.part(0, count)

    def part(self, first: int, last: int) -> Work:
        """The patients from ``first`` to before ``last``."""
        mine = slice(first, last)
        orders = replace(self.orders, amounts=self.orders.amounts[mine], limits=self.orders.limits[mine])
        return replace(self, vectors=self.vectors[mine], start=self.start[mine], orders=orders)


def standard(count: int, days: int = YEARS, rules: bool = False, first: int = 0) -> Work:
    """The whole model: one case of the examples, treated as its protocol says; with rules at the bedside or without.

    ``first`` leaves out so many twins; who comes after them is the same. Without rules, orders that wait for a
    condition are left out and the others go on to their end.
    """
    case = hemograft.read_case(CASE)
    protocol = read_protocol(str(case.protocol))
    model = model_for(case, protocol, parameters_for(case, protocol))
    names = tuple(f"{case.id}/{i + 1}" for i in range(first, first + count))
    keys = np.array([key(name) for name in names])
    setting = Setting((case,) * count, protocol, model, names, keys, 0, float(days), TOLERANCE, False, 1)
    (group,) = groups_of([setting])
    orders = group.orders if rules else without_rules(group.orders)
    return Work("standard", model, group.people.vectors, group.people.start, orders, group.first_day, group.last_day)


def without_rules(orders: Orders) -> Orders:
    """The orders at fixed times alone."""
    fixed = orders.waiting
    return replace(
        orders,
        times=orders.times[:fixed],
        events=orders.events[:fixed],
        amounts=orders.amounts[:, :fixed],
        rules=orders.rules[:0],
        limits=orders.limits[:, :0],
        doses=(),
        products={},
    )


def surrogate(count: int, days: int = YEARS, rules: bool = False) -> Work:
    """The made-up model of 60 states."""
    model = assemble((SURROGATE,), {"origin": ("host", "donor")}, parameters())
    twins = people(model, count)
    return Work(
        "surrogate", model, twins.vectors, twins.start, _orders(model, count, float(days), rules), 0.0, float(days)
    )


def people(model: Model, count: int) -> Twins:
    """Patients of a model without a case: each parameter with its spread."""
    names = tuple(f"patient/{i + 1}" for i in range(count))
    values = individualize(model.parameters, model.parameter_names, np.array([key(name) for name in names]), 0)
    values |= model.derive(values)
    vectors = np.zeros((count, len(model.slots)))
    for name, value in values.items():
        vectors[:, model.slots[name]] = value
    return Twins(names, vectors, model.start(values, count), {})


def _orders(model: Model, count: int, last_day: float, rules: bool) -> Orders:
    given = sorted((change for change in ORDERS if change.day < last_day), key=lambda change: change.day)
    events = [
        (ADD_TO_INPUT, model.slots[c.target], 0, -1)
        if c.target in model.slots
        else (ADD_TO_STATE, model.state_number[c.target], 0, -1)
        for c in given
    ]
    observed = [e.name for e in model.observed]
    armed = TRANSFUSIONS if rules else ()
    rows = [(TRANSFUSE, observed.index(what), 2, model.state_number[to], 1, -1) for what, _, to, _ in armed]
    limits = [(below, -NEVER, NEVER, amount, 0.0) for _, below, _, amount in armed]
    return Orders(
        times=np.array([c.day for c in given]),
        events=np.array(events, dtype=np.int64).reshape(-1, 4),
        amounts=np.tile([c.amount for c in given], (count, 1)),
        waiting=len(given),
        rules=np.array(rows, dtype=np.int64).reshape(-1, 6),
        limits=np.tile(np.array(limits).reshape(-1, 5), (count, 1, 1)),
        doses=(),
        products={i: (what, 1.0) for i, (what, *_) in enumerate(armed)},
    )


def nothing_ordered(count: int) -> Orders:
    """No order and no rule."""
    return Orders(
        times=np.zeros(0),
        events=np.zeros((0, 4), dtype=np.int64),
        amounts=np.zeros((count, 0)),
        waiting=0,
        rules=np.zeros((0, 6), dtype=np.int64),
        limits=np.zeros((count, 0, 5)),
        doses=(),
        products={},
    )
