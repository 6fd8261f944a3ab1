"""Draw the figure of the README: ``python docs/make_figure.py`` writes docs/images/first_patient.svg."""

from __future__ import annotations

from pathlib import Path

import numpy as np

import hemograft
from hemograft.reporting.figures import Panel, draw, fan

HERE = Path(__file__).parent
LAST = 100
TWINS = 200
SHOWN = (  # observable, title, axis, logarithmic, limits, thresholds
    ("neutrophils", "Neutrophils", "×10⁹/L", True, (0.005, 50), ((0.5, "0.5"),)),
    ("platelets", "Platelets", "×10⁹/L", False, None, ((20, "20"),)),
    ("hemoglobin", "Hemoglobin", "g/dL", False, (0, 16), ((7, "7"),)),
)
DONOR = (("donor_myeloid", "neutrophils and monocytes"), ("donor_t", "T cells"), ("donor_b", "B cells"))


def main() -> None:
    """Simulate the first example and draw its first hundred days."""
    case = hemograft.read_case(HERE.parent / "examples" / "aml_cr1_flubu4.yaml")
    run = hemograft.simulate(case, twins=TWINS, days=LAST, seed=0)
    days = np.asarray(run.data["day"].values, dtype=float)
    panels = []
    for name, title, unit, log, limits, thresholds in SHOWN:
        curve = fan(title, days, run.data[name].values)
        panels.append(Panel(title, f"{title} [{unit}]", (curve,), (days[0], LAST), log, limits, thresholds))
    shares = tuple(fan(label, days, run.data[name].values) for name, label in DONOR)
    panels.append(Panel("Donor cells", "donor share [%]", shares, (0, LAST), limits=(0, 105), bands=False))
    svg = draw(
        panels,
        "first-patient",
        "First hundred days of one simulated patient",
        f"{case.title}. {TWINS} virtual twins: median, 50 % band and 90 % band of neutrophils, platelets and "
        "hemoglobin, and median donor share of three kinds of cells, from before the graft to day 100.",
    )
    target = HERE / "images" / "first_patient.svg"
    target.parent.mkdir(exist_ok=True)
    target.write_text(svg + "\n", encoding="utf-8")
    print(f"{target.name}: {len(svg) / 1000:.0f} kB")


if __name__ == "__main__":
    main()
