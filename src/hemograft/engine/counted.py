"""Which declared flows concern cells that are counted in ones, and how: as births, deaths, moves or arrivals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..errors import ModelError
from ..model.compile import Model
from ..model.elements import Arrow
from .chance import ARRIVAL, BIRTH, DEATH, MOVE


@dataclass(frozen=True)
class Reaction:
    """One flow as it looks from inside a population.

    Attributes
    ----------
    population : int
    kind : int
        BIRTH, DEATH, MOVE or ARRIVAL.
    arrow : int
        Place of the flow in ``model.arrows``.
    state : int or None
        The state that loses a cell; none for arrivals.
    source, target : int
        Places in the population's states; -1 for outside.
    cells : int
        How many arrive at the target.
    """

    population: int
    kind: int
    arrow: int
    state: int | None
    source: int
    target: int
    cells: int


def reactions(model: Model) -> tuple[Reaction, ...]:
    """Every flow that concerns a population of a model, population by population."""
    found = []
    for number, (name, states) in enumerate(model.populations):
        place = {state: i for i, state in enumerate(states)}
        for i, arrow in enumerate(model.arrows):
            source = place.get(arrow.source, -1) if arrow.source is not None else -1
            target = place.get(arrow.target, -1) if arrow.target is not None else -1
            if max(source, target) < 0 or (source == target and arrow.yields == 1):
                continue
            kind = _kind(source, target, arrow, name)
            cells = int(arrow.yields) if target >= 0 else 0
            state = arrow.source if source >= 0 else None
            found.append(Reaction(number, kind, i, state, source, target, cells))
    return tuple(found)


def _kind(source: int, target: int, arrow: Arrow, population: str) -> int:
    if target >= 0 and (arrow.yields < 1 or arrow.yields % 1):
        raise ModelError(f"{population}: {arrow.rate.__name__} yields {arrow.yields:g} cells, which cannot be counted")
    if source < 0:
        return ARRIVAL
    if target < 0:
        return DEATH
    if source != target:
        return MOVE
    if arrow.yields != 2:
        raise ModelError(f"{population}: {arrow.rate.__name__} divides into {arrow.yields:g}; only two can be counted")
    return BIRTH


def tables(model: Model) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """The same for the compiled loop.

    Returns
    -------
    members : int64 array, shape (population, state of it)
        -1 where there is none.
    sizes : int64 array, shape (population,)
    rows : int64 array, shape (reaction, 4)
        Kind, source, target, cells.
    first : int64 array, shape (population + 1,)
        Where each population's reactions begin.
    """
    return model.once("counted", _tables)


def _tables(model: Model) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    populations, all_ = model.populations, reactions(model)
    sizes = np.array([len(states) for _, states in populations], dtype=np.int64)
    members = np.full((len(populations), max(sizes, default=1)), -1, dtype=np.int64)
    for k, (_, states) in enumerate(populations):
        members[k, : len(states)] = states
    rows = np.array([(r.kind, r.source, r.target, r.cells) for r in all_], dtype=np.int64).reshape(-1, 4)
    first = np.searchsorted([r.population for r in all_], np.arange(len(populations) + 1)).astype(np.int64)
    return members, sizes, rows, first
