"""A simulator that takes no time: published rows follow straight lines of the parameters, patients are made up."""

import numpy as np

from hemograft.calibration.ask import packed, plan_of, rows_of
from hemograft.engine.setup import shipped_parameters
from hemograft.targets.estimates import Estimate

SLOPES = {"infection_fatality": 1.0, "gvl_rate": -0.5}


def straight(ask, arms, values):
    """Answers whose logit or logarithm moves with the logarithms of two parameters."""
    moved = sum(slope * np.log(values[n] / shipped_parameters()[n].value) for n, slope in SLOPES.items() if n in values)
    found = {}
    for question in (q for arm in arms for q in rows_of(plan_of(ask))[arm]):
        target = question.target
        if target.unit == "fraction":
            share = 1 / (1 + np.exp(1.0 - moved))
            found[target.line] = Estimate("logit", share, 1 / (share * (1 - share)), ask.patients, np.zeros(0))
        else:
            days = np.sort(15 * np.exp(0.2 * moved + 0.1 * np.linspace(-1, 1, ask.patients)))
            found[target.line] = Estimate("sample", float(np.median(days)), 0.25, ask.patients, days)
    return packed(found)
