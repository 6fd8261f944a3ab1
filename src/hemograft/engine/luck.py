"""Random numbers inside the compiled loop: counter-based, one stream for each patient and purpose.

The same numbers as :mod:`hemograft.streams`: the ``k``-th uniform number of a stream is a hash of its key and ``k``,
so nothing depends on order, company or number of workers. A stream is an array of two whole numbers, its key and how
many numbers it has given.

Source
------
Poisson: Hormann 1993, doi:10.1016/0167-6687(93)90997-4 (PTRS). Binomial: Hormann 1993, doi:10.1080/00949659308811496
(BTRS). Gamma: Marsaglia and Tsang 2000, doi:10.1145/358407.358414. Normal: Wichura 1988, algorithm AS 241,
doi:10.2307/2347330 (recalled; agrees with SciPy to 3e-15). Smooth laws: the first terms of Cornish and Fisher 1938.
"""

from __future__ import annotations

import math

import numpy as np

from .calls import compiled

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_S30, _S27, _S31, _S11 = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(11)
_ONE = np.uint64(1)
FEW = 15.0  # expected number up to which counting by inversion is fast
WIDE = 12.0  # variance from which on a law of whole numbers may be smooth
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
    """A standard normal number: where the normal distribution function reaches the next uniform number."""
    p = uniform(stream)
    q = p - 0.5
    if abs(q) <= 0.425:
        r = 0.180625 - q * q
        above = 2509.0809287301227 * r + 33430.57558358813
        above = ((above * r + 67265.7709270087) * r + 45921.95393154987) * r + 13731.69376550946
        above = ((above * r + 1971.5909503065513) * r + 133.14166789178438) * r + 3.3871328727963665
        below = 5226.495278852854 * r + 28729.085735721943
        below = ((below * r + 39307.89580009271) * r + 21213.794301586597) * r + 5394.196021424751
        return q * above / (((below * r + 687.1870074920579) * r + 42.31333070160091) * r + 1.0)
    r = math.sqrt(-math.log(p if q < 0.0 else 1.0 - p))
    if r <= 5.0:
        r -= 1.6
        above = 0.0007745450142783414 * r + 0.022723844989269184
        above = ((above * r + 0.2417807251774506) * r + 1.2704582524523684) * r + 3.6478483247632045
        above = ((above * r + 5.769497221460691) * r + 4.630337846156546) * r + 1.4234371107496835
        below = 1.0507500716444169e-09 * r + 0.0005475938084995345
        below = ((below * r + 0.015198666563616457) * r + 0.14810397642748008) * r + 0.6897673349851
        below = ((below * r + 1.6763848301838038) * r + 2.053191626637759) * r + 1.0
    else:
        r -= 5.0
        above = 2.0103343992922881e-07 * r + 2.7115555687434876e-05
        above = ((above * r + 0.0012426609473880784) * r + 0.026532189526576124) * r + 0.29656057182850487
        above = ((above * r + 1.7848265399172913) * r + 5.463784911164114) * r + 6.657904643501103
        below = 2.0442631033899397e-15 * r + 1.421511758316446e-07
        below = ((below * r + 1.8463183175100548e-05) * r + 0.0007868691311456133) * r + 0.014875361290850615
        below = ((below * r + 0.1369298809227358) * r + 0.599832206555888) * r + 1.0
    return -above / below if q < 0.0 else above / below


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
        if v > 0.0:
            u = uniform(stream)
            if u < 1.0 - 0.0331 * z**4 or math.log(u) < 0.5 * z * z + d - d * v + d * math.log(v):
                return d * v


@compiled
def negative_binomial(stream, shape, ratio):
    """A sum of ``shape`` geometric numbers from zero on, each going on with chance ``ratio``."""
    if shape <= 0.0 or ratio <= 0.0:
        return 0.0
    if shape * ratio / (1.0 - ratio) >= FEW:
        return poisson(stream, gamma(stream, shape) * ratio / (1.0 - ratio))
    left, chance, count = uniform(stream), math.exp(shape * math.log1p(-ratio)), 0.0
    while left > chance and chance > 0.0:
        left -= chance
        count += 1.0
        chance *= (shape - 1.0) * ratio / count + ratio
    return count


@compiled
def is_smooth(mean, variance, far):
    """Whether a law of whole numbers is so wide, and so many deviations from none, that three moments tell it."""
    return variance >= WIDE and mean * mean >= far * far * variance


@compiled
def smooth(stream, mean, variance, third):
    """A whole number of this mean, variance and third central moment, where :func:`is_smooth`."""
    z, spread, inverse = normal(stream), math.sqrt(variance), 1.0 / variance
    skewness = third * inverse * inverse * spread
    spread *= 1.0 - inverse / 24.0 - skewness * skewness / 36.0  # rounding adds a twelfth to the variance
    return max(math.floor(mean + spread * (z + skewness / 6.0 * (z * z - 1.0)) + 0.5), 0.0)


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
    q = 1.0 - p
    if n * p < FEW:  # one uniform number and the distribution function, from none upwards
        odds, left = p / q, uniform(stream)
        chance, count = math.exp(n * math.log1p(-p)), 0.0
        while left > chance and count < n:
            left -= chance
            count += 1.0
            chance *= (n + 1.0) * odds / count - odds
        return count
    spread = math.sqrt(n * p * q)
    b = 1.15 + 2.53 * spread
    a = -0.0873 + 0.0248 * b + 0.01 * p
    center, easy = n * p + 0.5, 0.92 - 4.2 / b
    while True:
        u = uniform(stream) - 0.5
        v = uniform(stream)
        us = 0.5 - abs(u)
        k = math.floor((2.0 * a / us + b) * u + center)
        if us >= 0.07 and v <= easy:
            return k
        if 0.0 <= k <= n:
            v *= (2.83 + 5.1 / b) * spread / (a / (us * us) + b)
            if math.log(v) <= _log_share(n, p / q, k, math.floor((n + 1.0) * p)):
                return k


@compiled
def _log_share(n, odds, k, mode):
    """Logarithm of the probability of ``k`` over that of the most probable number."""
    if min(min(k, n - k), min(mode, n - mode)) < FEW:
        found = math.lgamma(mode + 1.0) + math.lgamma(n - mode + 1.0) + (k - mode) * math.log(odds)
        return found - math.lgamma(k + 1.0) - math.lgamma(n - k + 1.0)
    found = (mode + 0.5) * math.log((mode + 1.0) / (odds * (n - mode + 1.0)))
    found += (n + 1.0) * math.log((n - mode + 1.0) / (n - k + 1.0))
    found += (k + 0.5) * math.log(odds * (n - k + 1.0) / (k + 1.0))
    return found + _beyond(mode) + _beyond(n - mode) - _beyond(k) - _beyond(n - k)


@compiled
def _beyond(k):
    """What Stirling's formula lacks of the logarithm of ``k!``, for ``k`` that is not small."""
    square = (k + 1.0) * (k + 1.0)
    return (1.0 / 12.0 - (1.0 / 360.0 - 1.0 / (1260.0 * square)) / square) / (k + 1.0)
