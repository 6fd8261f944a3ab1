"""Acute graft-versus-host disease (GvHD): effector cells of the donor enter skin, gut and liver and damage them.

Damage builds from infiltrating cells and heals; how much a patient's tissues suffer differs widely between patients.
Stages are thresholds on the damage of an organ, the grade follows from the stages. The thymus is hurt as well.
"""

from .component import Component, Flow, Quantity, State
from .forms import choose, positive, total

ORGANS = ("skin", "gut", "liver")
WORST = 4  # stage of an organ, and grade


def infiltrates(x, p, graft_responder):
    return p.infiltration * x.effector["donor"] / (p.infiltrate_reference * p.body_scale)


def leaves(x, p, graft_responder):
    return p.infiltration * x.infiltrate[graft_responder]


def damages(x, p, gvhd_organ):
    own = {"skin": p.skin_vulnerability, "gut": p.gut_vulnerability, "liver": p.liver_vulnerability}[gvhd_organ]
    spared = 1 - p.damage_block_share * x.inflammation_block
    return p.tissue_healing * p.tissue_vulnerability * own * spared * total(x.infiltrate)


def heals(x, p, gvhd_organ):
    return p.tissue_healing * x.organ_damage[gvhd_organ]


def reached(x, p, organ, stage):
    """1 where the damage of an organ has reached a stage, else 0."""
    threshold = getattr(p, f"{organ}_stage_{stage}")
    return choose(x.organ_damage[organ] / threshold - 1, 1, 0) if organ in x.organ_damage else 0.0 * threshold


def stage(organ):
    def counted(x, p):
        return total(reached(x, p, organ, k) for k in range(1, WORST + 1))

    return counted


def at_least(*flags):
    """1 if any of the flags is 1."""
    return choose(total(flags), 1, 0)


def grade(x, p):
    """Consensus grade: I for skin 1-2; II for skin 3, liver 1 or gut 1; III for liver or gut 2-3; IV for 4."""
    first = reached(x, p, "skin", 1)
    second = at_least(reached(x, p, "skin", 3), reached(x, p, "gut", 1), reached(x, p, "liver", 1))
    third = at_least(reached(x, p, "gut", 2), reached(x, p, "liver", 2))
    fourth = at_least(*(reached(x, p, organ, WORST) for organ in ORGANS))
    severe = at_least(third, fourth)
    some = at_least(second, severe)
    return at_least(first, some) + some + severe + fourth


def larger(first, second):
    return first + positive(second - first)


def damage(x, p):
    """Worst organ damage, over what makes grade II in that organ."""
    if not len(x.organ_damage):
        return 0.0
    skin = x.organ_damage["skin"] / p.skin_stage_3
    gut, liver = x.organ_damage["gut"] / p.gut_stage_1, x.organ_damage["liver"] / p.liver_stage_1
    return larger(larger(skin, gut), liver)


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
        Quantity("gvhd_damage", "1", damage, "worst organ damage, 1 at the threshold of grade II"),
        *(
            Quantity(f"gvhd_{organ}", "1", stage(organ), f"stage of acute GvHD of {organ}", observed="1", needs="donor")
            for organ in ORGANS
        ),
        Quantity("acute_gvhd_grade", "1", grade, "grade of acute GvHD", observed="1", needs="donor"),
    ),
    flows=(
        Flow(None, "infiltrate", infiltrates, ("graft_responder",), label="enters"),
        Flow("infiltrate", None, leaves, ("graft_responder",), label="leaves"),
        Flow(None, "organ_damage", damages, PER, label="is damaged"),
        Flow("organ_damage", None, heals, PER, label="heals"),
        Flow(None, "thymus_damage", thymus_hurt, label="is hurt by GvHD"),
    ),
)
