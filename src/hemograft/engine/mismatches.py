"""Differences that nobody counted are drawn for each twin, so that they are on average what is expected.

What was typed is not drawn. A stated grade, such as 9/10, says how many mismatches there are; which loci they hit is
drawn. A mismatch counts in one direction or in both, as often as expected of its locus. Minor antigens are many small
differences, whose sum has a gamma distribution.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

import numpy as np
from scipy.special import gammaincinv

from ..hla.comparison import LocusMatch
from ..streams import uniform

SIDES = ("gvh", "hvg")  # graft-versus-host, host-versus-graft
Both = dict[str, np.ndarray]  # how many in each direction, shape (patient,)


def drawn(rows: Iterable[LocusMatch], graded: Collection[str], keys: np.ndarray, seed: int | None) -> dict[str, Both]:
    """Each twin's differences at every locus, in both directions.

    Parameters
    ----------
    rows : iterable of LocusMatch
        What is known or expected.
    graded : collection of str
        Loci over which the mismatches of a stated grade are spread: their number is that of the grade.
    keys : array of uint64, shape (patient,)
        Patient keys that decide the twins' luck.
    seed : int or None
        The run's seed; without one, every twin has what is expected.

    Source
    ------
    A fixed number in all with given expectations at each place: systematic sampling (Madow 1949, recalled).
    """
    if seed is None:
        return {row.locus: {side: np.full(len(keys), getattr(row, side).likely) for side in SIDES} for row in rows}
    common, passed = uniform(seed, keys, "mismatch/grade"), 0.0
    found = {}
    for row in rows:
        chances, (mismatched, gvh, hvg) = _shares(row)
        counts = {side: np.full(len(keys), float(getattr(row, side).low)) for side in SIDES}
        for chance in range(chances):
            if row.locus in graded:
                luck, passed = (common - passed) % 1.0, passed + mismatched
            else:
                luck = uniform(seed, keys, f"mismatch/{row.locus}", chance)
            counts["gvh"] += luck < gvh
            counts["hvg"] += (luck >= mismatched - hvg) & (luck < mismatched)
        found[row.locus] = counts
    return found


def _shares(row: LocusMatch) -> tuple[int, tuple[float, float, float]]:
    """How many alleles are open, and how likely each is mismatched, foreign to the donor and foreign to the patient.

    Every mismatch is foreign in at least one direction.
    """
    chances = max(one.high - one.low for one in (row.matched, row.gvh, row.hvg))
    if not chances:
        return 0, (0.0, 0.0, 0.0)
    gvh, hvg = ((one.likely - one.low) / chances for one in (row.gvh, row.hvg))
    mismatched = (row.matched.high - row.matched.likely) / chances
    return chances, (min(max(mismatched, gvh, hvg), gvh + hvg, 1.0), gvh, hvg)


def minor_antigens(expected: np.ndarray, siblings: np.ndarray, keys: np.ndarray, seed: int | None) -> np.ndarray:
    """Each twin's minor antigens, over those between typical siblings.

    Parameters
    ----------
    expected : array, shape (patient,)
        Their expectation, over siblings.
    siblings : array, shape (patient,)
        How many minor antigens differ between siblings.
    """
    if seed is None:
        return expected
    return gammaincinv(expected * siblings, uniform(seed, keys, "mismatch/minor")) / siblings
