"""What a validation leaves behind: its rows as tables, and one self-contained page of forest and calibration plots."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..outcome.summary import PERCENT, number
from ..reporting.page import DISCLAIMER, NOT_MODELED, template
from ..reporting.words import plain_name
from ..runs.folder import MARK, writing
from ..runs.json_text import json_text
from ..runs.recipe import TOOL
from ..version import VERSION
from .agreement import Agreement, by_endpoint, summary
from .compare import Row
from .figures import calibration, forest
from .predict import LEVEL
from .study import Study

FEWEST_FOR_CALIBRATION = 3


def provenance(made: Study) -> dict[str, Any]:
    """Version, settings and hashes; file names only."""
    recipe = made.plan.recipe
    return {"software": TOOL, "version": VERSION, **recipe.settings, **recipe.provenance}


def words(made: Study) -> dict[str, Any]:
    """The validation for a machine to read."""
    used = {name for row in made.rows if row.prediction for name in (row.target.arm, row.target.reference) if name}
    return {
        **summary(made.rows),
        "members_used": made.members,
        "rows": [row.words for row in made.rows],
        "arms": [
            {
                "arm_id": name,
                "simulated": name in used,
                "refused": plan.refused,
                "assumptions": list(plan.assumptions),
                "treatments": [
                    {"protocol": one.protocol, "parts": list(one.parts), "share": one.share} for one in plan.treatments
                ],
            }
            for name, plan in made.plan.arms.items()
        ],
        "provenance": provenance(made),
    }


def write_study(folder: Path, made: Study) -> None:
    """Write the rows, the arms, the summary and the page into a folder that is being built."""
    told = words(made)
    with writing(folder.name.removeprefix(".").rsplit(".", 2)[0]):
        _write_csv(folder / "rows.csv", told["rows"])
        _write_csv(folder / "arms.csv", told["arms"])
        (folder / "summary.json").write_text(json_text(told) + "\n", encoding="utf-8")
        (folder / "report.html").write_text(study_html(made), encoding="utf-8")
        (folder / MARK).write_text(json_text({"format": 1, "provenance": provenance(made)}) + "\n", encoding="utf-8")


def _write_csv(path: Path, rows: Sequence[dict[str, Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, list(rows[0]) if rows else [])
        table.writeheader()
        table.writerows({name: _cell(value) for name, value in row.items()} for row in rows)


def _cell(value: Any) -> Any:
    if isinstance(value, list):
        parts = [" ".join(f"{k}={v}" for k, v in one.items()) if isinstance(one, dict) else str(one) for one in value]
        return "; ".join(parts)
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else value


def study_html(made: Study) -> str:
    """The page as text; the same validation gives the same text."""
    recipe, found = made.plan.recipe, summary(made.rows)
    return template("validation.html.j2").render(
        disclaimer=DISCLAIMER,
        title=f"{recipe.sources[1].name} and what the model says",
        patients=recipe.settings["patients"],
        level=f"{100 * LEVEL:.0f}{PERCENT}",
        cards=lines(found),
        endpoints=_sections(made.rows),
        contrasts=_contrasts(made.rows),
        rows=[(row, _numbers(row)) for row in made.rows if row.prediction],
        reasons=Counter(row.refused for row in made.rows if row.refused and row.kind != "derived").most_common(),
        arms=[plan for plan in made.plan.arms.values() if plan.assumptions],
        plain_name=plain_name,
        limits=NOT_MODELED,
        provenance=[(name.replace("_", " "), value) for name, value in provenance(made).items() if name != "inputs"],
        inputs=recipe.provenance["inputs"],
        version=VERSION,
        command=recipe.again,
    )


def lines(found: dict[str, Any]) -> list[tuple[str, str]]:
    """The agreement in a few lines of a table."""
    sign = found["signs"]
    return [
        (
            f"{100 * LEVEL:.0f}{PERCENT} interval holds",
            f"{_percent(found['coverage'])} of {found['rows_scored']} values",
        ),
        ("median absolute error of shares", _percent(found["median_absolute_error"])),
        ("contrasts with the published sign", f"{sign['agree']} of {sign['rows']}"),
        ("clear contrasts with the published sign", f"{sign['clear_agree']} of {sign['clear']}"),
        ("rows simulated", str(found["rows_simulated"])),
        ("rows not simulated", str(found["rows_refused"])),
    ]


def _percent(share: float) -> str:
    return f"{100 * share:.0f}{PERCENT}" if share == share else "–"


def _sections(rows: Sequence[Row]) -> list[tuple[str, str, list[str]]]:
    """Title, sentence and figures of every endpoint with a prediction."""
    made = []
    known: dict[tuple[str, str], Agreement] = {(one.endpoint, one.unit): one for one in by_endpoint(rows)}
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        if row.prediction is not None and row.kind == "value":
            groups.setdefault((row.endpoint, row.target.unit), []).append(row)
    for (endpoint, unit), group in sorted(groups.items(), key=lambda pair: -len(pair[1])):
        title, identity = f"{plain_name(endpoint)} [{unit.replace('_', ' ')}]", f"{endpoint}-{unit}"
        figures = [forest(group, title, f"forest-{identity}")]
        if len(group) >= FEWEST_FOR_CALIBRATION:
            figures.append(calibration(group, title, f"calibration-{identity}"))
        agreed = known.get((endpoint, unit))
        made.append((title, agreed.words if agreed else "no row counts", figures))
    return made


def _contrasts(rows: Sequence[Row]) -> str:
    """One forest of all ratios."""
    ratios = [
        row
        for row in rows
        if row.prediction is not None and row.kind != "value" and row.target.statistic != "difference"
    ]
    return forest(ratios, "Contrasts", "forest-contrasts") if ratios else ""


def _numbers(row: Row) -> tuple[str, str, str]:
    made, target = row.prediction, row.target
    assert made is not None
    published = number(target.value)
    if target.low is not None and target.high is not None:
        published += f" ({number(target.low)} to {number(target.high)})"
    return published, f"{number(made.value)} ({number(made.low)} to {number(made.high)})", f"{made.error:+.2f}"
