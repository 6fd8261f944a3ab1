"""RODAS4: one step of a fourth-order Rosenbrock scheme for stiff equations, its error, and values in between.

Source
------
Hairer and Wanner, Solving Ordinary Differential Equations II (1996), section IV.10: coefficients of RODAS.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from .calls import call2, call4, call5

# stage couplings of RODAS4 in the form that needs no matrix products; gamma = 1/4
_A = np.array(
    [
        [0, 0, 0, 0, 0],
        [1.544, 0, 0, 0, 0],
        [0.9466785280815826, 0.2557011698983284, 0, 0, 0],
        [3.314825187068521, 2.896124015972201, 0.9986419139977817, 0, 0],
        [1.221224509226641, 6.019134481288629, 12.53708332932087, -0.6878860361058950, 0],
        [1.221224509226641, 6.019134481288629, 12.53708332932087, -0.6878860361058950, 1.0],
    ]
)
_C = np.array(
    [
        [0, 0, 0, 0, 0],
        [-5.6688, 0, 0, 0, 0],
        [-2.430093356833875, -0.2063599157091915, 0, 0, 0],
        [-0.1073529058151375, -9.594562251023355, -20.47028614809616, 0, 0],
        [7.496443313967647, -10.24680431464352, -33.99990352819905, 11.70890893206160, 0],
        [8.083246795921522, -7.981132988064893, -31.52159432874371, 16.31930543123136, -6.058818238834054],
    ]
)


@njit(cache=True, nogil=True, error_model="numpy")
def step(f, x, p, c, h, f0, stages, a, g, y, work, error):
    """One RODAS4 step from ``x``; the new state in ``y``, the error estimate in ``error``."""
    n = x.size
    g[0] = 4.0 / h
    call5(f[1], x.ctypes.data, p.ctypes.data, c.ctypes.data, g.ctypes.data, a.ctypes.data)
    for s in range(6):
        if s == 0:
            stages[0, :] = f0
        else:
            for i in range(n):
                total = x[i]
                for j in range(s):
                    total += _A[s, j] * stages[j, i]
                y[i] = total
            call4(f[0], y.ctypes.data, p.ctypes.data, c.ctypes.data, work.ctypes.data)
            for i in range(n):
                total = work[i]
                for j in range(s):
                    total += _C[s, j] / h * stages[j, i]
                stages[s, i] = total
        call2(f[2], a.ctypes.data, stages[s].ctypes.data)
    for i in range(n):
        y[i] += stages[5, i]
        error[i] = stages[5, i]


@njit(cache=True, nogil=True, error_model="numpy")
def error_size(error, x, y, floor, tolerance):
    """Root mean square of the error over what is tolerated; not a number when a state is not."""
    total = 0.0
    for i in range(x.size):
        ratio = error[i] / (tolerance * (floor[i] + max(abs(x[i]), abs(y[i]))))
        total += ratio * ratio
    return math.sqrt(total / x.size)


@njit(cache=True, nogil=True, error_model="numpy")
def between(x, y, f0, f1, h, theta, out):
    """The cubic through both ends of a step and their slopes, at a share ``theta`` of the step; never negative."""
    a = (1 - theta) * (1 - theta) * (1 + 2 * theta)
    b = theta * theta * (3 - 2 * theta)
    c = theta * (1 - theta) * (1 - theta) * h
    d = -theta * theta * (1 - theta) * h
    for i in range(x.size):
        out[i] = max(a * x[i] + b * y[i] + c * f0[i] + d * f1[i], 0.0)


@njit(cache=True, nogil=True, error_model="numpy")
def worst_state(error, x, floor):
    """The state with the largest error for its size, or the first whose error is not a number."""
    worst, largest = 0, -1.0
    for i in range(x.size):
        ratio = abs(error[i]) / (floor[i] + abs(x[i]))
        if not ratio <= largest:
            worst, largest = i, ratio
            if ratio != ratio:
                break
    return worst
