"""Donors and grafts of an arm: which of the registry's donors, how matched, which product, how many cells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from .population import Population
from .treatments import words_of_treatment
from .typing_of_time import matches_then
from .unplanned import Unplanned

MATCHED = ("identical_sibling", "matched_unrelated")
REGISTRY = (*MATCHED, "mismatched_unrelated")
DONORS = {
    "MSD": ("identical_sibling",),
    "MRD": ("identical_sibling",),
    "MUD": ("matched_unrelated",),
    "MMUD": ("mismatched_unrelated",),
    "haplo": ("haplo",),
    "cord": ("cord",),
    "double_cord": ("cord",),
    "autologous": ("self",),
}
# What a stated match says of the donor where the donor is mixed or not given, and of unrelated donors.
BY_MATCH = {
    "identical_sibling": ("identical_sibling",),
    "haplo": ("haplo",),
    "matched": MATCHED,
    "mismatched": ("mismatched_unrelated",),
    "10/10": ("matched_unrelated",),
    "9/10": ("mismatched_unrelated",),
    "8/8": ("matched_unrelated",),
    "7/8": ("mismatched_unrelated",),
    "6/8": ("mismatched_unrelated",),
    "6/6": ("cord",),
    "4-6/6": ("cord",),
    "mixed": REGISTRY,
    "unknown": REGISTRY,
}
# Grades out of six antigens where the graft is not cord blood.
BY_TYPING = {"6/6": MATCHED, "4-6/6": ("mismatched_unrelated",)}
PRODUCTS = {"PB": "mobilized_blood", "BM": "marrow"}
DEPLETED = ("cd34_selected", "tcrab_depleted", "cd6_depleted", "other")
COMORBIDITY = {"HCTCI_0": (0, 0), "HCTCI_1_2": (1, 2), "HCTCI_3plus": (3, 99)}


def kin_of(cells: Mapping[str, Any]) -> str:
    """``matched``, ``haplo``, ``cord``, ``self`` or ``none``: what regimens and prophylaxis depend on."""
    donor = donors_of(cells)
    return {"haplo": "haplo", "cord": "cord", "self": "self", "": "none"}.get(donor[0] if donor else "", "matched")


def donors_of(cells: Mapping[str, Any]) -> tuple[str, ...]:
    """The registry's classes of donors that an arm allows; none without a graft."""
    donor, match, source = cells["donor"], cells["hla_match"], cells["graft_source"]
    if donor == "none" or (cells["intervention"] == "chemo_induction" and donor == "unknown"):
        return ()
    if source == "CB" and donor in ("MUD", "MMUD"):
        return ("cord",)
    if donor in DONORS:
        return DONORS[donor]
    if source == "CB":
        return ("cord",)
    found = BY_TYPING.get(match, BY_MATCH[match]) if donor == "URD" or source in PRODUCTS else BY_MATCH[match]
    if donor == "URD":
        found = tuple(word for word in found if word.endswith("unrelated")) or REGISTRY[1:]
    return found


def with_donors(base: Population, cells: Mapping[str, Any], year: int, era: str, said: list[str]) -> Population:
    """The population with the donors and grafts of an arm, treated in a year."""
    stated: dict[str, Any] = {**base.stated, "era": era, "year": year}
    donors = donors_of(cells)
    if not donors:
        return replace(base, stated={**stated, "no_graft": True})
    donor, match = cells["donor"], cells["hla_match"]
    if donor in ("mixed", "unknown") and len(donors) > 1:
        said.append(
            f"donor: {'not given' if donor == 'unknown' else 'mixed'}; the registry's mix of {len(donors)} kinds"
        )
    if donor == "MRD":
        stated["any_relative"] = True
    if donor == "double_cord":
        stated["two_units"] = True
        said.append("graft: two cord blood units as one, with the stem cells of one and the T cells of both")
    if "/" in match and match not in ("6/6", "4-6/6"):
        stated["match"] = {word: {match: 1.0} for word in donors if word.endswith("unrelated")}
    elif any(word.endswith("unrelated") for word in donors):
        stated["match"] = matches_then(base.rules, year, said)
    if match == "6/6" and "cord" in donors:
        stated["match"] = {"cord": {"6/6": 1.0}}
    stated |= _graft(cells, donors, said)
    words = base.joint.axes["donor"]
    allowed = np.array([float(word in donors) for word in words])
    return replace(base, joint=base.joint.weighted(allowed, "donor"), stated=stated)


def _graft(cells: Mapping[str, Any], donors: tuple[str, ...], said: list[str]) -> dict[str, Any]:
    stated: dict[str, Any] = {}
    source, manipulation = cells["graft_source"], cells["graft_manipulation"]
    if source == "none":
        raise Unplanned("a donor and no graft")
    if source == "CB" and donors != ("cord",):
        raise Unplanned(f"cord blood of a {cells['donor']} donor is not simulated")
    if manipulation == "omidubicel_expanded" and donors != ("cord",):
        raise Unplanned("an expanded graft that is not cord blood is not simulated")
    if source in PRODUCTS and donors == ("cord",):
        said.append(f"graft source: {source} is stated; cord blood as of every cord donor")
    elif source in PRODUCTS:
        stated["product"] = {PRODUCTS[source]: 1.0}
    elif donors != ("cord",):
        said.append(f"graft source: {'mixed' if source == 'mixed' else 'not given'}; usual for donor, age and time")
    for name, column in (("cd34", "cd34_dose_e6_per_kg"), ("cd3", "cd3_dose_e6_per_kg")):
        if cells[column] is not None:
            stated[name] = cells[column] * 1e6
        else:
            said.append(f"{name} dose: not given; usual for the graft")
    if cells["donor_age_median"] is not None:
        stated["donor_age"] = cells["donor_age_median"]
        if donors[0] not in ("matched_unrelated", "mismatched_unrelated"):
            said.append("donor age: stated, but relatives' ages follow the patient's")
    if manipulation in DEPLETED:
        stated["depletion"] = manipulation
    elif cells["prophylaxis"] == "tcd_cd34_selected":
        stated["depletion"] = "cd34_selected"
    if manipulation == "omidubicel_expanded":
        stated["expanded"] = True
        said.append(f"graft: {words_of_treatment()['manipulation'][manipulation]['stand_in']}")
    return stated


def with_health(base: Population, cells: Mapping[str, Any], said: list[str]) -> Population:
    """The population with the comorbidity and residual disease of an arm."""
    stated = dict(base.stated)
    if cells["comorbidity"] in COMORBIDITY:
        stated["comorbidity"] = COMORBIDITY[cells["comorbidity"]]
    if cells["mrd"] in ("positive", "negative"):
        stated["residual"] = cells["mrd"]
    else:
        said.append("residual disease: not given; usual share of patients in whom it is measurable")
    return replace(base, stated=stated)
