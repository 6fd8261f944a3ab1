"""RODAS4, a fourth-order Rosenbrock scheme for stiff equations: its numbers, and one step that can be read.

The engine runs the same step as generated code (:mod:`hemograft.engine.emit_method`); :func:`readable_step` is what
that is tested against.

Source
------
Hairer and Wanner, Solving Ordinary Differential Equations II (1996), section IV.10: coefficients of RODAS.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

GAMMA = 0.25
# couplings of the stages in the form that needs no matrix products
COUPLINGS = (
    (0.0, 0.0, 0.0, 0.0, 0.0),
    (1.544, 0.0, 0.0, 0.0, 0.0),
    (0.9466785280815826, 0.2557011698983284, 0.0, 0.0, 0.0),
    (3.314825187068521, 2.896124015972201, 0.9986419139977817, 0.0, 0.0),
    (1.221224509226641, 6.019134481288629, 12.53708332932087, -0.6878860361058950, 0.0),
    (1.221224509226641, 6.019134481288629, 12.53708332932087, -0.6878860361058950, 1.0),
)
SLOPES = (
    (0.0, 0.0, 0.0, 0.0, 0.0),
    (-5.6688, 0.0, 0.0, 0.0, 0.0),
    (-2.430093356833875, -0.2063599157091915, 0.0, 0.0, 0.0),
    (-0.1073529058151375, -9.594562251023355, -20.47028614809616, 0.0, 0.0),
    (7.496443313967647, -10.24680431464352, -33.99990352819905, 11.70890893206160, 0.0),
    (8.083246795921522, -7.981132988064893, -31.52159432874371, 16.31930543123136, -6.058818238834054),
)

Rates = Callable[[np.ndarray], np.ndarray]


def readable_step(rates: Rates, jacobian: Rates, x: np.ndarray, h: float) -> tuple[np.ndarray, np.ndarray]:
    """One step of one patient in plain NumPy, for tests.

    Parameters
    ----------
    rates, jacobian : callable
        Rates of change, shape (state,), and their derivatives, shape (state, state), at a state.
    x : array, shape (state,)
    h : float [day]

    Returns
    -------
    y, error : array, shape (state,)
        The state after ``h``, and the estimate of its error.
    """
    matrix = np.eye(x.size) / (GAMMA * h) - jacobian(x)
    stages: list[np.ndarray] = []
    y = x
    for couplings, slopes in zip(COUPLINGS, SLOPES, strict=True):
        y = x + sum((a * stage for a, stage in zip(couplings, stages, strict=False)), np.zeros(x.size))
        right = rates(y) + sum((c / h * stage for c, stage in zip(slopes, stages, strict=False)), np.zeros(x.size))
        stages.append(np.linalg.solve(matrix, right))
    return y + stages[-1], stages[-1]
