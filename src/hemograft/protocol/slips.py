"""Orders that no team would give: a route the drug does not have, a dose above its largest, too much radiation."""

from __future__ import annotations

from collections.abc import Sequence

from ..drugs import dose_kind, read_drug
from ..errors import Problem
from ..units import amount
from .actions import Action, Give, Irradiate

LARGEST_TOTAL = 20.0  # Gy; total body irradiation has been given up to about 16 Gy


def slips_of(give: Give, route_at: str, dose_at: str) -> list[Problem]:
    """What can be seen of one order without a patient; doses per another measure are compared when there is one."""
    drug, problems = read_drug(give.drug), []
    if drug.routes and give.route not in drug.routes:  # a drug named without effect has no routes yet
        problems.append(Problem(f"{give.drug} has no route {give.route!r}", route_at, " | ".join(drug.routes)))
    dose, largest = dose_kind(give.dose), dose_kind(drug.largest_dose)
    if dose and largest and dose[0] == largest[0] and dose[1] > largest[1] * (1 + 1e-9):
        what = f"one dose of {give.drug} ({give.dose}) is above the largest of its file"
        problems.append(Problem(what, dose_at, f"at most {drug.largest_dose}"))
    return problems


def too_much_radiation(actions: Sequence[Action]) -> list[Problem]:
    """The total of all fractions, told at the order that exceeds it."""
    total = 0.0
    for action in actions:
        if isinstance(action, Irradiate):
            total += amount(action.dose, "Gy") * action.fractions_a_day * len(action.days.each)
            if total > LARGEST_TOTAL:
                what = f"the fractions of total body irradiation add up to {total:g} Gy"
                return [Problem(what, action.where, f"at most {LARGEST_TOTAL:g} Gy; the dose is that of one fraction")]
    return []
