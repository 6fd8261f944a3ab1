"""The outcome table, left to right: which definition fills which columns, in which unit."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from . import definitions as d

CHIMERISM_DAYS = (30, 100, 180, 365)
RESIDUAL_DAYS = (30, 100)
LINEAGES = {
    "myeloid": "myeloid cells",
    "t": "T cells",
    "b": "B cells",
    "nk": "NK cells",
    "red": "red cells",
    "marrow": "marrow cells",
}
COUNTS = "x10^9/L"
LEUKEMIA = ("marrow_blasts", "neutrophils", "platelets")


@dataclass(frozen=True)
class Column:
    """One column: name, unit, kind (number | flag | text) and what the definition alone does not say."""

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


def definition_of(define: Callable[..., Any]) -> tuple[str, str]:
    """The first paragraph of a definition's docstring, and its section "Source", each on one line."""
    text, _, source = (inspect.getdoc(define) or "").partition("Source\n------")
    return " ".join(text.split("\n\n")[0].split()), " ".join(source.split())


def event(name: str, meaning: str = "") -> tuple[Column, Column]:
    """The two columns of an event: its day, and whether it was observed."""
    return Column(f"{name}_day", "day", meaning=meaning), Column(f"{name}_observed", "1", "flag", meaning)


def _flag(name: str, meaning: str = "") -> Column:
    return Column(name, "1", "flag", meaning)


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


def _donor_share(course: d.Course, name: str, day: float) -> tuple[np.ndarray]:
    """Share of donor cells on a day; missing when not followed so long or when the lineage is empty.

    Source
    ------
    Follow-up days of transplant registries (recalled, not re-read).
    """
    return (d.at_day(course, name, day),)


def _residual(day: int) -> Measure:
    share = Column(f"residual_disease_day_{day}", "1", meaning=f"day {day}")
    flag = _flag(f"measurable_residual_disease_day_{day}", f"day {day}, at least 1e-4")
    return Measure(d.measurable_disease, (share, flag), ("residual_disease",), {"day": day})


MEASURES = (
    Measure(
        d.neutrophil_engraftment,
        (*event("neutrophil_engraftment"), _flag("neutrophil_never_below")),
        ("neutrophils",),
    ),
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
    *(_residual(day) for day in RESIDUAL_DAYS),
    Measure(d.relapse, (*event("relapse"), _flag("remission_ever")), LEUKEMIA),
)
