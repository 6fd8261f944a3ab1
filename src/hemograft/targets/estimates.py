"""From an outcome table to an estimate with its spread per patient, so that groups of any size can be compared.

An estimate has a transformed value (logit of a share, logarithm of a ratio) and the variance that one patient
contributes; a group of n patients has that variance over n. Medians keep the sample itself: the interval of a
median are quantiles of the sample, which also holds where half of the patients never reach the event.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from ..statistics import at, cumulative_incidence
from .endpoints import Measure, NoAnswer

FEWEST = 5  # patients with a value
WIDER = "relapse_or_death"  # an event that has death without relapse for a part of it


@dataclass(frozen=True)
class Estimate:
    """What a simulated group says of one endpoint.

    Attributes
    ----------
    scale : str
        ``logit`` for shares, ``sample`` for medians.
    value : float
        In published units.
    variance : float
        Of the transformed value, from one patient.
    patients : int
        With a value.
    sample : array
        Of a median: sorted values, infinite where the event was not reached.
    """

    scale: str
    value: float
    variance: float
    patients: int
    sample: np.ndarray

    @property
    def transformed(self) -> float:
        """The value on the scale on which errors add."""
        return logit(self.value, self.patients)


def logit(share: float, patients: int) -> float:
    """Logarithm of the odds of a share that was counted in so many patients, never infinite."""
    safe = (share * patients + 0.5) / (patients + 1)
    return float(np.log(safe / (1 - safe)))


def expit(value: float) -> float:
    """The share whose logit is given."""
    return float(1 / (1 + np.exp(-value)))


def estimate(table: pa.Table, measure: Measure) -> Estimate:
    """One endpoint of one simulated group.

    Raises
    ------
    NoAnswer
        Too few patients have a value, or the simulation ended before.
    """
    if measure.kind in ("free", "incidence", "time"):
        days, codes = history(table, measure)
        if measure.kind == "time":
            return _median(days[codes == 1])
        if measure.day is None:
            return _median(np.where(codes == 1, days, np.inf))
        _followed(days, codes, measure.day)
        share = incidence(days, codes, measure.day)
        return _share(1 - share if measure.kind == "free" else share, len(days))
    values = _values(table, measure.column, measure.day)
    if measure.less:
        values = values - _values(table, measure.less, measure.day)
    values = values[np.isfinite(values)]
    _enough(values)
    if measure.kind == "flag":
        return _share(float(values.mean()), len(values))
    if measure.kind == "share":
        return _share(float(((values >= measure.low) & (values < measure.high)).mean()), len(values))
    return _mean(values * measure.size) if measure.mean else _median(values * measure.size)


def _values(table: pa.Table, column: str, day: float | None) -> np.ndarray:
    return numbers(table, f"{column}{day:g}" if column.endswith("@") else column)


def numbers(table: pa.Table, column: str) -> np.ndarray:
    """A column as floats; NaN for null."""
    return np.array(table[column].to_pylist(), dtype=float)


def history(table: pa.Table, measure: Measure) -> tuple[np.ndarray, np.ndarray]:
    """Day and code of each patient's first event: 1 of those asked for, 2 a competing one, 0 end of follow-up.

    Patients who are not at risk of the first event asked for (no day) are left out, and those with an event before
    a landmark, or without the event from which time counts. A competing event at the same moment is another name for
    part of the event asked for, and counts.
    """
    end = numbers(table, "follow_up_day")
    first, rival = _first(table, measure.events), _first(table, measure.competing)
    known = np.isfinite(end) & np.isfinite(numbers(table, f"{measure.events[0]}_day"))
    wider = measure.events[0] == WIDER
    codes = np.where(np.isfinite(first) & ((first < rival) | ((first == rival) & (not wider))), 1, 0)
    codes = np.where((codes == 0) & np.isfinite(rival), 2, codes)
    days = np.minimum(np.minimum(first, rival), end) - measure.landmark
    if measure.since:
        start = _first(table, (measure.since,))
        known, days = known & np.isfinite(start), days - np.where(np.isfinite(start), start, 0.0)
    keep = known & (days > 0) if measure.landmark else known & (days >= 0)
    what = "are at risk of the event"
    what += f" from day {measure.landmark:g} on" if measure.landmark else ""
    what += f" from {measure.since.replace('_', ' ')} on" if measure.since else ""
    _enough(days[keep], what)
    return days[keep], codes[keep]


def _first(table: pa.Table, events: tuple[str, ...]) -> np.ndarray:
    """The day of the first of some events that were observed; infinite without any."""
    found = np.full(table.num_rows, np.inf)
    for event in events:
        day, seen = numbers(table, f"{event}_day"), numbers(table, f"{event}_observed")
        found = np.minimum(found, np.where(seen == 1, day, np.inf))
    return found


def incidence(days: np.ndarray, codes: np.ndarray, day: float) -> float:
    """Cumulative incidence of code 1 by a day, in the presence of code 2 (Aalen and Johansen)."""
    found = cumulative_incidence(days, codes, causes={"event": 1, "competing": 2})
    return float(np.clip(at(found.causes["event"], day).estimate[0], 0.0, 1.0))


def level_of(found: Estimate, main: Estimate) -> float:
    """An estimate on the scale on which errors add: a logit, or for a median the quantile of the main sample."""
    if main.scale != "sample":
        return found.transformed
    return quantile_at(main.sample, found.value)


def quantile_at(ordered: np.ndarray, value: float) -> float:
    """The quantile at which a value stands in a sorted sample: the middle of all that equal it."""
    below = np.searchsorted(ordered, value, side="left")
    upto = np.searchsorted(ordered, value, side="right")
    return float((below + upto) / 2 / len(ordered))


def _share(share: float, patients: int) -> Estimate:
    safe = (share * patients + 0.5) / (patients + 1)
    return Estimate("logit", share, 1 / (safe * (1 - safe)), patients, np.zeros(0))


def _median(values: np.ndarray) -> Estimate:
    _enough(values)
    ordered = np.sort(values)
    middle = float(np.quantile(ordered, 0.5, method="inverted_cdf"))
    return Estimate("sample", middle, 0.25, len(values), ordered)


def _mean(values: np.ndarray) -> Estimate:
    """A mean, as the median of values that are all larger, or smaller, by their ratio."""
    found, middle = _median(values), float(values.mean())
    if found.value <= 0:
        raise NoAnswer("no mean where half of the patients have none")
    size = middle / found.value
    return Estimate("sample", middle, found.variance, found.patients, found.sample * size)


def _enough(values: np.ndarray, what: str = "have a value") -> None:
    if len(values) < FEWEST:
        raise NoAnswer(f"only {len(values)} simulated patients {what}")


def _followed(days: np.ndarray, codes: np.ndarray, day: float) -> None:
    """Refuse a day after the last one of all who were followed without an event."""
    if (codes == 0).any() and days[codes == 0].max() < day:
        raise NoAnswer(f"followed to day {days.max():g} only")
