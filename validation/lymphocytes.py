"""Donor lymphocytes for relapse against published groups; run with ``python -m validation.lymphocytes``.

Patients in relapse (CML: two years, AML: eight months) after a T-cell depleted sibling graft, off immunosuppression,
without GvHD on that day; their conditioning is made weak, so that many relapse. Parameters of the late response were
set on these rows, so agreement is a fit. Later doses of a series are given to those without GvHD or response by then.
"""

from __future__ import annotations

import sys
from functools import lru_cache
from pathlib import Path

import numpy as np

from hemograft.engine.setup import parameters_for
from hemograft.engine.simulate import simulate
from hemograft.population.lymphocytes import first_day, weakness
from hemograft.population.rules import shipped_rules
from hemograft.protocol import Infuse
from hemograft.version import VERSION

from .anchor import Check, share
from .immune_arms import ALONE, DISEASES, Arm, case, protocol
from .immunity import lower

PATIENTS, SEED, YEAR = 1000, 5, 365
RULES = shipped_rules()  # of groups that begin at a relapse: data/arms/assumptions/lymphocytes.yaml
NAMES = {name: words["diagnosis"] for name, words in DISEASES.items()}
FIRST = {name: first_day(diagnosis, RULES) for name, diagnosis in NAMES.items()}
WEAK = {name: f"{weakness(diagnosis, RULES):g}" for name, diagnosis in NAMES.items()}
RELAPSE, REMISSION = RULES.value("lymphocytes_relapse"), RULES.value("lymphocytes_remission")
DONOR_T = 100 * RULES.value("lymphocytes_donor_t")
ENOUGH = "acute_gvhd_grade >= 1 or chronic_gvhd_severity > 0.01 or residual_disease < 1 %"  # ends a series
SERIES = {
    "none": (),
    "5e6": ((0, "5 x10^6/kg"),),
    "5e7": ((0, "50 x10^6/kg"),),
    "2e8": ((0, "200 x10^6/kg"),),
    "bulk 1.6e8": ((0, "160 x10^6/kg"),),
    "escalating 1.6e8": ((0, "10 x10^6/kg"), (84, "50 x10^6/kg"), (168, "100 x10^6/kg")),
}


def lymphocytes(dose: str, first: int, after: int) -> Infuse:
    """An infusion some days after the first; later ones unless there has been GvHD or a response since the first."""
    if after == 0:
        return Infuse("donor_lymphocytes", first, dose=dose)  # type: ignore[call-arg]
    return Infuse("donor_lymphocytes", first + after, dose=dose, until=ENOUGH, watched=f"{first} to {first + after}")  # type: ignore[arg-type]


@lru_cache(maxsize=16)
def outcome(name: str, disease: str = "cml") -> tuple[np.ndarray, np.ndarray]:
    """For each patient at risk: any GvHD within a year, response within two years of the first lymphocytes."""
    start = FIRST[disease]
    arm = Arm(product="marrow", cd3="0.2 x10^6/kg", parts=ALONE, disease=disease)
    doses = [lymphocytes(dose, start, after) for after, dose in SERIES[name]]
    who, what = case(arm), protocol(arm, *doses)
    parameters = parameters_for(who, what).changed(chemotherapy_sensitivity=WEAK[disease])
    run = simulate(who, what, twins=PATIENTS, days=start + 2 * YEAR, seed=SEED, parameters=parameters, workers=2)
    chronic = np.full(PATIENTS, np.inf)
    names = [str(patient) for patient in run.data["patient"].values]
    for row in run.events.to_pylist():
        if row["event"] == "chronic_gvhd":
            chronic[names.index(row["patient"])] = row["day"]
    return judged(run.data, chronic, start)


def judged(data, chronic: np.ndarray, start: int) -> tuple[np.ndarray, np.ndarray]:
    """Events of those alive in relapse with the donor's T cells and without GvHD on the day of infusion."""
    day, disease, grade = data["day"].values, data["residual_disease"].values, data["acute_gvhd_grade"].values
    now = int(np.argmax(day == start - 1))
    risk = (
        (disease[:, now] > RELAPSE)
        & (data["donor_t"].values[:, now] > DONOR_T)
        & (chronic > start)
        & (grade[:, now] < 1)
    )
    within = (day >= start) & (day <= start + YEAR)
    gvhd = (grade[:, within] >= 1).any(axis=1) | (chronic <= start + YEAR)
    least = np.where(np.isnan(disease), np.inf, disease)[:, day >= start].min(axis=1)
    return gvhd[risk], (least < REMISSION)[risk]


def checks() -> list[Check]:
    """Published groups by dose, and directions."""
    bar, dazzi, kolb = "targets bar2013", "targets dazzi2000dose", "targets kolb1995, recalled"
    gvhd = {name: share(outcome(name)[0]) for name in SERIES}
    response = {name: share(outcome(name)[1]) for name in SERIES}
    acute = share(outcome("2e8", "aml")[1])

    def more(what, source, few, many):
        """How much larger a share is in the same patients, with the error of paired differences."""
        each = many.astype(float) - few
        error = float(np.sqrt((each.var() + 1 / len(each)) / len(each)))
        return Check("donor lymphocytes", what, "more", source, 0, 1, float(each.mean()), error, "1")

    def row(what, published, source, low, high, value):
        return Check("donor lymphocytes", what, published, source, low, high, value[0], value[1], "1")

    return [
        row("any GvHD at 1 year, no lymphocytes", "few", "definition", 0.0, 0.1, gvhd["none"]),
        row("any GvHD at 1 year, 5e6 CD3/kg", "0.21 (up to 1e7)", bar, 0.16, 0.26, gvhd["5e6"]),
        row("any GvHD at 1 year, 5e7", "0.45 (1e7 to 1e8)", bar, 0.40, 0.50, gvhd["5e7"]),
        row("any GvHD at 1 year, 2e8", "0.55 (from 1e8)", bar, 0.50, 0.60, gvhd["2e8"]),
        more("more GvHD, 5e7 over 5e6", bar, outcome("5e6")[0], outcome("5e7")[0]),
        more("more GvHD, 2e8 over 5e6", bar, outcome("5e6")[0], outcome("2e8")[0]),
        row("GvHD, bulk", "0.44", dazzi, 0.34, 0.54, gvhd["bulk 1.6e8"]),
        row("GvHD, escalating", "0.10", dazzi, 0.0, 0.2, gvhd["escalating 1.6e8"]),
        more("more GvHD, bulk over escalating", dazzi, outcome("escalating 1.6e8")[0], outcome("bulk 1.6e8")[0]),
        row("cytogenetic remission within 2 years, CML, bulk", "0.67", dazzi, 0.49, 0.83,
            response["bulk 1.6e8"]),
        row("cytogenetic remission within 2 years, CML, escalating", "0.91", dazzi, 0.63, 0.98,
            response["escalating 1.6e8"]),
        row("remission, AML, 2e8", "0.29", kolb, 0.1, 0.5, acute),
        row("more remissions, CML over AML", "more", kolb, 0.1, 1, lower(acute, response["2e8"])),
    ]  # fmt: skip


def main() -> int:
    """Compare, write ``validation/LYMPHOCYTES.md``, and say how many rows were met."""
    found, met = checks(), 0
    at_risk = f"{len(outcome('2e8')[0])} with CML and {len(outcome('2e8', 'aml')[0])} with AML"
    lines = [
        "# Donor lymphocytes for relapse against published groups",
        "",
        f"hemograft {VERSION}, {PATIENTS} virtual patients, of whom {at_risk} were at risk; seed {SEED};",
        "`python -m validation.lymphocytes`. Accepted ranges are ours. A row counts as met within two Monte Carlo",
        "standard errors of its range, *more* only if it is more than two standard errors above none; the same",
        "patients meet every dose, and the error of a difference between doses is that of paired patients.",
        "",
        "| what | published | source | simulated (standard error) | |",
        "|---|---|---|---|---|",
    ]
    for c in found:
        slack = 2 * c.error
        inside = c.value > slack if c.published == "more" else c.low - slack <= c.value <= c.high + slack
        met += inside
        said = "met" if inside else "**not met**"
        lines.append(f"| {c.what} | {c.published} | {c.source} | {c.value:.3g} ({c.error:.2g}) | {said} |")
    lines += ["", f"{met} of {len(found)} met.", ""]
    (Path(__file__).parent / "LYMPHOCYTES.md").write_text("\n".join(lines), encoding="utf-8")
    print(f"{met} of {len(found)} met")
    return 0


if __name__ == "__main__":
    sys.exit(main())
