"""Injury: what kills each kind of cell, all causes together.

Alloreactive T cells, when they are modeled, add their share here; until then drugs, radiation and leukemia do.
"""

from .component import Component, Quantity
from .forms import total


def kill(x, p, target):
    rate = x.drug_kill[target] + x.radiation_kill[target]
    if target == "progenitor":
        rate = rate + p.crowding_loss * x.crowding
    return rate


def t_cell_mass(x, p):
    return (total(x.naive_t_cell) + total(x.memory_t_cell)) / p.t_cells_normal


INJURY = Component(
    name="injury",
    quantities=(
        Quantity("kill", "1/day", kill, "kill of each kind of cell, all causes", ("target",)),
        Quantity("t_cell_mass", "1", t_cell_mass, "T cells, times normal"),
    ),
)
