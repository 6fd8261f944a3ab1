"""Fixed orders of one patient as changes at known times, apart from any rule of the bedside."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..engine.bedside import ADD_TO_STATE
from ..engine.orders import Orders
from ..model.compile import Model


@dataclass(frozen=True)
class Change:
    """One change at one time: an amount added to a state, or to the rate of an input.

    Attributes
    ----------
    day : float [day]
    target : str
        Name of a state or input.
    amount : float
        In the unit of the state or input; an infusion ends with the negative of what began it.
    """

    day: float
    target: str
    amount: float


def changes_of(model: Model, orders: Orders, patient: int) -> tuple[Change, ...]:
    """The orders of one patient, in order of time, all of them carried out; none that waits for a condition."""
    inputs = {slot: name for name, slot in model.slots.items()}
    return tuple(
        Change(
            float(orders.times[i]),
            model.states[target].name if kind == ADD_TO_STATE else inputs[target],
            float(orders.amounts[patient, i]),
        )
        for i, (kind, target, *_) in enumerate(orders.events[: orders.waiting].tolist())
    )


def levels(changes: Iterable[Change], inputs: Iterable[str]) -> tuple[Change, ...]:
    """Changes of inputs replaced by the level that holds from then on, one for each time and target; sorted by time.

    What is ordered for the same time and target is added up, so that the order among them does not matter.
    """
    running = dict.fromkeys(inputs, 0.0)
    joined: dict[tuple[float, str], float] = {}
    for change in sorted(changes, key=lambda c: c.day):
        place = (change.day, change.target)
        if change.target in running:
            level = running[change.target] + change.amount
            small = abs(level) < 1e-12 * abs(change.amount)  # what is left of a sum when an infusion ends
            running[change.target] = joined[place] = 0.0 if small or level < 0 else level
        else:
            joined[place] = joined.get(place, 0.0) + change.amount
    return tuple(Change(day, target, amount) for (day, target), amount in joined.items())
