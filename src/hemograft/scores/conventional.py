"""The conventional scores that stand beside each simulated patient."""

from __future__ import annotations

from typing import Any

from ..case.case import Case
from .dri import dri
from .ebmt import ebmt
from .hctci import hctci
from .score import Score


def conventional(case: Case) -> tuple[Score, ...]:
    """Comorbidity index, disease risk index and EBMT score of a case."""
    return hctci(case), dri(case), ebmt(case)


def as_words(case: Case) -> list[dict[str, Any]]:
    """The scores for a machine to read."""
    return [
        {"score": one.name, "value": one.value, "group": one.group, "needs": list(one.needs), "words": one.words}
        for one in conventional(case)
    ]
