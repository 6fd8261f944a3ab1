"""Days of neutrophils and platelets by graft, dose and filgrastim against published days."""

from __future__ import annotations

import numpy as np

from .anchor import Check, median_day, run_of

OUTCOMES = {"neutrophils": "neutrophil_engraftment", "platelets": "platelet_engraftment"}
CHAMPLIN, STIEHL, PRZEPIORKA = "Champlin2000, abstract", "Stiehl2015 model family", "targets przepiorka2001"
# fmt: off
# Cells, which, published, source, lowest and highest day accepted, which group.
DAYS = (
    ("neutrophils", "mobilized blood of a sibling", "14 day", CHAMPLIN, 12, 16, "blood"),
    ("platelets", "mobilized blood of a sibling", "18 day", CHAMPLIN, 14, 22, "blood"),
    ("neutrophils", "marrow of a sibling", "19 day", CHAMPLIN, 17, 21, "marrow"),
    ("platelets", "marrow of a sibling", "25 day", CHAMPLIN, 21, 29, "marrow"),
    ("neutrophils", "cord blood with filgrastim", "21 to 23 day", "targets ctn0501, recalled", 19, 27, "cord"),
    ("platelets", "cord blood", "45 to 60 day", "recalled", 40, 65, "cord"),
    ("neutrophils", "haploidentical marrow, PTCy", "16 day", "targets ctn0603_0604, recalled", 14, 18, "haplo"),
)
# The same for differences in days, with the group it is compared with at the end.
LATER = (
    ("neutrophils", "cord later than marrow", "later", "order only", 1, 40, "cord without filgrastim", "marrow"),
    ("neutrophils", "blood, 3 against 6 x10^6/kg CD34+", "about +2 day", STIEHL, 1, 3, "blood, half the dose", "blood"),
    ("neutrophils", "blood, 6 against 12 x10^6/kg CD34+", "about +2 day", STIEHL, 1, 3,
     "blood", "blood, twice the dose"),
    ("neutrophils", "marrow, 1.4 against 2.8 x10^6/kg CD34+", "about +2 day", STIEHL, 1, 4,
     "marrow, half the dose", "marrow"),
    ("neutrophils", "filgrastim after a blood graft", "-3 day (12 against 15)", PRZEPIORKA, -5, -1,
     "blood with filgrastim", "blood"),
    ("platelets", "filgrastim after a blood graft", "none", PRZEPIORKA, -1, 1, "blood with filgrastim", "blood"),
)
# fmt: on


def engraftment() -> list[Check]:
    """Days of neutrophils 0.5 and platelets 20 x10^9/L by graft, dose and filgrastim."""
    rows = []
    for cells, what, published, source, low, high, group in DAYS:
        found = median_day(run_of(group, 120), OUTCOMES[cells])
        rows.append(Check("engraftment", f"{cells}, {what}", published, source, low, high, *found, "day"))
    for cells, what, published, source, low, high, group, usual in LATER:
        (day, error), (other, its) = (median_day(run_of(one, 120), OUTCOMES[cells]) for one in (group, usual))
        found = day - other, float(np.hypot(error, its))
        rows.append(Check("engraftment", f"{cells}, {what}", published, source, low, high, *found, "day"))
    return rows
