"""Stem cells and their niche: every origin, and leukemia, competes for the same finite places.

A resting stem cell wakes, divides, and settles again. When places are free more cells wake and more divisions
yield two stem cells; when the niche is full, one division in two does, and the pool keeps its size. Conditioning
destroys places for a while, so whoever survives it keeps the ground.
"""

from .component import At, Component, Derived, Flow, Population, Quantity, State, dividing, killed
from .forms import host_only, positive, total


def normal_number(p):
    return p.hsc_number * p.body_scale


def cycling_at_rest(p):
    return p.hsc_division / p.hsc_cycling_division


def waking_at_rest(p):
    return p.hsc_settling * p.hsc_cycling_at_rest / (1 - p.hsc_cycling_at_rest)


def resting_start(p, origin):
    return host_only((1 - p.hsc_cycling_at_rest) * p.hsc_normal, origin)


def cycling_start(p, origin):
    return host_only(p.hsc_cycling_at_rest * p.hsc_normal, origin)


def occupancy(x, p):
    holders = total(x.hsc_quiescent) + total(x.hsc_cycling)
    return (holders / p.hsc_normal + x.leukemic_niche_hold) / (1 - x.niche_damage)


def vacancy(x, p):
    return (1 - x.niche_occupancy) / (1 + p.niche_steepness * x.niche_occupancy)


def wakes(x, p, origin):
    fold = 1 + (p.hsc_waking_fold - 1) * positive(x.niche_vacancy)
    return p.hsc_waking_at_rest * fold * x.hsc_quiescent[origin]


def settles(x, p, origin):
    return p.hsc_settling * x.hsc_cycling[origin]


def division(x, p, origin):
    return p.hsc_cycling_division


def renewal(x, p, origin):
    return 0.5 + (p.hsc_renewal_max - 0.5) * x.niche_vacancy


def damage(x, p):
    return x.kill["niche"] * (1 - x.niche_damage)


def repair(x, p):
    return p.niche_repair * x.niche_damage


def places_left(x, p):
    return 1 - x.niche_damage


def stem_cells(x, p, origin):
    return x.hsc_quiescent[origin] + x.hsc_cycling[origin]


NICHE = Component(
    name="niche",
    derived=(
        Derived("hsc_normal", "cells", normal_number, "stem cells of a healthy marrow of this size"),
        Derived("hsc_cycling_at_rest", "1", cycling_at_rest, "share of stem cells in cycle in a full niche"),
        Derived(
            "hsc_waking_at_rest",
            "1/day",
            waking_at_rest,
            "how often a resting stem cell wakes in a full niche",
        ),
    ),
    states=(
        State(
            "hsc_quiescent",
            "cells",
            "resting hematopoietic stem cells (HSC)",
            ("origin",),
            start=resting_start,
        ),
        State("hsc_cycling", "cells", "cycling hematopoietic stem cells", ("origin",), start=cycling_start),
        State("niche_damage", "1", "share of niche places destroyed by conditioning"),
    ),
    quantities=(
        Quantity("niche_occupancy", "1", occupancy, "niche places held, over places left"),
        Quantity("niche_vacancy", "1", vacancy, "call of the empty niche: 1 empty, 0 full, negative when overfull"),
        Quantity("niche_places", "1", places_left, "niche places left by conditioning", observed="%"),
        Quantity("hsc", "cells", stem_cells, "stem cells holding a niche place", ("origin",), observed="cells"),
    ),
    flows=(
        Flow("hsc_quiescent", "hsc_cycling", wakes, ("origin",), label="wakes"),
        Flow("hsc_cycling", "hsc_quiescent", settles, ("origin",), label="settles"),
        *dividing("hsc_cycling", 1, division, renewal, (("multipotent", None),)),
        *killed("hsc_quiescent", 1, "stem"),
        *killed("hsc_cycling", 1, "stem", division),
        Flow(None, "niche_damage", damage, label="is destroyed"),
        Flow("niche_damage", None, repair, label="is repaired"),
    ),
    populations=(
        Population(
            "stem_cells",
            (
                "hsc_quiescent",
                "hsc_cycling",
                At("circulating", index=("hsc",)),
                At("lodged", index=("hsc",)),
            ),
            ("origin",),
            "hematopoietic stem cells of an origin, those of a graft on their way included",
        ),
    ),
)
