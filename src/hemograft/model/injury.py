"""Injury: what kills each kind of cell, all causes together.

Alloreactive T cells, when they are modeled, add their share here; until then drugs, radiation and leukemia do.
"""

from .component import Component, Quantity
from .forms import total


def kill(x, p, kind):
    """Loss of one kind of cell; committed progenitors die as other progenitors do, and are crowded out besides."""
    if kind == "committed":
        return x.hit["progenitor"] + p.crowding_loss * x.crowding
    return x.hit[kind]


def hit(x, p, target):
    return x.drug_kill[target] + x.radiation_kill[target]


def t_cell_mass(x, p):
    return (total(x.naive_t_cell) + total(x.memory_t_cell)) / p.t_cells_normal


INJURY = Component(
    name="injury",
    quantities=(
        Quantity("hit", "1/day", hit, "kill of each kind of cell by treatment", ("target",)),
        Quantity("kill", "1/day", kill, "kill of each kind of cell, all causes", ("kind",)),
        Quantity("t_cell_mass", "1", t_cell_mass, "T cells, times normal"),
    ),
)
