"""What is given: product and cells of grafts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..case.donor import HIGHEST_CD3, HIGHEST_CD34, LOWEST_CD3, LOWEST_CD34
from ..case.patient import ADULT_AGE
from .luck import Luck
from .rules import Rules

Columns = dict[str, np.ndarray]


def grafts(rules: Rules, luck: Luck, columns: Mapping[str, np.ndarray], stated: Mapping[str, Any]) -> Columns:
    """Product and cells per kg of recipient, shape (patient,)."""
    product = _product(rules, luck, columns, stated)
    first = luck.normal("cd34 dose")
    link = rules.value("dose_correlation")
    second = link * first + np.sqrt(1 - link**2) * luck.normal("cd3 dose")
    dose = {
        name: _usual(rules, name, columns["age"], product, stated) * np.exp(rules.value(f"{name}_spread") * draw)
        for name, draw in (("cd34", first), ("cd3", second))
    }
    if "expanded" in stated:
        cultured = product == "cord_blood"
        product = np.where(cultured, "expanded_cord_blood", product)
        if "cd34" not in stated:
            usual = rules.curve("cd34_cord_blood", columns["age"], "cells/kg")
            dose["cd34"] = dose["cd34"] * np.where(cultured, rules.value("expanded_cd34", "cells/kg") / usual, 1.0)
    if "depletion" in stated and "cd3" not in stated:
        dose["cd3"] = dose["cd3"] * rules.shares("cd3_left", stated["depletion"])["kept"]
    if "two_units" in stated:  # only the larger one engrafts; a stated dose is that of both
        both = np.where(product == "cord_blood", rules.value("two_units"), 1.0)
        dose["cd34"] = dose["cd34"] / both if "cd34" in stated else dose["cd34"]
        dose["cd3"] = dose["cd3"] if "cd3" in stated else dose["cd3"] * both
    return {
        "product": product,
        "cd34": np.clip(dose["cd34"], LOWEST_CD34, HIGHEST_CD34),
        "cd3": np.clip(dose["cd3"], LOWEST_CD3, HIGHEST_CD3),
    }


def _product(rules: Rules, luck: Luck, columns: Mapping[str, np.ndarray], stated: Mapping[str, Any]) -> np.ndarray:
    kin, era = columns["kin"], stated.get("era", "middle")
    cord = kin == "cord"
    if "product" in stated:
        return np.where(cord, "cord_blood", luck.word("product", stated["product"]))
    grown = np.where(columns["age"] < ADULT_AGE, "child", "adult")
    like = np.where(cord, "related", kin)
    groups = np.array([f"{one} {size} {era}" for one, size in zip(like, grown, strict=True)], dtype=object)
    shares = {name: rules.shares("product", name) for name in set(groups)}
    return np.where(cord, "cord_blood", luck.grouped("product", groups, shares))


def _usual(rules: Rules, name: str, age: np.ndarray, product: np.ndarray, stated: Mapping[str, Any]) -> np.ndarray:
    """The usual dose [cells/kg] of each product and age, or the stated one."""
    if name in stated:
        return np.full(len(age), float(stated[name]))
    usual = np.zeros(len(age))
    for one in set(product):
        here = product == one
        usual[here] = rules.curve(f"{name}_{one}", age[here], "cells/kg")
    return usual
