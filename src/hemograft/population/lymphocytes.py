"""Arms that begin at a relapse after a graft: the graft before it, and the days and doses of donor lymphocytes.

A table says little of the first graft, and nothing of the days. What stands in for both is declared in
``data/arms/assumptions/lymphocytes.yaml`` and listed with the arm.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..protocol.actions import Infuse
from ..protocol.days import read_days
from ..protocol.rules import read_conditions
from ..protocol.sizes import MOST_LYMPHOCYTES
from .rules import Rules
from .unplanned import Unplanned

SERIES = {"dli": ("dose",), "dli_escalating": ("step_1", "step_2", "step_3")}  # doses by the word of a table
RELAPSED = "relapsed_after_hct"
CHRONIC = "cml_chronic_phase"
TOGETHER = (("donor", "hla_match"), ("intensity", "regimen"), ("graft_source",), ("prophylaxis",))
OF_CORD = ("cord", "double_cord")
CELLS = "cells/kg"


@dataclass(frozen=True)
class Lymphocytes:
    """Donor lymphocytes for a relapse.

    Attributes
    ----------
    doses : tuple of float [CD3 cells/kg]
        The first, and later ones that are given unless the series has ended.
    interval : int [day]
        Between them.
    ends : str
        What ends a series, as a condition of a protocol.
    first : int [day]
        Of the first dose; 0 until it is known whose it is.
    """

    doses: tuple[float, ...]
    interval: int
    ends: str
    first: int = 0

    @property
    def orders(self) -> tuple[Infuse, ...]:
        """The infusions of a protocol."""
        return tuple(self._order(dose, place * self.interval) for place, dose in enumerate(self.doses))

    def _order(self, dose: float, after: int) -> Infuse:
        day, size = self.first + after, f"{dose:.12g} {CELLS}"
        until = read_conditions(self.ends) if after else None
        watched = read_days(f"{self.first} to {day}") if after else None
        return Infuse("donor_lymphocytes", day, dose=size, until=until, when=None, watched=watched, section="treatment")


def begins_at_relapse(cells: Mapping[str, Any]) -> bool:
    """Whether an arm is given donor lymphocytes."""
    return cells["intervention"] in SERIES


def first_graft(cells: Mapping[str, Any], rules: Rules, said: list[str]) -> Mapping[str, Any]:
    """An arm as it was before its relapse: what is not stated of the first graft is what stands in for it."""
    if not begins_at_relapse(cells):
        return cells
    if cells["stage"] != RELAPSED:
        raise Unplanned(f"donor lymphocytes are simulated for groups that begin at a relapse after a graft, {RELAPSED}")
    if cells["donor"] in ("none", "autologous"):
        raise Unplanned("donor lymphocytes without a donor")
    usual = {name: next(iter(rules.shares("lymphocytes_graft", name))) for name in rules.groups("lymphocytes_graft")}
    unknown = [names for names in TOGETHER if all(cells[name] == "unknown" for name in names)]
    if cells["donor"] in OF_CORD:
        unknown.remove(("graft_source",))
    taken = {name: usual[name] for names in unknown for name in names}
    t_cells = rules.value("lymphocytes_graft_cd3", CELLS)
    if taken:
        words = ", ".join(f"{name.replace('_', ' ')} {word}" for name, word in taken.items())
        said.append(f"first graft: {words} taken where nothing is given")
    said.append(f"first graft: {usual['stage']} disease, and {_number(t_cells)} CD3 cells/kg as after T-cell depletion")
    said += _weak(cells, rules)
    return {**cells, **taken, "stage": usual["stage"], "cd3_dose_e6_per_kg": t_cells / 1e6}


def lymphocytes_of(cells: Mapping[str, Any], rules: Rules, said: list[str]) -> Lymphocytes | None:
    """What lymphocytes an arm is given; None for none. A stated dose is that of the whole series."""
    if not begins_at_relapse(cells):
        return None
    usual = [rules.value(f"lymphocytes_{name}", CELLS) for name in SERIES[cells["intervention"]]]
    stated = cells["cd3_dose_e6_per_kg"]
    whole = sum(usual) if stated is None else stated * 1e6
    doses = tuple(float(f"{dose * whole / sum(usual):.6g}") for dose in usual)
    if max(doses) > MOST_LYMPHOCYTES:
        raise Unplanned(f"{_number(max(doses))} CD3 cells/kg of lymphocytes at once, above {_number(MOST_LYMPHOCYTES)}")
    grade, severity = rules.value("lymphocytes_gvhd_grade"), rules.value("lymphocytes_gvhd_severity")
    response = 100 * rules.value("lymphocytes_remission")
    ends = f"acute_gvhd_grade >= {grade:g} or chronic_gvhd_severity > {severity:g} or residual_disease < {response:g} %"
    found = Lymphocytes(doses, round(rules.value("lymphocytes_interval", "day")), ends)
    words = ", ".join(map(_number, doses))
    said.append(f"lymphocytes: {words} CD3 cells/kg; {'dose not given' if stated is None else 'the stated dose'}")
    if len(doses) > 1:
        said.append(f"lymphocytes: {found.interval} days apart, until {ends}")
    return found


def first_day(diagnosis: str, rules: Rules) -> int:
    """Day of the first lymphocytes for a leukemia."""
    return round(rules.value(f"lymphocytes_day_{_kind(diagnosis)}", "day"))


def weakness(diagnosis: str, rules: Rules) -> float:
    """Effect of the first conditioning on a leukemia, times usual, so that many relapse."""
    return rules.value(f"lymphocytes_weak_{_kind(diagnosis)}")


def _kind(diagnosis: str) -> str:
    return "chronic" if diagnosis == CHRONIC else "acute"


def _weak(cells: Mapping[str, Any], rules: Rules) -> list[str]:
    """What is said of the way to the relapse, and of who counts."""
    mixed = cells["disease"].startswith("mixed")
    kinds = {CHRONIC: "chronic phase"} if mixed or cells["disease"] == "CML" else {}
    if mixed or not kinds:
        kinds[""] = "other leukemia" if mixed else "the leukemia"
    weak = " and ".join(f"on {words} {weakness(name, rules):g} times" for name, words in kinds.items())
    days = " and ".join(f"on day {first_day(name, rules)} for {words}" for name, words in kinds.items())
    share, remission, donor = (100 * rules.value(f"lymphocytes_{name}") for name in ("relapse", "remission", "donor_t"))
    found = [
        f"first conditioning: acts {weak} as usual, so that many relapse",
        f"lymphocytes: first {days}",
        f"patients: those alive then with more than {share:g} % leukemic marrow and {donor:g} % T cells of the donor, "
        "without acute GvHD on that day or chronic GvHD before it",
        f"response: less than {remission:g} % leukemic marrow, whatever response was published",
    ]
    return [*found, "disease: in shares as the simulated patients are in relapse on that day"] if mixed else found


def _number(cells: float) -> str:
    return f"{cells:.2g}".replace("e+0", "e")
