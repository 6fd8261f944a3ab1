"""What an ensemble was fitted to: the patients and treatments of the fitted groups, from what was simulated of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np

from ..applicability import Covers, donor_of
from ..case.case import Case
from ..intensity import conditioning_of
from ..population.arms import ArmPlan
from ..population.draw import draw
from ..population.treatments import orders

FEWEST = 10  # virtual patients without whom a kind of patient does not count as fitted
EDGE = 0.05  # share of a group's patients who are younger, and older, than the ages that count


def covers_of(plans: Sequence[ArmPlan], patients: int, seed: int) -> Covers:
    """Read the range of some groups from their virtual patients.

    Parameters
    ----------
    patients : int
        Of each group.
    """
    groups = [draw(plan.population, patients, seed) for plan in plans if plan.population is not None]
    cases = [case for group in groups for case in group]
    ages = [np.quantile([case.patient.age for case in group], (EDGE, 1 - EDGE)) for group in groups]
    kinds = _often((case.patient.diagnosis, case.patient.stage) for case in cases)
    given = [conditioning_of(orders(treatment)) for plan in plans for treatment in plan.treatments]
    doses = [one.irradiation for one in given if one.irradiation] or [0.0]
    return Covers(
        len(cases),
        (float(np.floor(min(low for low, _ in ages))), float(np.ceil(max(high for _, high in ages)))),
        {name: tuple(stage for one, stage in kinds if one == name) for name, _ in kinds},
        tuple(_often(map(donor_of, cases))),
        tuple(_often(_product(case) for case in cases if case.graft is not None)),
        tuple(sorted({one.intensity for one in given})),
        tuple(sorted({drug for one in given for drug in one.drugs})),
        (min(doses), max(doses)),
        tuple(sorted({drug for one in given for drug in one.prophylaxis})),
    )


def _product(case: Case) -> str:
    return case.graft.product if case.graft is not None else ""


def _often(words: Iterable) -> list:
    """Words that enough patients share, in alphabetical order."""
    return sorted(word for word, count in Counter(words).items() if count >= FEWEST)
