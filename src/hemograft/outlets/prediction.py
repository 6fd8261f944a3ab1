"""What ``hemograft match --simulate`` shows: the simulated outcomes beside the conventional order."""

from __future__ import annotations

import math
from typing import Any

from .terminal import BANNER, table

WORDS = {
    "survival": "Survival",
    "grfs": "GRFS",
    "relapse": "Relapse",
    "non_relapse_mortality": "NRM",
    "acute_gvhd_2_4": "Acute GVHD II-IV",
    "primary_graft_failure": "Graft failure",
}
NOTES = (
    "Survival: overall. GRFS: survival free of relapse, acute graft-versus-host disease (GVHD) III-IV, chronic GVHD.",
    "NRM: death without relapse. Place: in the conventional order.",
    "By simulation: place by overall survival. Beside first: difference of survival to the first donor, twin by twin.",
    "Every donor was simulated with the same protocol, twins and luck. Errors (one standard error) tell how few twins",
    "there were; what the model itself gets wrong is not in them and may be larger than any difference shown.",
)


def tell_prediction(case: Any, ranked: Any, made: Any) -> None:
    """The table of simulated outcomes, with the reasons of the conventional order below."""
    places = {one.donor.id: one for one in ranked}
    header = ["Place", "Donor", *WORDS.values(), "By simulation", "Beside first"]
    rows = [
        [str(places[one.donor].place), one.donor]
        + [_percent(one.measures[name]) for name in WORDS]
        + [str(one.place), _percent(one.beside_first) if i else "-"]
        for i, one in enumerate(made)
    ]
    table(f"{case.title}: simulated, one year after the graft", header, rows)
    for one in sorted(made, key=lambda found: found.place):
        failed = f"; {one.failures} twins could not be followed" if one.failures else ""
        print(f"{one.donor}: {_graft(one.case.graft)}, taken as {one.case.donor.match}{failed}")
        print(f"   conventional place {places[one.donor].place}: {places[one.donor].words}")
    print("\n" + "\n".join((*NOTES, f"Not a recommendation of a donor. {BANNER}")))


def prediction_words(made: Any) -> dict[str, Any]:
    """The same for a machine to read."""
    return {
        "notice": f"Not a recommendation of a donor. {BANNER}",
        "notes": NOTES,
        "ordered_by": "overall survival at one year",
        "donors": [
            {
                "id": one.donor,
                "place": one.place,
                "graft": _graft(one.case.graft),
                "match": one.case.donor.match,
                "failures": one.failures,
                "survival_beside_first": vars(one.beside_first),
                **{name: vars(one.measures[name]) for name in WORDS},
            }
            for one in made
        ],
    }


def _percent(estimate: Any) -> str:
    if math.isnan(estimate.share):
        return "-"
    error = "" if math.isnan(estimate.error) else f" ± {100 * estimate.error:.0f}"
    return f"{100 * estimate.share:.0f}{error} %"


def _graft(graft: Any) -> str:
    doses = f"CD34 {graft.cd34 / 1e6:.3g} and CD3 {graft.cd3 / 1e6:.3g} x10^6/kg"
    return f"{graft.product.replace('_', ' ')}, {doses}"
