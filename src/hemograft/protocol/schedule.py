"""Protocol and patient become dated amounts: mg, Gy and grafts at their times, and armed rules.

The only place where a dose per kg or per m2 meets a weight or a body surface.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise

import numpy as np

from ..drugs import Drug, dose_kind, read_drug
from ..errors import InputError, Problem
from ..units import amount, factor
from .actions import Action, Give, Infuse, Irradiate, Transfuse
from .dated import Dose, Schedule, StartRule, StopRule, TransfusionRule
from .days import LATEST_DAY
from .moments import repeated, starts
from .people import Person, Size
from .protocol import Protocol
from .rules import conditions_of
from .sizes import read_auc

GRAFT_HOUR = 12  # a graft is infused at noon unless the order says otherwise
MOST_COURSES = 4  # of an order that may begin again


def schedule(
    protocol: Protocol,
    patient: Person,
    clearance: Mapping[str, np.ndarray] | None = None,
    twins: int = 1,
    *,
    graft: bool | None = None,
) -> Schedule:
    """Turn the orders of a protocol into dated amounts for one patient and his virtual twins.

    Parameters
    ----------
    clearance : mapping of drug name to array, shape (twin,) [L/day], optional
        Each twin's clearance, for doses with a target AUC: drug monitoring is assumed to be perfect.
    graft : bool, optional
        Whether the case has a graft; when given, it must agree with the protocol.

    Raises
    ------
    InputError
        A dose above the largest of the drug's file, a graft that is missing or never infused, a target AUC
        without a clearance, or the same order twice.
    """
    problems = repeated(protocol.actions)
    if graft is not None:
        problems += _graft_agrees(protocol, graft)
    doses: list[Dose] = []
    for order, action in enumerate(protocol.actions):
        try:
            once = _doses(order, action, patient, clearance, twins)
            doses += [replace(dose, course=k) for k in range(_courses(action)) for dose in once]
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(*problems)
    doses.sort(key=lambda dose: dose.start)
    return Schedule(tuple(doses), *_rules(protocol), orders=len(protocol.actions))


def _courses(action: Action) -> int:
    """How often an order may begin."""
    return MOST_COURSES if isinstance(action, Give) and action.again_after else 1


def _rules(protocol: Protocol) -> tuple[tuple[StopRule, ...], tuple[TransfusionRule, ...], tuple[StartRule, ...]]:
    stops: list[StopRule] = []
    transfusions: list[TransfusionRule] = []
    begins: list[StartRule] = []
    for order, action in enumerate(protocol.actions):
        if isinstance(action, Transfuse):
            units = amount(action.dose, "unit")
            for first, last in _runs(action.days.each):
                transfusions.append(TransfusionRule(action.what, units, action.if_, first, last, order))
            continue
        looked = _looked(action, (float(protocol.first_day), float(LATEST_DAY)))
        if isinstance(action, Give) and action.until:
            given = float(action.days.first), float(action.days.last)
            stops += [StopRule(order, condition, *given) for condition in conditions_of(action.until)]
        if isinstance(action, Infuse) and action.until:
            always = float(max(protocol.first_day, 0)), float(LATEST_DAY)
            seen = always if action.when else _looked(action, always)
            stops += [StopRule(order, condition, *seen) for condition in conditions_of(action.until)]
        if action.when:
            after = float(getattr(action, "again_after", None) or 0)
            begins += [StartRule(order, action.when, *looked, k, after) for k in range(_courses(action))]
    return tuple(stops), tuple(transfusions), tuple(begins)


def _looked(action: Give | Irradiate | Infuse, always: tuple[float, float]) -> tuple[float, float]:
    """First and last day on which the conditions of an order are looked at."""
    return (float(action.watched.first), float(action.watched.last)) if action.watched else always


def _graft_agrees(protocol: Protocol, graft: bool) -> list[Problem]:
    infusions = [action for action in protocol.actions if isinstance(action, Infuse)]
    if infusions and not graft:  # of the graft, or of lymphocytes of its donor
        return [
            Problem(
                "the protocol infuses a graft and the case has none",
                infusions[0].where or protocol.id,
                "a case with a graft, or a protocol without 'infuse'",
            )
        ]
    if graft and not protocol.infuses:
        return [
            Problem(
                "the case has a graft and the protocol never infuses it",
                protocol.id,
                "an order 'infuse: graft', or a case without a graft",
            )
        ]
    return []


def _runs(days: tuple[int, ...]) -> list[tuple[float, float]]:
    """Days as stretches without a gap: 1, 2, 3, 7 is (1, 3), (7, 7)."""
    cuts = [0, *(i for i in range(1, len(days)) if days[i] > days[i - 1] + 1), len(days)]
    return [(float(days[a]), float(days[b - 1])) for a, b in pairwise(cuts)]


def _doses(order: int, action: Action, patient: Person, clearance, twins: int) -> list[Dose]:
    if isinstance(action, Infuse):
        start = action.day + (GRAFT_HOUR if action.hour is None else action.hour) * factor("h")
        if action.dose is None:
            return [Dose(order, start, 0.0, "graft", "graft", "", _same(1.0, twins))]
        cells = _same(amount(action.dose, "cells/kg") * patient.weight, twins)
        return [Dose(order, start, 0.0, "lymphocytes", action.what, "", cells)]
    if isinstance(action, Transfuse):
        return []
    over = amount(action.over, "h") if action.over else 0.0
    if isinstance(action, Irradiate):
        size = _same(amount(action.dose, "Gy"), twins)
        return [Dose(order, start, over, "radiation", action.of, "", size) for start in starts(action)]
    drug = read_drug(action.drug)
    if drug.routes and action.route not in drug.routes:
        raise InputError(
            Problem(
                f"{drug.name} has no route {action.route!r}",
                action.where or drug.name,
                " | ".join(drug.routes),
            )
        )
    duration = over if action.over else drug.routes.get(action.route, 0.0)
    times = starts(action)
    size = _amount(action, drug, patient, clearance, twins, len(times))
    if drug.averaged:
        return _at_mean_rate(order, action, size)
    return [Dose(order, start, duration, "drug", drug.name, action.route, size) for start in times]


def _at_mean_rate(order: int, give: Give, size: np.ndarray) -> list[Dose]:
    """One long dose for each stretch of days, or a day at a time where a rule may stop the order."""
    runs = [(day, day) for day in map(float, give.days.each)] if give.until else _runs(give.days.each)
    lengths = [(first, last - first + 1) for first, last in runs]
    return [
        Dose(order, first, days, "drug", give.drug, give.route, size * (give.times_a_day * days))
        for first, days in lengths
    ]


def _amount(give: Give, drug: Drug, patient: Person, clearance, twins: int, doses: int) -> np.ndarray:
    """mg of one dose, shape (twin,)."""
    where = give.where or give.drug
    target = read_auc(give.dose)
    if target is None:
        per, size = dose_kind(give.dose) or ("patient", 0.0)
        amounts = _same(size * _per(per, patient, give.weight_basis, where), twins)
    else:
        amounts = _auc(target, drug, where) / doses * _clearance(drug, clearance, twins, where)
    _refuse_slip(drug, amounts, patient, give, where)
    return amounts


def _per(per: str, patient: Person, basis: str, where: str) -> Size:
    if per == "m2":
        return patient.body_surface
    if per != "kg":
        return 1.0
    try:
        return getattr(patient, "weight" if basis == "actual" else f"{basis}_weight")
    except InputError as error:
        problems = (Problem(problem.what, where, problem.expected, problem.hint) for problem in error.problems)
        raise InputError(*problems) from None


def _auc(target: tuple[str, float], drug: Drug, where: str) -> float:
    """Target exposure in mg*day/L."""
    kind, size = target
    if kind == "mg":
        return size
    if drug.molar_mass is None:
        raise InputError(Problem(f"the molar mass of {drug.name} is not known", where, "a target AUC in mg*h/L"))
    return size * drug.molar_mass


def _clearance(drug: Drug, clearance: Mapping[str, np.ndarray] | None, twins: int, where: str) -> np.ndarray:
    if clearance is None or drug.name not in clearance:
        raise InputError(
            Problem(
                f"a target AUC needs the clearance of {drug.name}",
                where,
                "a drug file with a clearance, or a dose in mg, mg/kg or mg/m2",
            )
        )
    own = np.asarray(clearance[drug.name], dtype=float)
    if own.shape != (twins,) or not np.isfinite(own).all() or (own <= 0).any():
        raise InputError(
            Problem(
                f"the clearance of {drug.name} is not one positive number for each twin",
                where,
                f"an array of shape ({twins},)",
            )
        )
    return own


def _refuse_slip(drug: Drug, amounts: np.ndarray, patient: Person, give: Give, where: str) -> None:
    """Refuse a typical dose above the largest of the drug's file (with room for rounding)."""
    if not drug.largest_dose:
        return
    per, size = dose_kind(drug.largest_dose) or ("patient", np.inf)
    limits = size * np.broadcast_to(_per(per, patient, "actual", where), amounts.shape)
    middle = int(np.argsort(amounts / limits)[len(amounts) // 2])
    typical, largest = float(amounts[middle]), float(limits[middle])
    if typical > largest * (1 + 1e-9):
        raise InputError(
            Problem(
                f"one dose of {drug.name} ({give.dose}, {typical:.4g} mg) is above the largest of its file",
                where,
                f"at most {drug.largest_dose}, here {largest:.4g} mg",
            )
        )


def _same(value: Size, twins: int) -> np.ndarray:
    """The same amount for every twin, without storing it many times."""
    return np.broadcast_to(np.asarray(value, dtype=float), (twins,))
