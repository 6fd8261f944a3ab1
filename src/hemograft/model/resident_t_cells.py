"""Resident T cells: memory cells that stay in skin, gut and other tissue and go back into circulation only slowly.

Antibodies against lymphocytes hardly reach them there, while cytotoxic drugs and irradiation do; so they are what is
left of the patient's T cells after such antibodies, and they feed the circulating memory for months.
"""

from .component import Component, Derived, Flow, State
from .forms import host_only


def settling(p):
    """What memory cells must settle at so that as many leave tissue at rest."""
    return p.resident_leaving * p.resident_share


def start(p, origin, subset):
    return host_only(p.resident_share * p.memory_normal[subset], origin)


def settles(x, p, origin, subset):
    return p.resident_settling * x.memory_t_cell[origin][subset]


def leaves(x, p, origin, subset):
    return p.resident_leaving * x.resident_t_cell[origin][subset]


def dies(x, p, origin, subset):
    return p.resident_kill * x.kill["resident_t_cell"] * x.resident_t_cell[origin][subset]


PAIR = ("origin", "subset")
RESIDENT_T_CELLS = Component(
    name="resident_t_cells",
    derived=(Derived("resident_settling", "1/day", settling, "memory T cells that settle in tissue, per cell"),),
    states=(State("resident_t_cell", "cells", "memory T cells resident in tissue", PAIR, start=start),),
    flows=(
        Flow("memory_t_cell", "resident_t_cell", settles, PAIR, label="settles in tissue"),
        Flow("resident_t_cell", "memory_t_cell", leaves, PAIR, label="leaves tissue"),
        Flow("resident_t_cell", None, dies, PAIR, label="is killed"),
    ),
)
