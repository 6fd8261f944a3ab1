"""Late response: donor lymphocytes given long after the graft meet leukemia that shows antigens of blood cells.

Inflammation has subsided and no drug holds them, so a few cells of the product divide where leukemia shows antigen, a
set number of times, and become effectors that last for weeks: the response follows the dose. Few effectors kill
leukemia, many also hurt tissue, which they come to spare when they have lived with the antigen for months; so cells
given in growing doses over months do less harm than at once. Cells that find no antigen are lost before they divide.
"""

from .component import At, Component, Flow, Quantity, State
from .forms import saturating, steep, total

STAGES, DIVISIONS = 6, 2  # stages, and divisions in each
OFFSPRING = 2.0**DIVISIONS


def infused(x, p):
    """Cells that see antigens of the patient's blood cells, among the naive T cells of a graft or of lymphocytes."""
    share = p.late_frequency * p.donor_precursor_luck**p.late_luck * p.graft_slow_share * p.graft_naive_share
    return share * (2 / p.homing_time) * x.lodged["donor"]["t_cell"]


def shown(x, p):
    """Antigen of blood cells that leukemia shows, of its most."""
    return saturating(p.leukemia_presentation * x.leukemia_in_marrow, p.late_antigen_half * p.body_scale)


def pace(x, p):
    free = (1 - x.proliferation_block) * (1 - p.costimulation_growth * x.costimulation_block)
    return p.late_division * x.late_antigen * free


def divides(stage):
    def rate(x, p, graft_responder):
        return x.late_pace * x.late_cell[graft_responder][stage]

    return rate


def dies(stage):
    def rate(x, p, graft_responder):
        return (p.late_loss + x.kill["t_cell"] + x.allo_kill["donor"]) * x.late_cell[graft_responder][stage]

    return rate


def killed_dividing(stage):
    def rate(x, p, graft_responder):
        return x.drug_kill["dividing_t_cell"] * x.late_pace / p.late_division * x.late_cell[graft_responder][stage]

    return rate


def fades(x, p, graft_responder):
    return (p.late_fading + x.kill["t_cell"] + x.allo_kill["donor"]) * x.late_effector[graft_responder]


def at_work(x, p):
    """Effectors at work on leukemia, of their most; few suffice."""
    return steep(total(x.late_effector), p.late_work_half * p.body_scale, 2)


def learns(x, p, graft_responder):
    """Without inflammation, tissue comes to be spared while effectors are about."""
    return p.late_sparing * x.late_work * (1 - x.late_tolerance[graft_responder])


def unlearns(x, p, graft_responder):
    return p.late_forgetting * x.late_tolerance[graft_responder]


def on_tissue(x, p):
    spared = 1 - total(x.late_tolerance)
    return spared * saturating(total(x.late_effector), p.late_harm_half * p.body_scale)


def on_leukemia(x, p):
    """Kill of leukemia by how it presents antigen, before the potency of the pair."""
    seen = (1 + p.late_sight_half) * saturating(p.leukemia_presentation, p.late_sight_half)
    return p.late_kill * seen * x.late_work


def harm(x, p):
    """Patients and pairs that differ in chronic disease differ here as well."""
    return p.late_hazard * p.chronic_vulnerability * p.antigen_breadth * x.late_activity


PER = ("graft_responder",)
LATE_RESPONSE = Component(
    name="late_response",
    states=(
        State("late_cell", "cells", "T cells that see antigens of blood cells, by divisions so far", PER, STAGES),
        State("late_effector", "cells", "effector cells that came of them", PER),
        State("late_tolerance", "1", "share of their harm to tissue that is held back", PER),
    ),
    quantities=(
        Quantity("late_antigen", "1", shown, "antigen of blood cells that leukemia shows, of its most"),
        Quantity("late_pace", "1/day", pace, "how fast late cells pass two divisions"),
        Quantity("late_work", "1", at_work, "late effectors at work on leukemia, of their most"),
        Quantity("late_gvl", "1/day", on_leukemia, "kill of leukemia by late effectors in the typical pair"),
        Quantity("late_activity", "1", on_tissue, "attack of late effectors on tissue, of its most"),
        Quantity("late_harm", "1/day", harm, "hazard of GvHD by late effectors"),
    ),
    flows=(
        Flow(At("lodged", index=("donor", "t_cell")), At("late_cell", 0, ("donor",)), infused, label="starts work"),
        *(
            Flow(At("late_cell", stage), At("late_cell", stage + 1), divides(stage), PER, OFFSPRING, "divides twice")
            for stage in range(STAGES - 1)
        ),
        Flow(At("late_cell", STAGES - 1), "late_effector", divides(STAGES - 1), PER, OFFSPRING, "divides twice"),
        *(Flow(At("late_cell", stage), None, dies(stage), PER, label="dies") for stage in range(STAGES)),
        *(
            Flow(At("late_cell", stage), None, killed_dividing(stage), PER, label="is killed")
            for stage in range(STAGES)
        ),
        Flow("late_effector", None, fades, PER, label="dies"),
        Flow(None, "late_tolerance", learns, PER, label="is learned"),
        Flow("late_tolerance", None, unlearns, PER, label="is forgotten"),
    ),
)
