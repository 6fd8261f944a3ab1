"""Published arms: one row of a table becomes a population and its treatments, with every assumption listed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..case.patient import ADULT_AGE
from ..parameters import DATA
from ..tables import read_columns, read_table
from .arm_donors import kin_of, with_donors, with_health
from .arm_people import with_people
from .lymphocytes import first_graft, lymphocytes_of
from .population import Population, read_population
from .rules import Rules
from .treatments import Treatment, intensities, treatments_of
from .unplanned import Unplanned

LETERMOVIR = 2014  # tables say "no" before
YEAR = re.compile(r"\b(19|20)\d\d\b")


@dataclass(frozen=True)
class Arm:
    """One row of a table of arms.

    Attributes
    ----------
    where : str
        File and row.
    cells : mapping
        Columns of ``data/arms/columns.yaml``: numbers, words and shares; None where blank.
    """

    id: str
    study: str
    where: str
    cells: Mapping[str, Any]

    @property
    def n(self) -> float | None:
        """Patients of the arm, where known."""
        return self.cells["n"]

    @property
    def randomized(self) -> bool:
        """Whether the arm belongs to a randomized comparison."""
        return self.cells["randomized"] == "yes"


@dataclass(frozen=True)
class ArmPlan:
    """How an arm is simulated.

    Attributes
    ----------
    population : Population or None
        None when it is refused.
    treatments : tuple of Treatment
        Protocols with shares that add up to 1.
    assumptions : tuple of str
        Everything that the table does not say and was assumed.
    refused : str
        Why it cannot be simulated; empty otherwise.
    """

    arm: Arm
    population: Population | None = None
    treatments: tuple[Treatment, ...] = ()
    assumptions: tuple[str, ...] = ()
    refused: str = ""

    @property
    def begins_at_relapse(self) -> bool:
        """Whether donor lymphocytes are given for a relapse, so that only what follows them is compared."""
        return any(one.lymphocytes is not None for one in self.treatments)


def read_arms(path: Path | str) -> tuple[Arm, ...]:
    """Read a table of arms.

    Raises
    ------
    InputError
        Every problem of the table, each with its row.
    """
    rows = read_table(path, read_columns(DATA / "arms" / "columns.yaml"), "arm_id")
    return tuple(Arm(row.cells["arm_id"], row.cells["study_id"], row.where, row.cells) for row in rows)


def population_of(arm: Arm, base: Population | None = None, *, compared: bool = False) -> ArmPlan:
    """Plan one arm: who is treated with what, or why it cannot be simulated.

    Parameters
    ----------
    base : Population, optional
        Stands in for what is not stated; the shipped registry when absent.
    compared : bool
        It is compared with another arm: ages that are not stated are not guessed from the treatment, since published
        comparisons are randomized or adjusted for age.
    """
    base = base or read_population()
    said: list[str] = []
    try:
        if arm.cells["simulatable"] == "no":
            raise Unplanned(arm.cells["why_not"] or "the table says that it cannot be simulated")
        year = _year(arm.cells, base.rules, said)
        era = _era(year, base.rules)
        cells = first_graft(arm.cells, base.rules, said)
        lymphocytes = lymphocytes_of(arm.cells, base.rules, said)
        kin = kin_of(cells)
        age = None if compared else _usual_age(cells, base.rules, era)
        middle = cells["age_median"] if cells["age_median"] is not None else age
        treatments = treatments_of(cells, base.rules, kin, era, middle, said)
        population = with_donors(base, cells, year, era, said)
        population = with_people(population, cells, said, age)
        population = with_health(population, cells, said)
    except Unplanned as why:
        return ArmPlan(arm, refused=str(why))
    said += _unsaid(arm.cells, year, not population.stated.get("no_graft"))
    if arm.cells["simulatable"] == "partly":
        said.append(partly_described(arm))
    elif arm.cells["why_not"]:
        said.append(f"table: {arm.cells['why_not']}")
    treatments = tuple(replace(one, lymphocytes=lymphocytes) for one in treatments)
    population = replace(population, name=arm.id, title=f"virtual patients of {arm.id}")
    return ArmPlan(arm, population, treatments, tuple(said))


def _unsaid(cells: Mapping[str, Any], year: int, grafted: bool) -> list[str]:
    """What single unknown words were taken as."""
    found = {
        "gcsf_after": "growth factor: not given; as the protocol orders it",
        "comorbidity": "comorbidity: not given; as usual for the age",
        "mrd": "residual disease: not given; as the model has it in remission",
    }
    if grafted and year >= LETERMOVIR:
        found["letermovir"] = "letermovir: not given; none"
    return [text for name, text in found.items() if cells[name] == "unknown"]


def partly_described(arm: Arm) -> str:
    """What the table says of an arm that can be simulated only partly."""
    return ": ".join(filter(None, ("partly described", arm.cells["why_not"])))


def _year(cells: Mapping[str, Any], rules: Rules, said: list[str]) -> int:
    """The middle year of treatment: as stated, or some years before the publication, or the usual one."""
    if cells["year_mid"] is not None:
        return int(cells["year_mid"])
    published = YEAR.search(cells["citation"] or "")
    year = int(published[0]) - int(rules.value("years_to_publication")) if published else int(rules.value("year_usual"))
    said.append(f"year: not given; around {year}" + (", some years before the publication" if published else ""))
    return year


def _era(year: int, rules: Rules) -> str:
    if year < rules.value("era_middle"):
        return "early"
    return "middle" if year < rules.value("era_recent") else "recent"


def _usual_age(cells: Mapping[str, Any], rules: Rules, era: str) -> float | None:
    """The median age to assume where none is stated: that of reduced intensity, where it is such an arm."""
    if cells["age_median"] is not None or cells["pediatric"] == "yes":
        return None
    if cells["age_high"] is not None and cells["age_high"] <= ADULT_AGE:
        return None
    shares = (
        {"none": 1.0}
        if cells["intensity"] in ("none", "unknown", "mixed")
        else intensities(cells, rules, era, None, [])
    )
    usual = rules.value("age_reduced", "year")
    low, high = cells["age_low"] or 0.0, cells["age_high"] or usual
    return usual if shares.get("RIC", 0) + shares.get("NMA", 0) == 1 and low < usual <= high else None
