"""Cells counted in ones: exact transitions of small populations, so that the last cell can die and one found a clone.

Over a leap the rates per cell of a small population are taken as known (:mod:`hemograft.engine.leaps`). Then every
cell lives its own life: it divides, dies, moves to another state of the population, and others arrive. A few cells are
followed event by event; more are advanced by the exact law of births, deaths and arrivals, between half leaps of moves.

Source
------
Kendall 1948, doi:10.1214/aoms/1177730285 (birth, death and immigration); Gillespie 1977, doi:10.1021/j100540a008;
Strang 1968, doi:10.1137/0705041 (half leaps).
"""

from __future__ import annotations

import math

from .calls import compiled
from .luck import binomial, is_smooth, negative_binomial, poisson, smooth, uniform

BIRTH, DEATH, MOVE, ARRIVAL = 0, 1, 2, 3  # kinds of reactions
KIND, SOURCE, TARGET, CELLS = 0, 1, 2, 3  # columns of reactions
FOLLOWED = 24.0  # up to so many cells, event by event
FASTEST = 0.2  # moves per cell in one piece of a leap
MOST_PIECES = 2_000
NEAR, FAR = 4.0, 8.0  # standard deviations from none: where none would be harmless, and where it would be the end
MANY = 1e7  # so many that those left of them, when few, are a Poisson number


@compiled
def transition(counts, rates, reactions, length, stream, moved, sums):
    """Advance the counts of one population over a leap.

    Parameters
    ----------
    counts : array, shape (member,)
        Whole numbers of cells; overwritten.
    rates : array, shape (reaction,) [1/day]
        Rates per cell (of arrivals: per day).
    reactions : int64 array, shape (reaction, 4)
        Kind, source, target, and how many cells arrive at the target.
    length : float [day]
    stream : uint64 array, shape (2,)
        See :mod:`hemograft.engine.luck`.
    moved : array, shape (reaction,)
    sums : array, shape (5, member)
        Scratch.
    """
    total = _sum(counts)
    busiest, arriving = _per_member(counts.size, rates, reactions, sums)
    if total == 0.0 and arriving == 0.0:
        return
    if total + arriving * length <= FOLLOWED:
        _every_event(counts, rates, reactions, length, stream)
        return
    pieces = int(min(MOST_PIECES, max(1.0, math.ceil(busiest * length / FASTEST))))
    piece = length / pieces
    for m in range(counts.size):
        sums[4, m] = -math.expm1(-0.5 * piece * sums[3, m]) if sums[3, m] > 0.0 else 0.0
    for _ in range(pieces):
        if busiest > 0.0:
            _move(counts, rates, reactions, sums, stream, moved)
        for m in range(counts.size):
            counts[m] = born_and_died(counts[m], sums[0, m], sums[1, m], sums[2, m], piece, stream)
        if busiest > 0.0:
            _move(counts, rates, reactions, sums, stream, moved)


@compiled
def _sum(counts):
    total = 0.0
    for m in range(counts.size):
        total += counts[m]
    return total


@compiled
def _per_member(members, rates, reactions, sums):
    """Rates of birth, death, arrival and leaving of each member; the fastest leaving, and all arrivals.

    Births and deaths alone are exact over a leap of any length; only moves between members have to be short.
    """
    for m in range(members):
        sums[0, m], sums[1, m], sums[2, m], sums[3, m] = 0.0, 0.0, 0.0, 0.0
    busiest, arriving = 0.0, 0.0
    for r in range(reactions.shape[0]):
        kind = reactions[r, KIND]
        if kind == ARRIVAL:
            sums[2, reactions[r, TARGET]] += rates[r] * reactions[r, CELLS]
            arriving += rates[r] * reactions[r, CELLS]
        else:
            row = 0 if kind == BIRTH else 1 if kind == DEATH else 3
            sums[row, reactions[r, SOURCE]] += rates[r]
    for m in range(members):
        busiest = max(busiest, sums[3, m])
    return busiest, arriving


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
def _move(counts, rates, reactions, sums, stream, moved):
    """Each cell moves at most once; all moves are drawn before any is made."""
    for m in range(counts.size):
        leaving = sums[3, m]
        if leaving > 0.0:
            gone = _some(counts[m], sums[4, m], stream)
            for r in range(reactions.shape[0]):
                if reactions[r, KIND] == MOVE and reactions[r, SOURCE] == m:
                    last = rates[r] >= leaving
                    moved[r] = gone if last else binomial(stream, gone, rates[r] / leaving)
                    gone -= moved[r]
                    leaving -= rates[r]
    for r in range(reactions.shape[0]):
        if reactions[r, KIND] == MOVE and sums[3, reactions[r, SOURCE]] > 0.0:
            counts[reactions[r, SOURCE]] -= moved[r]
            counts[reactions[r, TARGET]] += moved[r] * reactions[r, CELLS]


@compiled
def _some(count, share, stream):
    """How many of the cells do what each does with the same chance."""
    variance = count * share * (1.0 - share)
    if is_smooth(count * share, variance, NEAR) and is_smooth(count * (1.0 - share), variance, FAR):
        return smooth(stream, count * share, variance, variance * (1.0 - 2.0 * share))
    return binomial(stream, count, share)


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
        below = grown / (birth * grown + growth)
        a, b = death * below, birth * below
    more = arriving / birth if arriving > 0.0 and b > 0.0 else 0.0  # arrivals leave as many geometric numbers
    mean = 1.0 / (1.0 - b)
    square, cube = (1.0 + b) * mean * mean, (1.0 + 4.0 * b + b * b) * mean**3
    one, two, three = (1.0 - a) * mean, (1.0 - a) * square, (1.0 - a) * cube
    expected, variance = count * one + more * b * mean, count * (two - one * one) + more * b * mean * mean
    if is_smooth(expected, variance, FAR) and (b > 0.0 or arriving == 0.0):
        third = count * (three - 3.0 * one * two + 2.0 * one**3) + more * b * square * mean
        return smooth(stream, expected, variance, third)
    alive = binomial(stream, count, 1.0 - a)
    if b > 0.0:
        return alive + negative_binomial(stream, alive + more, b)
    if arriving > 0.0:
        return alive + poisson(stream, arriving * (a / death if death > 0.0 else length))
    return alive


@compiled
def thinned(before, after, stream):
    """A whole number of cells where the equations went from many (``before``) to few (``after``)."""
    if after >= before or before > MANY:
        return poisson(stream, after)
    return binomial(stream, math.floor(before + 0.5), after / before)
