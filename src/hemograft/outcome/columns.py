"""The outcome table, left to right: which definition fills which columns, in which unit."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np

from . import complications as c
from . import definitions as d
from . import survival as s
from .course import Course, at_day

CHIMERISM_DAYS = (30, 100, 180, 365)
RESIDUAL_DAYS = (30, 100)
LINEAGES = {
    "myeloid": "myeloid cells",
    "t": "T cells",
    "b": "B cells",
    "nk": "NK cells",
    "blood": "leukocytes",
    "red": "red cells",
    "marrow": "marrow cells",
}
COUNTS = "x10^9/L"
LEUKEMIA = ("marrow_blasts", "neutrophils", "platelets")


@dataclass(frozen=True)
class Column:
    """One column: name, unit, kind (number | flag | code | text) and what the definition alone does not say."""

    name: str
    unit: str
    kind: str = "number"
    meaning: str = ""


@dataclass(frozen=True)
class Measure:
    """A definition, the columns it fills, the observables it needs, and its arguments."""

    define: Callable[..., Any]
    columns: tuple[Column, ...]
    needs: tuple[str, ...]
    arguments: dict[str, Any] = field(default_factory=dict)
    after_graft: bool = False


@lru_cache(maxsize=128)
def definition_of(define: Callable[..., Any]) -> tuple[str, str]:
    """The first paragraph of a definition's docstring, and its section "Source", each on one line."""
    text, _, source = (inspect.getdoc(define) or "").partition("Source\n------")
    return " ".join(text.split("\n\n")[0].split()), " ".join(source.split())


def event(name: str, meaning: str = "") -> tuple[Column, Column, Column]:
    """The three columns of an event: its day, whether it was observed, and its status."""
    codes = "0 censored, 1 happened, 2 a competing event came first"
    return (
        Column(f"{name}_day", "day", meaning=meaning),
        Column(f"{name}_observed", "1", "flag", meaning),
        Column(f"{name}_status", "1", "code", f"{meaning}; {codes}" if meaning else codes),
    )


def _flag(name: str, meaning: str = "") -> Column:
    return Column(name, "1", "flag", meaning)


def _neutrophils(name: str, flag: str, level: float) -> Measure:
    meaning = f"level {level:g} {COUNTS}"
    columns = (*event(name, meaning), _flag(flag, meaning))
    return Measure(d.neutrophil_engraftment, columns, ("neutrophils",), {"level": level})


def _platelets(name: str, flag: str, level: float) -> Measure:
    meaning = f"level {level:g} {COUNTS}"
    columns = (*event(name, meaning), _flag(flag, meaning))
    return Measure(d.platelet_engraftment, columns, ("platelets",), {"level": level})


def _days_below(name: str, level: float) -> Measure:
    words = f"{level:g}".replace(".", "_")
    column = Column(f"days_{name}_below_{words}", "day", meaning=f"{name} below {level:g} {COUNTS}")
    return Measure(d.days_below, (column,), (name,), {"name": name, "level": level})


def _nadir(name: str, unit: str) -> Measure:
    columns = Column(f"{name}_nadir", unit, meaning=name), Column(f"{name}_nadir_day", "day", meaning=name)
    return Measure(d.nadir, columns, (name,), {"name": name})


def _chimerism(lineage: str, day: int) -> Measure:
    name = f"donor_{lineage}"
    column = Column(f"{name}_day_{day}", "%", meaning=f"donor share of {LINEAGES[lineage]}, day {day}")
    return Measure(_donor_share, (column,), (name,), {"name": name, "day": day}, after_graft=True)


def _donor_share(course: Course, name: str, day: float) -> tuple[np.ndarray]:
    """Share of donor cells on a day; missing when not followed so long or when the lineage is empty.

    Source
    ------
    Follow-up days of transplant registries (recalled, not re-read).
    """
    return (at_day(course, name, day),)


def _residual(day: int) -> Measure:
    share = Column(f"residual_disease_day_{day}", "1", meaning=f"day {day}")
    flag = _flag(f"measurable_residual_disease_day_{day}", f"day {day}, at least 1e-4")
    return Measure(d.measurable_disease, (share, flag), ("residual_disease",), {"day": day})


def _acute_gvhd(name: str, grade: int, words: str) -> Measure:
    columns = event(name, f"grade {words}")
    return Measure(c.acute_gvhd, columns, ("acute_gvhd_grade",), {"grade": grade}, after_graft=True)


def _complication(name: str, meaning: str, after_graft: bool = False) -> Measure:
    return Measure(c.complication, event(name, meaning), (), {"name": name}, after_graft)


MEASURES = (
    _neutrophils("neutrophil_engraftment", "neutrophil_never_below", 0.5),
    _neutrophils("neutrophil_1000", "neutrophil_1000_never_below", 1.0),
    _platelets("platelet_engraftment", "platelet_never_below", 20.0),
    _platelets("platelet_50", "platelet_50_never_below", 50.0),
    Measure(
        d.graft_failure,
        (_flag("primary_graft_failure"), Column("graft_failure_kind", "1", "text")),
        ("neutrophils",),
        after_graft=True,
    ),
    *(_chimerism(lineage, day) for lineage in LINEAGES for day in CHIMERISM_DAYS),
    _days_below("neutrophils", 0.5),
    _days_below("neutrophils", 0.1),
    _days_below("platelets", 20.0),
    _days_below("platelets", 50.0),
    _nadir("neutrophils", COUNTS),
    _nadir("platelets", COUNTS),
    _nadir("hemoglobin", "g/dL"),
    Measure(d.complete_remission, event("complete_remission"), LEUKEMIA),
    Measure(d.incomplete_remission, event("incomplete_remission"), LEUKEMIA),
    Measure(d.partial_count_remission, event("partial_count_remission"), LEUKEMIA),
    *(_residual(day) for day in RESIDUAL_DAYS),
    Measure(d.relapse, (*event("relapse"), _flag("remission_ever")), LEUKEMIA),
    Measure(d.molecular_relapse, event("molecular_relapse"), ("residual_disease",)),
    Measure(c.secondary_graft_failure, event("secondary_graft_failure"), ("neutrophils",), after_graft=True),
    _acute_gvhd("acute_gvhd_2_4", 2, "II to IV"),
    _acute_gvhd("acute_gvhd_3_4", 3, "III to IV"),
    _complication("chronic_gvhd", "chronic graft-versus-host disease of any extent", after_graft=True),
    Measure(c.chronic_gvhd_severe, event("chronic_gvhd_moderate_severe"), ("chronic_gvhd_severity",), after_graft=True),
    _complication("severe_infection", "first severe bacterial or invasive fungal infection"),
    _complication("cmv_reactivation", "clinically significant cytomegalovirus infection"),
    _complication("sinusoidal_obstruction", "sinusoidal obstruction syndrome of the liver"),
    Measure(s.death, (*event("death"), Column("death_cause", "1", "text")), ()),
    Measure(s.death_of_infection, event("death_of_infection"), ()),
    Measure(s.death_without_relapse, event("death_without_relapse"), (), after_graft=True),
    Measure(s.disease_free_failure, event("relapse_or_death"), (), after_graft=True),
    Measure(s.gvhd_free_failure, event("gvhd_relapse_or_death"), (), after_graft=True),
)
