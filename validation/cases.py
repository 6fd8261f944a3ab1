"""Reference patients of the comparisons: what a registry median looks like, no more."""

from __future__ import annotations

import dataclasses

from hemograft.case.case import Case
from hemograft.case.donor import Donor, Graft
from hemograft.case.patient import Patient
from hemograft.protocol.actions import Give, Infuse
from hemograft.protocol.protocol import Protocol, read_protocol

T_CELLS = {"mobilized_blood": "250 x10^6/kg", "marrow": "30 x10^6/kg", "cord_blood": "5 x10^6/kg"}
CD34 = {"mobilized_blood": "6 x10^6/kg", "marrow": "2.8 x10^6/kg", "cord_blood": "0.2 x10^6/kg"}


def patient(**changes: str) -> Patient:
    """A 70-kg man of 40 without leukemia, unless told otherwise; values as in a case file."""
    plain = {
        "age": "40 years",
        "sex": "male",
        "weight": "70 kg",
        "height": "175 cm",
        "gfr": "100 mL/min",
        "diagnosis": "none",
        "stage": "none",
    }
    return Patient(**{**plain, **changes})  # type: ignore[arg-type]


def case(
    product: str | None = None, cd34: str = "", origin: str = "donor", name: str = "reference", **changes: str
) -> Case:
    """A reference patient with a graft of this product, or without one."""
    graft = donor = None
    if product:
        graft = Graft(product=product, origin=origin, cd34=cd34 or CD34[product], cd3=T_CELLS[product])  # type: ignore[arg-type]
        if origin == "donor":
            cord = product == "cord_blood"
            donor = Donor(relation="cord" if cord else "sibling", match="5/6" if cord else "10/10")
    return Case(title=name, id=name, source="reference patient", patient=patient(**changes), donor=donor, graft=graft)


def protocol(name: str, *, graft: bool = True, filgrastim: bool | None = None) -> Protocol:
    """A shipped protocol, without its graft, or with or without filgrastim from day 5."""
    shipped = read_protocol(name)
    actions = [a for a in shipped.actions if graft or not isinstance(a, Infuse)]
    if filgrastim is not None:
        actions = [a for a in actions if not (isinstance(a, Give) and a.drug == "filgrastim")]
    if filgrastim:
        until = "neutrophils > 1.0 x10^9/L for 3 days"
        actions.append(Give("filgrastim", "5 ug/kg", "sc", "+5 to +60", until=until))  # type: ignore[arg-type]
    return dataclasses.replace(shipped, actions=tuple(actions))


def untreated() -> Protocol:
    """No orders at all."""
    return Protocol(name="no treatment", id="untreated", source="reference", actions=())
