"""Sizes of orders: doses, exposures and durations as written, and wide limits beyond which one is taken for a slip."""

from __future__ import annotations

import re
from typing import Any

from pydantic import BeforeValidator

from ..drugs import dose_kind
from ..fields import Refused, phrase
from ..units import UnitError, amount

# Wide plausibility limits; beyond them an entry is taken for a slip.
MOST_TIMES_A_DAY = 24  # hourly
LARGEST_FRACTION = 12.0  # Gy; the largest single fraction of total body irradiation ever in use was about 10 Gy
LONGEST_INFUSION = 60.0  # days
MOST_UNITS = 10.0  # blood products in one order
MOST_LYMPHOCYTES = 1e9  # CD3 cells/kg in one infusion; 1e6 to 2e8 is usual
LARGEST_DOSE = 1e6  # mg, mg/kg or mg/m2; no drug is given by the kilogram
LARGEST_AUC = {"mg": 1e5 / 24, "nmol": 1e8}  # mg*day/L, nmol*day/L; treosulfan reaches some thousand mg*h/L


def read_auc(text: str) -> tuple[str, float] | None:
    """A target exposure: ``("mg", AUC in mg*day/L)`` or ``("nmol", AUC in nmol*day/L)``, or None.

    Raises
    ------
    Refused
        It starts with ``target AUC`` but is not an exposure, or is not plausible.
    """
    match = re.fullmatch(r"target\s+AUC\s+(.+)", text)
    if not match:
        return None
    for kind, like in (("mg", "mg*h/L"), ("nmol", "uM*min")):
        try:
            size = amount(match[1], like)
        except UnitError:
            continue
        if not 0 < size <= LARGEST_AUC[kind]:
            raise Refused(f"{text!r} is outside the plausible range", "such as target AUC 90 mg*h/L")
        return kind, size
    raise Refused(f"{text!r} is not an exposure", "target AUC <number> mg*h/L or uM*min")


def read_dose(value: Any) -> str:
    """The dose of a drug as written, if it is one; raises :class:`Refused`."""
    text = phrase(value)
    if read_auc(text):
        return text
    kind = dose_kind(text)
    if kind is None:
        expected = "the amount of one dose: mg, mg/kg, mg/m2, ug/kg ..., or target AUC 90 mg*h/L"
        hint = re.sub(r"\s*(/\s*(d|day|24\s*h))$", "", text) if re.search(r"/\s*(d|day|24\s*h)$", text) else ""
        hint = hint or (f"target AUC {text}" if re.search(r"h\s*/\s*L$|min$", text) else "")
        raise Refused(f"dose {text!r} is not an amount of drug", expected, hint)
    if kind[1] <= 0:
        raise Refused(f"dose {text!r} is not above zero", "a positive amount")
    if kind[1] > LARGEST_DOSE:
        raise Refused(f"dose {text!r} is outside the plausible range", f"at most {LARGEST_DOSE:,.0f} mg")
    return text


def positive(like: str, largest: float, what: str, example: str) -> BeforeValidator:
    """What reads an amount like ``example`` above zero and up to ``largest``, and keeps it as written."""

    def read(value: Any) -> str:
        text = phrase(value)
        try:
            size = amount(text, like)
        except UnitError as error:
            raise Refused(str(error), f"{what}, such as {example}") from None
        if not 0 < size <= largest:
            raise Refused(f"{text!r} is outside the plausible range", f"{what} above zero, such as {example}")
        return text

    return BeforeValidator(read)
