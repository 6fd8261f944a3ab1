"""Numbers of the surrogate: made up once for the design of the engine, and left alone so that times can be compared."""

from __future__ import annotations

from hemograft.exchange.orders import Change
from hemograft.parameters import Parameter, ParameterSet

RESTING = {
    "hsc": 1e5, "st": 1.2e6, "cmp": 1.5e8, "gmp": 1.8e9, "m1": 2.5e11, "m2": 2.5e11, "m3": 2.2e11, "n": 7e10,
    "mep": 1.2e9, "eb": 2.2e10, "ret": 2.6e11, "rbc": 2.1e13, "mk": 3e8, "plt": 1.1e12, "clp": 3e7, "tn": 1.5e11,
    "tm": 1.8e11, "b": 6e10,
}  # fmt: skip
VALUES = {
    "rHSC": 0.06, "kHSC": 0.03, "dHSC": 0.0005, "Kn": 2e5, "khome": 3.0, "dHc": 1.5,
    "rST": 0.45, "Kst": 2e6, "kSTc": 0.12, "kSTl": 0.02, "dST": 0.01,
    "rCMP": 0.9, "Kcmp": 2.5e8, "kCg": 0.35, "kCe": 0.3, "dCMP": 0.02,
    "rGMP": 1.1, "Kgmp": 3e9, "kGm": 0.5, "dGMP": 0.02, "nG": 1.5, "KG": 3.0, "aG": 1.2,
    "kM": 0.55, "kMN": 0.6, "dN": 1.7, "N0": 6e10,
    "rMEP": 1.0, "Kmep": 2e9, "kMe": 0.35, "kMk": 0.05, "dMEP": 0.02,
    "rEB": 1.2, "KE": 2.5, "nE": 1.3, "kEB": 0.45, "Keb": 4e10, "dEB": 0.05, "kRET": 0.7, "dRBC": 0.0087, "R0": 2.2e13,
    "kMK": 0.12, "nT": 1.4, "KT": 2.0, "rPL": 450.0, "dPL": 0.11, "P0": 1.2e12,
    "rCLP": 0.5, "Kclp": 5e7, "kTN": 0.08, "kB": 0.25, "dCLP": 0.02,
    "rTN": 0.012, "KI": 3.0, "kact": 0.004, "dTN": 0.006, "rTM": 0.03, "Ktm": 3e11, "dTM": 0.02, "T0": 3.5e11,
    "rB": 0.03, "Kb": 8e10, "dB": 0.045,
    "kGp": 3.0, "kGr": 1.5, "kGN": 2.5, "kEp": 9.0, "kEr": 2.8, "nR": 4.0, "kTp": 1.3, "kTr": 0.3, "kTP": 1.0,
    "kIp": 1.0, "kIr": 0.6, "kIT": 0.6, "kInf": 0.25, "sInf": 0.6, "kNI": 0.04, "kNd": 0.5,
    "rL": 0.11, "kL": 0.045, "dL": 0.004, "cL": 1.0, "rLP": 0.24, "KLP": 4e11, "kLP": 0.25, "dLP": 0.02,
    "kLB": 0.08, "dLB": 0.12, "dLBp": 0.3,
    "keA": 6.6, "kA12": 2.4, "kA21": 3.0, "eA": 5.0, "cA": 0.6, "keB": 9.0, "kB12": 3.0, "kB21": 2.0, "eB": 6.0,
    "cB": 0.5, "kaC": 5.0, "keC": 1.6, "kC12": 0.8, "kC21": 0.4, "icC": 6.0, "kaG": 2.5,
    "kE1": 0.5, "kE2h": 0.14, "kE2": 0.9, "dTE": 0.12, "KTE": 1e8, "kgvl": 0.35, "kgvh": 0.04, "khvg": 0.12,
    "kDMG": 0.15, "sDMG": 0.3, "dRt": 0.018, "dPt": 0.28,
}  # fmt: skip
DIFFER = (
    "rHSC", "kHSC", "rST", "kSTc", "rCMP", "rGMP", "dN", "rMEP", "rEB", "kRET", "dRBC", "rPL", "dPL", "rCLP", "kTN",
    "rTN", "rTM", "rL", "kL", "rLP", "kLP", "keA", "keB", "keC", "eA", "eB", "kE2", "dTE", "kgvl", "khvg", "Kn", "kNI",
    "KG", "KE",
)  # fmt: skip
SPREAD = 0.12  # between patients, lognormal
MADE_UP = "made up for the benchmark"


def parameters() -> ParameterSet:
    """All numbers as parameters; some differ between patients."""
    return ParameterSet(
        {
            name: Parameter(name, value, "1", MADE_UP, "assumed", MADE_UP, SPREAD if name in DIFFER else 0.0)
            for name, value in VALUES.items()
        }
    )


ORDERS = (
    *(Change(day, "a1", 4.0) for day in (3.0, 4.0, 5.0, 6.0)),
    *(Change(day, "b1", 3.0) for day in (5.0, 6.0, 7.0)),
    Change(8.0, "infusion", 20.0),
    Change(10.0, "hc", 6e6),
    Change(10.0, "tm[donor]", 8e9),
    Change(10.0, "tn[donor]", 8e9),
    Change(15.0, "gx", 6.0),
    Change(16.0, "pltt", 3e11),
    Change(20.0, "pltt", 3e11),
    Change(22.0, "rbct", 1.6e12),
    Change(110.0, "infusion", -10.0),
    Change(150.0, "infusion", -10.0),
    Change(260.0, "tm[donor]", 5e8),
)
TRANSFUSIONS = (("platelets", 4e11, "pltt", 3e11), ("red_cells", 1.85e13, "rbct", 1.6e12))
"""Daily rules: what is counted, below which number, which state receives how much."""
