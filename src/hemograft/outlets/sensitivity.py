"""The command ``sensitivity``: which parameters move the course of one patient most, and where."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .options import Days, Json, Protocol
from .terminal import table, tell_json

if TYPE_CHECKING:
    import xarray as xr

SHOWN = 6  # parameters of each observable and day
SMALLEST = 1e-4  # change too small to be shown, in percent, or in the observable's own unit
LOG = "log_"
# what a person looks for first, and when; those that are not recorded for a case, or lie beyond its days, are left out
POINTS = (
    ("log_neutrophils", 20),
    ("log_platelets", 30),
    ("hemoglobin", 60),
    ("donor_t", 100),
    ("log_cd4", 180),
    ("marrow_blasts", 28),
    ("log_leukemia_cells", 100),
    ("log_leukemia_cells", 365),
)

Twin = Annotated[int | None, typer.Option(min=1, help="A twin; else the typical patient.", show_default=False)]
Names = Annotated[
    str | None, typer.Option(help="Names with commas; else all that are fitted or vary.", show_default=False)
]
Csv = Annotated[Path | None, typer.Option("--out", help="CSV file to write: every day.", show_default=False)]


def sensitivity(
    case: Annotated[Path, typer.Argument(help="A case file.", show_default=False)],
    protocol: Protocol = None,
    parameters: Names = None,
    twin: Twin = None,
    days: Days = 365,
    seed: Annotated[int, typer.Option(help="Of the twin.")] = 0,
    out: Csv = None,
    as_json: Json = False,
) -> None:
    """Print the parameters that move one patient's course most, each with the change for 1 % more of it."""
    from ..case.case import read_case
    from ..engine.sensitivity import sensitivities
    from .caches import usable_caches

    usable_caches()
    names = [name.strip() for name in parameters.split(",") if name.strip()] if parameters is not None else None
    found = sensitivities(read_case(case), protocol, names, twin=twin, days=days, seed=seed)
    if out is not None:
        write_csv(found, out)
    points = strongest(found)
    if as_json:
        tell_json({"points": points, "settings": dict(found.attrs), "file": str(out) if out else None})
        return
    title = f"{found.attrs['patient']}, {found.attrs['protocol']}: change for 1 % more of a parameter"
    table(title, ("Observable", "Day", "Value", "Parameter", "Change"), _lines(points))
    if out is not None:
        print(f"Table: {out}")


def strongest(found: xr.Dataset) -> list[dict[str, Any]]:
    """The parameters with the largest effect at each point, largest first.

    Of counts the change is relative, in percent; of shares and hemoglobin it is in their own unit.
    """
    points = []
    for name, day in POINTS:
        plain, relative = name.removeprefix(LOG), name.startswith(LOG)
        if plain not in found or day not in found["day"]:
            continue
        value, slopes = float(found[plain].sel(day=day)), found[f"d_{plain}"].sel(day=day).values
        if relative and not value > 0:
            continue
        changes = slopes / value if relative else slopes / 100
        order = [i for i in abs(changes).argsort()[::-1][:SHOWN] if abs(changes[i]) > SMALLEST]
        unit = found[plain].attrs["unit"]
        ranked = [{"parameter": str(found["parameter"].values[i]), "change": float(changes[i])} for i in order]
        points.append(
            {
                "observable": plain,
                "meaning": found[plain].attrs["meaning"],
                "day": day,
                "value": value,
                "unit": unit,
                "change_unit": "percent" if relative else unit,
                "parameters": ranked,
            }
        )
    return points


def write_csv(found: xr.Dataset, path: Path) -> None:
    """The observables of ``POINTS`` by parameter and day: value, and derivative by the logarithm of the parameter."""
    names = [name for name in dict.fromkeys(name.removeprefix(LOG) for name, _ in POINTS) if name in found]
    with path.open("w", newline="", encoding="utf-8") as file:
        write = csv.writer(file).writerow
        write(("observable", "unit", "parameter", "day", "value", "derivative_by_log_parameter"))
        for name in names:
            unit, values, slopes = found[name].attrs["unit"], found[name].values, found[f"d_{name}"].values
            for i, parameter in enumerate(found["parameter"].values):
                for day, value, slope in zip(found["day"].values, values, slopes[i], strict=True):
                    write((name, unit, parameter, f"{day:g}", f"{value:.8g}", f"{slope:.8g}"))


def _lines(points: Sequence[dict[str, Any]]) -> list[tuple[str, ...]]:
    lines = []
    for point in points:
        unit = "%" if point["change_unit"] == "percent" else point["change_unit"].replace("%", "points")
        first = (point["meaning"], str(point["day"]), f"{point['value']:.3g} {point['unit']}")
        for one in point["parameters"]:
            lines.append((*first, one["parameter"], f"{one['change']:+.2g} {unit}"))
            first = ("", "", "")
    return lines
