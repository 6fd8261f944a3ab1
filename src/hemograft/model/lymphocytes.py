"""Lymphoid lines: lymphoid progenitors feed B cells, natural killer cells and the thymus.

B and NK cells come from marrow exports and divide in the periphery while there is room. T cells are in
``t_cells.py``; here their supply ends with the cells that seed the thymus.
"""

from .component import Component, Derived, Flow, Quantity, State, dividing, killed
from .forms import driven, exponential, grows_by, host_only, positive, response, total

PROGENITORS, PRE_B, PRE_NK = 4, 6, 4


def b_youth(p):
    return 1 + p.b_cell_child_excess * exponential(-p.age_at_transplant / p.b_cell_child_fading)


def b_export(p):
    return p.b_cell_export * p.body_scale * p.b_cell_youth


def b_normal(p):
    return p.b_cell_number * p.body_scale * p.b_cell_youth


def b_division_at_rest(p):
    return 1 / p.b_cell_lifetime - p.b_cell_made / p.b_cells_normal


def b_room(p):
    return 1 / (p.b_cell_division_max / p.b_cell_division_rest - 1)


def nk_normal(p):
    return p.nk_cell_number * p.body_scale


def nk_export(p):
    return p.nk_cell_marrow_share * p.nk_cells_normal / p.nk_cell_lifetime


def inflow(p):
    leaving = p.b_cell_made / 2**PRE_B + p.nk_cell_made / 2**PRE_NK + p.thymus_seeding
    return leaving / grows_by(p.lymphoid_renewal) ** PROGENITORS


def progenitor_start(p, origin, stage):
    into = p.lymphoid_inflow * grows_by(p.lymphoid_renewal) ** stage
    return host_only(into / ((1 - 2 * p.lymphoid_renewal) * p.lymphoid_division), origin)


def pre_b_start(p, origin, stage):
    return host_only(p.b_cell_made / 2 ** (PRE_B - stage) / p.pre_b_division, origin)


def b_start(p, origin):
    return host_only(p.b_cells_normal, origin)


def pre_nk_start(p, origin, stage):
    return host_only(p.nk_cell_made / 2 ** (PRE_NK - stage) / p.pre_nk_division, origin)


def nk_start(p, origin):
    return host_only(p.nk_cells_normal, origin)


def leaving(p):
    return p.lymphoid_inflow * grows_by(p.lymphoid_renewal) ** PROGENITORS


def to_b(x, p, origin):
    return p.b_cell_made / 2**PRE_B / p.lymphoid_outflow


def to_nk(x, p, origin):
    return p.nk_cell_made / 2**PRE_NK / p.lymphoid_outflow


def to_thymus(x, p, origin):
    return p.thymus_seeding / p.lymphoid_outflow * x.thymus_welcome


def past_thymus(x, p, origin):
    return p.thymus_seeding / p.lymphoid_outflow * (1 - x.thymus_welcome)


def progenitor_division(x, p, origin, stage):
    return driven(p.lymphoid_division, p.lymphoid_division_max, x.flt3_ligand_effect)


def progenitor_renewal(x, p, origin, stage):
    return p.lymphoid_renewal


def pre_b_division(x, p, origin, stage):
    return p.pre_b_division


def pre_nk_division(x, p, origin, stage):
    return p.pre_nk_division


def no_renewal(x, p, origin, stage):
    return 0.0


def b_division(x, p, origin):
    crowd = total(x.b_cell) / (p.b_cells_normal * p.b_cell_room)
    return p.b_cell_division_max / (1 + crowd)


def b_divides(x, p, origin):
    return b_division(x, p, origin) * x.b_cell[origin]


def b_dies(x, p, origin):
    return x.b_cell[origin] / p.b_cell_lifetime


def nk_division(x, p, origin):
    rest = (1 - p.nk_cell_marrow_share) / p.nk_cell_lifetime
    return rest + positive((p.nk_cell_division_max - rest) * x.interleukin_15_effect)


def nk_divides(x, p, origin):
    return nk_division(x, p, origin) * x.nk_cell[origin]


def nk_dies(x, p, origin):
    # a full pool also shortens lives, so that it returns to its size from above
    return x.nk_cell[origin] / p.nk_cell_lifetime * (1 + positive(-x.interleukin_15_effect))


def il15_effect(x, p):
    return response(x.interleukin_15, p.interleukin_15_half, 2)


def il15_made(x, p):
    return p.interleukin_15_turnover


def il15_used(x, p):
    kinds = (x.naive_t_cell, x.memory_t_cell)
    cd8 = total(cells[origin]["cd8"] for cells in kinds for origin in cells)
    cd8 = cd8 / (p.naive_normal["cd8"] + p.memory_normal["cd8"])
    nk = total(x.nk_cell) / p.nk_cells_normal
    consumers = p.interleukin_15_nk_share * nk + (1 - p.interleukin_15_nk_share) * cd8
    free = p.interleukin_15_free_clearance
    return p.interleukin_15_turnover * (free + (1 - free) * consumers) * x.interleukin_15


def b_count(x, p):
    return (1 - x.lymphocytes_cleared) * p.b_cell_count * p.b_cell_youth * total(x.b_cell) / p.b_cells_normal


def nk_count(x, p):
    return (1 - x.lymphocytes_cleared) * p.nk_cell_count * total(x.nk_cell) / p.nk_cells_normal


LYMPHOCYTES = Component(
    name="lymphocytes",
    derived=(
        Derived("b_cell_youth", "1", b_youth, "B cells at this age, times those of an adult"),
        Derived("b_cell_made", "cells/day", b_export, "B cells leaving the marrow a day at rest"),
        Derived("b_cells_normal", "cells", b_normal, "B cells of the whole body at rest"),
        Derived(
            "b_cell_division_rest",
            "1/day",
            b_division_at_rest,
            "division of B cells that balances their loss",
        ),
        Derived("b_cell_room", "1", b_room, "crowding at which B cells divide half as fast, times normal"),
        Derived("nk_cells_normal", "cells", nk_normal, "NK cells of the whole body at rest"),
        Derived("nk_cell_made", "cells/day", nk_export, "NK cells leaving the marrow a day at rest"),
        Derived("lymphoid_inflow", "cells/day", inflow, "committed lymphoid cells needed a day at rest"),
        Derived("lymphoid_outflow", "cells/day", leaving, "cells leaving the lymphoid progenitors a day at rest"),
    ),
    states=(
        State("lymphoid_progenitor", "cells", "lymphoid progenitors", ("origin",), PROGENITORS, progenitor_start),
        State("pre_b_cell", "cells", "B-cell precursors in the marrow", ("origin",), PRE_B, pre_b_start),
        State("b_cell", "cells", "B cells of the whole body", ("origin",), start=b_start),
        State("pre_nk_cell", "cells", "NK-cell precursors", ("origin",), PRE_NK, pre_nk_start),
        State("nk_cell", "cells", "NK cells of the whole body", ("origin",), start=nk_start),
        State("interleukin_15", "1", "interleukin 15, times normal", start=lambda p: 1.0),
    ),
    quantities=(
        Quantity("interleukin_15_effect", "1", il15_effect, "effect of interleukin 15 on NK cells, 0 at rest"),
        Quantity("b_cells", "cells/L", b_count, "B cells in blood", observed="cells/uL"),
        Quantity("nk_cells", "cells/L", nk_count, "NK cells in blood", observed="cells/uL"),
    ),
    flows=(
        *dividing(
            "lymphoid_progenitor",
            PROGENITORS,
            progenitor_division,
            progenitor_renewal,
            (("pre_b_cell", to_b), ("pre_nk_cell", to_nk), ("thymocyte", to_thymus), (None, past_thymus)),
        ),
        *dividing("pre_b_cell", PRE_B, pre_b_division, no_renewal, (("b_cell", None),)),
        Flow("b_cell", "b_cell", b_divides, ("origin",), 2.0, "divides"),
        Flow("b_cell", None, b_dies, ("origin",), label="dies"),
        *dividing("pre_nk_cell", PRE_NK, pre_nk_division, no_renewal, (("nk_cell", None),)),
        Flow("nk_cell", "nk_cell", nk_divides, ("origin",), 2.0, "divides"),
        Flow("nk_cell", None, nk_dies, ("origin",), label="dies"),
        *killed("lymphoid_progenitor", PROGENITORS, "committed", progenitor_division),
        *killed("pre_b_cell", PRE_B, "precursor", pre_b_division),
        *killed("pre_nk_cell", PRE_NK, "precursor", pre_nk_division),
        *killed("b_cell", 1, "b_cell", b_division),
        *killed("nk_cell", 1, "nk_cell", nk_division),
        Flow(None, "interleukin_15", il15_made, label="is made"),
        Flow("interleukin_15", None, il15_used, label="is used up"),
    ),
)
