"""When the parts of an order fall due, and orders that give the same thing at the same moment."""

from __future__ import annotations

from functools import lru_cache

from ..errors import Problem
from ..units import factor
from .actions import Action, Give, Irradiate, Transfuse, infuses_graft


def repeated(actions: list[Action] | tuple[Action, ...]) -> list[Problem]:
    """Complaints about orders that give the same thing at the same moment as an earlier order."""
    problems: list[Problem] = []
    seen: dict[tuple, Action] = {}
    for action in actions:
        for moment in _moments(action):
            if moment in seen and seen[moment] is not action:
                earlier = seen[moment].where
                problems.append(
                    Problem(
                        f"{moment[0]} is ordered twice for the same moment (day {moment[-1]:g})",
                        action.where,
                        f"one order{f'; the other is at {earlier}' if earlier else ''}",
                    )
                )
                break
            seen[moment] = action
    return problems


@lru_cache(maxsize=4096)
def _moments(action: Action) -> list[tuple]:
    after = (str(action.when),) if not isinstance(action, Transfuse) and action.when else ()
    if isinstance(action, Give):
        return [(f"{action.drug} {action.route}", *after, start) for start in starts(action)]
    if isinstance(action, Irradiate):
        return [("irradiation", *after, start) for start in starts(action)]
    if isinstance(action, Transfuse):
        condition = str(action.if_)
        return [(f"transfusion of {action.what}", condition, float(day)) for day in action.days.each]
    return [("the graft" if infuses_graft(action) else "donor lymphocytes", *after, float(action.day))]


@lru_cache(maxsize=4096)
def starts(action: Give | Irradiate) -> tuple[float, ...]:
    """The times [day] at which the doses of an order start, rounded to a millionth of a day."""
    times = action.times_a_day if isinstance(action, Give) else action.fractions_a_day
    hour = factor("h") * (action.hour or 0)
    return tuple(round(day + hour + j / times, 6) for day in action.days.each for j in range(times))
