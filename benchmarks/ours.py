"""hemograft on a task: the only file here that knows how the engine is called."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from hemograft.engine.lanes import FINE, Records
from hemograft.engine.patients import Group, rows_of
from hemograft.engine.run import run
from hemograft.engine.twins import Twins
from hemograft.model.compile import Model, assemble
from hemograft.model.component import Component, Quantity
from hemograft.model.elements import Element
from hemograft.streams import key

from .work import Work

WATCH = "watched state"
TOLERANCE = 1e-4  # what simulate() uses unless told otherwise


class Ours:
    """The engine on one task; the model with every state recorded is laid out once."""

    def __init__(self, work: Work):
        self.work, self.watched = work, watched(work.model)
        first = [e.name for e in self.watched.observed].index(f"{WATCH} 0")
        self.columns = slice(first, first + len(work.model.states))

    def states(self, tolerance: float, count: int | None = None, lanes: int | None = None) -> np.ndarray:
        """Every state of the first patients on every day, before that day's orders; shape (patient, day, state)."""
        work = self.work if count is None else self.work.some(count)
        return advanced(work, self.watched, tolerance, lanes=lanes).daily[:, :, self.columns]

    def chance(self, seed: int) -> np.ndarray:
        """The same with small populations in whole cells, moved by chance."""
        return advanced(self.work, self.watched, TOLERANCE, chance=True, seed=seed).daily[:, :, self.columns]


def counts(work: Work, tolerance: float = TOLERANCE, chance: bool = False, workers: int = 1) -> Records:
    """The observed quantities alone, as every user gets them."""
    return advanced(work, work.model, tolerance, chance=chance, workers=workers)


def advanced(
    work: Work,
    model: Model,
    tolerance: float,
    *,
    chance: bool = False,
    seed: int = 0,
    workers: int = 1,
    lanes: int | None = None,
) -> Records:
    """All patients of a task through time."""
    names = tuple(f"patient/{i + 1}" for i in range(len(work.vectors)))
    people = Twins(names, work.vectors, work.start, {})
    group = Group(people, work.orders, np.array([key(name) for name in names]), work.first_day, work.last_day)
    patients = rows_of(model, [group], seed, chance)
    records = run(model, patients, tolerance=tolerance, chance=chance, workers=workers, lanes=lanes)
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
