"""Which outcome of a simulation each published endpoint is, or why there is none."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from ..files import read_document
from ..parameters import DATA
from .lymphocytes import SINCE
from .table import Target

NOT_YET = "not simulated yet"


class NoAnswer(Exception):
    """Why a row cannot be predicted; it stops nothing else."""


@dataclass(frozen=True)
class Measure:
    """What to take from the outcome table.

    Attributes
    ----------
    kind : str
        ``free``, ``incidence``, ``flag``, ``share``, ``value`` or ``column``.
    events, competing : tuple of str
        Stems of pairs of columns.
    column : str
        Of the outcome table, or an observable whose value on ``day`` is asked for.
    day : float or None
        None for a median day.
    follow : float
        Follow-up that a median day needs.
    low, high : float
        Limits of a share.
    size : float
        Published units in one unit of the observable.
    landmark : float
        Day from which time counts; only patients without an event until then.
    since : str
        The event from which time counts instead, as the stem of a pair of columns; only patients who have it.
    begins_by : float
        The last day on which it is waited for.
    less : str
        An observable to take off.
    mean : bool
        Of a value: the mean rather than the median.
    fitted : bool
        Whether a calibration may use it; not where so few patients count that it would need many times as many.
    notes : tuple of str
    """

    kind: str
    events: tuple[str, ...] = ()
    competing: tuple[str, ...] = ()
    column: str = ""
    day: float | None = None
    follow: float = 0.0
    low: float = float("-inf")
    high: float = float("inf")
    size: float = 1.0
    landmark: float = 0.0
    since: str = ""
    begins_by: float = 0.0
    less: str = ""
    mean: bool = False
    fitted: bool = True
    notes: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """What it looks at in the outcome table, beside name and follow-up."""
        events = filter(None, (*self.events, *self.competing, self.since))
        pairs = (f"{event}_{what}" for event in events for what in ("day", "observed"))
        return (*pairs, *filter(None, (self.column, self.less)))

    @property
    def last_day(self) -> float:
        """The day to which a simulation must go."""
        until = self.landmark + (self.follow if self.day is None else self.day)
        return min(until + self.begins_by, max(until, float(endpoints()["last_day"]))) if self.since else until


@lru_cache(maxsize=1)
def endpoints() -> Any:
    """The table of endpoints."""
    return read_document(DATA / "targets" / "endpoints.yaml").words


def endpoint_of(target: Target) -> str:
    """The endpoint of a row: for a contrast, the outcome in its name.

    Raises
    ------
    NoAnswer
        A contrast of an outcome that is not simulated.
    """
    if not target.is_contrast or target.endpoint in endpoints()["endpoints"]:
        return target.endpoint
    name = target.endpoint.removeprefix(f"{target.statistic}_")
    known = endpoints()["contrasts"]
    if name == target.endpoint and name not in _refused():
        raise NoAnswer(f"{name.replace('_', ' ')} is no {target.statistic.replace('_', ' ')}")
    if name not in known:
        raise NoAnswer(_why_not(name))
    return known[name]


def measure_of(target: Target, columns: Collection[str], grafted: bool) -> Measure:
    """How to predict a row.

    Parameters
    ----------
    columns : collection of str
        Names of the outcome table; of observables as ``<name>@``.
    grafted : bool
        Whether the arm is transplanted; otherwise day 0 is the day before treatment.

    Raises
    ------
    NoAnswer
        Not an outcome, not simulated, or counted from another day than the simulation's.
    """
    table = endpoints()
    if target.endpoint in table["inputs"]:
        raise NoAnswer("an input or a property of a score, not an outcome")
    name = endpoint_of(target)
    if target.clock == "relapse" and name == "os" and grafted:
        name = "post_relapse_os"
    if target.clock == "dli" and name == "os":
        name = "post_dli_os"
    words = table["endpoints"].get(name)
    if words is None:
        raise NoAnswer(_why_not(name))
    notes = _clock(target, grafted, words)
    _fits(target, words["kind"])
    day = _day(target, words, notes)
    open_name = table["contrast_notes"].get(target.endpoint.removeprefix(f"{target.statistic}_"))
    notes += filter(None, (words.get("note"), open_name))
    if target.statistic == "ratio" and day is None:
        notes.append("a ratio of median days, below 1 where the arm is sooner")
    if words["kind"] in ("free", "incidence", "time"):
        return _of_events(name, words, day, target.landmark or 0.0, columns, notes)
    return _of_values(name, words, day, target, columns, notes)


@lru_cache(maxsize=1)
def _refused() -> dict[str, str]:
    """Reasons by endpoint, and by the outcome in the name of a contrast."""
    return {
        name: why for why, names in read_document(DATA / "targets" / "refused.yaml").words.items() for name in names
    }


def _why_not(name: str) -> str:
    reason = _refused().get(name)
    return f"{name.replace('_', ' ')}: {reason or NOT_YET}"


def _fits(target: Target, kind: str) -> None:
    """Refuse a statistic or unit that the endpoint cannot have."""
    known = endpoints()["contrast_statistics" if target.is_contrast else "statistics"][kind]
    if target.statistic not in known.get(target.unit, ()):
        what = f"{target.statistic.replace('_', ' ')} in the unit {target.unit.replace('_', ' ')}"
        raise NoAnswer(f"{target.endpoint.replace('_', ' ')} has no {what}")


def _of_values(
    name: str, words: Any, day: float | None, target: Target, columns: Collection[str], notes: list[str]
) -> Measure:
    """A value on a day, a share of patients by such a value, a flag or a column."""
    if target.landmark and "observable" not in words:
        raise NoAnswer(f"{name.replace('_', ' ')} has no day, so that none can count from a landmark")
    column = words["column"] if "column" in words else f"{words['observable']}@"
    less = f"{words['less']}@" if "less" in words else ""
    if not {column, less or column} <= set(columns):
        raise NoAnswer(_why_not(name))
    mean = target.statistic == "mean"
    if mean:
        notes.append("the error of the mean is taken from that of the median")
    return Measure(
        words["kind"],
        column=column,
        day=None if day is None else float(round(day + (target.landmark or 0.0))),
        low=float(words.get("from", "-inf")),
        high=float(words.get("to", "inf")),
        size=float(words.get("per_unit", "1")),
        less=less,
        mean=mean,
        notes=tuple(notes),
    )


def _of_events(
    name: str, words: Any, day: float | None, landmark: float, columns: Collection[str], notes: list[str]
) -> Measure:
    """A share of patients with, or without, the first of some events."""
    since = words.get("since", "")
    events = {event: _pair(event, columns) for event in (*words["of"], *((since,) if since else ()))}
    lacking = [event for event, found in events.items() if not found]
    if lacking:
        raise NoAnswer(f"{name.replace('_', ' ')}: {NOT_YET} ({', '.join(lacking)})")
    rivals = {event: _pair(event, columns) for event in words.get("competing", ())}
    notes += [f"{event} does not compete: {NOT_YET}" for event, found in rivals.items() if not found]
    return Measure(
        words["kind"],
        tuple(events[event] for event in words["of"]),
        tuple(filter(None, rivals.values())),
        day=day,
        follow=float(words["usual_day"] if words["kind"] == "incidence" else endpoints()["last_day"]),
        landmark=landmark,
        since=events.get(since, ""),
        begins_by=float(words.get("begins_by", "0")),
        fitted=words.get("fitted", "yes") == "yes",
        notes=tuple(notes),
    )


def _pair(event: str, columns: Collection[str]) -> str:
    """The first pair of columns that the outcome table has for an event; empty without one."""
    return next((name for name in endpoints()["events"][event] if f"{name}_observed" in columns), "")


def _clock(target: Target, grafted: bool, words: Any) -> list[str]:
    """What is to be said of the day from which time counts."""
    if words.get("since") and target.landmark:
        raise NoAnswer("time counted from a landmark and from an event")
    if target.clock == "relapse" and grafted and words.get("since") != "relapse":
        raise NoAnswer("time counted from relapse: only survival is simulated from there")
    if target.clock == "dli" and words.get("since") != SINCE:
        raise NoAnswer("time counted from donor lymphocytes: only GvHD and response are simulated from there")
    if target.clock != "dli" and words.get("since") == SINCE:
        raise NoAnswer("an outcome of donor lymphocytes, and time is not counted from them")
    if target.clock == "landmark" and target.landmark is None:
        raise NoAnswer("time counted from an event that only the note names")
    if target.clock == "diagnosis" and grafted:
        raise NoAnswer("time counted from diagnosis: the treatment before the graft is not simulated")
    if target.clock == "randomization" and grafted:
        return ["time counted from the graft, not from randomization"]
    if target.clock == "relapse" and not grafted:
        return ["time counted from chemotherapy, not from relapse"]
    return []


def _day(target: Target, words: Any, notes: list[str]) -> float | None:
    """The day of a share or a value; None for the median day of an event."""
    timed = target.unit == "day" or target.statistic == "ratio"
    if words["kind"] == "time" or (words["kind"] in ("free", "incidence") and timed):
        return None
    if target.time is not None:
        return target.time
    if not (target.is_contrast and words["kind"] in ("free", "incidence")) and words["kind"] != "column":
        notes.append(f"time not given; day {words['usual_day']}")
    return float(words["usual_day"])
