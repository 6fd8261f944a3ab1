"""The words a model is written in: State, Input, Covariate, Derived, Quantity, Flow, Event, Component.

A mechanism is a file with plain functions at the top and one ``Component`` at the bottom. Every function reads
named states through ``x`` and named parameters through ``p`` and does arithmetic; it may not branch on a value
(:mod:`hemograft.model.forms` has the allowed shapes). The same function is read several ways: with units to
check dimensions, with symbols to print equations and generate machine code, and with numbers to test.

States, inputs, quantities and flows that repeat over an axis (the ``origin`` of a cell, a ``clone``, a ``drug``)
are declared once with ``per=`` and their functions receive the index: ``def loss(x, p, origin)``. A chain of
``stages`` is one more index, counted from 0.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import wraps
from typing import Any

Rate = Callable[..., Any]


@dataclass(frozen=True)
class State:
    """An amount that persists from one moment to the next.

    Attributes
    ----------
    per : tuple of str
        Axes it repeats over, in the order of its index.
    stages : int
        Length of a chain of equal stages; 1 for a single compartment (then it has no stage index).
    start : callable, optional
        ``start(p, *index)``: the amount before any treatment; nothing when absent. ``p`` holds parameters,
        derived values and covariates.
    given : str
        The state exists only for index values that have a parameter of this name (a drug's second volume).
    """

    name: str
    unit: str
    meaning: str
    per: tuple[str, ...] = ()
    stages: int = 1
    start: Rate | None = None
    given: str = ""


@dataclass(frozen=True)
class Input:
    """A rate from outside that orders switch on and off, such as an infusion; zero until then."""

    name: str
    unit: str
    meaning: str
    per: tuple[str, ...] = ()


@dataclass(frozen=True)
class Covariate:
    """A property of the patient or graft that the case states, such as weight."""

    name: str
    unit: str
    meaning: str


@dataclass(frozen=True)
class Table:
    """A parameter that each member of an axis may or may not have: ``p.clearance["busulfan"]``."""

    name: str
    unit: str
    meaning: str
    per: str


@dataclass(frozen=True)
class Derived:
    """A number that follows from parameters and covariates alone: ``value(p, *index)``."""

    name: str
    unit: str
    value: Rate
    meaning: str
    per: tuple[str, ...] = ()


@dataclass(frozen=True)
class Quantity:
    """A value other components may read: ``value(x, p, *index)``; follows from the states at the same moment.

    ``observed`` names the unit in which it is recorded every day; empty when it is only used inside. ``needs``
    names an axis without whose members the quantity does not exist (chimerism needs a donor), ``observed_with``
    axes without whose members it is not worth recording.
    """

    name: str
    unit: str
    value: Rate
    meaning: str
    per: tuple[str, ...] = ()
    observed: str = ""
    needs: str = ""
    observed_with: tuple[str, ...] = ()


@dataclass(frozen=True)
class At:
    """One place of a state that repeats: a stage of a chain, counted from 0, or members of axes the flow lacks.

    ``At("myelocyte", 0)`` is where cells enter; ``At("naive_t_cell", index=("cd4",))`` is one subset.
    """

    state: str
    stage: int | None = None
    index: tuple[str, ...] = ()


Place = str | At | None


@dataclass(frozen=True)
class Flow:
    """Something moving from one place to another; ``None`` is outside the body.

    ``rate(x, p, *index)`` is the amount leaving the source per day; ``yields`` units arrive for each unit that
    leaves (2 for a division). Source and target may be the same place: a division into two of a kind.
    """

    source: Place
    target: Place
    rate: Rate
    per: tuple[str, ...] = ()
    yields: float = 1.0
    label: str = ""


@dataclass(frozen=True)
class Population:
    """Cells that are counted in ones where they are few: when the last of them dies, they never come back.

    ``states`` are its parts, each repeating over the axes ``per``, or an :class:`At` with further fixed members;
    parts that do not exist for an index (a host has no circulating graft) are left out. Flows between the parts are
    moves of cells, flows out of them deaths, and flows from elsewhere arrivals.
    """

    name: str
    states: tuple[str | At, ...]
    per: tuple[str, ...]
    meaning: str


@dataclass(frozen=True)
class Event:
    """Something that happens once, by chance: a death, the onset of a complication.

    Its hazard, ``hazard(x, p)`` per day, is integrated from the first simulated day; the event happens when the
    integral reaches an exponential random number of the patient's own, so its day does not depend on any grid. Other
    rates may read whether it has happened as ``x.<name>``, 0 before and 1 from then on. After an event that ``ends``
    the course nothing is followed any more.
    """

    name: str
    hazard: Rate
    meaning: str
    ends: bool = False

    @property
    def integral(self) -> str:
        """Name of the state that holds the integrated hazard."""
        return f"{self.name}_hazard"

    @property
    def state(self) -> State:
        """The integrated hazard."""
        return State(self.integral, "1", f"integrated hazard of: {self.meaning}")

    @property
    def flag(self) -> Input:
        """Whether it has happened, as rates read it."""
        return Input(self.name, "1", f"1 once this has happened: {self.meaning}")

    @property
    def flow(self) -> Flow:
        """What fills the integral."""
        return Flow(None, self.integral, self.hazard, label="accrues")


@dataclass(frozen=True)
class Component:
    """One mechanism: its states, what others may read of it, its flows, and what it may make happen.

    ``parts`` is the same mechanism with its events written out as states, inputs and flows.
    """

    name: str
    states: tuple[State, ...] = ()
    inputs: tuple[Input, ...] = ()
    covariates: tuple[Covariate, ...] = ()
    tables: tuple[Table, ...] = ()
    derived: tuple[Derived, ...] = ()
    quantities: tuple[Quantity, ...] = ()
    flows: tuple[Flow, ...] = ()
    populations: tuple[Population, ...] = ()
    events: tuple[Event, ...] = ()

    @property
    def parts(self) -> Component:
        """This mechanism with every event written out as an integral, a flag and a flow."""
        return replace(
            self,
            states=self.states + tuple(event.state for event in self.events),
            inputs=self.inputs + tuple(event.flag for event in self.events),
            flows=self.flows + tuple(event.flow for event in self.events),
        )


def _named(name: str, rate: Rate) -> Rate:
    @wraps(rate)
    def named(*arguments):
        return rate(*arguments)

    named.__name__ = name
    return named


def _cells(x, name: str, index: tuple, stage: int, stages: int):
    found = getattr(x, name)
    for step in index:
        found = found[step]
    return found[stage] if stages > 1 else found


def dividing(
    name: str,
    stages: int,
    division: Rate,
    renewal: Rate,
    into: tuple[tuple[Place, Rate | None], ...],
    per: tuple[str, ...] = ("origin",),
) -> tuple[Flow, ...]:
    """Flows of a chain whose cells divide in every stage.

    A division, at ``division(x, p, *index)`` per cell and day, yields two cells of the same stage with
    probability ``renewal(x, p, *index)`` and two of the next otherwise; both functions get the stage as last
    index when there are several. ``into`` lists where the last stage sends its cells, each with its share
    ``share(x, p, *index)`` (``None`` for all of them).
    """
    flows = []
    for stage in range(stages):
        here = At(name, stage) if stages > 1 else name
        last = (stage,) if stages > 1 else ()

        def renews(x, p, *index, stage=stage, last=last):
            turns = division(x, p, *index, *last) * _cells(x, name, index, stage, stages)
            return renewal(x, p, *index, *last) * turns

        def matures(x, p, *index, stage=stage, last=last):
            turns = division(x, p, *index, *last) * _cells(x, name, index, stage, stages)
            return (1 - renewal(x, p, *index, *last)) * turns

        flows.append(Flow(here, here, _named(f"{name}_renews", renews), per, 2.0, "divides into two of its kind"))
        if stage + 1 < stages:
            onward = At(name, stage + 1)
            flows.append(Flow(here, onward, _named(f"{name}_matures", matures), per, 2.0, "divides and matures"))
            continue
        for target, share in into:
            rate = _named(f"{name}_leaves", matures if share is None else _shared(matures, share))
            flows.append(Flow(here, target, rate, per, 2.0, "divides and leaves"))
    return tuple(flows)


def _shared(rate: Rate, share: Rate) -> Rate:
    return lambda x, p, *index: share(x, p, *index) * rate(x, p, *index)


def aging(name: str, stages: int, rate: Rate, into: Place, per: tuple[str, ...] = ("origin",)) -> tuple[Flow, ...]:
    """Flows of a chain that cells pass through undivided, at ``rate(x, p, *index)`` per cell, stage and day."""
    flows = []
    for stage in range(stages):

        def passes(x, p, *index, stage=stage):
            return rate(x, p, *index) * _cells(x, name, index, stage, stages)

        here = At(name, stage) if stages > 1 else name
        to = At(name, stage + 1) if stage + 1 < stages else into
        label = "ages" if stage + 1 < stages else "leaves"
        flows.append(Flow(here, to, _named(f"{name}_{label}", passes), per, 1.0, label))
    return tuple(flows)


def killed(
    name: str, stages: int, target: str, division: Rate | None = None, per: tuple[str, ...] = ("origin",)
) -> tuple[Flow, ...]:
    """Flows of cells lost to treatment and injury.

    Cells die at ``x.kill[target]`` whatever they do, and, where ``division`` is given, at ``x.cycle_kill`` per
    attempted division (drugs that kill in S phase).
    """
    flows = []
    for stage in range(stages):
        last = (stage,) if stages > 1 else ()

        def dies(x, p, *index, stage=stage, last=last):
            rate = x.kill[target]
            if division is not None:
                rate = rate + x.cycle_kill * division(x, p, *index, *last)
            return rate * _cells(x, name, index, stage, stages)

        here = At(name, stage) if stages > 1 else name
        flows.append(Flow(here, None, _named(f"{name}_killed", dies), per, 1.0, "is killed"))
    return tuple(flows)
