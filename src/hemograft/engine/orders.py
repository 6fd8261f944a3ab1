"""A schedule becomes events and rules on the numbered states, inputs and quantities of one model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ..errors import InputError, Problem
from ..model.compile import Model
from ..model.homing import CLASSES
from ..protocol.rules import Condition
from ..protocol.schedule import Dose, Schedule
from ..units import factor
from .bedside import ADD_TO_INPUT, ADD_TO_STATE, START_ORDER, STOP_BEGUN, STOP_ORDER, TRANSFUSE
from .twins import Twins

RELATIONS = {">": 0, ">=": 1, "<": 2, "<=": 3}
SHORTEST_INFUSION = 10 * factor("min")  # a beam or an infusion needs some time
USUAL_FRACTION = 20 * factor("min")  # one fraction of total body irradiation where the order does not say
BEAMS = {"total_body": "dose_rate", "lymphoid": "lymphoid_dose_rate"}
TRANSFUSED = {
    "platelets": ("transfused_platelets", "platelets_per_unit"),
    "red_cells": ("transfused_red_cells", "red_cells_per_unit"),
}


@dataclass(frozen=True)
class Orders:
    """A schedule in numbers, for the twins of one case; they share all but the amounts.

    Attributes
    ----------
    times : array, shape (event,) [day]
        Ascending; from ``waiting`` on, days after the condition of a waiting order is met.
    events : int64 array, shape (event, 4)
        Kind, target, order, and the event that started it or -1.
    amounts : array, shape (patient, event)
    waiting : int
    rules : int64 array, shape (rule, 6)
    limits : array, shape (patient, rule, 5)
    doses : tuple of (Dose, event number)
        The event that starts each dose.
    products : mapping
        Rule number to what it transfuses and how many units.
    """

    times: np.ndarray
    events: np.ndarray
    amounts: np.ndarray
    waiting: int
    rules: np.ndarray
    limits: np.ndarray
    doses: tuple[tuple[Dose, int], ...]
    products: dict[int, tuple[str, float]]


def arrange(plan: Schedule, model: Model, twins: Twins, last_day: float) -> Orders:
    """Number everything that a schedule orders; drugs without pharmacokinetics leave no event."""
    wait = {rule.order + rule.course * plan.orders for rule in plan.starts}
    rows: list[tuple[float, int, int, int, int, np.ndarray]] = []
    starts: list[tuple[Dose, int]] = []
    for dose in plan.doses:
        if dose.start >= last_day and dose.order not in wait:
            continue
        parts = _parts(dose, model, twins)
        if parts:
            starts.append((dose, len(rows)))
        for kind, target, amount, start, end in parts:
            first = len(rows)
            number = dose.order + dose.course * plan.orders
            rows.append((start, kind, target, number, -1, amount))
            if end is not None:
                rows.append((end, kind, target, number, first, -amount))
    # fixed orders first; at the same time, an end comes before a start
    order = sorted(range(len(rows)), key=lambda i: (rows[i][3] in wait, rows[i][0], rows[i][4] < 0, i))
    place = {old: new for new, old in enumerate(order)}
    events = [[*rows[i][1:4], place.get(rows[i][4], -1)] for i in order]
    amounts = np.array([rows[i][5] for i in order]).reshape(len(order), -1).T if order else np.zeros((twins.count, 0))
    rules, limits, products = _rules(plan, model, twins)
    return Orders(
        np.array([rows[i][0] for i in order], dtype=float),
        np.array(events, dtype=np.int64).reshape(-1, 4),
        np.ascontiguousarray(amounts),
        sum(row[3] not in wait for row in rows),
        rules,
        limits,
        tuple((dose, place[i]) for dose, i in starts),
        products,
    )


def _parts(dose: Dose, model: Model, twins: Twins) -> list[tuple[int, int, np.ndarray, float, float | None]]:
    """What one dose does: (kind, target, amount per twin, start, end of an infusion)."""
    amount = np.broadcast_to(np.asarray(dose.amount, dtype=float), (twins.count,))
    if dose.kind == "radiation":
        lasts = max(dose.duration or USUAL_FRACTION, SHORTEST_INFUSION)
        beam = model.slots[BEAMS[dose.what]]
        return [(ADD_TO_INPUT, beam, amount / lasts, dose.start, dose.start + lasts)]
    if dose.kind == "lymphocytes":
        return _infused(model, dose, {"t_cell": amount, "nk_cell": amount * twins.slot(model, "graft_nk_share")})
    if dose.kind == "graft":
        return _infused(model, dose, {kind: amount * twins.slot(model, f"graft_cells[{kind}]") for kind in CLASSES})
    if dose.what not in model.axis("drug"):
        return []
    if dose.route == "iv" or dose.duration > 0:  # a drug followed by its mean rate reaches the blood like an infusion
        lasts = max(dose.duration, SHORTEST_INFUSION)
        reaches = 1.0 if dose.route == "iv" else twins.slot(model, f"bioavailability[{dose.what}]")
        return [
            (
                ADD_TO_INPUT,
                model.slots[f"infusion[{dose.what}]"],
                amount * reaches / lasts,
                dose.start,
                dose.start + lasts,
            )
        ]
    return [(ADD_TO_STATE, model.state_number[f"depot[{dose.what}]"], amount, dose.start, None)]


def _infused(model: Model, dose: Dose, cells: Mapping[str, np.ndarray]) -> list[tuple]:
    """Cells of each class into the blood."""
    (origin,) = model.axis("graft_origin")
    return [
        (ADD_TO_STATE, model.state_number[f"circulating[{origin},{kind}]"], number, dose.start, None)
        for kind, number in cells.items()
    ]


def _rules(plan: Schedule, model: Model, twins: Twins) -> tuple[np.ndarray, np.ndarray, dict]:
    rows, limits, products = [], [], {}
    none = np.zeros(twins.count)

    def arm(kind, rule, target, amount, previous=-1, after=0.0):
        quantity, relation, threshold = _reading(rule.condition, model)
        rows.append((kind, quantity, relation, target, max(1, rule.condition.for_days), previous))
        limits.append((none + threshold, none + rule.first, none + rule.last, none + amount, none + after))

    wait = {rule.order for rule in plan.starts}
    for rule in plan.stops:
        arm(STOP_BEGUN if rule.order in wait else STOP_ORDER, rule, rule.order, 0.0)
    for rule in plan.starts:
        number = rule.order + rule.course * plan.orders
        arm(START_ORDER, rule, number, 0.0, number - plan.orders if rule.course else -1, rule.after)
    size = np.minimum(1.0, twins.slot(model, "body_scale"))  # small patients get a share of a unit
    for rule in plan.transfusions:
        state, per_unit = TRANSFUSED[rule.what]
        products[len(rows)] = (rule.what, rule.amount)
        arm(TRANSFUSE, rule, model.state_number[state], rule.amount * size * twins.slot(model, per_unit))
    shaped = np.array(limits).reshape(len(rows), 5, -1).transpose(2, 0, 1) if rows else np.zeros((twins.count, 0, 5))
    return np.array(rows, dtype=np.int64).reshape(-1, 6), np.ascontiguousarray(shaped), products


def _reading(condition: Condition, model: Model) -> tuple[int, int, float]:
    """Which recorded quantity a condition reads, how it compares, and its threshold in the recorded unit."""
    names = model.once("observed names", lambda model: [element.name for element in model.observed])
    if condition.observable not in names:
        raise InputError(
            Problem(
                f"{condition.observable!r} is not measured in this patient",
                condition.observable,
                ", ".join(name for name in names if "[" not in name),
            )
        )
    number = names.index(condition.observable)
    return number, RELATIONS[condition.relation], condition.threshold / model.observed[number].shown_in
