"""Cells counted in ones: exact transitions of small populations, so that the last cell can die and one found a clone.

Over a step of the equations the rates per cell of a small population are taken as known (they come from the
equations, at both ends and the middle of the step). Then every cell lives its own life: it divides, dies, moves to
another state of the population, and others arrive. A few cells are followed event by event; more are advanced by
the exact law of births, deaths and arrivals, between half steps of moves.

Source
------
Kendall 1948, doi:10.1214/aoms/1177730285 (birth, death and immigration); Gillespie 1977, doi:10.1021/j100540a008;
Strang 1968, doi:10.1137/0705041 (half steps).
"""

from __future__ import annotations

import math

from .calls import compiled
from .luck import binomial, gamma, poisson, uniform

BIRTH, DEATH, MOVE, ARRIVAL = 0, 1, 2, 3  # kinds of reactions
KIND, SOURCE, TARGET, CELLS = 0, 1, 2, 3  # columns of reactions
FOLLOWED = 24.0  # up to so many cells, event by event
FASTEST = 0.2  # moves per cell in one leap
MOST_LEAPS = 2_000
MANY = 1e7  # so many that those left of them, when few, are a Poisson number


@compiled
def transition(counts, rates, reactions, length, stream, leap, half):
    """Advance the counts of one population over a step.

    Parameters
    ----------
    counts : array, shape (member,)
        Whole numbers of cells; overwritten.
    rates : array, shape (3, reaction) [1/day]
        Rates per cell (of arrivals: per day) at the start, the middle and the end of the step.
    reactions : int64 array, shape (reaction, 4)
        Kind, source, target, and how many cells arrive at the target.
    length : float [day]
    stream : uint64 array, shape (2,)
        See :mod:`hemograft.engine.luck`.
    leap, half : array, shape (reaction,)
        Scratch.
    """
    total = _sum(counts)
    busiest, arriving = _pace(rates, reactions, counts.size)
    if total == 0.0 and arriving == 0.0:
        return
    few = total + arriving * length <= FOLLOWED
    pieces = 2 if few else int(min(MOST_LEAPS, max(1.0, math.ceil(busiest * length / FASTEST))))
    for k in range(pieces):
        for r in range(reactions.shape[0]):
            leap[r] = _mean(rates[0, r], rates[1, r], rates[2, r], k / pieces, (k + 1) / pieces)
        if _sum(counts) + arriving * length / pieces <= FOLLOWED:
            _every_event(counts, leap, reactions, length / pieces, stream)
        else:
            _move(counts, leap, reactions, 0.5 * length / pieces, stream, half)
            _be_born_and_die(counts, leap, reactions, length / pieces, stream)
            _move(counts, leap, reactions, 0.5 * length / pieces, stream, half)


@compiled
def _sum(counts):
    total = 0.0
    for m in range(counts.size):
        total += counts[m]
    return total


@compiled
def _pace(rates, reactions, members):
    """The largest rate per cell at which any member moves to another, and the largest rate of arrivals.

    Births and deaths alone are exact over a step of any length; only moves between members have to be short.
    """
    busiest, arriving = 0.0, 0.0
    for node in range(3):
        arrivals = 0.0
        for r in range(reactions.shape[0]):
            if reactions[r, KIND] == ARRIVAL:
                arrivals += rates[node, r] * reactions[r, CELLS]
        arriving = max(arriving, arrivals)
        for m in range(members):
            leaving = 0.0
            for r in range(reactions.shape[0]):
                if reactions[r, KIND] == MOVE and reactions[r, SOURCE] == m:
                    leaving += rates[node, r]
            busiest = max(busiest, leaving)
    return busiest, arriving


@compiled
def _mean(start, middle, end, low, high):
    """Mean over a part of the step of the parabola through start, middle and end; never negative."""
    at = 0.5 * (low + high)
    total = 0.0
    for u, weight in ((low, 1.0), (at, 4.0), (high, 1.0)):
        value = start * (1 - u) * (1 - 2 * u) + middle * 4 * u * (1 - u) + end * u * (2 * u - 1)
        total += weight * value / 6.0
    return max(total, 0.0)


@compiled
def _every_event(counts, rates, reactions, length, stream):
    """Gillespie's direct method at constant rates per cell."""
    left = length
    while True:
        total = 0.0
        for r in range(reactions.shape[0]):
            total += rates[r] * (1.0 if reactions[r, KIND] == ARRIVAL else counts[reactions[r, SOURCE]])
        if not total > 0.0:
            return
        left += math.log(uniform(stream)) / total
        if left < 0.0:
            return
        chosen, below = uniform(stream) * total, 0.0
        for r in range(reactions.shape[0]):
            below += rates[r] * (1.0 if reactions[r, KIND] == ARRIVAL else counts[reactions[r, SOURCE]])
            if chosen < below:
                kind = reactions[r, KIND]
                if kind != ARRIVAL:
                    counts[reactions[r, SOURCE]] -= 1.0
                if kind != DEATH:
                    counts[reactions[r, TARGET]] += reactions[r, CELLS]
                break


@compiled
def _move(counts, rates, reactions, length, stream, moved):
    """Each cell moves at most once; all moves are drawn before any is made."""
    for m in range(counts.size):
        leaving = 0.0
        for r in range(reactions.shape[0]):
            if reactions[r, KIND] == MOVE and reactions[r, SOURCE] == m:
                leaving += rates[r]
        gone = binomial(stream, counts[m], -math.expm1(-leaving * length)) if leaving > 0.0 else 0.0
        for r in range(reactions.shape[0]):
            if reactions[r, KIND] == MOVE and reactions[r, SOURCE] == m:
                moved[r] = binomial(stream, gone, min(rates[r] / leaving, 1.0)) if leaving > 0.0 else 0.0
                gone -= moved[r]
                leaving -= rates[r]
    for r in range(reactions.shape[0]):
        if reactions[r, KIND] == MOVE:
            counts[reactions[r, SOURCE]] -= moved[r]
            counts[reactions[r, TARGET]] += moved[r] * reactions[r, CELLS]


@compiled
def _be_born_and_die(counts, rates, reactions, length, stream):
    for m in range(counts.size):
        birth, death, arriving = 0.0, 0.0, 0.0
        for r in range(reactions.shape[0]):
            if reactions[r, KIND] == BIRTH and reactions[r, SOURCE] == m:
                birth += rates[r]
            elif reactions[r, KIND] == DEATH and reactions[r, SOURCE] == m:
                death += rates[r]
            elif reactions[r, KIND] == ARRIVAL and reactions[r, TARGET] == m:
                arriving += rates[r] * reactions[r, CELLS]
        counts[m] = born_and_died(counts[m], birth, death, arriving, length, stream)


@compiled
def born_and_died(count, birth, death, arriving, length, stream):
    """Cells left of ``count`` after ``length`` at these rates per cell and day, with arrivals a day.

    Each lineage is extinct with probability ``a``; the others have a geometric number of cells of ratio ``b``. Cells
    that arrive leave a negative binomial number.
    """
    growth = birth - death
    if abs(growth * length) < 1e-9:
        a = death * length / (1.0 + death * length)
        b = birth * length / (1.0 + birth * length)
    else:
        grown = math.expm1(growth * length)
        below = birth * grown + growth
        a, b = death * grown / below, birth * grown / below
    alive = binomial(stream, count, 1.0 - a)
    more = 0.0
    if b > 0.0:
        shape = alive + (arriving / birth if birth > 0.0 else 0.0)
        more = poisson(stream, gamma(stream, shape) * b / (1.0 - b)) if shape > 0.0 else 0.0
    elif arriving > 0.0:
        more = poisson(stream, arriving * (a / death if death > 0.0 else length))
    return alive + more


@compiled
def thinned(before, after, stream):
    """A whole number of cells where the equations went from many (``before``) to few (``after``)."""
    if after >= before or before > MANY:
        return poisson(stream, after)
    return binomial(stream, math.floor(before + 0.5), after / before)
