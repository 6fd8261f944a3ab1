"""Acute graft-versus-host disease (GvHD): effector cells of the donor enter skin, gut and liver and damage them.

Damage builds from infiltrating cells and heals; how much a patient's tissues suffer differs widely between patients.
Stages are thresholds on the damage of an organ, the grade follows from the stages. The thymus is hurt as well.
"""

from .component import Component, Flow, Quantity, State
from .forms import choose, positive, total

ORGANS = ("skin", "gut", "liver")


def healing(p, gvhd_organ):
    """How fast an organ follows the attack on it, up and down."""
    return {"skin": p.skin_healing, "gut": p.gut_healing, "liver": p.liver_healing}[gvhd_organ]


def infiltrates(x, p, graft_responder):
    """Cells that drugs or exhaustion have impaired do as much less harm as they grow less."""
    able = (1 - x.impairment["donor"]) * x.effector["donor"]
    return p.infiltration * able / (p.infiltrate_reference * p.body_scale)


def leaves(x, p, graft_responder):
    return p.infiltration * x.infiltrate[graft_responder]


def damages(x, p, gvhd_organ):
    own = {"skin": p.skin_vulnerability, "gut": p.gut_vulnerability, "liver": p.liver_vulnerability}[gvhd_organ]
    spared = 1 - p.damage_block_share * x.inflammation_block
    return healing(p, gvhd_organ) * p.tissue_vulnerability * own * spared * total(x.infiltrate)


def heals(x, p, gvhd_organ):
    return healing(p, gvhd_organ) * (1 - x.regeneration_lost[gvhd_organ]) * x.organ_damage[gvhd_organ]


def reached(x, p, organ, stage):
    """1 where the damage of an organ has reached a stage, else 0."""
    threshold = getattr(p, f"{organ}_stage_{stage}")
    return choose(x.organ_damage[organ] / threshold - 1, 1, 0) if organ in x.organ_damage else 0 * threshold


def stage(organ):
    def counted(x, p):
        return total(reached(x, p, organ, k) for k in (1, 2, 3, 4))

    return counted


def organ_grade(x, p, gvhd_organ):
    """Consensus grade by one organ: skin 1-2 is I, skin 3 is II; gut or liver 1 is II, 2-3 is III; stage 4 is IV."""
    first, second, third, fourth = (reached(x, p, gvhd_organ, k) for k in (1, 2, 3, 4))
    return first + third + 2 * fourth if gvhd_organ == "skin" else 2 * first + second + fourth


def organ_relative(x, p, gvhd_organ):
    """Damage over what makes grade II in this organ."""
    grade_ii = {"skin": p.skin_stage_3, "gut": p.gut_stage_1, "liver": p.liver_stage_1}[gvhd_organ]
    return x.organ_damage[gvhd_organ] / grade_ii


def larger(first, second):
    return first + positive(second - first)


def worst_outside(name):
    def worst(x, p):
        values = getattr(x, name)
        return larger(values["skin"], values["liver"]) if len(values) else 0 * p.body_scale

    return worst


def worst_of(name, outside):
    def worst(x, p):
        values = getattr(x, name)
        return larger(getattr(x, outside), values["gut"]) if len(values) else 0 * p.body_scale

    return worst


def thymus_hurt(x, p):
    return p.gvhd_of_thymus * x.gvhd_damage * (1 - x.thymus_damage)


PER = ("gvhd_organ",)
ACUTE_GVHD = Component(
    name="acute_gvhd",
    states=(
        State("infiltrate", "1", "donor effector cells in tissue, over a reference", ("graft_responder",)),
        State("organ_damage", "1", "damage of an organ, 1 where most patients would have grade II", PER),
    ),
    quantities=(
        *(
            Quantity(
                f"gvhd_{organ}",
                "1",
                stage(organ),
                f"stage of acute GvHD of {organ}",
                observed="1",
                observed_with=("donor",),
            )
            for organ in ORGANS
        ),
        Quantity("organ_grade", "1", organ_grade, "grade of acute GvHD by one organ", PER),
        Quantity("organ_relative", "1", organ_relative, "damage of an organ, 1 at the threshold of grade II", PER),
        Quantity("grade_outside_gut", "1", worst_outside("organ_grade"), "grade of acute GvHD by skin and liver"),
        Quantity("damage_outside_gut", "1", worst_outside("organ_relative"), "worse damage of skin and liver"),
        Quantity(
            "acute_gvhd_grade",
            "1",
            worst_of("organ_grade", "grade_outside_gut"),
            "grade of acute GvHD",
            observed="1",
            observed_with=("donor",),
        ),
        Quantity(
            "gvhd_damage",
            "1",
            worst_of("organ_relative", "damage_outside_gut"),
            "worst damage of an organ, 1 at the threshold of grade II",
        ),
    ),
    flows=(
        Flow(None, "infiltrate", infiltrates, ("graft_responder",), label="enters"),
        Flow("infiltrate", None, leaves, ("graft_responder",), label="leaves"),
        Flow(None, "organ_damage", damages, PER, label="is damaged"),
        Flow("organ_damage", None, heals, PER, label="heals"),
        Flow(None, "thymus_damage", thymus_hurt, label="is hurt by GvHD"),
    ),
)
