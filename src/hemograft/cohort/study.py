"""Real patients, each with a group of virtual twins: engraftment days predicted beside those observed."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from ..engine.simulate import simulate
from ..ensemble import shipped_ensemble
from ..errors import EngineError, InputError, Problem
from ..outcome.table import outcomes
from ..runs.recipe import TOOL
from ..version import VERSION
from .agreement import Agreement, agreement
from .rows import CohortPlan, Left, Patient

BEYOND = 0.05  # chance of one more twin on either side of the predicted interval
FEWEST = 19  # twins; the first and last of 19 have that chance beyond them


@dataclass(frozen=True)
class Prediction:
    """One event of one patient: when it was observed, and when his twins had it.

    Attributes
    ----------
    observed : float or None [day]
        Infinite when it never happened, None when it is not known.
    low, median, high : float [day]
        Median of the twins, and the days between which one more twin would fall with a chance of 90 %;
        infinite when the twins have not reached it by the end.
    twins : int
        Twins at risk, whose count fell below the threshold.
    """

    observed: float | None
    low: float
    median: float
    high: float
    twins: int

    @property
    def covered(self) -> bool | None:
        """Whether the interval holds the observed day."""
        if self.observed is None or math.isnan(self.median):
            return None
        return self.low <= self.observed <= self.high


@dataclass(frozen=True)
class Cohort:
    """A cohort that was simulated."""

    plan: CohortPlan
    predictions: tuple[tuple[Patient, dict[str, Prediction]], ...]
    left: tuple[Left, ...]

    def agreement(self, event: str) -> Agreement:
        """How well predicted and observed days of one event agree."""
        both = [one[event] for _, one in self.predictions if one[event].covered is not None]
        columns = [[getattr(one, name) for one in both] for name in ("observed", "low", "median", "high")]
        return agreement(*(np.array(column, dtype=float) for column in columns))

    @property
    def events(self) -> tuple[str, ...]:
        """The observed events that the map names."""
        return tuple(seen.outcome for seen in self.plan.map.observed)

    @property
    def lines(self) -> list[tuple[str, str]]:
        """The agreement of each event and the rows left out, as lines of a table."""
        found = [(event.replace("_", " "), text) for event in self.events for text in self.agreement(event).words]
        found += [(f"left out: {why}", f"{count} rows") for why, count in reasons(self.left)]
        return [*found, *(("note", text) for text in self.notes)]

    @property
    def notes(self) -> list[str]:
        """What a reader must know of the intervals."""
        twins = self.plan.recipe.settings["twins"]
        few = f"{twins} twins are too few for a 90 % interval; it comes out too narrow" if twins < FEWEST else ""
        return [few] if few else []

    @property
    def words(self) -> dict[str, Any]:
        """The same for a machine to read."""
        return {
            "title": self.plan.map.title,
            "patients": len(self.predictions),
            "agreement": {event: self.agreement(event).numbers for event in self.events},
            "left_out": [{"row": one.line, "why": one.why} for one in self.left],
            "stand_ins": dict(Counter(name for patient, _ in self.predictions for name in patient.stand_ins)),
            "assumptions": [
                {"field": rule.field, "evidence": rule.evidence, "source": rule.source} for rule in self.plan.map.stated
            ],
            "provenance": self.provenance,
        }

    @property
    def provenance(self) -> dict[str, Any]:
        """Version, settings and hashes; file names only."""
        known = {"software": TOOL, "version": VERSION, **self.plan.recipe.settings, **self.plan.recipe.provenance}
        shipped = shipped_ensemble()
        return {**known, **({"ensemble_sha256": shipped.sha256} if shipped else {})}

    @property
    def table(self) -> pa.Table:
        """One row per simulated patient; an event not reached is null with its flag false."""
        names = ("patient", "row", "protocol", "product")
        columns: dict[str, list] = {name: [] for name in names}
        for patient, found in self.predictions:
            graft = patient.case.graft
            for name, value in zip(
                names, (patient.case.id, patient.line, patient.protocol.id, graft.product if graft else ""), strict=True
            ):
                columns[name].append(value)
            for event, one in found.items():
                for name, value in _cells(event, one).items():
                    columns.setdefault(name, []).append(value)
        fields = [
            pa.field(name, _kind(name), metadata={"unit": "day"} if name.endswith("_day") else None) for name in columns
        ]
        return pa.table(list(columns.values()), schema=pa.schema(fields))


def _kind(name: str) -> pa.DataType:
    if name.endswith("_day"):
        return pa.float64()
    if name.endswith(("_observed", "_covered")):
        return pa.bool_()
    return pa.int32() if name == "row" or name.endswith("_twins") else pa.string()


def _cells(event: str, one: Prediction) -> dict[str, Any]:
    seen = one.observed is not None
    days = {
        "observed": one.observed,
        "predicted_low": one.low,
        "predicted_median": one.median,
        "predicted_high": one.high,
    }
    found: dict[str, Any] = {
        f"{event}_{name}_day": day if day is not None and math.isfinite(day) else None for name, day in days.items()
    }
    return {
        **found,
        f"{event}_observed": math.isfinite(one.observed or 0.0) if seen else None,
        f"{event}_covered": one.covered,
        f"{event}_twins": one.twins,
    }


def reasons(left: tuple[Left, ...]) -> list[tuple[str, int]]:
    """Why rows were left out, most frequent first."""
    return Counter(one.why for one in left).most_common()


def run_cohort(
    plan: CohortPlan, *, workers: int | None = None, progress: Callable[[int, int], None] | None = None
) -> Cohort:
    """Simulate the twins of every patient; one who cannot be simulated is left out and counted.

    Raises
    ------
    InputError
        An argument makes no sense, or nobody could be simulated.
    """
    done, left = [], list(plan.left)
    for number, patient in enumerate(plan.patients, start=1):
        try:
            done.append((patient, _predictions(plan, patient, workers)))
        except (InputError, EngineError) as error:
            if isinstance(error, InputError) and any(p.where in {"twins", "days"} for p in error.problems):
                raise
            left.append(Left(patient.line, f"cannot be simulated: {str(error).splitlines()[0]}"))
        if progress:
            progress(number, len(plan.patients))
    if not done:
        raise InputError(Problem("nobody could be simulated", plan.map.name, "", left[-1].why))
    return Cohort(plan, tuple(done), tuple(sorted(left, key=lambda one: one.line)))


def _predictions(plan: CohortPlan, patient: Patient, workers: int | None) -> dict[str, Prediction]:
    settings = plan.recipe.settings
    made = simulate(
        patient.case,
        patient.protocol,
        twins=settings["twins"],
        days=settings["days"],
        seed=settings["seed"],
        workers=workers,
    )
    judged = outcomes(made)
    return {s.outcome: predict(judged, s.outcome, patient.observed[s.outcome]) for s in plan.map.observed}


def predict(judged: pa.Table, event: str, observed: float | None) -> Prediction:
    """The days on which the twins of one patient had an event; twins without it count as later than all."""
    days, flags = judged[f"{event}_day"].to_pylist(), judged[f"{event}_observed"].to_pylist()
    known = [(day, flag) for day, flag in zip(days, flags, strict=True) if day is not None and flag is not None]
    if not known:
        return Prediction(observed, math.nan, math.nan, math.nan, 0)
    reached = np.array([day if flag else math.inf for day, flag in known])
    ordered, n = np.sort(reached), len(reached)
    place = max(math.floor(BEYOND * (n + 1)), 1)  # one more twin falls below the k-th of n with chance k/(n + 1)
    low, high = ordered[place - 1], ordered[n - place]
    median = np.quantile(ordered, 0.5, method="inverted_cdf")
    return Prediction(observed, float(low), float(median), float(high), len(known))
