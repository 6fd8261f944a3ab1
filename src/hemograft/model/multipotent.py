"""Multipotent and oligopotent progenitors: a cascade of divisions that turns a few stem cells into many.

FLT3 ligand, which these cells consume, rises when they are few and makes them divide faster and renew more.
Renewal stays below one half even at full stress: only stem cells sustain themselves.
"""

from .component import Component, Derived, Flow, Quantity, State, dividing, killed
from .forms import driven, host_only, moved, response, total

STAGES = 6


def outflow(p):
    return p.granulocyte_inflow + p.megakaryocyte_inflow + p.erythroid_inflow + p.lymphoid_inflow


def amplification(p):
    return (p.multipotent_outflow / (p.hsc_division * p.hsc_normal)) ** (1 / STAGES)


def renewal_at_rest(p):
    return (p.multipotent_amplification - 2) / (2 * (p.multipotent_amplification - 1))


def pace_at_rest(p, stage):
    slow, fast = p.multipotent_division_first, p.multipotent_division_last
    return slow * (fast / slow) ** (stage / (STAGES - 1))


def pace_at_most(p, stage):
    slow, fast = p.multipotent_division_first_max, p.multipotent_division_last_max
    return slow * (fast / slow) ** (stage / (STAGES - 1))


def start(p, origin, stage):
    inflow = p.hsc_division * p.hsc_normal * p.multipotent_amplification**stage
    resting = inflow / ((1 - 2 * p.multipotent_renewal) * pace_at_rest(p, stage))
    return host_only(resting, origin)


def normal_number(p):
    return sum((start(p, "host", stage) for stage in range(1, STAGES)), start(p, "host", 0))


def effect(x, p):
    return response(x.flt3_ligand, p.flt3_ligand_half)


def division(x, p, origin, stage):
    rest, most = pace_at_rest(p, stage), pace_at_most(p, stage)
    return driven(rest, most, x.flt3_ligand_effect, p.slowest_division)


def renewal(x, p, origin, stage):
    return moved(p.multipotent_renewal, p.multipotent_renewal_max, x.flt3_ligand_effect)


def to_granulocytes(x, p, origin):
    return p.granulocyte_inflow / p.multipotent_outflow


def to_megakaryocytes(x, p, origin):
    return p.megakaryocyte_inflow / p.multipotent_outflow


def to_red_cells(x, p, origin):
    return p.erythroid_inflow / p.multipotent_outflow


def to_lymphocytes(x, p, origin):
    return p.lymphoid_inflow / p.multipotent_outflow


def ligand_made(x, p):
    return p.flt3_ligand_turnover


def ligand_used(x, p):
    consumers = total(x.multipotent) / p.multipotent_normal
    free = p.flt3_ligand_free_clearance
    return p.flt3_ligand_turnover * (free + (1 - free) * consumers) * x.flt3_ligand


MULTIPOTENT = Component(
    name="multipotent",
    derived=(
        Derived("multipotent_outflow", "cells/day", outflow, "committed cells that the lineages need at rest"),
        Derived("multipotent_amplification", "1", amplification, "cells out per cell in of each stage at rest"),
        Derived(
            "multipotent_renewal",
            "1",
            renewal_at_rest,
            "probability that a division at rest yields two of a kind",
        ),
        Derived("multipotent_normal", "cells", normal_number, "multipotent cells of a healthy marrow"),
    ),
    states=(
        State("multipotent", "cells", "multipotent to oligopotent progenitors", ("origin",), STAGES, start),
        State("flt3_ligand", "1", "FLT3 ligand, times normal", start=lambda p: 1.0),
    ),
    quantities=(Quantity("flt3_ligand_effect", "1", effect, "effect of FLT3 ligand, 0 at rest"),),
    flows=(
        *dividing(
            "multipotent",
            STAGES,
            division,
            renewal,
            (
                ("granulocyte_progenitor", to_granulocytes),
                ("megakaryocyte_progenitor", to_megakaryocytes),
                ("erythroid_progenitor", to_red_cells),
                ("lymphoid_progenitor", to_lymphocytes),
            ),
        ),
        *killed("multipotent", STAGES, "progenitor", division),
        Flow(None, "flt3_ligand", ligand_made, label="is made"),
        Flow("flt3_ligand", None, ligand_used, label="is used up"),
    ),
)
