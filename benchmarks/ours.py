"""hemograft on a task: the only file here that knows how the engine is called."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from hemograft.engine.run import run
from hemograft.engine.setting import Setting
from hemograft.engine.setup import Twins
from hemograft.model.compile import Element, Model, assemble
from hemograft.model.component import Component, Quantity
from hemograft.streams import key

from .work import Work

WATCH = "watched state"


def states(work: Work, tolerance: float, workers: int = 1) -> np.ndarray:
    """Every state of every patient on every day, drawn before that day's orders; shape (patient, day, state)."""
    model = watched(work.model)
    recorded = _run(work, model, tolerance, workers)
    first = [e.name for e in model.observed].index(f"{WATCH} 0")
    return recorded[:, :, first : first + len(work.model.states)]


def counts(work: Work, tolerance: float, workers: int = 1) -> np.ndarray:
    """The observed quantities alone, as every user gets them; shape (patient, day, quantity)."""
    return _run(work, without_chance(work.model), tolerance, workers)


def chance(work: Work, seed: int) -> np.ndarray | None:
    """Every state in whole cells, moved by chance; None where the engine cannot do that yet."""
    return None


def _run(work: Work, model: Model, tolerance: float, workers: int) -> np.ndarray:
    names = tuple(f"patient/{i + 1}" for i in range(len(work.vectors)))
    keys = np.array([key(name) for name in names])
    setting = Setting(None, None, model, names, keys, 0, work.last_day, tolerance, workers)  # type: ignore[arg-type]
    courses = run(setting, Twins(names, work.vectors, work.start, {}), work.orders, work.first_day, None)
    if courses.failed.any():
        raise RuntimeError(courses.why(int(np.argmax(courses.failed))))
    return courses.recorded


def without_chance(model: Model) -> Model:
    """The same model in which no population dies out by chance."""
    plain = tuple(replace(component, populations=()) for component in model.components)
    return assemble(plain, model.axes, model.parameters)


def watched(model: Model) -> Model:
    """The same model with every state recorded daily."""
    extra = tuple(
        Quantity(f"{WATCH} {i}", e.declared.unit, _reader(e), e.name, observed="1") for i, e in enumerate(model.states)
    )
    plain = without_chance(model)
    return assemble((*plain.components, Component(name="watch", quantities=extra)), model.axes, model.parameters)


def _reader(element: Element):
    def read(x, p):
        value = getattr(x, element.declared.name)
        for step in element.key:
            value = value[step]
        return value

    return read
