"""Random numbers inside the compiled loop: counter-based, one stream for each patient and purpose.

The same numbers as :mod:`hemograft.streams`: the ``k``-th uniform number of a stream is a hash of its key and ``k``,
so nothing depends on order, company or number of workers. A stream is an array of two whole numbers, its key and how
many numbers it has given.

Source
------
Poisson: Hormann 1993, doi:10.1016/0167-6687(93)90997-4 (PTRS). Binomial: Hormann 1993, doi:10.1080/00949659308811496
(BTRS). Gamma: Marsaglia and Tsang 2000, doi:10.1145/358407.358414. Normal: Box and Muller 1958.
"""

from __future__ import annotations

import math

import numpy as np

from .calls import compiled

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_S30, _S27, _S31, _S11 = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(11)
_ONE = np.uint64(1)
FEW = 10.0  # expected number up to which counting by inversion is fast
HUGE = 1e15  # above, whole numbers are not exact in double precision


@compiled
def uniform(stream):
    """The next uniform number in (0, 1)."""
    stream[1] += _ONE
    z = stream[0] + stream[1] * _GOLDEN
    z = (z ^ (z >> _S30)) * _FIRST
    z = (z ^ (z >> _S27)) * _SECOND
    z = z ^ (z >> _S31)
    return (np.float64(z >> _S11) + 0.5) / 9007199254740992.0


@compiled
def normal(stream):
    """A standard normal number."""
    radius = math.sqrt(-2.0 * math.log(uniform(stream)))
    return radius * math.cos(2.0 * math.pi * uniform(stream))


@compiled
def gamma(stream, shape):
    """A gamma number of this shape and scale 1."""
    if shape < 1.0:
        return _gamma_above_one(stream, shape + 1.0) * uniform(stream) ** (1.0 / shape)
    return _gamma_above_one(stream, shape)


@compiled
def _gamma_above_one(stream, shape):
    d = shape - 1.0 / 3.0
    c = 1.0 / math.sqrt(9.0 * d)
    while True:
        z = normal(stream)
        v = (1.0 + c * z) ** 3
        if v > 0.0 and math.log(uniform(stream)) < 0.5 * z * z + d - d * v + d * math.log(v):
            return d * v


@compiled
def poisson(stream, mean):
    """A Poisson number, as a float; nothing for a mean that is not positive."""
    if not mean > 0.0:
        return 0.0
    if mean > HUGE:
        return mean
    if mean < FEW:
        left, count = math.exp(-mean), 0.0
        product = uniform(stream)
        while product > left:
            product *= uniform(stream)
            count += 1.0
        return count
    b = 0.931 + 2.53 * math.sqrt(mean)
    a = -0.059 + 0.02483 * b
    inverse = 1.1239 + 1.1328 / (b - 3.4)
    easy = 0.9277 - 3.6224 / (b - 2.0)
    while True:
        u = uniform(stream) - 0.5
        v = uniform(stream)
        us = 0.5 - abs(u)
        k = math.floor((2.0 * a / us + b) * u + mean + 0.43)
        if us >= 0.07 and v <= easy:
            return k
        if k < 0.0 or (us < 0.013 and v > us):
            continue
        if math.log(v * inverse / (a / (us * us) + b)) <= k * math.log(mean) - mean - math.lgamma(k + 1.0):
            return k


@compiled
def binomial(stream, n, p):
    """How many of ``n`` (a whole number as a float) happen when each does with probability ``p``."""
    if n <= 0.0 or p <= 0.0:
        return 0.0
    if p >= 1.0:
        return n
    if p > 0.5:
        return n - _few_of_many(stream, n, 1.0 - p)
    return _few_of_many(stream, n, p)


@compiled
def _few_of_many(stream, n, p):
    if n * p < FEW:  # skip from one success to the next
        count, tried, skip = 0.0, 0.0, math.log1p(-p)
        while True:
            tried += math.floor(math.log(uniform(stream)) / skip) + 1.0
            if tried > n:
                return count
            count += 1.0
    q = 1.0 - p
    spread = math.sqrt(n * p * q)
    b = 1.15 + 2.53 * spread
    a = -0.0873 + 0.0248 * b + 0.01 * p
    center, easy = n * p + 0.5, 0.92 - 4.2 / b
    alpha, odds, mode = (2.83 + 5.1 / b) * spread, math.log(p / q), math.floor((n + 1.0) * p)
    peak = math.lgamma(mode + 1.0) + math.lgamma(n - mode + 1.0)
    while True:
        u = uniform(stream) - 0.5
        v = uniform(stream)
        us = 0.5 - abs(u)
        k = math.floor((2.0 * a / us + b) * u + center)
        if us >= 0.07 and v <= easy:
            return k
        if k < 0.0 or k > n:
            continue
        bound = peak - math.lgamma(k + 1.0) - math.lgamma(n - k + 1.0) + (k - mode) * odds
        if math.log(v * alpha / (a / (us * us) + b)) <= bound:
            return k
