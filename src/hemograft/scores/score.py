"""What a score says of a case: a value or a class, or which facts it lacks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..files import read_document
from ..parameters import DATA


@dataclass(frozen=True)
class Score:
    """One score of one case.

    Attributes
    ----------
    name : str
    low, high : int or None
        Limits of the value, which are the same when everything it needs is known; None for a score of classes.
    group : str
        Class of risk in words; empty where there is none or it is not known.
    needs : tuple of str
        Facts that the case does not state and the score needs.
    source : str
    note : str
        What was taken for granted.
    """

    name: str
    low: int | None = None
    high: int | None = None
    group: str = ""
    needs: tuple[str, ...] = ()
    source: str = ""
    note: str = ""

    @property
    def value(self) -> int | None:
        """The score, where everything it needs is known."""
        return self.low if self.low == self.high and not self.needs else None

    @property
    def words(self) -> str:
        """The score in words."""
        if self.needs:
            span = f"; between {self.low} and {self.high}" if self.low is not None and self.high is not None else ""
            return f"not computable: needs {' and '.join(self.needs)}{span}"
        number = "" if self.low is None else str(self.low)
        return f"{number} ({self.group})" if number and self.group else number or self.group or "does not apply"


def table(name: str) -> Any:
    """The table of a score."""
    return read_document(DATA / "scores" / f"{name}.yaml").words
