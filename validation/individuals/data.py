"""Real children transplanted from unrelated donors: what was observed, and what their virtual twins did."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hemograft.cohort.rows import CohortPlan, Patient, plan_cohort
from hemograft.engine.simulate import TOLERANCE
from hemograft.studies.chunk import Conditions, Member, judge

MAP = "children_transplants"
NEVER = 1_000_000.0  # how the table writes that something did not happen
DAYS = 730.0
LATER = 10_000.0  # days; later than every other patient
TOGETHER = 400  # twins in memory at a time


@dataclass(frozen=True)
class Endpoint:
    """One outcome.

    Attributes
    ----------
    outcome : str
        The event in the outcome table.
    column : str
        Of the table of patients: a day, or yes and no.
    horizon : float [day]
        By which the probability is compared.
    leukemia : bool
        Only patients who are simulated with one.
    """

    title: str
    outcome: str
    column: str
    horizon: float
    timed: bool = True
    leukemia: bool = False


ENDPOINTS = (
    Endpoint("neutrophils ≥ 0.5 by day 16", "neutrophil_engraftment", "ANC_recovery", 16),
    Endpoint("platelets ≥ 50 by day 28", "platelet_50", "PLT_recovery", 28),
    Endpoint("acute GvHD II to IV", "acute_gvhd_2_4", "acute_GvHD_II_III_IV", 180, timed=False),
    Endpoint("acute GvHD III or IV by day 100", "acute_gvhd_3_4", "time_to_acute_GvHD_III_IV", 100),
    Endpoint("chronic GvHD (observed: extensive)", "chronic_gvhd", "extensive_chronic_GvHD", DAYS, timed=False),
    Endpoint("relapse", "relapse", "relapse", DAYS, timed=False, leukemia=True),
    Endpoint("death by day 365", "death", "survival_time", 365),
)


@dataclass(frozen=True)
class Cohort:
    """Patients with what was seen of them and of their twins.

    Attributes
    ----------
    rows : tuple of mapping
        Cells of the table.
    days : mapping
        Outcome to days of the twins, shape (patient, twin); infinite for an event that did not happen.
    """

    patients: tuple[Patient, ...]
    rows: tuple[Mapping[str, str], ...]
    days: Mapping[str, np.ndarray]
    left: int

    def seen(self, endpoint: Endpoint) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Which patients count, and day and event of each, shape (patient,).

        Yes and no become an event on day 1 and none by day 2, so that ranking them is a rank sum.
        """
        cells = [row[endpoint.column].strip() for row in self.rows]
        sick = np.array([patient.case.patient.diagnosis != "none" for patient in self.patients])
        use = np.array([cell not in ("", "?") for cell in cells]) & (sick if endpoint.leukemia else True)
        if not endpoint.timed:
            happened = np.array([cell == "yes" for cell in cells])
            return use, np.where(happened, 1.0, 2.0), happened.astype(int)
        day = np.array([float(cell) if cell not in ("", "?") else NEVER for cell in cells])
        if endpoint.outcome == "death":
            return use, day, np.array([int(row["survival_status"]) for row in self.rows])
        return use, np.where(day < NEVER, day, LATER), (day < NEVER).astype(int)

    def probability(self, endpoint: Endpoint) -> np.ndarray:
        """Share of the twins with the event by the horizon, never quite 0 or 1, shape (patient,)."""
        days = self.days[endpoint.outcome]
        return ((days <= endpoint.horizon).sum(axis=1) + 0.5) / (days.shape[1] + 1)

    def risk(self, endpoint: Endpoint) -> np.ndarray:
        """A number that is higher the earlier the event is expected, shape (patient,)."""
        days = self.days[endpoint.outcome]
        return -np.minimum(days, DAYS).mean(axis=1) if endpoint.timed else self.probability(endpoint)

    def covariates(self) -> dict[str, np.ndarray]:
        """What the simulation is told of each patient, as numbers."""
        cases = [patient.case for patient in self.patients]
        graft = [case.graft for case in cases if case.graft is not None]
        match = [case.donor.match.split("/") if case.donor else ["10", "10"] for case in cases]
        words = [row["disease"] for row in self.rows]
        return {
            "age": np.array([case.patient.age for case in cases]),
            "male": np.array([float(case.patient.sex == "male") for case in cases]),
            "weight": np.array([case.patient.weight for case in cases]),
            **{name: np.array([float(word == name) for word in words]) for name in ("AML", "chronic", "nonmalignant")},
            "after relapse": np.array([float(row["tx_post_relapse"] == "yes") for row in self.rows]),
            "marrow": np.array([float(one.product == "marrow") for one in graft]),
            "log CD34": np.log([one.cd34 for one in graft]),
            "log CD3": np.log([one.cd3 for one in graft]),
            "mismatches": np.array([float(int(of) - int(same)) for same, of in match]),
            "donor age": np.array([(case.donor.age if case.donor else None) or 30.0 for case in cases]),
        }


def simulated(path: Path, twins: int, seed: int, workers: int = 2) -> Cohort:
    """Read the table and simulate the twins of every patient, those of one model together."""
    plan = plan_cohort(path, MAP, twins=twins, days=DAYS, seed=seed)
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    chosen = tuple(rows[one.line - 2] for one in plan.patients)
    return Cohort(plan.patients, chosen, _days(plan, twins, seed, workers), len(plan.left))


def _days(plan: CohortPlan, twins: int, seed: int, workers: int) -> dict[str, np.ndarray]:
    protocols = {one.protocol.id: one.protocol for one in plan.patients}
    members = [
        Member(f"{one.case.id}/{i + 1}", one.case, protocols[one.protocol.id])
        for one in sorted(plan.patients, key=lambda one: (one.protocol.id, one.case.patient.diagnosis))
        for i in range(twins)
    ]
    conditions = Conditions(DAYS, seed, TOLERANCE, True)
    known: dict[str, dict[str, float]] = {endpoint.outcome: {} for endpoint in ENDPOINTS}
    for first in range(0, len(members), TOGETHER):
        table = judge(members[first : first + TOGETHER], conditions, workers).outcomes.to_pydict()
        for name, found in known.items():
            day, seen = table[f"{name}_day"], table[f"{name}_observed"]
            happened = (d if flag and d is not None else np.inf for d, flag in zip(day, seen, strict=True))
            found.update(zip(table["patient"], happened, strict=True))
    return {
        name: np.array([[found[f"{one.case.id}/{i + 1}"] for i in range(twins)] for one in plan.patients])
        for name, found in known.items()
    }
