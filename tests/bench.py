"""Small reference patients and direct readings that several tests share."""

from __future__ import annotations

import numpy as np

from hemograft.case.case import Case
from hemograft.case.donor import Donor, Graft
from hemograft.case.patient import Patient
from hemograft.engine import setup
from hemograft.engine.kernels import Kernels, as_function, build_kernels
from hemograft.engine.twins import Twins, twins_of
from hemograft.model.compile import Model
from hemograft.parameters import ParameterSet
from hemograft.protocol.protocol import Protocol, read_protocol
from hemograft.streams import key

NOTHING = Protocol(name="no treatment", id="none", source="test", actions=())


def patient(**changes: str) -> Patient:
    """A healthy 70-kg man of 40, values as in a case file."""
    plain = {"age": "40 years", "sex": "male", "weight": "70 kg", "height": "175 cm", "gfr": "100 mL/min"}
    return Patient(**{**plain, "diagnosis": "none", "stage": "none", **changes})  # type: ignore[arg-type]


def case(product: str = "", origin: str = "donor", cd34: str = "6 x10^6/kg", **changes: str) -> Case:
    """That patient, with a graft of this product or none."""
    graft = donor = None
    if product:
        graft = Graft(product=product, origin=origin, cd34=cd34, cd3="250 x10^6/kg")  # type: ignore[arg-type]
        donor = Donor(relation="sibling", match="10/10") if origin == "donor" else None
    return Case(title="test", id="test", source="test", patient=patient(**changes), donor=donor, graft=graft)


def laid_out(who: Case, what: Protocol | str = NOTHING, values: ParameterSet | None = None) -> Model:
    """The model of a case under a protocol; with ``uncalibrated()``, with the values of the parameter files."""
    protocol = read_protocol(what) if isinstance(what, str) else what
    return setup.model_for(who, protocol, setup.parameters_for(who, protocol, values))


def people(model: Model, who: Case, count: int = 3, seed: int = 0) -> Twins:
    """A few twins on day 0."""
    names = tuple(f"twin{i}" for i in range(count))
    return twins_of(model, who, names, np.array([key(n) for n in names]), seed, 0.0)


def values_of(model: Model, twins: Twins, i: int = 0) -> dict[str, float]:
    """One twin's numbers by name."""
    return {name: twins.vectors[i, slot] for name, slot in model.slots.items()}


class Machine:
    """The machine code of a model as plain functions of arrays."""

    def __init__(self, model: Model):
        self.kernels: Kernels = build_kernels(model, 1)  # one lane: plain arrays
        arguments = {"prepare": 2, "rates": 4, "factor": 5, "solve": 2, "observe": 4, "tempo": 4, "step": 12}
        self.call = {n: as_function(self.kernels.addresses[n], k) for n, k in arguments.items()}

    def constants(self, p: np.ndarray) -> np.ndarray:
        """Constants of one patient."""
        c = np.zeros(max(self.kernels.constants, 1))
        self.call["prepare"](p.ctypes.data, c.ctypes.data)
        return c

    def rates(self, x: np.ndarray, p: np.ndarray) -> np.ndarray:
        """Rates of change."""
        dx, c = np.zeros_like(x), self.constants(p)
        self.call["rates"](x.ctypes.data, p.ctypes.data, c.ctypes.data, dx.ctypes.data)
        return dx

    def newton(self, x: np.ndarray, p: np.ndarray, g: float, b: np.ndarray) -> np.ndarray:
        """Solution of ``(g * identity - Jacobian) y = b``."""
        a, y, c, shift = np.zeros(self.kernels.factors), b.copy(), self.constants(p), np.array([g])
        self.call["factor"](x.ctypes.data, p.ctypes.data, c.ctypes.data, shift.ctypes.data, a.ctypes.data)
        self.call["solve"](a.ctypes.data, y.ctypes.data)
        return y
