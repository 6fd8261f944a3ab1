"""A joint distribution over a few classes: the least assuming one with given shares, and its conditional draws.

Shares of pairs of classes, or of single classes, are imposed by iterative proportional fitting. From a flat start
the result is the distribution of highest entropy with these shares; from another start it keeps that
distribution's associations (odds ratios) and changes only the shares that are stated.

Source
------
Deming and Stephan, Ann Math Stat 1940;11:427 (recalled, not re-read).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

ROUNDS = 500
CLOSE = 1e-9  # largest change of a share in the last round
TRACE = 1e-6  # of the whole: keeps every combination possible, so that any stated share can be met


@dataclass(frozen=True)
class Joint:
    """Shares of every combination of classes.

    Attributes
    ----------
    axes : mapping of str to tuple of str
        Names of the classes, in the order of ``cells``.
    cells : array
        One dimension per axis; adds up to 1.
    """

    axes: Mapping[str, tuple[str, ...]]
    cells: np.ndarray

    def place(self, axis: str) -> int:
        """The dimension of an axis."""
        return list(self.axes).index(axis)

    def shares(self, *axes: str) -> np.ndarray:
        """Shares of one or several axes, summed over the others, in the order given."""
        places = [self.place(axis) for axis in axes]
        others = tuple(i for i in range(self.cells.ndim) if i not in places)
        kept = self.cells.sum(axis=others)
        return np.transpose(kept, np.argsort(np.argsort(places)))

    def weighted(self, factor: np.ndarray, *axes: str) -> Joint:
        """Every combination times a weight by some axes, made to add up to 1 again."""
        cells = self.cells * _spread(self, factor, axes)
        with np.errstate(invalid="ignore"):  # nobody is left
            return Joint(self.axes, cells / cells.sum())


def _spread(joint: Joint, values: np.ndarray, axes: Sequence[str]) -> np.ndarray:
    """An array over some axes in the shape of all of them."""
    places = [joint.place(axis) for axis in axes]
    shape = [1] * joint.cells.ndim
    for place, size in zip(places, values.shape, strict=True):
        shape[place] = size
    return np.transpose(values, np.argsort(places)).reshape(shape)


def raked(joint: Joint, targets: Iterable[tuple[tuple[str, ...], np.ndarray]]) -> Joint:
    """The joint distribution changed as little as possible to have the stated shares.

    Parameters
    ----------
    targets : iterable of (axes, shares)
        Shares of one axis or of a pair, each adding up to 1.
    """
    wanted = list(targets)
    now = joint
    for _ in range(ROUNDS):
        moved = 0.0
        for axes, shares in wanted:
            have = now.shares(*axes)
            ratio = np.divide(shares, have, out=np.zeros_like(have), where=have > 0)
            moved = max(moved, float(np.abs(shares - have).max()))
            now = Joint(now.axes, now.cells * _spread(now, ratio, axes))
        if moved < CLOSE:
            break
    with np.errstate(invalid="ignore"):  # shares that exclude each other leave nobody, which the caller sees as NaN
        return Joint(now.axes, now.cells / now.cells.sum())


def flat(axes: Mapping[str, tuple[str, ...]]) -> Joint:
    """Every combination equally frequent."""
    cells = np.ones([len(words) for words in axes.values()])
    return Joint(axes, cells / cells.size)


def with_traces(joint: Joint) -> Joint:
    """Every combination possible, however rare: a trace of the distribution in which the axes are independent.

    Classes that never occur get a trace as well, so that a stated share of them can be met later.
    """
    trace = np.ones_like(joint.cells)
    for axis in joint.axes:
        alone = joint.shares(axis)
        trace = trace * _spread(joint, np.where(alone > 0, alone, TRACE), (axis,))
    cells = joint.cells + TRACE * trace
    return Joint(joint.axes, cells / cells.sum())


def drawn(joint: Joint, chances: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Places on every axis, one axis after the other, each given those before it.

    Parameters
    ----------
    chances : mapping of axis to array of uniform numbers, shape (patient,)
        In the order in which the axes are drawn. The first axis also returns ``"within"``, how far into its
        class the chance fell (0 to 1).
    """
    found: dict[str, np.ndarray] = {}
    inside = np.zeros(0)
    order = list(chances)
    for number, axis in enumerate(order):
        before = tuple(order[:number])
        table = joint.shares(*before, axis)
        rows = table[tuple(found[name] for name in before)] if before else np.broadcast_to(table, (1, len(table)))
        rising = np.cumsum(rows, axis=1)
        target = chances[axis][:, None] * rising[:, -1:]
        found[axis] = np.minimum((rising <= target).sum(axis=1), table.shape[-1] - 1)
        if not before:
            low = np.concatenate([[0.0], rising[0]])[found[axis]]
            size = rows[0][found[axis]]
            within = np.divide(target[:, 0] - low, size, out=np.zeros_like(low), where=size > 0)
            inside = np.clip(within, 0.0, 1.0)
    return {**found, "within": inside}
