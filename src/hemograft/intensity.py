"""How intense a protocol's conditioning is: myeloablative, reduced or non-myeloablative, and what it consists of."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from .files import read_document
from .parameters import DATA
from .protocol.actions import Give, Irradiate
from .protocol.protocol import Protocol
from .units import UnitError, amount

CONDITIONING, PROPHYLAXIS = "conditioning", "gvhd_prophylaxis"
CLASSES = ("myeloablative", "reduced intensity", "non-myeloablative", "none")


@dataclass(frozen=True)
class Conditioning:
    """What precedes the graft, and what prevents graft-versus-host disease.

    Attributes
    ----------
    intensity : str
        One of ``CLASSES``.
    drugs, prophylaxis : tuple of str
        In alphabetical order; antibodies against T cells count as prophylaxis wherever they are ordered.
    irradiation : float [Gy]
        Total dose to the whole body.
    """

    intensity: str
    drugs: tuple[str, ...]
    prophylaxis: tuple[str, ...]
    irradiation: float


@lru_cache(maxsize=1)
def _limits() -> Any:
    return read_document(DATA / "conditioning.yaml").words


def conditioning_of(protocol: Protocol) -> Conditioning:
    """Read a protocol's conditioning and prophylaxis."""
    limits = _limits()
    given = [action for action in protocol.actions if isinstance(action, Give)]
    before = [action for action in given if action.section == CONDITIONING]
    after = {action.drug for action in given if action.section == PROPHYLAXIS}
    antibodies = {action.drug for action in before if action.drug in limits["prophylaxis"]}
    rays = [
        action
        for action in protocol.actions
        if isinstance(action, Irradiate) and action.section == CONDITIONING and action.of == "total_body"
    ]
    doses = [amount(ray.dose, "Gy") for ray in rays]
    fractions = [len(ray.days.each) * ray.fractions_a_day for ray in rays]
    total = sum(dose * count for dose, count in zip(doses, fractions, strict=True))
    drugs = {action.drug for action in before} - antibodies
    anything = bool(before) or any(isinstance(a, Irradiate) and a.section == CONDITIONING for a in protocol.actions)
    intensity = _class(before, total, sum(fractions)) if anything else "none"
    return Conditioning(intensity, tuple(sorted(drugs)), tuple(sorted(after | antibodies)), round(total, 6))


def _class(before: list[Give], irradiation: float, fractions: int) -> str:
    limits = _limits()
    ablative = limits["myeloablative"]
    least = ablative["irradiation_single" if fractions == 1 else "irradiation_fractionated"]
    if irradiation >= amount(least, "Gy") or any(
        _total(before, drug, limit) > amount(limit, _unit(limit)) for drug, limit in ablative["above"].items()
    ):
        return "myeloablative"
    gentle = limits["nonmyeloablative"]
    if irradiation <= amount(gentle["irradiation"], "Gy") and {a.drug for a in before} <= set(gentle["drugs"]):
        return "non-myeloablative"
    return "reduced intensity"


def _unit(limit: str) -> str:
    return limit.partition(" ")[2]


def _total(before: list[Give], drug: str, limit: str) -> float:
    """The total dose of one drug in the unit of a limit; doses in other units, such as exposures, do not count."""
    total = 0.0
    for action in before:
        if action.drug == drug:
            try:
                total += amount(action.dose, _unit(limit)) * len(action.days.each) * action.times_a_day
            except UnitError:
                continue
    return total
