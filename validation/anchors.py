"""The anchors: each a published number, where it was published, our tolerance, and what the simulator gives."""

from __future__ import annotations

import numpy as np

from hemograft.engine.simulate import simulate
from hemograft.outcome.table import outcomes

from .anchor import SEED, Check, median, median_day, run_of, share
from .cases import case, untreated
from .engraftment import engraftment


def aplasia() -> list[Check]:
    """What happens without a graft."""
    rows = []
    for key in ("bucy, no graft", "cytbi, no graft", "flubu4, no graft"):
        counts = run_of(key, 120).data["neutrophils"].values
        counts = counts[~np.isnan(counts[:, -1])]  # without a graft many die; the others show the marrow
        rows.append(
            Check(
                "no graft",
                f"{key}: below 0.1 x10^9/L for more than 60 days",
                "at least 95 % of patients",
                "definition of ablative conditioning",
                0.95,
                1,
                *share((counts < 0.1).sum(1) > 60),
                "1",
            )
        )
    host = run_of("flutbi2, no graft", 120).data["neutrophils"].sel(day=60).values
    host = host[~np.isnan(host)]
    rows.append(
        Check(
            "no graft",
            "flutbi2: neutrophils above 1.0 x10^9/L on day 60",
            "host recovery",
            "definition of non-myeloablative conditioning",
            0.95,
            1,
            *share(host > 1.0),
            "1",
        )
    )
    return rows


def chimerism() -> list[Check]:
    """Whose blood it is."""
    rows = []
    for key in ("blood", "flubu4", "cytbi"):
        donor = run_of(key, 120).data["donor_myeloid"].sel(day=30).values
        rows.append(
            Check(
                "chimerism",
                f"{key}: donor at least 95 % of myeloid cells on day 30",
                "most patients",
                "recalled",
                0.5,
                1,
                *share(donor >= 95),
                "1",
            )
        )
    data = run_of("flutbi2", 365).data
    for day in (30, 100):
        mixed = data["donor_t"].sel(day=day).values
        rows.append(
            Check(
                "chimerism",
                f"flutbi2: T cells mixed (5 to 95 % donor) on day {day}",
                "most patients, for months",
                "recalled",
                0.5,
                1,
                *share((mixed > 5) & (mixed < 95)),
                "1",
            )
        )
    return rows


def _lowest_day(counts):
    """Day of the lowest count of each patient who was followed at all."""
    values = counts.values[~np.isnan(counts.values).all(axis=1)]
    return counts["day"].values[np.nanargmin(values, axis=1)]


def leukemia() -> list[Check]:
    """Growth, induction and relapse."""
    found = _untreated() + _induction() + _relapse()
    return [Check("leukemia", *one) for one in found]


def _untreated() -> list[tuple]:
    run = run_of("untreated leukemia", 600).data
    day, blasts, counts = run["day"].values, run["marrow_blasts"].values, run["neutrophils"].values
    seen = np.array([day[np.argmax(b >= 5)] if (b >= 5).any() else np.nan for b in blasts])
    halved = np.array([day[np.argmax(c <= 2.0)] if (c <= 2.0).any() else np.nan for c in counts])
    what = "untreated AML: from 5 % blasts to half the neutrophils"
    weeks = median(np.nan_to_num(halved - seen, nan=np.inf))
    return [(what, "weeks to a few months", "recalled", 21, 120, *weeks, "day")]


def _induction() -> list[tuple]:
    run = run_of("induction", 60)
    cells, counts = run.data["leukemia_cells"], run.data["neutrophils"]
    kill = np.log10((cells.sel(day=1) / cells.sel(day=slice(1, 40)).min("day")).values)
    remission = np.array([bool(x) for x in outcomes(run)["complete_remission_observed"].to_pylist()])
    nadir = median(_lowest_day(counts.where(run.data["day"] > 0)))
    models, trials = "models of induction, recalled", "targets witz1998, heil1997, burnett2015"
    back = median_day(run, "neutrophil_engraftment")
    return [
        ("7+3: log10 kill of leukemic cells", "2 to 4", models, 2, 4, *median(kill), "1"),
        ("7+3: share with 2 to 5 log10 kill", "most", "recalled", 0.5, 1, *share((kill > 2) & (kill < 5)), "1"),
        ("7+3: complete remission by day 60", "0.60 to 0.78", trials, 0.5, 0.85, *share(remission), "1"),
        ("7+3: day of the neutrophil nadir", "day 10 to 18", "recalled", 9, 19, *nadir, "day"),
        ("7+3: neutrophils back at 0.5 x10^9/L", "24 to 29 day", "targets witz1998, lancet_cpx", 21, 30, *back, "day"),
    ]


def _relapse() -> list[tuple]:
    table = outcomes(run_of("relapse", 1500))
    days, seen = table["relapse_day"].to_pylist(), table["relapse_observed"].to_pylist()
    when = np.array([day for day, one in zip(days, seen, strict=True) if one], dtype=float)
    what = "relapse after transplant, median day"
    return [(what, "213 day", "Bejanyan2015", 120, 330, *median(when), "day")]


def health() -> list[Check]:
    """A healthy adult for ten years."""
    run = simulate(case(), untreated(), twins=20, days=3652, seed=SEED)
    rows = []
    for name, low, high, unit in (
        ("neutrophils", 1.8, 7.5, "x10^9/L"),
        ("platelets", 150, 400, "x10^9/L"),
        ("hemoglobin", 13, 17, "g/dL"),
        ("lymphocytes", 1.0, 4.0, "x10^9/L"),
        ("cd4", 400, 1500, "/uL"),
        ("cd8", 200, 900, "/uL"),
        ("b_cells", 100, 500, "/uL"),
        ("nk_cells", 100, 400, "/uL"),
    ):
        values = run.data[name].values
        rows.append(
            Check(
                "health",
                f"{name} at rest",
                f"{low:g} to {high:g} {unit}",
                "laboratory reference range, recalled",
                low,
                high,
                float(values[:, 0].mean()),
                0.0,
                unit,
            )
        )
        drift = float(np.nanmax(np.abs(values / values[:, :1] - 1)))
        ages = name in ("lymphocytes", "cd4", "cd8")  # they hold naive T cells, which are lost with age
        rows.append(
            Check(
                "health",
                f"{name}: largest drift in ten years",
                "that of naive T cells" if ages else "none",
                "definition of rest",
                0,
                0.1 if ages else 0.01,
                drift,
                0.0,
                "1",
            )
        )
    naive = run.data["naive_cd4"].values
    rows.append(
        Check(
            "health",
            "naive CD4 T cells: loss a year with age",
            "about 1 %",
            "recalled",
            0.0005,
            0.02,
            float(1 - np.nanmean(naive[:, -1] / naive[:, 0]) ** 0.1),
            0.0,
            "1",
        )
    )
    return rows


def lymphocytes() -> list[Check]:
    """Return of lymphocytes after an ablative blood graft."""
    data = run_of("blood", 365).data
    rows = []
    for name, day, published, low, high in (
        ("cd4", 30, 150, 40, 250),
        ("cd4", 100, 200, 100, 300),
        ("cd4", 180, 250, 150, 375),
        ("cd4", 365, 350, 200, 500),
        ("nk_cells", 30, 150, 75, 300),
    ):
        rows.append(
            Check(
                "lymphocytes",
                f"{name} on day {day}",
                f"{published} /uL",
                "targets recall_counts/mac-pbsc",
                low,
                high,
                *median(data[name].sel(day=day).values),
                "/uL",
            )
        )
    return rows


TOPICS = (health, aplasia, engraftment, chimerism, lymphocytes, leukemia)
