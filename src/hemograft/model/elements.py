"""One concrete member of a declaration, and one concrete flow, in a model that has been laid out."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ..units import factor
from .component import Flow


@dataclass(frozen=True)
class Element:
    """One concrete member of a declaration: a state, input or quantity at one index."""

    declared: Any  # State, Input, Derived or Quantity
    index: tuple[str, ...]
    stage: int | None
    component: str

    @cached_property
    def name(self) -> str:
        places = [*self.index, *([str(self.stage + 1)] if self.stage is not None else [])]
        return f"{self.declared.name}[{','.join(places)}]" if places else self.declared.name

    @property
    def key(self) -> tuple:
        """The index with the stage, as functions receive it."""
        return (*self.index, *((self.stage,) if self.stage is not None else ()))

    @property
    def shown_in(self) -> float:
        """What to divide a recorded quantity by to have it in its observed unit."""
        return factor(self.declared.observed)


@dataclass(frozen=True)
class Arrow:
    """One concrete flow between two state numbers; ``None`` is outside the body."""

    source: int | None
    target: int | None
    rate: Any
    yields: float
    flow: Flow
    index: tuple[str, ...]
    component: str
