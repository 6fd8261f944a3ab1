"""What is printed of a component: its entries, as plain data."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Entry:
    """A state, covariate or computed value: name, unit, meaning, and its start or expression if it has one.

    ``also`` names the other members of its axes for which the same holds.
    """

    name: str
    unit: str
    meaning: str
    value: str = ""
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class FlowEntry:
    """Something that moves: ``yields`` units arrive at the target for each unit that leaves the source."""

    source: str
    target: str
    rate: str
    label: str = ""
    yields: float = 1.0
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class ParameterEntry:
    """One parameter; ``of`` is the graft, leukemia or drug whose file gives the value, empty for all cases."""

    name: str
    value: float
    unit: str
    meaning: str
    evidence: str
    source: str
    spread: float
    of: str = ""


@dataclass(frozen=True)
class Mechanism:
    """One component in words."""

    name: str
    meaning: str
    states: tuple[Entry, ...] = ()
    covariates: tuple[Entry, ...] = ()
    derived: tuple[Entry, ...] = ()
    quantities: tuple[Entry, ...] = ()
    flows: tuple[FlowEntry, ...] = ()
    parameters: tuple[ParameterEntry, ...] = ()
