"""Regulation: regulatory T cells of each origin, which live on what effector cells make and hold them in check.

They follow the number of CD4 cells of their origin, turn over within days, and multiply where effectors are.
"""

from .component import At, Component, Derived, Flow, Quantity, State, killed
from .forms import at_most, host_only, positive, saturating, total


def normal_number(p):
    return p.regulatory_share * (p.naive_normal["cd4"] + p.memory_normal["cd4"])


def start(p, origin):
    return host_only(p.regulatory_normal, origin)


def divides(x, p, origin):
    """Division that keeps their number in proportion to the CD4 cells of the origin, if there are any at all."""
    cd4 = x.naive_t_cell[origin]["cd4"] + x.memory_t_cell[origin]["cd4"]
    return p.regulatory_share * p.regulatory_loss * cd4 * at_most(x.regulatory_t_cell[origin] / p.trace_cells, 1)


def dies(x, p, origin):
    return p.regulatory_loss * x.regulatory_t_cell[origin]


def infused(x, p):
    return p.graft_regulatory_share * (2 / p.homing_time) * x.lodged["donor"]["t_cell"]


def multiplies(x, p, origin):
    fed = saturating(total(x.effector), p.regulatory_feeding_half * p.body_scale)
    room = positive(1 - total(x.regulatory_t_cell) / (p.regulatory_room * p.regulatory_normal))
    free = 1 - p.regulatory_block_share * x.proliferation_block
    return p.regulatory_growth * fed * room * free * x.regulatory_t_cell[origin]


def count(x, p):
    return p.memory_cd4_blood_share * total(x.regulatory_t_cell) / p.blood_volume


REGULATION = Component(
    name="regulation",
    derived=(Derived("regulatory_normal", "cells", normal_number, "regulatory T cells at rest"),),
    states=(State("regulatory_t_cell", "cells", "regulatory T cells of the whole body", ("origin",), start=start),),
    quantities=(Quantity("regulatory_t_cells", "cells/L", count, "regulatory T cells in blood", observed="cells/uL"),),
    flows=(
        Flow("regulatory_t_cell", "regulatory_t_cell", divides, ("origin",), 2.0, "divides"),
        Flow("regulatory_t_cell", None, dies, ("origin",), label="dies"),
        Flow("regulatory_t_cell", "regulatory_t_cell", multiplies, ("origin",), 2.0, "multiplies"),
        Flow(
            At("lodged", index=("donor", "t_cell")),
            At("regulatory_t_cell", index=("donor",)),
            infused,
            label="starts work",
        ),
        *killed("regulatory_t_cell", 1, "regulatory_t_cell"),
    ),
)
