"""hemograft on a task: the only file here that knows how the engine is called."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from hemograft.engine.lanes import FINE, Records
from hemograft.engine.patients import Group, rows_of
from hemograft.engine.run import run
from hemograft.engine.setup import Twins
from hemograft.model.compile import Element, Model, assemble
from hemograft.model.component import Component, Quantity
from hemograft.streams import key

from .work import Work

WATCH = "watched state"
TOLERANCE = 1e-4  # what simulate() uses unless told otherwise


def states(work: Work, tolerance: float, workers: int = 1) -> np.ndarray:
    """Every state of every patient on every day, drawn before that day's orders; shape (patient, day, state)."""
    return _watch(work, tolerance, False, 0, workers)


def counts(work: Work, tolerance: float = TOLERANCE, chance: bool = False, workers: int = 1) -> Records:
    """The observed quantities alone, as every user gets them."""
    return _run(work, work.model, tolerance, chance, 0, workers)


def chance(work: Work, seed: int) -> np.ndarray:
    """Every state with small populations in whole cells; shape (patient, day, state)."""
    return _watch(work, TOLERANCE, True, seed, 1)


def _watch(work: Work, tolerance: float, chance: bool, seed: int, workers: int) -> np.ndarray:
    model = watched(work.model)
    daily = _run(work, model, tolerance, chance, seed, workers).daily
    first = [e.name for e in model.observed].index(f"{WATCH} 0")
    return daily[:, :, first : first + len(work.model.states)]


def _run(work: Work, model: Model, tolerance: float, chance: bool, seed: int, workers: int) -> Records:
    names = tuple(f"patient/{i + 1}" for i in range(len(work.vectors)))
    people = Twins(names, work.vectors, work.start, {})
    group = Group(people, work.orders, np.array([key(name) for name in names]), work.first_day, work.last_day)
    records = run(model, rows_of(model, [group], seed, chance), tolerance=tolerance, chance=chance, workers=workers)
    if (records.status[:, 0] != FINE).any():
        raise RuntimeError("a patient could not be followed to the end")
    return records


def watched(model: Model) -> Model:
    """The same model with every state recorded daily and no events (their integrals stay, as states)."""
    extra = tuple(
        Quantity(f"{WATCH} {i}", e.declared.unit, _reader(e), e.name, observed="1") for i, e in enumerate(model.states)
    )
    plain = tuple(replace(component, events=()) for component in model.components)
    return assemble((*plain, Component(name="watch", quantities=extra)), model.axes, model.parameters)


def _reader(element: Element):
    def read(x, p):
        value = getattr(x, element.declared.name)
        for step in element.key:
            value = value[step]
        return value

    return read
