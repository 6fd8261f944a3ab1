"""Size, organs, comorbidity and serostatus of patients of given age and sex."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..case.patient import HIGHEST_COMORBIDITY, HIGHEST_GFR, LOWEST_GFR
from ..units import factor
from .luck import Luck
from .rules import Rules

Columns = dict[str, np.ndarray]


def body(rules: Rules, luck: Luck, age: np.ndarray, female: np.ndarray) -> Columns:
    """Height [m] and weight [kg], shape (patient,)."""
    usual = {
        what: np.where(female, rules.curve(f"{what}_female", age, unit), rules.curve(f"{what}_male", age, unit))
        for what, unit in (("height", "m"), ("weight", "kg"))
    }
    relative = 1 + rules.curve("height_spread", age) * np.clip(luck.normal("height"), -3, 3)
    height = usual["height"] * relative
    own = np.exp(rules.curve("weight_spread", age) * luck.normal("weight"))
    mass_index = usual["weight"] / usual["height"] ** 2 * own
    bounds = rules.value("lowest_body_mass_index"), rules.value("highest_body_mass_index")
    return {"height": height, "weight": np.clip(mass_index, *bounds) * height**2}


def organs(rules: Rules, luck: Luck, columns: Mapping[str, np.ndarray]) -> Columns:
    """Filtration rate [mL/min, not indexed] and class of liver function."""
    age, surface = columns["age"], np.sqrt(columns["height"] / factor("cm") * columns["weight"] / 3600)  # Mosteller
    usual = rules.curve("filtration", age, "mL/min")
    rate = usual * np.exp(rules.value("filtration_spread") * luck.normal("filtration"))
    low = np.minimum(rules.value("filtration_lowest", "mL/min"), usual)
    rate = np.clip(rate, low, rules.value("filtration_highest", "mL/min"))
    gfr = rate * surface / rules.value("usual_surface", "m^2")
    return {"gfr": np.clip(gfr, LOWEST_GFR, HIGHEST_GFR), "liver": luck.word("liver", rules.shares("liver"))}


def comorbidity(rules: Rules, luck: Luck, age: np.ndarray, allowed: tuple[int, int] | None) -> np.ndarray:
    """The comorbidity index, within limits where they are stated."""
    groups = rules.group_at("comorbidity", age)
    low, high = allowed or (0, HIGHEST_COMORBIDITY)
    shares = {
        group: {
            score: share * (low <= int(score) <= high) for score, share in rules.shares("comorbidity", group).items()
        }
        for group in rules.groups("comorbidity")
    }
    return luck.grouped("comorbidity", groups, shares).astype(int)


def serostatus(rules: Rules, luck: Luck, kin: np.ndarray) -> Columns:
    """Cytomegalovirus serostatus of patient and donor.

    Parameters
    ----------
    kin : array of str
        ``related``, ``haplo``, ``unrelated``, ``cord`` or ``self`` for each patient.
    """
    own = luck.word("cmv", rules.shares("cmv_positive"))
    relative = np.isin(kin, ("related", "haplo"))
    theirs = np.where(relative, np.char.add("relative of ", own.astype(str)), "stranger")
    groups = np.where(kin == "cord", "cord", theirs)
    shares: dict[str, Any] = {group: rules.shares("cmv_of_donor", group) for group in rules.groups("cmv_of_donor")}
    donor = luck.grouped("cmv of donor", groups, shares)
    return {"cmv": own, "donor_cmv": np.where(kin == "self", own, donor)}
