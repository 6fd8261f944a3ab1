"""Graft-versus-leukemia: alloreactive T cells of the donor kill leukemic cells, by what these present.

Those of the graft do, and those of lymphocytes that are given late (``late_response.py``).

The kill saturates with the number of T cells. Blasts weaken the T cells that reach them, so that much leukemia escapes
where little is held; types whose cells present antigen well do not. Resting stem cells are partly spared; a subclone
that has lost the mismatched haplotype escapes what saw it.
"""

from .component import At, Component, Derived, Flow, Quantity
from .forms import positive, saturating, steep, total

PROGENITORS = 5
CLONES = ("clone",)


def visible(p, clone):
    """Share of the stimulus that this clone still presents."""
    if clone != "escaped":
        return 1 + 0 * p.body_scale
    mismatched = p.class_i_load * p.gvh_class_i + p.class_ii_load * p.gvh_class_ii
    everything = p.antigen_load["donor"] / p.antigen_load_luck
    return 1 - mismatched / everything


def unweakened(x, p):
    """Share of the kill that the leukemia, by its mass, leaves to T cells."""
    blasts = positive(1 - p.leukemia_presentation) * x.leukemia_in_marrow
    return 1 / (1 + blasts / (p.gvl_weakening * p.body_scale))


def gvl_kill(x, p, clone):
    if "donor" not in x.attack:
        return 0 * p.gvl_rate
    potency = p.gvl_potency * p.antigen_breadth * p.hla_expression
    every = p.gvl_sensitivity * saturating(x.allo_strength["donor"], p.gvl_half * p.body_scale)
    slow = p.gvl_chronic * p.leukemia_presentation * steep(total(x.chronic_clone), p.gvl_chronic_half * p.body_scale, 2)
    of_graft = p.gvl_rate * (every + slow) * x.gvl_unweakened
    return potency * (of_graft + x.late_gvl) * p.visible_to_donor[clone]


def kills(name):
    def dies(x, p, clone):
        return x.gvl_kill[clone] * getattr(x, name)[clone]

    return dies


def cycling_dies(x, p, clone):
    return p.gvl_stem * x.gvl_kill[clone] * x.leukemic_stem_cycling[clone]


def quiescent_dies(x, p, clone):
    return p.gvl_stem * p.gvl_quiescent * x.gvl_kill[clone] * x.leukemic_stem_quiescent[clone]


def progenitor_dies(stage):
    def dies(x, p, clone):
        return x.gvl_kill[clone] * x.leukemic_progenitor[clone][stage]

    return dies


GRAFT_VERSUS_LEUKEMIA = Component(
    name="graft_versus_leukemia",
    derived=(Derived("visible_to_donor", "1", visible, "share of donor attack that still sees this clone", CLONES),),
    quantities=(
        Quantity("gvl_unweakened", "1", unweakened, "share of the kill that leukemia by its mass leaves"),
        Quantity("gvl_kill", "1/day", gvl_kill, "kill of leukemia by T cells of the donor", CLONES),
    ),
    flows=(
        Flow("leukemic_stem_quiescent", None, quiescent_dies, CLONES, label="is killed by T cells"),
        Flow("leukemic_stem_cycling", None, cycling_dies, CLONES, label="is killed by T cells"),
        *(
            Flow(At("leukemic_progenitor", stage), None, progenitor_dies(stage), CLONES, label="is killed by T cells")
            for stage in range(PROGENITORS)
        ),
        Flow("blast", None, kills("blast"), CLONES, label="is killed by T cells"),
        Flow("blood_blast", None, kills("blood_blast"), CLONES, label="is killed by T cells"),
    ),
)
