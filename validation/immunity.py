"""Immunity against published arms: GvHD, rejection, relapse, donor T cells; run with ``python -m validation.immunity``.

Tuned on most of these rows: agreement is a fit and no test of prediction. The arms stand in ``immune_arms.py``;
medians are those of the living.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from scipy.optimize import minimize

from hemograft.version import VERSION

from .anchor import Check, share
from .immune_arms import PATIENTS, SEED, followed, landmark_ratio, met_by, outcome


def peak_of_onset(*names: str) -> tuple[float, float]:
    """Day around which grade II begins most often in some arms together, from counts in nine-day windows."""
    days = np.concatenate([outcome(name)["ii"] for name in names])
    histogram = np.histogram(days[days <= 100], np.arange(0, 101))[0]
    return float(np.convolve(histogram, np.ones(9) / 9, "same").argmax()), 0.0


def bateman(*names: str) -> tuple[float, float]:
    """Peak and mean transit time [day] of a Bateman hazard, most likely by the onsets of grade II until day 100.

    The hazard is the difference of two exponentials, as in the published model; the transit time is the shorter of
    their two means.
    """
    found = [outcome(name) for name in names]
    onset, last = (np.concatenate([days[what] for days in found]) for what in ("ii", "last"))
    end = np.minimum(np.minimum(onset, last), 100)
    began = onset <= end

    def unlikely(logs: np.ndarray) -> float:
        size, short, more = np.exp(logs)
        long = short + more
        hazard = size * (np.exp(-end / long) - np.exp(-end / short))
        whole = size * (long * (1 - np.exp(-end / long)) - short * (1 - np.exp(-end / short)))
        return float(whole.sum() - np.log(np.maximum(hazard[began], 1e-300)).sum())

    fits = [minimize(unlikely, np.log([0.05, *start]), method="Nelder-Mead", options={"maxiter": 4000})
            for start in ((5, 15), (11, 20), (3, 40))]  # fmt: skip
    _, short, more = np.exp(min(fits, key=lambda fit: fit.fun).x)
    fast, slow = 1 / short, 1 / (short + more)
    return float(np.log(fast / slow) / (fast - slow)), float(short)


def begun(days: dict[str, np.ndarray], day: float) -> np.ndarray:
    """Which of the onsets of chronic GvHD within a year have come by a day."""
    return days["chronic"][days["chronic"] <= YEAR] <= day


def middle(name: str, quantity: str, day: int) -> tuple[float, float]:
    """Median of a daily value."""
    return float(np.nanmedian(followed(name).data[quantity].sel(day=day).values)), 0.0


def lower(*pairs: tuple[float, float]) -> tuple[float, float]:
    """Differences of the first share from the second, with their error."""
    (a, ea), (b, eb) = pairs
    return b - a, float(np.hypot(ea, eb))


YEAR = 365
ONSET = "PMC10807572, read as an abstract, grade II to IV, donors of every kind"
COPELAN = "Copelan1991, data of 137 patients, 61 with an onset"
TIMING = ((100, 0.22, 0.12, 0.35), (180, 0.70, 0.55, 0.82))  # day, share of onsets of a year by then, low, high
ROUGH = "rough range of published arms, recalled"
CHAMPLIN = "Champlin2000, abstract"
URBANO1, URBANO2 = "UrbanoIspizua2001, abstract", "Urbano-Ispizua 2002, abstract (grade I to IV)"
ROWS = (  # topic, arm, event, day, low, high, source
    ("acute II-IV, day 100", "ii", 100, "sibling blood", 0.30, 0.40, ROUGH),
    ("acute II-IV, day 100", "ii", 100, "sibling marrow", 0.28, 0.40, ROUGH),
    ("acute II-IV, day 100", "ii", 100, "unrelated blood", 0.45, 0.50, ROUGH),
    ("acute II-IV, day 100", "ii", 100, "9/10 blood", 0.50, 0.60, ROUGH),
    ("acute II-IV, day 100", "ii", 100, "haplo blood, PTCy", 0.30, 0.35, ROUGH),
    ("acute II-IV, day 100", "ii", 100, "haplo marrow, NMA, PTCy", 0.25, 0.35, "targets ctn0603_0604"),
    ("acute II-IV, day 100", "ii", 100, "haplo blood, CNI and MTX", 0.80, 1.0, ROUGH),
    ("acute II-IV, day 100", "ii", 100, "unrelated blood, ATG", 0.28, 0.40, "targets tacsiratg_ph2"),
    ("acute II-IV, day 100", "ii", 100, "unrelated blood, PTCy", 0.25, 0.35, ROUGH),
    ("acute II-IV, day 100", "ii", 100, "CD34-selected, CD3 3e4", 0.05, 0.18, URBANO2),
    ("acute II-IV, day 100", "ii", 100, "CD34-selected, CD3 8e4", 0.20, 0.35, URBANO2),
    ("acute II-IV, day 100", "ii", 100, "CD34-selected, CD3 2e5", 0.28, 0.44, URBANO2),
    ("acute II-IV, day 100", "ii", 100, "haplo, PTCy, CD3 1.5e8", 0.06, 0.20, "targets haplopbsct_cd3"),
    ("acute II-IV, day 100", "ii", 100, "haplo, PTCy, CD3 4.5e8", 0.20, 0.35, "targets haplopbsct_cd3"),
    ("acute III-IV, day 100", "iii", 100, "sibling blood", 0.10, 0.14, "targets cibmtr_semicomp"),
    ("acute III-IV, day 100", "iii", 100, "unrelated blood", 0.14, 0.20, "targets cibmtr_semicomp"),
    ("acute III-IV, day 100", "iii", 100, "haplo blood, PTCy", 0.05, 0.12, ROUGH),
    ("chronic, 1 year", "chronic", 365, "sibling blood", 0.55, 0.70, CHAMPLIN),
    ("chronic, 1 year", "chronic", 365, "sibling marrow", 0.43, 0.60, CHAMPLIN),
    ("chronic, 2 years", "chronic", 730, "unrelated blood", 0.50, 0.65, "targets ctn0201"),
    ("chronic, 2 years", "chronic", 730, "unrelated blood, ATG", 0.25, 0.35, ROUGH),
    ("chronic, 2 years", "chronic", 730, "unrelated blood, PTCy", 0.20, 0.35, ROUGH),
    ("chronic, 2 years", "chronic", 730, "haplo blood, PTCy", 0.25, 0.35, "targets ciurea2015"),
    ("chronic, 2 years", "chronic", 730, "CD34-selected, CD3 8e4", 0.05, 0.20, ROUGH),
    ("chronic, 2 years", "chronic", 730, "naive T cells removed", 0.05, 0.20, ROUGH),
    ("relapse, 2 years", "relapse", 730, "sibling blood", 0.20, 0.25, ROUGH),
    ("relapse, 2 years", "relapse", 730, "sibling blood, reduced", 0.35, 0.45, ROUGH),
    ("relapse, 2 years", "relapse", 730, "twin blood", 0.40, 0.55, ROUGH),
    ("relapse, 2 years", "relapse", 730, "CD34-selected, CD3 8e4", 0.25, 0.45, ROUGH),
    ("relapse, 2 years", "relapse", 730, "CML, sibling marrow", 0.08, 0.18, ROUGH),
    ("relapse, 2 years", "relapse", 730, "CML, twin marrow", 0.35, 0.55, ROUGH),
    ("relapse, 2 years", "relapse", 730, "CML, CD34-selected", 0.25, 0.45, ROUGH),
    ("rejection, day 200", "rejected", 0, "sibling blood", 0.0, 0.02, ROUGH),
    ("rejection, day 200", "rejected", 0, "CD34-selected, CD3 8e4", 0.10, 0.18, URBANO1),
    ("rejection, day 200", "rejected", 0, "haplo marrow, NMA, PTCy", 0.06, 0.14, ROUGH),
    ("rejection, day 200", "rejected", 0, "sibling blood, 2 Gy", 0.01, 0.07, ROUGH),
    ("no alloreactive cells: acute", "ii", 100, "no alloreactivity", 0.0, 0.0, "definition"),
    ("no alloreactive cells: chronic", "chronic", 730, "no alloreactivity", 0.0, 0.0, "definition"),
)


def incidences() -> list[Check]:
    """Shares with an event in published arms."""
    return [
        Check(topic, arm, f"{low:g} to {high:g}", source, low, high, *_value(arm, event, day), "1")
        for topic, event, day, arm, low, high, source in ROWS
    ]


def _value(arm: str, event: str, day: float) -> tuple[float, float]:
    return share(outcome(arm)["rejected"] if event == "rejected" else met_by(outcome(arm), event, day))


def directions() -> list[Check]:
    """What must be more, less, earlier."""
    t = "direction"
    peak, transit = bateman("sibling blood", "unrelated blood")

    def more(what, source, low_arm, high_arm, event, day):
        return Check(
            t, what, "more", source, 0, 1, *lower(_value(low_arm, event, day), _value(high_arm, event, day)), "1"
        )

    return [
        more("acute GvHD, 9/10 over sibling", ROUGH, "sibling blood", "9/10 blood", "ii", 100),
        more("relapse, twin over sibling", ROUGH, "sibling blood", "twin blood", "relapse", 730),
        more("chronic GvHD, blood over marrow", CHAMPLIN, "sibling marrow", "sibling blood", "chronic", 730),
        more("chronic GvHD, no ATG over ATG", ROUGH, "unrelated blood, ATG", "unrelated blood", "chronic", 730),
        more("chronic GvHD, no PTCy over PTCy", ROUGH, "unrelated blood, PTCy", "unrelated blood", "chronic", 730),
        more("relapse, T-cell depleted over full", ROUGH, "sibling blood", "CD34-selected, CD3 8e4", "relapse", 730),
        more("rejection, T-cell depleted over full", URBANO1, "sibling blood", "CD34-selected, CD3 3e4", "rejected", 0),
        more("acute GvHD, sister over brother", ROUGH, "sibling blood", "sister's blood", "ii", 100),
        Check(t, "relapse rate with chronic GvHD, over without", "0.4 to 0.6", "landmark studies, recalled", 0.4, 0.6,
              *landmark_ratio(outcome("sibling blood"), "chronic", (180, 270, 365)), "1"),
        Check(t, "relapse rate with acute II-IV, over without", "0.58 (AML)", "targets davies2009", 0.3, 0.9,
              *landmark_ratio(outcome("sibling blood"), "ii", (100,)), "1"),
        Check(t, "peak of onset, sibling blood", "day 17", ONSET, 14, 22, *peak_of_onset("sibling blood"), "day"),
        Check(t, "peak of onset, siblings and unrelated", "day 17", ONSET, 14, 22,
              *peak_of_onset("sibling blood", "unrelated blood"), "day"),
        Check(t, "peak of a fitted Bateman hazard, siblings and unrelated", "day 17", ONSET, 14, 22, peak, 0.0, "day"),
        Check(t, "its mean transit time", "about 11 days", ONSET, 8, 14, transit, 0.0, "day"),
        *(Check(t, f"chronic GvHD within a year, by day {day}, sibling marrow", f"{told:.2f}", COPELAN, low, high,
                *share(begun(outcome("sibling marrow"), day)), "1") for day, told, low, high in TIMING),
    ]  # fmt: skip


def reconstitution() -> list[Check]:
    """T and NK cells, donor T cells."""
    t, counts = "reconstitution", "targets recall_counts/mac-pbsc"

    def row(what, arm, quantity, day, low, high, unit, source=counts):
        return Check(t, f"{what}, {arm}, day {day}", f"{low:g} to {high:g}", source, low, high,
                     *middle(arm, quantity, day), unit)  # fmt: skip

    return [
        row("CD4", "sibling blood", "cd4", 180, 150, 250, "/uL"),
        row("CD4", "sibling blood", "cd4", 365, 200, 350, "/uL"),
        row("NK cells", "sibling blood", "nk_cells", 30, 75, 300, "/uL"),
        row("donor T cells", "sibling blood", "donor_t", 90, 95, 100, "%", ROUGH),
        row("donor T cells", "sibling blood, 2 Gy", "donor_t", 30, 20, 80, "%", ROUGH),
        row("donor T cells", "sibling blood, 2 Gy", "donor_t", 90, 50, 95, "%", ROUGH),
    ]


TOPICS = (incidences, directions, reconstitution)


def main() -> int:
    """Compare, write ``validation/IMMUNITY.md``, and say how many anchors were met."""
    checks = [check for topic in TOPICS for check in topic()]
    lines = [
        "# Published immunity anchors against the simulator",
        "",
        f"hemograft {VERSION}, {PATIENTS} virtual patients an arm, seed {SEED}; `python -m validation.immunity`.",
        "",
        "Accepted ranges are ours; *recalled* numbers were not re-read. Parameters were set on most of these rows, so",
        "agreement is a fit and no test. A row counts as met within two Monte Carlo standard errors of its range.",
        "",
        "| topic | what | published | source | simulated (standard error) | |",
        "|---|---|---|---|---|---|",
    ]
    met = 0
    for c in checks:
        inside = c.low - 2 * c.error <= c.value <= c.high + 2 * c.error
        met += inside
        error = f" ({c.error:.2g})" if c.error else ""
        said = "met" if inside else "**not met**"
        lines.append(f"| {c.topic} | {c.what} | {c.published} | {c.source} | {c.value:.3g}{error} | {said} |")
    lines += ["", f"{met} of {len(checks)} met.", ""]
    (Path(__file__).parent / "IMMUNITY.md").write_text("\n".join(lines), encoding="utf-8")
    print(f"{met} of {len(checks)} met")
    return 0


if __name__ == "__main__":
    sys.exit(main())
