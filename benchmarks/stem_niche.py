"""A small nonlinear model of stem cells in a shared niche, in whole numbers: the yardstick for chance.

Six kinds of cells, fifteen flows, some hundred thousand events in two years. Host, donor and leukemic stem cells slow
each other's division; the leukemic ones usually die out. Made up; no claim to biology.
"""

from __future__ import annotations

from hemograft.model.compile import assemble
from hemograft.model.component import Component, Flow, Population, Quantity, State
from hemograft.model.forms import total
from hemograft.parameters import Parameter, ParameterSet

from .surrogate_numbers import MADE_UP
from .work import Work, nothing_ordered, people

CELLS = ("origin",)
START = {"host": 50.0, "donor": 200.0}
VALUES = {
    "rH": 0.06, "kH": 0.03, "dH": 0.005, "Kn": 2000.0, "rS": 0.45, "kS": 0.35, "Kst": 2000.0,
    "rL": 0.06, "kL": 0.03, "dL": 0.015, "rP": 0.3, "dP": 0.25, "Kp": 1000.0,
}  # fmt: skip


def niche_factor(x, p):
    return 1 / (1 + ((total(x.stem) + x.leukemic_stem) / p.Kn) ** 2)


def transit_factor(x, p):
    return 1 / (1 + total(x.transit) / p.Kst)


STEM_NICHE = Component(
    name="stem_niche",
    states=(
        State("stem", "cells", "stem cells", CELLS, start=lambda p, origin: START[origin]),
        State("leukemic_stem", "cells", "leukemic stem cells", start=lambda p: 20.0),
        State("transit", "cells", "descendants of stem cells", CELLS),
        State("leukemic_transit", "cells", "descendants of leukemic stem cells"),
    ),
    quantities=(
        Quantity("niche_factor", "1", niche_factor, "slowing by a full niche"),
        Quantity("transit_factor", "1", transit_factor, "slowing by many descendants"),
    ),
    flows=(
        Flow("stem", "stem", lambda x, p, o: p.rH * x.niche_factor * x.stem[o], CELLS, 2.0),
        Flow("stem", "transit", lambda x, p, o: p.kH * x.stem[o], CELLS),
        Flow("stem", None, lambda x, p, o: p.dH * x.stem[o], CELLS),
        Flow("transit", "transit", lambda x, p, o: p.rS * x.transit_factor * x.transit[o], CELLS, 2.0),
        Flow("transit", None, lambda x, p, o: p.kS * x.transit[o], CELLS),
        Flow("leukemic_stem", "leukemic_stem", lambda x, p: p.rL * x.niche_factor * x.leukemic_stem, (), 2.0),
        Flow("leukemic_stem", "leukemic_transit", lambda x, p: p.kL * x.leukemic_stem),
        Flow("leukemic_stem", None, lambda x, p: p.dL * x.leukemic_stem),
        Flow(
            "leukemic_transit",
            "leukemic_transit",
            lambda x, p: p.rP / (1 + x.leukemic_transit / p.Kp) * x.leukemic_transit,
            (),
            2.0,
        ),
        Flow("leukemic_transit", None, lambda x, p: p.dP * x.leukemic_transit),
    ),
    populations=(
        Population("line", ("stem", "transit"), CELLS, "stem cells of an origin and their descendants"),
        Population("leukemia", ("leukemic_stem", "leukemic_transit"), (), "leukemic stem cells and their descendants"),
    ),
)


def stem_niche(count: int, days: int = 730) -> Work:
    """The task: so many courses that differ by chance alone."""
    numbers = {n: Parameter(n, v, "1", MADE_UP, "assumed", MADE_UP) for n, v in VALUES.items()}
    model = assemble((STEM_NICHE,), {"origin": ("host", "donor")}, ParameterSet(numbers))
    twins = people(model, count)
    return Work("stem niche", model, twins.vectors, twins.start, nothing_ordered(count), 0.0, float(days))
