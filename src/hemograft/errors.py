"""Every error the package raises on purpose. One shape: what, where, expected, try."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong: what it is, where it stands, what was expected, what to type instead."""

    what: str
    where: str = ""
    expected: str = ""
    hint: str = ""

    def __str__(self) -> str:
        lines = [f"{self.where}: {self.what}" if self.where else self.what]
        if self.expected:
            lines.append(f"  expected: {self.expected}")
        if self.hint:
            lines.append(f"  try:      {self.hint}")
        return "\n".join(lines)


class HemograftError(Exception):
    """Base of all errors that hemograft raises on purpose."""


class InputError(HemograftError):
    """A file or an argument says something that cannot be accepted. Carries every problem found."""

    def __init__(self, *problems: Problem):
        self.problems = problems
        super().__init__("\n\n".join(str(problem) for problem in problems))


class ModelError(HemograftError):
    """The declared components do not form one consistent model."""


class EngineError(HemograftError):
    """The equations could not be advanced for any patient."""


def nearest(word: str, known: Iterable[str]) -> str:
    """The known word closest to ``word`` whatever its capitals, or an empty string when none is close."""
    lowered = {one.lower(): one for one in known}
    close = difflib.get_close_matches(str(word).lower(), list(lowered), n=1)
    return lowered[close[0]] if close else ""
