"""The donor and the graft: who gave, how well they match, which product, how many cells."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator

from ..fields import Form, Refused, number_in, one_of, phrase
from ..hla.typing import Typing
from ..parameters import DATA
from .traits import BloodGroup, Pregnancies, Serostatus, only_of_women

OLDEST_DONOR = 85.0  # years
# Plausible cells per kg of recipient: from a small cord blood unit to several times the richest graft.
LOWEST_CD34, HIGHEST_CD34 = 1e4, 1e8
LOWEST_CD3, HIGHEST_CD3 = 1e3, 3e9  # T-cell depleted graft to unmanipulated mobilized blood
LOWEST_NUCLEATED, HIGHEST_NUCLEATED = 1e6, 1e11
LOCI = (6, 8, 10, 12, 14)  # alleles compared: A, B, DRB1 to all with DP and DRB3/4/5
CORD = ("cord_blood", "expanded_cord_blood")  # products of stored units
WITHOUT_NUMBERS = ("identical", "haploidentical", "unknown")


def products() -> list[str]:
    """Graft products the package knows: the files of data/grafts."""
    return sorted(path.stem for path in (DATA / "grafts").glob("*.yaml"))


def _match(value: Any) -> str:
    text = phrase(value)
    numbers = re.fullmatch(r"(\d{1,2})\s*/\s*(\d{1,2})", text)
    if numbers and int(numbers[2]) in LOCI and int(numbers[2]) // 2 <= int(numbers[1]) <= int(numbers[2]):
        return f"{int(numbers[1])}/{int(numbers[2])}"
    if text in WITHOUT_NUMBERS:
        return text
    raise Refused(f"match {text!r} is not known", f"such as 10/10, 9/10, 5/6, or {', '.join(WITHOUT_NUMBERS)}")


class Donor(Form):
    """Who gives the graft.

    Attributes
    ----------
    relation : str
        sibling, parent, child, twin, other_relative, unrelated, cord (a stored unit) or self.
    match : str
        HLA match such as ``10/10``, or ``haploidentical``, ``identical``, ``unknown``.
    age : float or None [year]
    sex : str or None
    cmv : str or None
        ``positive`` or ``negative`` for antibodies against cytomegalovirus.
    blood_group : str or None
        Such as ``A+``.
    pregnancies : int or None
    hla : Typing or None
    """

    relation: Literal["sibling", "parent", "child", "twin", "other_relative", "unrelated", "cord", "self"] = Field(
        examples=["sibling"]
    )
    match: Annotated[str, BeforeValidator(_match)] = Field(examples=["10/10"])
    age: Annotated[float, number_in("year", 0.0, OLDEST_DONOR, "35 years")] | None = None
    sex: Literal["female", "male"] | None = None
    cmv: Serostatus | None = None
    blood_group: BloodGroup | None = None
    pregnancies: Pregnancies | None = None
    hla: Typing | None = None

    @field_validator("pregnancies")
    @classmethod
    def _only_of_women(cls, pregnancies: int | None, info: ValidationInfo) -> int | None:
        return only_of_women(pregnancies, info.data.get("sex"))

    @field_validator("match")
    @classmethod
    def _match_fits(cls, match: str, info: ValidationInfo) -> str:
        relation = info.data.get("relation")
        if relation in {"unrelated", "cord"} and match in {"identical", "haploidentical"}:
            raise Refused(f"match {match!r} does not fit the relation {relation!r}", "such as 10/10 or 5/6")
        if relation in {"twin", "self"} and match not in {"identical", *(f"{n}/{n}" for n in LOCI)}:
            raise Refused(f"match {match!r} does not fit the relation {relation!r}", "identical", "identical")
        return match


class Graft(Form):
    """What is infused. Cell doses are per kg of the recipient's weight.

    Attributes
    ----------
    product : str
        A file of data/grafts: mobilized_blood, marrow, cord_blood, expanded_cord_blood.
    origin : str
        ``donor``, or ``host`` for the patient's own cells.
    cd34, cd3, nucleated : float [cells/kg]
        CD34+ cells, T cells, and (optional) all nucleated cells.
    """

    product: Annotated[str, one_of(products, "product", "data/grafts")] = Field(examples=["mobilized_blood"])
    origin: Literal["donor", "host"] = "donor"
    cd34: Annotated[float, number_in("cells/kg", LOWEST_CD34, HIGHEST_CD34, "5 x10^6/kg")] = Field(
        examples=["5 x10^6/kg"]
    )
    cd3: Annotated[float, number_in("cells/kg", LOWEST_CD3, HIGHEST_CD3, "250 x10^6/kg")] = Field(
        examples=["250 x10^6/kg"]
    )
    nucleated: Annotated[float, number_in("cells/kg", LOWEST_NUCLEATED, HIGHEST_NUCLEATED, "300 x10^6/kg")] | None = (
        None
    )

    @property
    def of_cord(self) -> bool:
        """Whether it comes from stored cord blood."""
        return self.product in CORD

    @field_validator("nucleated")
    @classmethod
    def _parts_are_less_than_all(cls, nucleated: float | None, info: ValidationInfo) -> float | None:
        for name in ("cd34", "cd3"):
            part = info.data.get(name)
            if nucleated is not None and part is not None and part > nucleated:
                raise Refused(
                    f"{nucleated:.3g} nucleated cells/kg are fewer than the {part:.3g} {name} cells/kg",
                    "all nucleated cells, CD34 and CD3 cells included",
                )
        return nucleated
