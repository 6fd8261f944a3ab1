"""Leukemia: quiescent and cycling leukemic stem cells, progenitors that multiply, blasts in marrow and blood.

Only leukemic stem cells sustain the disease; their self-renewal sets the published doubling time and slows as the
marrow fills. A resistant subclone is there from the start. Leukemic cells hold niche places and crowd out normal
progenitors.
"""

from .component import At, Component, Covariate, Derived, Flow, Population, Quantity, State, dividing
from .forms import LN2, at_most, positive, total

PROGENITORS = 5


def growth(p):
    return at_most(LN2 / p.leukemia_doubling_time, p.leukemia_growth_most * p.blast_division)


def quiescent_per_cycling(p):
    return p.leukemic_settling / (p.leukemia_growth + p.leukemic_waking)


def stem_renewal(p):
    """Self-renewal that makes the stem cells grow at the published rate, given their resting share."""
    needed = 0.5 + 0.5 * p.leukemia_growth * (1 + p.leukemic_quiescent_ratio) / p.leukemic_stem_division
    return at_most(needed, p.leukemic_renewal_most)


def amplification(p):
    """Cells out per cell in of each progenitor stage, so that stem cells are the published share of blasts."""
    blasts = (1 + p.leukemic_quiescent_ratio) / p.leukemic_stem_share
    needed = (p.leukemia_growth + 1 / p.blast_lifetime) * blasts
    supplied = 2 * (1 - p.leukemic_stem_renewal) * p.leukemic_stem_division
    return (needed / supplied) ** (1 / PROGENITORS)


def progenitor_renewal(p):
    gain, pace = p.leukemic_amplification, p.blast_division
    return (gain * (p.leukemia_growth + pace) - 2 * pace) / (2 * pace * (gain - 1))


def progenitor_renewal_at_capacity(p):
    """Self-renewal that keeps the same cells out per cell in once growth has stopped."""
    return (p.leukemic_amplification - 2) / (2 * (p.leukemic_amplification - 1))


def per_cycling_stem_cell(p, stage):
    """Size of a progenitor stage during steady growth, per cycling stem cell."""
    first = 2 * (1 - p.leukemic_stem_renewal) * p.leukemic_stem_division
    return (
        first
        * p.leukemic_amplification**stage
        / (p.leukemia_growth + (1 - 2 * p.leukemic_progenitor_renewal) * p.blast_division)
    )


def blasts_per_cycling_stem_cell(p):
    leaving = 2 * (1 - p.leukemic_progenitor_renewal) * p.blast_division * per_cycling_stem_cell(p, PROGENITORS - 1)
    return leaving / (p.leukemia_growth + 1 / p.blast_lifetime)


def cells_per_cycling_stem_cell(p):
    progenitors = sum((per_cycling_stem_cell(p, s) for s in range(1, PROGENITORS)), per_cycling_stem_cell(p, 0))
    return 1 + p.leukemic_quiescent_ratio + progenitors + blasts_per_cycling_stem_cell(p)


def clone_size(p, clone):
    """Cells at the start; a clone that has lost a haplotype exists beside the rest, where there is one at all."""
    share = {"resistant": p.resistant_share, "escaped": p.escaped_share}.get(clone, 1 - p.resistant_share)
    return p.leukemia_at_start * share / p.leukemic_cells_per_stem_cell


def quiescent_start(p, clone):
    return clone_size(p, clone) * p.leukemic_quiescent_ratio


def cycling_start(p, clone):
    return clone_size(p, clone)


def progenitor_start(p, clone, stage):
    return clone_size(p, clone) * per_cycling_stem_cell(p, stage)


def blast_start(p, clone):
    return clone_size(p, clone) * blasts_per_cycling_stem_cell(p)


def blood_blast_start(p, clone):
    return p.blast_release * blast_start(p, clone) / (p.leukemia_growth + 1 / p.blood_blast_lifetime)


def clone_platelet_start(p, clone):
    return p.clone_platelets * blast_start(p, clone) / (p.leukemia_growth + 1 / p.platelet_lifetime)


def marrow_burden(x, p):
    stem = total(x.leukemic_stem_quiescent) + total(x.leukemic_stem_cycling)
    return stem + total(x.leukemic_progenitor) + total(x.blast)


def load(x, p):
    return x.leukemia_in_marrow / (p.leukemia_capacity * p.body_scale)


def niche_hold(x, p):
    return p.leukemic_niche_share * x.leukemia_load


def crowding_builds(x, p):
    full = (1 + p.crowding_half) * x.leukemia_load / (x.leukemia_load + p.crowding_half)
    return p.crowding_strength * full / p.crowding_time


def crowding_fades(x, p):
    return x.crowding / p.crowding_time


def vulnerability(p, clone):
    """Share of the effect of drugs, not of radiation, on this clone."""
    return p.chemotherapy_sensitivity * (1 - p.resistance if clone == "resistant" else 1)


def wakes(x, p, clone):
    return p.leukemic_waking * x.leukemic_stem_quiescent[clone]


def settles(x, p, clone):
    return p.leukemic_settling * x.leukemic_stem_cycling[clone]


def stem_division(x, p, clone):
    return p.leukemic_stem_division


def stem_self_renewal(x, p, clone):
    return positive(0.5 + (p.leukemic_stem_renewal - 0.5) * (1 - x.leukemia_load))


def blast_division(x, p, clone, stage):
    return p.blast_division


def blast_renewal(x, p, clone, stage):
    free = positive(1 - x.leukemia_load)
    return p.leukemic_renewal_full + (p.leukemic_progenitor_renewal - p.leukemic_renewal_full) * free


def blast_death(x, p, clone):
    return x.blast[clone] / p.blast_lifetime


def blast_release(x, p, clone):
    return p.blast_release * x.blast[clone]


def blood_blast_death(x, p, clone):
    return x.blood_blast[clone] / p.blood_blast_lifetime


def quiescent_killed(x, p, clone):
    drugs = vulnerability(p, clone) * p.quiescent_exposure * x.drug_kill["leukemic_stem"]
    return (drugs + x.radiation_kill["leukemic_stem"]) * x.leukemic_stem_quiescent[clone]


def cycling_killed(x, p, clone):
    drugs = vulnerability(p, clone) * (x.drug_kill["leukemic_stem"] + x.cycle_kill * p.leukemic_stem_division)
    return (drugs + x.radiation_kill["leukemic_stem"]) * x.leukemic_stem_cycling[clone]


def blast_loss(x, p, clone):
    """Kill of leukemic progenitors and blasts; resistance to drugs does not protect from radiation."""
    drugs = vulnerability(p, clone) * (x.drug_kill["blast"] + x.cycle_kill * p.blast_division)
    return drugs + x.radiation_kill["blast"]


def progenitor_killed(stage):
    def dies(x, p, clone):
        return blast_loss(x, p, clone) * x.leukemic_progenitor[clone][stage]

    return dies


def blast_killed(x, p, clone):
    return blast_loss(x, p, clone) * x.blast[clone]


def blood_blast_killed(x, p, clone):
    return blast_loss(x, p, clone) * x.blood_blast[clone]


def clone_platelets_shed(x, p, clone):
    return p.clone_platelets * x.blast[clone]


def clone_platelets_lost(x, p, clone):
    return x.clone_platelet[clone] / p.platelet_lifetime


def clone_granulocytes(x, p):
    return p.ripe_share * total(x.blood_blast)


def residual_disease(x, p):
    return x.leukemia_in_marrow / (x.leukemia_in_marrow + x.marrow_cells + p.marrow_stroma * p.body_scale)


def marrow_blasts(x, p):
    return p.blast_share * x.residual_disease


def burden(x, p):
    return x.leukemia_in_marrow + total(x.blood_blast)


def blood_blasts(x, p):
    return total(x.blood_blast) / p.blood_volume


CLONES = ("clone",)
LEUKEMIA = Component(
    name="leukemia",
    covariates=(Covariate("leukemia_at_start", "cells", "leukemic cells in the marrow on the first simulated day"),),
    derived=(
        Derived("leukemia_growth", "1/day", growth, "growth rate of untreated leukemia while it is small"),
        Derived(
            "leukemic_quiescent_ratio",
            "1",
            quiescent_per_cycling,
            "resting leukemic stem cells per cycling one",
        ),
        Derived(
            "leukemic_stem_renewal",
            "1",
            stem_renewal,
            "self-renewal of leukemic stem cells in an empty marrow",
        ),
        Derived(
            "leukemic_amplification",
            "1",
            amplification,
            "cells out per cell in of each leukemic progenitor stage",
        ),
        Derived("leukemic_progenitor_renewal", "1", progenitor_renewal, "self-renewal of leukemic progenitors"),
        Derived(
            "leukemic_renewal_full",
            "1",
            progenitor_renewal_at_capacity,
            "the same in a marrow full of leukemia",
        ),
        Derived(
            "leukemic_cells_per_stem_cell",
            "1",
            cells_per_cycling_stem_cell,
            "leukemic cells per cycling stem cell",
        ),
    ),
    states=(
        State("leukemic_stem_quiescent", "cells", "resting leukemic stem cells", CLONES, start=quiescent_start),
        State("leukemic_stem_cycling", "cells", "cycling leukemic stem cells", CLONES, start=cycling_start),
        State(
            "leukemic_progenitor",
            "cells",
            "multiplying leukemic cells",
            CLONES,
            PROGENITORS,
            progenitor_start,
        ),
        State("blast", "cells", "leukemic blasts in the marrow", CLONES, start=blast_start),
        State("blood_blast", "cells", "leukemic cells in the blood", CLONES, start=blood_blast_start),
        State("clone_platelet", "cells", "platelets of the clone", CLONES, start=clone_platelet_start),
        State("crowding", "1", "crowding of normal progenitors by leukemia, 1 at capacity"),
    ),
    quantities=(
        Quantity("leukemia_in_marrow", "cells", marrow_burden, "leukemic cells in the marrow"),
        Quantity("clone_granulocytes", "cells", clone_granulocytes, "working granulocytes of the clone in blood"),
        Quantity("leukemia_load", "1", load, "leukemia over what the marrow can hold"),
        Quantity("leukemic_niche_hold", "1", niche_hold, "niche places held by leukemia, over places left"),
        Quantity(
            "residual_disease",
            "1",
            residual_disease,
            "leukemic share of nucleated marrow cells",
            observed="1",
            observed_with=CLONES,
        ),
        Quantity(
            "marrow_blasts",
            "1",
            marrow_blasts,
            "blasts among nucleated marrow cells",
            observed="%",
            observed_with=CLONES,
        ),
        Quantity(
            "leukemia_cells",
            "cells",
            burden,
            "leukemic cells of the whole body",
            observed="cells",
            observed_with=CLONES,
        ),
        Quantity(
            "blood_blasts",
            "cells/L",
            blood_blasts,
            "leukemic cells in the blood",
            observed="x10^9/L",
            observed_with=CLONES,
        ),
    ),
    flows=(
        Flow("leukemic_stem_quiescent", "leukemic_stem_cycling", wakes, CLONES, label="wakes"),
        Flow("leukemic_stem_cycling", "leukemic_stem_quiescent", settles, CLONES, label="settles"),
        *dividing(
            "leukemic_stem_cycling",
            1,
            stem_division,
            stem_self_renewal,
            (("leukemic_progenitor", None),),
            CLONES,
        ),
        *dividing("leukemic_progenitor", PROGENITORS, blast_division, blast_renewal, (("blast", None),), CLONES),
        Flow("blast", "blood_blast", blast_release, CLONES, label="enters blood"),
        Flow("blast", None, blast_death, CLONES, label="dies"),
        Flow("blood_blast", None, blood_blast_death, CLONES, label="dies"),
        Flow(None, "clone_platelet", clone_platelets_shed, CLONES, label="is shed"),
        Flow("clone_platelet", None, clone_platelets_lost, CLONES, label="dies"),
        Flow("leukemic_stem_quiescent", None, quiescent_killed, CLONES, label="is killed"),
        Flow("leukemic_stem_cycling", None, cycling_killed, CLONES, label="is killed"),
        *(
            Flow(At("leukemic_progenitor", stage), None, progenitor_killed(stage), CLONES, label="is killed")
            for stage in range(PROGENITORS)
        ),
        Flow("blast", None, blast_killed, CLONES, label="is killed"),
        Flow("blood_blast", None, blood_blast_killed, CLONES, label="is killed"),
        Flow(None, "crowding", crowding_builds, label="builds"),
        Flow("crowding", None, crowding_fades, label="fades"),
    ),
    populations=(
        Population(
            "leukemic_stem_cells",
            ("leukemic_stem_quiescent", "leukemic_stem_cycling"),
            CLONES,
            "leukemic stem cells of a clone",
        ),
    ),
)
