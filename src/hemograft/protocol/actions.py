"""What a transplant team can order: give a drug, irradiate, infuse the graft or lymphocytes, transfuse.

Orders are frozen values, written in a file or in Python: ``Give("fludarabine", "30 mg/m2", "iv", "-6 to -2")``.
"""

from __future__ import annotations

from dataclasses import field
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator
from pydantic.dataclasses import dataclass as form

from ..drugs import dose_kind, shipped_drugs
from ..fields import ORDER, PHRASE, Refused, one_of, our_words, phrase, whole_number
from ..units import amount
from .days import EARLIEST_DAY, LATEST_DAY, Days, read_days
from .rules import Condition, Either, read_condition, read_conditions
from .sizes import (
    LARGEST_FRACTION,
    LONGEST_INFUSION,
    MOST_LYMPHOCYTES,
    MOST_TIMES_A_DAY,
    MOST_UNITS,
    positive,
    read_dose,
)

SECTIONS = ("conditioning", "graft", "gvhd_prophylaxis", "induction", "consolidation", "treatment", "support")


def _condition(value: Any) -> Condition:
    return value if isinstance(value, Condition) else read_condition(phrase(value))


def _conditions(value: Any) -> Condition | Either:
    return value if isinstance(value, Condition | Either) else read_conditions(phrase(value))


def _infused(value: Any) -> str:
    if phrase(value) not in ("graft", "donor_lymphocytes"):
        raise Refused(
            f"cannot infuse {value!r}", "graft (the product is said in the case) or donor_lymphocytes", "graft"
        )
    return phrase(value)


def refuse_days_before_condition(when: Condition | None, first: int) -> None:
    """An order that waits counts its days from the one on which its condition is first met."""
    if when is not None and first < 0:
        raise Refused(f"day {first} is before {when}", "days from 0, the first day on which the condition is met")


def refuse_watching_nothing(watched: Days | None, when: Condition | None) -> Days | None:
    """Days on which to look belong to a condition."""
    if watched is not None and when is None:
        raise Refused("'watched' says nothing without 'when'", "when: acute_gvhd_grade >= 2")
    return watched


Dose = Annotated[str, BeforeValidator(read_dose)]
Over = Annotated[str, positive("h", LONGEST_INFUSION, "a duration", "30 min")]
WhichDays = Annotated[Days, BeforeValidator(read_days)]
Hour = Annotated[int, whole_number(0, 23)]
Times = Annotated[int, whole_number(1, MOST_TIMES_A_DAY)]
When = Annotated[Condition, BeforeValidator(_condition)]
Until = Annotated[Condition | Either, BeforeValidator(_conditions)]
Drug = Annotated[str, one_of(shipped_drugs, "drug", "data/drugs")]


@form(frozen=True, config=ORDER)
class Give:
    """Give a drug.

    Attributes
    ----------
    dose : str
        The amount of one dose, or ``target AUC ...`` for the whole order.
    times_a_day : int
        Doses a day, evenly spaced, the first at ``hour``.
    over : str or None
        Duration of one infusion; None for the usual one of the drug's file.
    until : Condition or Either or None
        Stops the remaining doses.
    weight_basis : str
        Which weight a dose per kg is multiplied with.
    when : Condition or None
        The order waits for the first day on which this holds, and its days count from that day.
    watched : Days or None
        First and last day on which ``when`` is looked at; None for always.
    again_after : int or None [day]
        From so many days after it began, the order waits anew; None for an order that begins once.
    section, where : str
        Part of the protocol, and ``file:line`` for complaints; ``where`` does not count in comparisons.
    """

    drug: Drug = Field(examples=["fludarabine"])
    dose: Dose = Field(examples=["30 mg/m2"])
    route: Literal["iv", "sc", "oral"] = Field(examples=["iv"])
    days: WhichDays = Field(examples=["-6 to -2"])
    times_a_day: Times = 1
    hour: Hour | None = None
    over: Over | None = None
    until: Until | None = None
    weight_basis: Literal["actual", "ideal", "adjusted"] = "actual"
    when: When | None = Field(None, kw_only=True)
    watched: WhichDays | None = Field(None, kw_only=True)
    again_after: Annotated[int, whole_number(1, LATEST_DAY)] | None = Field(None, kw_only=True)
    section: str = "conditioning"
    where: str = field(default="", compare=False)

    _words = our_words()

    @field_validator("again_after")
    @classmethod
    def _courses_do_not_overlap(cls, again: int | None, info: ValidationInfo) -> int | None:
        if again is None:
            return None
        if info.data.get("when") is None:
            raise Refused("'again_after' says nothing without 'when'", "when: acute_gvhd_grade >= 2")
        days = info.data.get("days")
        if days is not None and again <= days.last:
            raise Refused(f"an order of {days.words(signed=False)} cannot begin again after {again} days",
                          "days after the last of the order", str(days.last + 1))  # fmt: skip
        return again

    @field_validator("when")
    @classmethod
    def _waits(cls, when: Condition | None, info: ValidationInfo) -> Condition | None:
        if info.data.get("days") is not None:
            refuse_days_before_condition(when, info.data["days"].first)
        if when is not None and info.data.get("until") is not None:
            raise Refused("an order that waits cannot stop on a condition as well", "several orders, of falling dose")
        return when

    @field_validator("watched")
    @classmethod
    def _watched(cls, watched: Days | None, info: ValidationInfo) -> Days | None:
        return refuse_watching_nothing(watched, info.data.get("when"))

    @field_validator("over")
    @classmethod
    def _infusions_do_not_overlap(cls, over: str | None, info: ValidationInfo) -> str | None:
        days, times = info.data.get("days"), info.data.get("times_a_day")
        if over is None or days is None or times is None:
            return over
        gaps = [b - a for a, b in zip(days.each, days.each[1:], strict=False)]
        gap = 1 / times if times > 1 else min(gaps, default=LONGEST_INFUSION)
        if amount(over, "h") > gap * (1 + 1e-9):
            raise Refused(f"infusions over {over}, {gap * 24:g} h apart, would overlap", "a shorter infusion")
        return over

    @field_validator("weight_basis")
    @classmethod
    def _weight_needs_a_dose_per_kg(cls, basis: str, info: ValidationInfo) -> str:
        dose = info.data.get("dose")
        if dose and basis != "actual" and (dose_kind(dose) or ("", 0))[0] != "kg":
            raise Refused(f"weight {basis!r} says nothing for a dose of {dose}", "a dose per kg")
        return basis


@form(frozen=True, config=ORDER)
class Irradiate:
    """Irradiate the whole body, or its lymphoid tissue: ``dose`` is that of one fraction, such as ``2 Gy``."""

    dose: Annotated[str, positive("Gy", LARGEST_FRACTION, "the dose of one fraction", "2 Gy")]
    days: WhichDays = Field(examples=["-3 to -1"])
    fractions_a_day: Times = 1
    hour: Hour | None = None
    over: Over | None = None
    of: Annotated[Literal["total_body", "lymphoid"], PHRASE] = "total_body"
    when: When | None = Field(None, kw_only=True)
    watched: WhichDays | None = Field(None, kw_only=True)
    section: str = "conditioning"
    where: str = field(default="", compare=False)

    _words = our_words()

    @field_validator("when")
    @classmethod
    def _waits(cls, when: Condition | None, info: ValidationInfo) -> Condition | None:
        if info.data.get("days") is not None:
            refuse_days_before_condition(when, info.data["days"].first)
        return when

    @field_validator("watched")
    @classmethod
    def _watched(cls, watched: Days | None, info: ValidationInfo) -> Days | None:
        return refuse_watching_nothing(watched, info.data.get("when"))


@form(frozen=True, config=ORDER)
class Infuse:
    """Infuse the graft of the case, or lymphocytes of the same donor, at noon of its day unless ``hour`` is given.

    Attributes
    ----------
    dose : str or None
        CD3 cells per kg of donor lymphocytes; the graft's cells are said in the case.
    until : Condition or Either or None
        Lymphocytes are not given any more once this has held.
    when : Condition or None
        As for a drug.
    watched : Days or None
        First and last day on which ``when`` is looked at, or without it ``until``; None for always.
    """

    what: Annotated[str, BeforeValidator(_infused)] = "graft"
    dose: Annotated[str, positive("cells/kg", MOST_LYMPHOCYTES, "CD3 cells per kg", "1 x10^7/kg")] | None = Field(
        None, validate_default=True, kw_only=True
    )
    day: Annotated[int, whole_number(EARLIEST_DAY, LATEST_DAY)] = 0
    hour: Hour | None = None
    until: Until | None = Field(None, kw_only=True)
    when: When | None = Field(None, kw_only=True)
    watched: WhichDays | None = Field(None, kw_only=True)
    section: str = "graft"
    where: str = field(default="", compare=False)

    _words = our_words()

    @field_validator("dose")
    @classmethod
    def _lymphocytes_have_a_dose(cls, dose: str | None, info: ValidationInfo) -> str | None:
        if info.data.get("what") == "donor_lymphocytes" and dose is None:
            raise Refused("donor lymphocytes have no dose", "CD3 cells per kg", "dose: 1 x10^7/kg")
        if info.data.get("what") == "graft" and dose is not None:
            raise Refused("the graft has a dose", "no 'dose'; the cells of the graft are said in the case")
        return dose

    @field_validator("until", "when")
    @classmethod
    def _grafts_do_not_wait(cls, condition: Any, info: ValidationInfo) -> Any:
        if condition is not None and info.data.get("what") == "graft":
            raise Refused("the graft waits for a condition", "a day; donor_lymphocytes may wait")
        if info.field_name == "when":
            refuse_days_before_condition(condition, info.data.get("day", 0))
        return condition

    @field_validator("watched")
    @classmethod
    def _watched(cls, watched: Days | None, info: ValidationInfo) -> Days | None:
        if watched is not None and info.data.get("when") is None and info.data.get("until") is None:
            raise Refused("'watched' says nothing without 'when' or 'until'", "until: acute_gvhd_grade >= 2")
        return watched


@form(frozen=True, config=ORDER)
class Transfuse:
    """Transfuse whenever the daily count meets a condition."""

    what: Annotated[Literal["platelets", "red_cells"], PHRASE]
    dose: Annotated[str, positive("unit", MOST_UNITS, "a number of units", "1 unit")] = Field(examples=["1 unit"])
    if_: When = Field(examples=["platelets < 10 x10^9/L"])
    days: WhichDays = Field(examples=["-7 to +100"])
    section: str = "support"
    where: str = field(default="", compare=False)

    _words = our_words()


Action = Give | Irradiate | Infuse | Transfuse


def waits(action: Action) -> bool:
    """Whether the days of an order count from the day on which a condition is first met."""
    return getattr(action, "when", None) is not None


def infuses_graft(action: Action) -> bool:
    """Whether this order is the graft."""
    return isinstance(action, Infuse) and action.what == "graft"
