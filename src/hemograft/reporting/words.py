"""The words and big numbers of a report: the patient's chart, the key results, plain names of outcomes."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..outcome.columns import CHIMERISM_DAYS, LINEAGES
from ..outcome.course import Course
from ..outcome.definitions import GRAFT_FAILURE_DAY, GRAFT_FAILURE_DAY_CORD
from ..outcome.summary import PERCENT, Row, number, percent
from ..scores.conventional import conventional

PATIENT = (
    ("age", "Age", "years"),
    ("sex", "Sex", ""),
    ("weight", "Weight", "kg"),
    ("height", "Height", "m"),
    ("body_surface", "Body surface", "m²"),
    ("gfr", "Glomerular filtration", "mL/min"),
    ("liver", "Liver function", ""),
    ("comorbidities", "Other diseases", ""),
    ("diagnosis", "Diagnosis", ""),
    ("stage", "Stage", ""),
    ("since_diagnosis", "From diagnosis to transplant", "days"),
    ("marrow_blasts", "Marrow blasts", "%"),
    ("residual_disease", "Leukemic fraction of marrow", ""),
)
DONOR = (
    ("relation", "Donor", ""),
    ("age", "Donor age", "years"),
    ("sex", "Donor sex", ""),
    ("match", "HLA match", ""),
)
GRAFT = (
    ("product", "Graft", ""),
    ("origin", "Graft origin", ""),
    ("cd34", "CD34 cells", "/kg"),
    ("cd3", "CD3 cells", "/kg"),
    ("nucleated", "Nucleated cells", "/kg"),
)
ABBREVIATIONS = ("aml", "cml", "mds", "b", "t", "all", "flt3", "itd", "npm1")
PLAIN = {
    "follow_up_day": "Last day of follow-up",
    "platelet_engraftment": "Platelet engraftment (≥ 20 ×10⁹/L)",
    "platelet_50": "Platelets ≥ 50 ×10⁹/L, untransfused",
    "neutrophil_never_below": "Neutrophils never below 0.5 ×10⁹/L",
    "platelet_never_below": "Platelets never below 20 ×10⁹/L",
    "platelet_50_never_below": "Platelets never below 50 ×10⁹/L",
    "incomplete_remission": "Remission with or without full counts (CR or CRi)",
    "partial_count_remission": "Remission with full or partly recovered counts (CR or CRh)",
    "molecular_relapse": "Molecular relapse (≥ 0.1 % after less than 0.01 %)",
    "secondary_graft_failure": "Secondary graft failure",
    "acute_gvhd_2_4": "Acute graft-versus-host disease, grade II to IV",
    "acute_gvhd_3_4": "Acute graft-versus-host disease, grade III to IV",
    "chronic_gvhd": "Chronic graft-versus-host disease",
    "cmv_reactivation": "Cytomegalovirus infection, clinically significant",
    "sinusoidal_obstruction": "Sinusoidal obstruction syndrome",
    "death": "Death of any cause",
    "death_without_relapse": "Death without relapse (non-relapse mortality)",
    "relapse_or_death": "Relapse or death (the end of disease-free survival)",
    "gvhd_relapse_or_death": "Graft-versus-host disease III to IV or chronic, relapse or death (the end of GRFS)",
    "dli_gvhd": "Graft-versus-host disease after donor lymphocytes",
    "dli_agvhd_2_4": "Acute graft-versus-host disease, grade II to IV, after donor lymphocytes",
    "dli_cgvhd": "Chronic graft-versus-host disease after donor lymphocytes",
    "dli_response": "Response to donor lymphocytes",
    "remission_ever": "Ever in remission (CR or CRi)",
    "residual_disease_day_30": "Leukemic fraction of marrow, day 30",
    "residual_disease_day_100": "Leukemic fraction of marrow, day 100",
    "measurable_residual_disease_day_30": "Measurable residual disease (≥ 0.01 %), day 30",
    "measurable_residual_disease_day_100": "Measurable residual disease (≥ 0.01 %), day 100",
}


@dataclass(frozen=True)
class Card:
    """One key result: what, the big number, and the line below it."""

    label: str
    value: str
    detail: str


def case_lines(case: Any) -> list[tuple[str, str]]:
    """The chart of a case as pairs of words; what the case does not say is left out."""
    lines = []
    for part, fields in ((case.patient, PATIENT), (case.donor, DONOR), (case.graft, GRAFT)):
        for name, label, unit in fields:
            value = getattr(part, name, None)
            if value is not None and value != "":
                lines.append((label, _value(name, value, unit)))
    lines += [(score.name, score.words + (f"; {score.note}" if score.note else "")) for score in conventional(case)]
    if getattr(case, "source", ""):
        lines.append(("Source of the case", str(case.source)))
    return lines


def _value(name: str, value: Any, unit: str) -> str:
    if isinstance(value, tuple):
        return ", ".join(value).replace("_", " ") or "none"
    if isinstance(value, bool) or not isinstance(value, int | float | np.number):
        words = str(getattr(value, "value", value)).replace("_", " ").split(" ")
        return " ".join(
            word.upper() if word in ABBREVIATIONS or (name == "stage" and word[:2] == "cr") else word for word in words
        )
    if name in {"marrow_blasts", "residual_disease"}:
        return f"{100 * float(value):.3g} %"
    if name in {"cd34", "cd3", "nucleated"}:
        exponent = 6 if value < 1e8 else 8
        return f"{value / 10**exponent:.3g} ×10{'⁶' if exponent == 6 else '⁸'} {unit}"
    shown = f"{float(value):.3g}" if isinstance(value, float | np.floating) else str(value)
    return f"{shown} {unit}".strip()


def key_results(rows: Mapping[str, Row], course: Course, last: float) -> list[Card]:
    """The handful of results a reader looks for first; only those that were computed."""
    recovery = "engraftment" if course.grafted else "recovery"
    cards = [
        _event(rows, "neutrophil_engraftment", f"Neutrophil {recovery}", "≥ 0.5 ×10⁹/L, first of 3 days"),
        _event(rows, "platelet_engraftment", f"Platelet {recovery}", "≥ 20 ×10⁹/L, untransfused"),
    ]
    if course.grafted:
        limit = GRAFT_FAILURE_DAY_CORD if course.cord else GRAFT_FAILURE_DAY
        cards.append(_share(rows, "primary_graft_failure", "Primary graft failure", f"judged on day {limit}"))
        cards += [_donor(rows, day) for day in (30, 100)]
    if not course.grafted:
        cards.append(_share(rows, "complete_remission", "Complete remission", f"by day {last:.0f}"))
        cards.append(_share(rows, "measurable_residual_disease_day_30", "Measurable disease, day 30", "≥ 0.01 %"))
    cards.append(
        _share(
            rows,
            "relapse",
            "Relapse",
            f"by day {last:.0f}, of those in remission before; death competes",
        )
    )
    cards += [
        _share(rows, "death_without_relapse", "Death without relapse", f"by day {last:.0f}; relapse competes"),
        _share(rows, "death", "Death of any cause", f"by day {last:.0f}"),
    ]
    return [card for card in cards if card is not None]


def _event(rows: Mapping[str, Row], name: str, label: str, what: str) -> Card | None:
    row = rows.get(name)
    never = rows.get(
        {"neutrophil_engraftment": "neutrophil_never_below", "platelet_engraftment": "platelet_never_below"}[name]
    )
    if row is None or row.n == 0:
        if never and never.proportion == 1:
            return Card(label, "never low", f"no count below the threshold ({what})")
        return None
    value = number(row.median, row.error, "day")
    value = f"day {value}" if math.isfinite(row.median) else value
    never_low = f"{row.missing} never below" if row.missing else ""
    if row.n == 1:
        return Card(label, value, f"one twin; {never_low}; {what}" if never_low else what)
    reached = percent(row.proportion, row.proportion_error, row.n)
    span = f"range {number(row.low, unit='day')} to {number(row.high, unit='day')}" if math.isfinite(row.low) else ""
    return Card(
        label,
        value,
        "; ".join(
            part
            for part in ("median" + (f", {span}" if span else ""), f"reached by {reached}", never_low, what)
            if part
        ),
    )


def _share(rows: Mapping[str, Row], name: str, label: str, what: str) -> Card | None:
    row = rows.get(name)
    if row is None or row.n == 0:
        return None
    shown, _, error = percent(row.proportion, row.proportion_error, row.n).partition(" ± ")
    detail = f"± {error} Monte Carlo error; {row.n} twins; {what}" if error else what
    return Card(label, shown, detail)


def _donor(rows: Mapping[str, Row], day: int) -> Card | None:
    parts = []
    for short in ("myeloid", "t"):
        row = rows.get(f"donor_{short}_day_{day}")
        if row is not None and row.n:
            parts.append((LINEAGES[short], row))
    if not parts:
        return None
    value = " / ".join(f"{row.median:.0f}{PERCENT}" for _, row in parts)
    spans = "; ".join(f"{words} {row.q25:.0f} to {row.q75:.0f}{PERCENT}" for words, row in parts if row.n > 1)
    return Card(
        f"Donor cells, day {day}",
        value,
        " / ".join(words for words, _ in parts) + (f", median; quartiles: {spans}" if spans else ""),
    )


def plain_name(name: str) -> str:
    """``days_neutrophils_below_0_5`` as ``Days with neutrophils below 0.5``."""
    if name in PLAIN:
        return PLAIN[name]
    text = re.sub(r"_0_(\d)", r" 0.\1", name).replace("_", " ").replace("nadir day", "day of lowest count")
    text = text.replace(" nadir", ", lowest").replace(" day of", ", day of")
    text = text.replace("days ", "days with ", 1) if text.startswith("days ") else text
    return text[0].upper() + text[1:]


def pretty(text: str) -> str:
    """Units as they are printed: ``x10^9/L`` with a raised nine, a true minus before days."""
    text = text.replace("x10^9/L", "×10⁹/L").replace("x10^6", "×10⁶").replace("/uL", "/µL").replace("m2", "m²")
    return re.sub(r"(?<![\w-])-(?=\d)", "−", text)


def chimerism_table(rows: Mapping[str, Row]) -> list[tuple[str, list[str]]]:
    """Donor shares, one line per lineage, one cell per day: median and quartiles."""
    table = []
    for short, words in LINEAGES.items():
        found = [rows.get(f"donor_{short}_day_{day}") for day in CHIMERISM_DAYS]
        if any(row is not None and row.n for row in found):
            table.append((words, [_donor_cell(row) for row in found]))
    return table


def _donor_cell(row: Row | None) -> str:
    if row is None or row.n == 0:
        return "–"
    middle, low, high = (number(value, max(row.error, 1.0)) for value in (row.median, row.q25, row.q75))
    return f"{middle} ({low} to {high})" if row.n > 1 else middle
