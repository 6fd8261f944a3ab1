"""What became of the twins: curves of survival and of competing events, and what they died of.

A competing event is never treated as the end of follow-up: incidence is estimated by Aalen-Johansen from the status of
each event, survival without competing events by Kaplan-Meier.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from ..outcome.summary import percent
from ..statistics.curves import Curve
from ..statistics.figure import StepFigure, incidence_figure
from ..statistics.incidence import cumulative_incidence
from ..statistics.survival import kaplan_meier
from .figures import Picture
from .steps import StepPanel, step_picture

EARLY = 180  # days in which most complications begin
FREE = {  # event whose complement is a survival
    "death": "alive",
    "relapse_or_death": "alive without leukemia",
    "gvhd_relapse_or_death": "alive without leukemia or GVHD (GRFS)",
}
ACUTE = {"acute_gvhd_2_4": "grade II to IV", "acute_gvhd_3_4": "grade III to IV"}
COMPLICATIONS = {
    "severe_infection": "severe infection",
    "cmv_reactivation": "CMV infection",
    "sinusoidal_obstruction": "sinusoidal obstruction",
}
STEPS, MOST_TICKS = (10, 20, 30, 60, 90, 180, 365, 730, 1825), 6  # days between numbers below an axis
BANDS = "Bands: 95 % interval, which is the Monte Carlo error of this number of twins and nothing else."


@dataclass(frozen=True)
class Cause:
    """One cause of death: how many twins, their share of all twins, and the middle day."""

    words: str
    count: int
    share: str
    day: str


def survival_pictures(outcomes: pa.Table, last: float) -> list[Picture]:
    """All curves that the outcome table allows, up to the last day of follow-up."""
    made = [_survival(outcomes, last), _gvhd(outcomes, last), _complications(outcomes, last)]
    return [picture for picture in made if picture is not None]


def causes_of_death(outcomes: pa.Table) -> list[Cause]:
    """Causes of death, the most frequent first; death after relapse is named apart from death without it."""
    if "death_cause" not in outcomes.column_names:
        return []
    died = [row for row in _rows(outcomes) if row["death_observed"]]
    found: dict[str, list[float]] = {}
    for row in died:
        again = row["death_without_relapse_status"] == 2 and row["death_cause"] != "leukemia"
        found.setdefault(str(row["death_cause"]) + (", after relapse" if again else ""), []).append(row["death_day"])
    total, causes = outcomes.num_rows, []
    for words, days in sorted(found.items(), key=lambda item: (-len(item[1]), item[0])):
        guess = (len(days) + 1) / (total + 2)
        share = percent(len(days) / total, float(np.sqrt(guess * (1 - guess) / total)), total)
        causes.append(Cause(words[0].upper() + words[1:], len(days), share, f"{np.median(days):.0f}"))
    return causes


def _rows(outcomes: pa.Table) -> list[dict]:
    names = ("death_observed", "death_cause", "death_day", "death_without_relapse_status")
    return outcomes.select(names).to_pylist()


def _incidence(outcomes: pa.Table, name: str, words: str) -> Curve | None:
    """Cumulative incidence of one event among those at risk, others competing; None where nobody is."""
    days, status = _known(outcomes, name)
    if len(days) == 0:
        return None
    causes = {words: 1, "competing": 2} if (status == 2).any() else {words: 1}
    return cumulative_incidence(days, status, causes=causes).causes[words]


def _free(outcomes: pa.Table, name: str, words: str) -> Curve | None:
    days, status = _known(outcomes, name)
    return kaplan_meier(days, status == 1, name=words) if len(days) else None


def _known(outcomes: pa.Table, name: str) -> tuple[np.ndarray, np.ndarray]:
    if f"{name}_status" not in outcomes.column_names:
        return np.array([]), np.array([])
    days = np.array(outcomes[f"{name}_day"].to_pylist(), dtype=float)
    status = np.array(outcomes[f"{name}_status"].to_pylist(), dtype=float)
    known = np.isfinite(days) & np.isfinite(status) & (days >= 0)
    return days[known], status[known].astype(int)


def _figures(curves: list[Curve | None], until: float) -> tuple[StepFigure, ...]:
    step = next((step for step in STEPS if until / step <= MOST_TICKS), until)
    when = [float(day) for day in np.arange(0, until + 1, step)]
    return tuple(incidence_figure([curve], until, when) for curve in curves if curve is not None)


def _survival(outcomes: pa.Table, last: float) -> Picture | None:
    lost = {"relapse": "relapse", "death_without_relapse": "death without relapse"}
    left = _figures([_incidence(outcomes, name, words) for name, words in lost.items()], last)
    right = _figures([_free(outcomes, name, words) for name, words in FREE.items()], last)
    if not right:
        return None
    panels = [StepPanel("Survival", "twins [%]", right)]
    if left:
        panels.insert(0, StepPanel("Relapse and death without relapse", "cumulative incidence [%]", left))
    caption = (
        "Left: cumulative incidence, each event in the presence of the other; relapse among twins who were in "
        f"remission before. Right: Kaplan-Meier. {BANDS}"
    )
    return step_picture("survival", "Relapse, death and survival", panels, caption)


def _gvhd(outcomes: pa.Table, last: float) -> Picture | None:
    early = min(EARLY, last)
    acute = _figures([_incidence(outcomes, name, words) for name, words in ACUTE.items()], early)
    chronic = _figures([_incidence(outcomes, "chronic_gvhd", "chronic, any extent")], last)
    if not acute:
        return None
    panels = [StepPanel("Acute", "cumulative incidence [%]", acute)]
    if chronic:
        panels.append(StepPanel("Chronic", "cumulative incidence [%]", chronic))
    return step_picture(
        "gvhd", "Graft-versus-host disease", panels, f"Cumulative incidence; death is the competing event. {BANDS}"
    )


def _complications(outcomes: pa.Table, last: float) -> Picture | None:
    names = {name: words for name, words in COMPLICATIONS.items() if f"{name}_status" in outcomes.column_names}
    figures = _figures([_incidence(outcomes, name, words) for name, words in names.items()], min(EARLY, last))
    if not figures:
        return None
    panels = [StepPanel("Infection and liver", "cumulative incidence [%]", figures)]
    return step_picture(
        "complications", "Complications", panels, f"Cumulative incidence; death is the competing event. {BANDS}"
    )
