"""Directions of effect that are known: the same virtual patients with and without a change, each with its source.

Patients of two arms share their luck, so differences are paired; each must exceed two of its standard errors.
"""

import numpy as np
import pytest
from validation.immune_arms import met_by, outcome

PATIENTS = 300
ACUTE, CHRONIC, RELAPSE, REJECTED, ORGANS = (
    ("ii", 100),
    ("chronic", 730),
    ("relapse", 730),
    ("rejected", 0),
    ("organs", 100),
)
KNOWN = [  # event, arm with more of it, arm with less, source
    (ACUTE, "9/10 blood", "sibling blood", "targets cibmtr_semicomp"),
    (ACUTE, "haplo blood, CNI and MTX", "unrelated blood", "recalled"),
    (CHRONIC, "unrelated blood", "unrelated blood, PTCy", "targets hl_ptcy"),
    (CHRONIC, "unrelated blood", "unrelated blood, ATG", "targets wu_atgf2013"),
    (CHRONIC, "sibling blood", "sibling marrow", "Champlin2000, abstract"),
    (RELAPSE, "twin blood", "sibling blood", "Horowitz 1990, recalled"),
    (RELAPSE, "sibling blood, reduced", "haplo blood, reduced, CNI and MTX", "Horowitz 1990, recalled"),
    (RELAPSE, "CML, CD34-selected", "CML, sibling marrow", "Horowitz 1990, recalled"),
    (RELAPSE, "sibling blood, reduced", "sibling blood, full busulfan", "targets martino2006"),
    (REJECTED, "CD34-selected, CD3 8e4", "sibling blood", "UrbanoIspizua2001, abstract"),
    (REJECTED, "CD34-selected, reduced", "CD34-selected, full busulfan", "Bartelink2009, abstract"),
    (ORGANS, "sibling blood, full busulfan", "sibling blood, reduced", "Bartelink2009, abstract"),
]


def happened(arm: str, event: tuple[str, float]) -> np.ndarray:
    days = outcome(arm, (), PATIENTS)
    return days["rejected"] if event == REJECTED else met_by(days, *event)


@pytest.mark.parametrize(("event", "more", "less", "source"), KNOWN)
def test_known_direction(event, more, less, source):
    differences = happened(more, event).astype(float) - happened(less, event)
    error = differences.std(ddof=1) / PATIENTS**0.5
    assert differences.mean() > 2 * error, f"{differences.mean():.3f} with an error of {error:.3f}; {source}"
