"""Which outcome of a simulation each published endpoint is, or why there is none."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from ..files import read_document
from ..parameters import DATA
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
    notes: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """What it looks at in the outcome table, beside name and follow-up."""
        pairs = (f"{event}_{what}" for event in (*self.events, *self.competing) for what in ("day", "observed"))
        return (*pairs, *((self.column,) if self.column else ()))

    @property
    def last_day(self) -> float:
        """The day to which a simulation must go."""
        return self.landmark + (self.follow if self.day is None else self.day)


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
    if name not in known:
        raise NoAnswer(f"{name.replace('_', ' ')}: {NOT_YET}")
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
        Not an outcome, not simulated yet, or counted from another day than the simulation's.
    """
    table = endpoints()
    if target.endpoint in table["inputs"]:
        raise NoAnswer("an input or a property of a score, not an outcome")
    notes = _clock(target, grafted)
    name = endpoint_of(target)
    words = table["endpoints"].get(name)
    if words is None:
        raise NoAnswer(f"{name.replace('_', ' ')}: {NOT_YET}")
    day = _day(target, words, notes)
    if words["kind"] in ("free", "incidence"):
        return _of_events(name, words, day, target.landmark or 0.0, columns, notes)
    if target.landmark:
        raise NoAnswer(f"{words['kind']} from a landmark: {NOT_YET}")
    column = words["column"] if "column" in words else f"{words['observable']}@"
    if column not in columns:
        raise NoAnswer(f"{name.replace('_', ' ')}: {NOT_YET}")
    low, high = float(words.get("from", "-inf")), float(words.get("to", "inf"))
    size = float(words.get("per_unit", "1"))
    return Measure(words["kind"], column=column, day=day, low=low, high=high, size=size, notes=tuple(notes))


def _of_events(
    name: str, words: Any, day: float | None, landmark: float, columns: Collection[str], notes: list[str]
) -> Measure:
    """A share of patients with, or without, the first of some events."""
    events = {event: _pair(event, columns) for event in words["of"]}
    lacking = [event for event, found in events.items() if not found]
    if lacking:
        raise NoAnswer(f"{name.replace('_', ' ')}: {NOT_YET} ({', '.join(lacking)})")
    rivals = {event: _pair(event, columns) for event in words.get("competing", ())}
    notes += [f"{event} does not compete: {NOT_YET}" for event, found in rivals.items() if not found]
    competing = tuple(filter(None, rivals.values()))
    follow = float(endpoints()["last_day"] if words["kind"] == "free" else words["usual_day"])
    return Measure(
        words["kind"],
        tuple(events.values()),
        competing,
        day=day,
        follow=follow,
        landmark=landmark,
        notes=tuple(notes),
    )


def _pair(event: str, columns: Collection[str]) -> str:
    """The first pair of columns that the outcome table has for an event; empty without one."""
    return next((name for name in endpoints()["events"][event] if f"{name}_observed" in columns), "")


def _clock(target: Target, grafted: bool) -> list[str]:
    if target.clock in ("relapse", "dli"):
        raise NoAnswer(f"time counted from {target.clock}: {NOT_YET}")
    if target.clock == "landmark" and target.landmark is None:
        raise NoAnswer(f"time counted from an event: {NOT_YET}")
    if target.clock == "diagnosis" and grafted:
        raise NoAnswer(f"time counted from diagnosis to beyond a graft: {NOT_YET}")
    if target.clock == "randomization" and grafted:
        return ["time counted from the graft, not from randomization"]
    return []


def _day(target: Target, words: Any, notes: list[str]) -> float | None:
    medians = target.statistic == "median_day" or (target.is_contrast and target.unit == "day")
    if words["kind"] in ("free", "incidence") and (medians or target.statistic == "ratio"):
        return None
    if target.time is not None:
        return target.time
    if not (target.is_contrast and words["kind"] in ("free", "incidence")) and words["kind"] != "column":
        notes.append(f"time not given; day {words['usual_day']}")
    return float(words["usual_day"])
