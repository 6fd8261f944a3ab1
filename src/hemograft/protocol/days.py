"""Days of an order, such as ``-6 to -2``; day 0 is the graft, or the day on which a waiting order begins."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from ..fields import Refused, phrase

EARLIEST_DAY, LATEST_DAY = -60, 3650  # no regimen starts two months early; ten years is the longest follow-up


@dataclass(frozen=True)
class Days:
    """The days of an order, in order: ``Days((1, 3, 5))``. Day 0 is the graft."""

    each: tuple[int, ...]

    @property
    def first(self) -> int:
        return self.each[0]

    @property
    def last(self) -> int:
        return self.each[-1]

    def words(self, signed: bool = True) -> str:
        """``days -6 to -2``, ``day 0`` or ``days 1, 3, 5``; without plus signs if not ``signed``."""
        said = [f"{day:+d}" if day and signed else str(day) for day in self.each]
        if len(said) == 1:
            return f"day {said[0]}"
        if len(said) == self.last - self.first + 1:
            return f"days {said[0]} to {said[-1]}"
        return "days " + ", ".join(said)


def read_days(value: Any) -> Days:
    """Read ``'-6 to -2'``, ``'+3'`` or ``'1, 3, 5'``.

    Raises
    ------
    Refused
        Not of that form, running backwards, repeated, or outside the plausible range.
    """
    if isinstance(value, Days):
        return value
    text = phrase(value)
    span = re.fullmatch(r"([+-]?\d{1,5})\s+to\s+([+-]?\d{1,5})", text)
    if span:
        first, last = int(span[1]), int(span[2])
        if last < first:
            raise Refused(f"days {text} run backwards", "first day, then last day", f"{span[2]} to {span[1]}")
        within = (first, last)
    elif re.fullmatch(r"[+-]?\d{1,5}(\s*,\s*[+-]?\d{1,5})*", text):
        within = tuple(int(day) for day in text.split(","))
        if list(within) != sorted(set(within)):
            better = ", ".join(str(day) for day in sorted(set(within)))
            raise Refused(f"days {text} are not in order, each once", "first day first", better)
    else:
        raise Refused(f"cannot read the days {text!r}", "'-6 to -2', '+3' or '1, 3, 5'")
    if within[0] < EARLIEST_DAY or within[-1] > LATEST_DAY:
        raise Refused(f"days {text} are outside the plausible range", f"{EARLIEST_DAY} to +{LATEST_DAY}")
    return Days(tuple(range(within[0], within[-1] + 1)) if span else within)
