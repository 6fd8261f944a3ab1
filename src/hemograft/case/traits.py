"""What patients and donors have in common beside HLA: cytomegalovirus, blood group, pregnancies."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator

from ..fields import Refused, phrase, whole_number

BLOOD_GROUPS = tuple(f"{abo}{rhesus}" for abo in ("O", "A", "B", "AB") for rhesus in ("+", "-"))
MOST_PREGNANCIES = 25
_RHESUS = {"+": "+", "-": "-", "\u2212": "-", "positive": "+", "negative": "-", "pos": "+", "neg": "-"}


def _blood_group(value: Any) -> str:
    text = phrase(value)
    found = re.fullmatch(r"(AB|A|B|O|0)\s*(\+|-|\u2212|positive|negative|pos|neg)", text)
    if found:
        return f"{found[1].replace('0', 'O')}{_RHESUS[found[2]]}"
    hint = f"{text}+ or {text}-" if text in {"A", "B", "AB", "O"} else ""
    raise Refused(f"blood group {text!r} is not known", " | ".join(BLOOD_GROUPS), hint)


BloodGroup = Annotated[str, BeforeValidator(_blood_group)]
Serostatus = Literal["positive", "negative"]
Pregnancies = Annotated[int, whole_number(0, MOST_PREGNANCIES)]


def only_of_women(pregnancies: int | None, sex: str | None) -> int | None:
    """The number of pregnancies; refused for a man who has any."""
    if pregnancies and sex == "male":
        raise Refused(f"{pregnancies} pregnancies of a man", "no pregnancies, or sex: female")
    return pregnancies
