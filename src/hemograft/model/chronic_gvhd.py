"""Chronic graft-versus-host disease: a slow clone that donor cells prime on processed patient antigen.

It grows for months once immunosuppression is tapered, the faster the more acute disease has hurt, and is closed out
by new T cells of a working thymus. Its attack does not show at once: B cells and macrophages that it helps come first,
then scars. Onset is a matter of chance, with a hazard that follows these lesions.
"""

from .component import At, Component, Event, Flow, Population, Quantity, State
from .forms import saturating, total

LAST_STAGE = 5  # of thymocytes, counted from 0
LESIONS = 3  # steps from attack to scar: help to B cells, macrophages, fibers


def infused(x, p):
    """Cells of the slow clone among the graft's naive T cells that start work: they see minor antigens, and those of
    male tissue if they come from a woman."""
    antigens = p.minor_mismatch + p.h_y_frequency / p.minor_frequency * p.gvh_h_y
    share = p.chronic_frequency * antigens * p.graft_slow_share * p.donor_precursor_luck * p.graft_naive_share
    return share * (2 / p.homing_time) * x.lodged["donor"]["t_cell"]


def division(x, p, graft_responder):
    fed = 1 + p.chronic_feeding * saturating(x.gvhd_damage, 1)
    held = (1 + x.thymic_tolerance[graft_responder] / p.tolerance_felt) ** p.tolerance_exponent
    crowd = 1 + x.chronic_clone[graft_responder] / (p.chronic_room * p.body_scale)
    free = (1 - x.proliferation_block) * (1 - p.costimulation_growth * x.costimulation_block)
    return p.chronic_growth * free * fed * (1 - x.impairment["donor"]) / (held * crowd)


def divides(x, p, graft_responder):
    return division(x, p, graft_responder) * x.chronic_clone[graft_responder]


def dies(x, p, graft_responder):
    return p.chronic_loss * x.chronic_clone[graft_responder]


def killed(x, p, graft_responder):
    """Drugs against dividing cells find this clone in its first divisions after the graft, as any primed cell."""
    primed = x.drug_kill["dividing_t_cell"] * p.chronic_cycling
    reached = p.chronic_reached * x.kill["t_cell"]
    return (reached + x.allo_kill["donor"] + primed) * x.chronic_clone[graft_responder]


def learns(x, p, graft_responder):
    """New T cells of the donor leave the thymus, over the number at the reference age."""
    made = 2 * p.thymocyte_division * x.thymocyte["donor"][LAST_STAGE]
    return p.tolerance_turnover * made / (p.thymic_export * p.body_scale)


def unlearns(x, p, graft_responder):
    return p.tolerance_turnover * x.thymic_tolerance[graft_responder]


def of_slow_clone(x, p):
    clone = total(x.chronic_clone)
    held = 1 - p.chronic_suppression * x.proliferation_block
    return clone / (clone + p.chronic_half * p.body_scale) * held


def activity(x, p):
    """Chronic attack on tissue, 0 to 1, by this clone or by that of late lymphocytes."""
    return 1 - (1 - x.slow_activity) * (1 - x.late_activity)


def ripens(step):
    """Every step follows the one before, the first one the attack."""

    def rate(x, p, graft_responder):
        before = x.slow_activity if step == 0 else x.chronic_lesion[graft_responder][step - 1]
        return p.lesion_turnover * before

    return rate


def heals(step):
    def rate(x, p, graft_responder):
        return p.lesion_turnover * x.chronic_lesion[graft_responder][step]

    return rate


def hazard(x, p):
    scars = total(lesions[LESIONS - 1] for lesions in x.chronic_lesion.values())
    return p.chronic_hazard * p.chronic_vulnerability * p.antigen_breadth * scars + x.late_harm


def severity(x, p):
    return x.chronic_gvhd * x.chronic_activity


PER = ("graft_responder",)
CHRONIC_GVHD = Component(
    name="chronic_gvhd",
    states=(
        State("chronic_clone", "cells", "T cells of the slow alloreactive clone", PER),
        State("chronic_lesion", "1", "lesions that chronic attack has led to, of their most, by step", PER, LESIONS),
        State("thymic_tolerance", "1", "tolerance by new T cells of the donor, 1 at the reference age", PER),
    ),
    quantities=(
        Quantity("slow_activity", "1", of_slow_clone, "activity of the slow clone in tissue, of its most"),
        Quantity("chronic_activity", "1", activity, "chronic attack on tissue, of its most"),
        Quantity(
            "chronic_gvhd_severity",
            "1",
            severity,
            "activity of chronic GvHD once it is there, of its most",
            observed="1",
            observed_with=("donor",),
        ),
    ),
    flows=(
        Flow(
            At("lodged", index=("donor", "t_cell")),
            At("chronic_clone", index=("donor",)),
            infused,
            label="starts work",
        ),
        Flow("chronic_clone", "chronic_clone", divides, PER, 2.0, "divides"),
        Flow("chronic_clone", None, dies, PER, label="dies"),
        Flow("chronic_clone", None, killed, PER, label="is killed"),
        *(Flow(None, At("chronic_lesion", step), ripens(step), PER, label="ripens") for step in range(LESIONS)),
        *(Flow(At("chronic_lesion", step), None, heals(step), PER, label="heals") for step in range(LESIONS)),
        Flow(None, "thymic_tolerance", learns, PER, label="is learned"),
        Flow("thymic_tolerance", None, unlearns, PER, label="fades"),
    ),
    populations=(Population("chronic_cells", ("chronic_clone",), PER, "cells of the slow alloreactive clone"),),
    events=(Event("chronic_gvhd", hazard, "onset of chronic graft-versus-host disease"),),
)
