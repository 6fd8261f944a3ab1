"""A report: one page with a simulated transplant, what was assumed, and where it all came from."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from .. import sources
from ..applicability import applicability
from ..outcome.columns import CHIMERISM_DAYS
from ..outcome.summary import Row, number
from ..outcome.table import course_of, first_treatment, summarize
from ..parameters import Parameter
from ..trajectory import Trajectory
from .figures import Picture
from .influence import FEWEST, Influence, influences
from .panels import pictures, view_of
from .survival import causes_of_death, survival_pictures
from .words import Card, case_lines, chimerism_table, key_results, plain_name, pretty

DISCLAIMER = "Research use only; not a medical device; not for patient care"
NOT_MODELED = (
    (
        "Alloreactivity",
        "Donor T cells attack the patient, the leukemia and the patient's blood formation, and the patient's cells the "
        "graft, as far as the two differ. Most of these parameters are assumed and were set to published incidences of "
        "groups; grades are thresholds fixed for each twin. The effect of donor lymphocytes is not reproduced.",
    ),
    (
        "Infection, organ injury and death",
        "Hazards follow neutrophils, T cells, antibodies, mucosa, liver, lung and kidney, and were set to published "
        "mortality of groups; most of their parameters are assumed. No fever, no antimicrobials but prophylaxis, no "
        "treatment of relapse: what is usually done is part of the rates. A comorbidity index that is not stated "
        "counts as 0, unknown cytomegalovirus status is drawn for each twin. Daily figures show the twins still alive.",
    ),
    (
        "Uncertainty shown",
        "The bands show how twins with the same chart differ by the declared spread of the "
        "parameters. They do not contain the uncertainty of the parameters themselves or of the equations.",
    ),
)
SHOWN_INFLUENCES = 15
KINDS = ("drug", "radiation", "graft", "lymphocytes", "transfusion")


@dataclass(frozen=True)
class Given:
    """What the twins were given of one thing: median and range over those who got it."""

    what: str
    days: str
    twins: str
    doses: str
    amount: str


def report(
    trajectory: Trajectory, outcomes_table: pa.Table, path: Path | str, applies: Sequence[str] | None = None
) -> Path:
    """Write one self-contained HTML page; it appears complete or not at all.

    Parameters
    ----------
    trajectory : Trajectory
    outcomes_table : pyarrow.Table
        What :func:`hemograft.outcomes` returned for the same trajectory.
    path : path
        Where to write; an existing file is replaced.
    applies : sequence of str, optional
        Why the calibration does not speak for this run; by the shipped ensemble when absent.

    Returns
    -------
    Path
        The file written. It needs no network, no script and no other file.
    """
    path = Path(path)
    text = report_html(trajectory, outcomes_table, applies)
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        partial.write_text(text, encoding="utf-8")
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)
    return path


def report_html(trajectory: Trajectory, outcomes_table: pa.Table, applies: Sequence[str] | None = None) -> str:
    """The page as text; the same run gives the same text."""
    rows = summarize(outcomes_table)
    by_name = {row.name: row for row in rows}
    course = course_of(trajectory)
    view = view_of(trajectory, rows, course.grafted, first_treatment(trajectory))
    ranked, same = influences(trajectory, outcomes_table)
    last = float(course.days[-1])
    return template("report.html.j2").render(
        disclaimer=DISCLAIMER,
        case=trajectory.case,
        protocol=trajectory.protocol,
        twins=course.last.size,
        last_day=f"{last:.0f}",
        grafted=course.grafted,
        patient=case_lines(trajectory.case),
        orders=_orders(trajectory.protocol),
        cards=key_results(by_name, course, last),
        sections=[*_fates(trajectory, outcomes_table, last), *pictures(view)],
        causes=causes_of_death(outcomes_table),
        rows=[row for row in rows if row.n and _worth_a_line(row)],
        chimerism=chimerism_table(by_name),
        chimerism_days=CHIMERISM_DAYS,
        left_out=[row for row in rows if not row.n],
        name_of=plain_name,
        pretty=pretty,
        given=given_summary(trajectory.given, course.last.size),
        without_effect=ordered_without_effect(trajectory),
        references=references(trajectory, rows),
        influences=_grouped(ranked),
        weak=[one for one in ranked if not one.clear],
        same=same,
        number=number,
        fewest=FEWEST,
        limits=NOT_MODELED,
        applies=applicability(trajectory.case, trajectory.protocol) if applies is None else tuple(applies),
        failures=trajectory.failures,
        **_made_by(trajectory.provenance),
    )


def _made_by(provenance: Mapping[str, Any]) -> dict[str, Any]:
    version, command = (str(provenance.get(name, other)) for name, other in (("version", "unknown"), ("command", "")))
    return {"provenance": _lines(provenance), "version": version, "command": command}


def _fates(trajectory: Trajectory, outcomes_table: pa.Table, last: float) -> list[tuple[str, list[Picture]]]:
    """Curves of what happened by chance, where anything did."""
    if trajectory.events.num_rows == 0:
        return []
    return [("What became of the twins", survival_pictures(outcomes_table, last))]


def template(name: str) -> Template:
    """A page of the package, strict: a value that is missing is an error and not a gap."""
    environment = Environment(
        loader=PackageLoader("hemograft", "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.filters["svg"] = Markup
    return environment.get_template(name)


def _worth_a_line(row: Row) -> bool:
    """Donor shares have their own table; that no count stayed normal goes without saying."""
    return not row.name.startswith("donor_") and not (row.name.endswith("never_below") and row.proportion == 0)


def _orders(protocol: Any) -> list[tuple[str, str]]:
    """The protocol in words, line by line: each an order, a heading or a note."""
    from ..protocol.protocol import in_words

    lines = [line.strip() for line in in_words(protocol).splitlines() if line.strip()]
    lines = lines[1:] if lines and lines[0] == protocol.name else lines
    return [(_kind_of(line), pretty(line.removeprefix("- "))) for line in lines]


def _kind_of(line: str) -> str:
    if line.startswith("- "):
        return "order"
    return "note" if line.endswith(".") or line.startswith("Source:") else "heading"


def ordered_without_effect(trajectory: Trajectory) -> str:
    """Drugs of the protocol that the model does not follow, as words; they are not among the orders carried out."""
    ordered = dict.fromkeys(getattr(action, "drug", "") for action in trajectory.protocol.actions)
    followed = {name.partition("[")[2].rstrip("]") for name in trajectory.parameters if "[" in name}
    return ", ".join(pretty(drug) for drug in ordered if drug and drug not in followed)


def given_summary(given: pa.Table, twins: int) -> list[Given]:
    """Doses and transfusions as carried out, one line per drug, route, radiation, graft and blood product."""
    names = ("kind", "what", "route", "unit", "patient", "day", "amount")
    groups: dict[tuple, list[tuple]] = {}
    for *group, patient, day, amount in zip(*(given[name].to_pylist() for name in names), strict=True):
        groups.setdefault(tuple(group), []).append((patient, day, amount))
    lines = []
    for (kind, what, route, unit), rows in sorted(groups.items(), key=lambda group: _place(group[0][0])):
        each: dict[str, list[float]] = {}
        for patient, _, amount in rows:
            each.setdefault(patient, []).append(amount)
        total, doses = (np.array([count(amounts) for amounts in each.values()], float) for count in (sum, len))
        when = np.floor([day for _, day, _ in rows])
        span = dict.fromkeys((f"{when.min():+.0f}", f"{when.max():+.0f}"))
        days = " to ".join(span).replace("+0", "0").replace("-", "−")
        words = " ".join(word.replace("_", " ") for word in (what, route) if word)
        words += " irradiation" if kind == "radiation" else ""
        amount = "–" if kind == "graft" else f"{_spread(total)} {unit}"
        lines.append(Given(words, days, f"{len(each)} of {twins}", _spread(doses), amount))
    return lines


def _place(kind: str) -> int:
    return KINDS.index(kind) if kind in KINDS else len(KINDS)


def _spread(values: np.ndarray) -> str:
    low, middle, high = (number(float(value)) for value in np.quantile(values, (0, 0.5, 1)))
    return middle if low == high else f"{middle} ({low} to {high})"


def references(trajectory: Trajectory, rows: Iterable[Row]) -> list[tuple[str, str]]:
    """Every publication this run and its outcome definitions rest on: key and one line."""
    parameters = trajectory.parameters.parameters.values()
    texts = [parameter.source for parameter in parameters] + [row.source for row in rows if row.n]
    texts += [str(getattr(part, "source", "") or "") for part in (trajectory.case, trajectory.protocol)]
    known = set(sources.keys_in(texts))
    absent = {parameter.citation for parameter in parameters if parameter.citation}
    absent |= {key for row in rows if row.n for key in sources.KEY.findall(row.source)}
    return [(key, sources.reference(key)) for key in sorted(known | absent)]


def _grouped(ranked: tuple[Influence, ...]) -> list[tuple[Influence, list[Parameter]]]:
    """Clear influences; parameters that share one draw cannot be told apart and make one line."""
    groups: dict[str, tuple[Influence, list[Parameter]]] = {}
    for one in ranked:
        if one.clear:
            shared = one.parameter.shared or one.parameter.name
            groups.setdefault(shared, (one, []))[1].append(one.parameter)
    return list(groups.values())[:SHOWN_INFLUENCES]


def _lines(provenance: Mapping[str, Any], above: str = "") -> list[tuple[str, str]]:
    """Provenance as pairs of words, nested names joined."""
    lines = []
    for name, value in provenance.items():
        label = f"{above}{str(name).replace('_', ' ')}"
        if isinstance(value, Mapping):
            lines += _lines(value, f"{label}: ")
        elif isinstance(value, list | tuple):
            lines.append((label, " ".join(str(item) for item in value)))
        else:
            lines.append((label, str(value)))
    return lines


__all__ = ["Card", "Given", "report", "report_html"]
