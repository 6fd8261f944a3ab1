"""A number that typing may leave open: least, greatest, and the expectation where frequencies tell it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Range:
    """A count and how sure it is.

    Attributes
    ----------
    low, high : int
        Bounds; equal where the typing leaves no choice.
    expected : float or None
        Expectation by haplotype frequencies or published shares; None where none were given.
    """

    low: int
    high: int
    expected: float | None = None

    @property
    def certain(self) -> bool:
        """Whether only one value is possible."""
        return self.low == self.high

    @property
    def likely(self) -> float:
        """One number for calculations: the expectation, or else the middle of the bounds."""
        return (self.low + self.high) / 2 if self.expected is None else self.expected

    def __str__(self) -> str:
        return str(self.low) if self.certain else f"{self.low}-{self.high}"


def total(ranges: Iterable[Range]) -> Range:
    """The sum of counts; the expectation of an open count without one is the middle of its bounds."""
    listed = tuple(ranges)
    known = any(one.expected is not None for one in listed)
    low, high = sum(one.low for one in listed), sum(one.high for one in listed)
    return Range(low, high, sum(one.likely for one in listed) if known else None)
