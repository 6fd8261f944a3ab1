"""The anchors: each a published number, where it was published, our tolerance, and what the simulator gives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from hemograft.case.case import Case
from hemograft.engine.simulate import simulate
from hemograft.outcome.table import outcomes
from hemograft.protocol.protocol import Protocol
from hemograft.trajectory import Trajectory

from .cases import case, protocol, untreated

TWINS = 400
SEED = 20260101


@dataclass(frozen=True)
class Check:
    """One comparison.

    Attributes
    ----------
    published : str
        What was published, as text.
    low, high : float
        What we accept; our tolerance, not the paper's interval.
    value, error : float
        What the simulator gives, with its Monte Carlo standard error.
    """

    topic: str
    what: str
    published: str
    source: str
    low: float
    high: float
    value: float
    error: float
    unit: str

    @property
    def met(self) -> bool:
        """Whether the value lies in what we accept."""
        return self.low <= self.value <= self.high


def median_day(trajectory: Trajectory, event: str) -> tuple[float, float]:
    """Median day of an event, patients without it counting as later than all; and its standard error."""
    table = outcomes(trajectory)
    day = np.array(table[f"{event}_day"].to_pylist(), dtype=float)
    seen = np.array([bool(x) for x in table[f"{event}_observed"].to_pylist()])
    return _median(np.where(seen, day, np.inf))


def _median(values: np.ndarray) -> tuple[float, float]:
    """A median and its standard error, of patients who are followed: the dead have no value."""
    ordered = np.sort(values[~np.isnan(values)])
    n, half = len(ordered), 0.5 * np.sqrt(len(ordered))
    low, high = ordered[int(max(0, n / 2 - half))], ordered[int(min(n - 1, n / 2 + half))]
    return float(np.median(ordered)), float((high - low) / 2)


def share(flags: np.ndarray) -> tuple[float, float]:
    """A proportion and its standard error, never exactly zero."""
    n, x = len(flags), float(np.sum(flags))
    guess = (x + 1) / (n + 2)
    return x / n, float(np.sqrt(guess * (1 - guess) / n))


@lru_cache(maxsize=64)
def _run(key: str, days: int) -> Trajectory:
    who, what = _CASES[key]()
    return simulate(who, what, twins=TWINS, days=days, seed=SEED)


_CASES: dict[str, Callable[[], tuple[Case, Protocol]]] = {
    "blood": lambda: (case("mobilized_blood"), protocol("bucy", filgrastim=False)),
    "blood with filgrastim": lambda: (case("mobilized_blood"), protocol("bucy", filgrastim=True)),
    "blood, half the dose": lambda: (case("mobilized_blood", "3 x10^6/kg"), protocol("bucy", filgrastim=False)),
    "blood, twice the dose": lambda: (case("mobilized_blood", "12 x10^6/kg"), protocol("bucy", filgrastim=False)),
    "marrow": lambda: (case("marrow"), protocol("bucy", filgrastim=False)),
    "marrow, half the dose": lambda: (case("marrow", "1.4 x10^6/kg"), protocol("bucy", filgrastim=False)),
    "cord": lambda: (case("cord_blood"), protocol("cytbi", filgrastim=True)),
    "cord without filgrastim": lambda: (case("cord_blood"), protocol("cytbi", filgrastim=False)),
    "bucy, no graft": lambda: (case(), protocol("bucy", graft=False, filgrastim=False)),
    "cytbi, no graft": lambda: (case(), protocol("cytbi", graft=False, filgrastim=False)),
    "flubu4, no graft": lambda: (case(), protocol("flubu4", graft=False, filgrastim=False)),
    "flutbi2, no graft": lambda: (case(), protocol("flutbi2", graft=False, filgrastim=False)),
    "flutbi2": lambda: (case("mobilized_blood"), protocol("flutbi2")),
    "haplo": lambda: (case("marrow", "3 x10^6/kg"), protocol("haplo_ptcy")),
    "flubu4": lambda: (case("mobilized_blood"), protocol("flubu4", filgrastim=False)),
    "cytbi": lambda: (case("marrow"), protocol("cytbi", filgrastim=False)),
    "induction": lambda: (_aml(), protocol("induction_7_3")),
    "untreated leukemia": lambda: (_remission("0.1 %"), untreated()),
    "relapse": lambda: (_remission_graft(), protocol("flubu4", filgrastim=False)),
    "healthy": lambda: (case(), untreated()),
}


def _aml() -> Case:
    return case(diagnosis="aml_intermediate", stage="newly_diagnosed", marrow_blasts="60 %")


def _remission(residual: str) -> Case:
    return case(diagnosis="aml_intermediate", stage="cr1", residual_disease=residual)


def _remission_graft() -> Case:
    return case("mobilized_blood", diagnosis="aml_intermediate", stage="cr1")


def engraftment() -> list[Check]:
    """Days of neutrophils 0.5 and platelets 20 x10^9/L by graft, dose and filgrastim."""
    days = {
        key: (median_day(_run(key, 120), "neutrophil_engraftment"), median_day(_run(key, 120), "platelet_engraftment"))
        for key in (
            "blood",
            "blood with filgrastim",
            "blood, half the dose",
            "blood, twice the dose",
            "marrow",
            "marrow, half the dose",
            "cord",
            "cord without filgrastim",
            "haplo",
        )
    }
    t, champlin = "engraftment", "Champlin2000, abstract"

    def row(what, published, source, low, high, key, i):
        return Check(t, what, published, source, low, high, *days[key][i], "day")

    def difference(what, published, source, low, high, a, b, i):
        value = days[a][i][0] - days[b][i][0]
        return Check(t, what, published, source, low, high, value, float(np.hypot(days[a][i][1], days[b][i][1])), "day")

    return [
        row("neutrophils, mobilized blood of a sibling", "14 day", champlin, 12, 16, "blood", 0),
        row("platelets, mobilized blood of a sibling", "18 day", champlin, 14, 22, "blood", 1),
        row("neutrophils, marrow of a sibling", "19 day", champlin, 17, 21, "marrow", 0),
        row("platelets, marrow of a sibling", "25 day", champlin, 21, 29, "marrow", 1),
        row("neutrophils, cord blood with filgrastim", "21 to 23 day", "targets ctn0501, recalled", 19, 27, "cord", 0),
        row("platelets, cord blood", "45 to 60 day", "recalled", 40, 65, "cord", 1),
        difference(
            "neutrophils, cord later than marrow", "later", "order only", 1, 40, "cord without filgrastim", "marrow", 0
        ),
        difference(
            "neutrophils, blood, 3 against 6 x10^6/kg CD34+",
            "about +2 day",
            "Stiehl2015 model family",
            1,
            3,
            "blood, half the dose",
            "blood",
            0,
        ),
        difference(
            "neutrophils, blood, 6 against 12 x10^6/kg CD34+",
            "about +2 day",
            "Stiehl2015 model family",
            1,
            3,
            "blood",
            "blood, twice the dose",
            0,
        ),
        difference(
            "neutrophils, marrow, 1.4 against 2.8 x10^6/kg CD34+",
            "about +2 day",
            "Stiehl2015 model family",
            1,
            4,
            "marrow, half the dose",
            "marrow",
            0,
        ),
        difference(
            "neutrophils, filgrastim after a blood graft",
            "-3 day (12 against 15)",
            "targets przepiorka2001",
            -5,
            -1,
            "blood with filgrastim",
            "blood",
            0,
        ),
        difference(
            "platelets, filgrastim after a blood graft",
            "none",
            "targets przepiorka2001",
            -1,
            1,
            "blood with filgrastim",
            "blood",
            1,
        ),
        row("neutrophils, haploidentical marrow, PTCy", "16 day", "targets ctn0603_0604, recalled", 14, 18, "haplo", 0),
    ]


def aplasia() -> list[Check]:
    """What happens without a graft."""
    rows = []
    for key in ("bucy, no graft", "cytbi, no graft", "flubu4, no graft"):
        counts = _run(key, 120).data["neutrophils"].values
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
    host = _run("flutbi2, no graft", 120).data["neutrophils"].sel(day=60).values
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
        donor = _run(key, 120).data["donor_myeloid"].sel(day=30).values
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
    data = _run("flutbi2", 365).data
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
    run = _run("untreated leukemia", 600).data
    day, blasts, counts = run["day"].values, run["marrow_blasts"].values, run["neutrophils"].values
    seen = np.array([day[np.argmax(b >= 5)] if (b >= 5).any() else np.nan for b in blasts])
    halved = np.array([day[np.argmax(c <= 2.0)] if (c <= 2.0).any() else np.nan for c in counts])
    what = "untreated AML: from 5 % blasts to half the neutrophils"
    weeks = _median(np.nan_to_num(halved - seen, nan=np.inf))
    return [(what, "weeks to a few months", "recalled", 21, 120, *weeks, "day")]


def _induction() -> list[tuple]:
    run = _run("induction", 60)
    cells, counts = run.data["leukemia_cells"], run.data["neutrophils"]
    kill = np.log10(cells.sel(day=1) / cells.sel(day=slice(1, 40)).min("day")).values
    remission = np.array([bool(x) for x in outcomes(run)["complete_remission_observed"].to_pylist()])
    nadir = _median(_lowest_day(counts.where(run.data["day"] > 0)))
    models, trials = "models of induction, recalled", "targets witz1998, heil1997, burnett2015"
    back = median_day(run, "neutrophil_engraftment")
    return [
        ("7+3: log10 kill of leukemic cells", "2 to 4", models, 2, 4, *_median(kill), "1"),
        ("7+3: share with 2 to 5 log10 kill", "most", "recalled", 0.5, 1, *share((kill > 2) & (kill < 5)), "1"),
        ("7+3: complete remission by day 60", "0.60 to 0.78", trials, 0.5, 0.85, *share(remission), "1"),
        ("7+3: day of the neutrophil nadir", "day 10 to 18", "recalled", 9, 19, *nadir, "day"),
        ("7+3: neutrophils back at 0.5 x10^9/L", "24 to 29 day", "targets witz1998, lancet_cpx", 21, 30, *back, "day"),
    ]


def _relapse() -> list[tuple]:
    table = outcomes(_run("relapse", 1500))
    days, seen = table["relapse_day"].to_pylist(), table["relapse_observed"].to_pylist()
    when = np.array([day for day, one in zip(days, seen, strict=True) if one], dtype=float)
    what = "relapse after transplant, median day"
    return [(what, "213 day", "Bejanyan2015", 120, 330, *_median(when), "day")]


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
    data = _run("blood", 365).data
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
                *_median(data[name].sel(day=day).values),
                "/uL",
            )
        )
    return rows


TOPICS = (health, aplasia, engraftment, chimerism, lymphocytes, leukemia)
