"""Who gives: relation, match, age and sex of donors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from .luck import Luck
from .rules import Rules

Columns = dict[str, np.ndarray]
KIN = {
    "identical_sibling": "related",
    "matched_unrelated": "unrelated",
    "mismatched_unrelated": "unrelated",
    "haplo": "haplo",
    "cord": "cord",
    "self": "self",
}
# The match that goes with a donor where nothing else is stated.
USUAL_MATCH = {
    "identical_sibling": {"10/10": 1.0},
    "matched_unrelated": {"8/8": 1.0},
    "mismatched_unrelated": {"7/8": 1.0},
    "haplo": {"haploidentical": 1.0},
    "self": {"identical": 1.0},
}


def donors(rules: Rules, luck: Luck, age: np.ndarray, donor: np.ndarray, stated: Mapping[str, Any]) -> Columns:
    """Relation, match, age [year] and sex of donors, shape (patient,)."""
    kin = np.array([KIN[str(word)] for word in donor], dtype=object)
    relation = _relation(rules, luck, age, kin, stated)
    ages, relation = _ages(rules, luck, age, relation, stated.get("donor_age"))
    relatives = np.isin(relation, ("sibling", "parent", "child"))
    shares = {group: rules.shares("donor_sex", group) for group in rules.groups("donor_sex")}
    sex = luck.grouped("donor sex", np.where(relatives, "relative", "stranger"), shares)
    matches = {**USUAL_MATCH, "cord": rules.shares("match_cord"), **stated.get("match", {})}
    return {
        "kin": kin,
        "relation": relation,
        "match": luck.grouped("match", donor, matches),
        "donor_age": ages,
        "donor_sex": sex,
    }


def _relation(rules: Rules, luck: Luck, age: np.ndarray, kin: np.ndarray, stated: Mapping[str, Any]) -> np.ndarray:
    bands = rules.group_at("relation_haplo", age)
    shares = {group: rules.shares("relation_haplo", group) for group in rules.groups("relation_haplo")}
    haplo = luck.grouped("relation", bands, shares)
    siblings = {"sibling": 1.0}
    related = luck.word("relation", rules.shares("relation_related") if stated.get("any_relative") else siblings)
    plain = {"unrelated": "unrelated", "cord": "cord", "self": "self"}
    other = np.array([plain.get(str(word), "") for word in kin], dtype=object)
    return np.where(kin == "haplo", haplo, np.where(kin == "related", related, other))


def _ages(
    rules: Rules, luck: Luck, age: np.ndarray, relation: np.ndarray, stated: float | None
) -> tuple[np.ndarray, np.ndarray]:
    """Ages of donors; a parent or child who would be too old or too young becomes a sibling."""
    draw = luck.normal("donor age")
    youngest, oldest = rules.value("youngest_relative", "year"), rules.value("oldest_relative", "year")
    gap = rules.value("generation", "year") + rules.value("generation_spread", "year") * draw
    gap = np.maximum(gap, rules.value("youngest_parent", "year"))
    parent, child = age + gap, age - gap
    impossible = ((relation == "parent") & (parent > oldest)) | ((relation == "child") & (child < youngest))
    relation = np.where(impossible, "sibling", relation)
    sibling = np.clip(age + rules.value("sibling_age_spread", "year") * draw, youngest, oldest)
    middle = stated if stated is not None else rules.value("unrelated_age", "year")
    low, high = rules.value("youngest_unrelated", "year"), rules.value("oldest_unrelated", "year")
    unrelated = np.clip(middle * np.exp(rules.value("unrelated_age_spread") * draw), low, high)
    found = np.select(
        [relation == "sibling", relation == "parent", relation == "child", relation == "unrelated"],
        [sibling, parent, child, unrelated],
        np.nan,
    )
    return found, relation
