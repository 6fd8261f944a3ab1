"""Alloreactivity: T cells of each origin that see the other's antigens are primed, multiply, contract and remember.

How many T cells respond and how much antigen they meet follow from directional mismatches and minor antigens. An
expanding response is a race inside a closing window: it grows while foreign antigen-presenting cells and inflammation
are there, in a niche of antigen and growth factors that it shares with regulatory T cells. Primed cells fight only
after their first divisions. Cells hit by a cytotoxic drug while they divide die, or survive impaired. Without foreign
antigen (twin, own cells) none of this exists.
"""

from .component import At, Component, Covariate, Derived, Flow, Population, Quantity, State
from .forms import exponential, host_only, saturating, steep, total

OTHER = {"host": "donor", "donor": "host"}
SIDE = {"donor": "gvh", "host": "hvg"}  # graft-versus-host, host-versus-graft


def weighted(p, responder, kind):
    """Sum over differences that cells of this origin see, each with its weight of this kind."""
    side = SIDE[responder]
    minor = getattr(p, f"minor_{kind}") * p.minor_mismatch
    sex = getattr(p, f"h_y_{kind}") * getattr(p, f"{side}_h_y")
    dp = getattr(p, f"dp_{kind}") * getattr(p, f"{side}_dp")
    first = getattr(p, f"class_i_{kind}") * getattr(p, f"{side}_class_i")
    second = getattr(p, f"class_ii_{kind}") * getattr(p, f"{side}_class_ii")
    return minor + sex + dp + first + second


def frequency(p, responder):
    """Alloreactive share of naive T cells, bounded by the share that any stranger's tissue excites."""
    own = {"donor": p.donor_precursor_luck, "host": p.host_precursor_luck}[responder] * weighted(
        p, responder, "frequency"
    )
    return p.frequency_most * saturating(own, p.frequency_most)


def antigen_load(p, responder):
    """Cells of older donors answer the same antigen more strongly, those of cord blood less."""
    of_donor = p.graft_answer * exponential(p.donor_aging * (p.donor_age - p.donor_reference_age))
    return {"donor": of_donor, "host": 1}[responder] * p.antigen_load_luck * weighted(p, responder, "load")


def precursor_start(p, responder):
    t_cells = total(p.naive_normal) + total(p.memory_normal) / p.memory_precursor_ratio
    return host_only(p.precursor_frequency[responder] * t_cells, responder)


def infused(x, p):
    """Alloreactive cells among the T cells of the graft that start work."""
    of_memory = (1 - p.graft_naive_share) / p.memory_precursor_ratio
    share = p.precursor_frequency["donor"] * (p.graft_naive_share + of_memory)
    return share * (2 / p.homing_time) * x.lodged["donor"]["t_cell"]


def met(x, p, responder):
    """Foreign antigen on foreign cells."""
    return p.antigen_load[responder] * x.antigen_presenting[OTHER[responder]]


def drive(x, p, responder):
    """Strength of the direct stimulus: antigen that is met under inflammation."""
    return met(x, p, responder) * x.danger


def primed(x, p, responder):
    return p.priming_rate * x.allo_drive[responder] * (1 - x.costimulation_block) * x.precursor[responder]


def comes_of_age(x, p, responder):
    """Primed cells need days of first divisions before they fight and leave lymphoid tissue."""
    return p.coming_of_age * x.primed_cell[responder]


def niche(x, p, responder):
    """Effector cells that antigen and growth factors sustain at half speed; some antigen is always presented."""
    indirect = p.indirect_antigen * saturating(p.antigen_load[responder], p.indirect_half)
    return p.antigen_niche * p.body_scale * (x.allo_drive[responder] + indirect) + p.trace_cells


def niche_share(x, p, responder):
    crowd = x.primed_cell[responder] + x.effector[responder] + p.regulatory_weight * total(x.regulatory_t_cell)
    return x.allo_niche[responder] / (x.allo_niche[responder] + crowd)


def division(x, p, responder):
    urge = (x.danger + p.growth_without_danger) / (1 + p.growth_without_danger)
    free = (1 - p.block_felt * x.proliferation_block) * (1 - p.costimulation_growth * x.costimulation_block)
    return p.effector_growth * urge * x.allo_niche_share[responder] * free * (1 - x.impairment[responder])


def divides(x, p, responder):
    return x.allo_division[responder] * x.effector[responder]


def primed_divides(x, p, responder):
    return x.allo_division[responder] * x.primed_cell[responder]


def contracts(x, p, responder):
    return p.contraction * x.effector[responder]


def remembers(x, p, responder):
    return p.memory_formation * x.effector[responder]


def forgets(x, p, responder):
    return p.allo_memory_loss * x.allo_memory[responder]


def hit_dividing(x, p, responder):
    """Kill of effectors by drugs that act on dividing cells, in proportion to how fast they divide."""
    return x.drug_kill["dividing_t_cell"] * x.allo_division[responder] / p.effector_growth


def precursor_killed(x, p, responder):
    return (x.kill["t_cell"] + x.allo_kill[responder]) * x.precursor[responder]


def loss(x, p, responder):
    """Kill of responding cells, all causes, per cell."""
    every = x.kill["t_cell"] + x.allo_kill[responder] + x.veto[responder]
    return every + hit_dividing(x, p, responder) + x.cycle_kill * x.allo_division[responder]


def primed_killed(x, p, responder):
    return loss(x, p, responder) * x.primed_cell[responder]


def effector_killed(x, p, responder):
    return loss(x, p, responder) * x.effector[responder]


def memory_killed(x, p, responder):
    return (x.kill["t_cell"] + x.allo_kill[responder]) * x.allo_memory[responder]


def impaired(x, p, responder):
    """Survivors of cytotoxic drugs work less well, the more so the more antigen they meet, inflamed or not; host
    cells that live through conditioning do as well, in proportion to its injury of thymic tissue."""
    survived = met(x, p, responder) ** 3 * hit_dividing(x, p, responder)
    conditioned = host_only(p.impairment_conditioning * x.kill["thymus"], responder)
    return (p.impairment_dividing * survived + conditioned) * (1 - x.impairment[responder])


def tires(x, p, responder):
    """Chronic stimulation exhausts."""
    share = saturating(x.effector[responder], p.exhaustion_half * p.body_scale)
    return p.exhaustion * share * (1 - x.impairment[responder])


def recovers(x, p, responder):
    return p.impairment_recovery * x.impairment[responder]


def refreshed(x, p):
    """Newly infused cells bring the donor's impairment down to the mean of old and new."""
    there = x.precursor["donor"] + x.primed_cell["donor"] + x.effector["donor"] + x.allo_memory["donor"] + p.trace_cells
    return infused(x, p) / there * x.impairment["donor"]


def strength(x, p, responder):
    """Alloreactive cells that kill, effectors and memory; chronic ones of the donor count more."""
    chronic = p.chronic_weight * total(x.chronic_clone) if responder == "donor" else 0 * x.effector[responder]
    return x.effector[responder] + x.allo_memory[responder] + chronic


def attack(x, p, responder):
    """Cells that fight kill blood cells of the other origin; few of them, or those at rest, hardly do."""
    resting = x.allo_strength[responder] - x.effector[responder]
    return steep(x.effector[responder] + p.resting_attack * resting, p.attack_half * p.body_scale)


PER = ("responder",)
ALLOREACTIVITY = Component(
    name="alloreactivity",
    covariates=(
        Covariate("donor_age", "day", "age of the donor, the reference age where it is not known and for cord blood"),
        Covariate("minor_mismatch", "1", "minor antigens that differ, over those between siblings"),
        *(
            Covariate(f"{side}_{name}", "1", f"{what} that cells of the {who} see as foreign")
            for side, who in (("gvh", "donor"), ("hvg", "patient"))
            for name, what in (
                ("h_y", "1 for male tissue"),
                ("dp", "HLA-DP antigens"),
                ("class_i", "HLA-A, B and C antigens"),
                ("class_ii", "HLA-DR and DQ antigens"),
            )
        ),
    ),
    derived=(
        Derived("precursor_frequency", "1", frequency, "alloreactive share of naive T cells", PER),
        Derived("antigen_load", "1", antigen_load, "foreign antigen met, times that between siblings", PER),
    ),
    states=(
        State("precursor", "cells", "alloreactive T cells not yet primed", PER, start=precursor_start),
        State("primed_cell", "cells", "alloreactive T cells in their first divisions", PER),
        State("effector", "cells", "alloreactive effector T cells", PER),
        State("allo_memory", "cells", "alloreactive memory T cells", PER),
        State("impairment", "1", "growth that alloreactive cells have lost to drugs and exhaustion", PER),
    ),
    quantities=(
        Quantity("allo_drive", "1", drive, "direct stimulus of alloreactive cells", PER),
        Quantity("allo_niche", "cells", niche, "effector cells that antigen sustains at half speed", PER),
        Quantity("allo_niche_share", "1", niche_share, "growth left by crowding and regulation", PER),
        Quantity("allo_division", "1/day", division, "division of alloreactive effectors", PER),
        Quantity("allo_strength", "cells", strength, "alloreactive cells that kill", PER, observed="cells"),
        Quantity("attack", "1", attack, "attack of alloreactive cells, of its most", PER),
    ),
    flows=(
        Flow(At("lodged", index=("donor", "t_cell")), At("precursor", index=("donor",)), infused, label="starts work"),
        Flow("precursor", "primed_cell", primed, PER, label="is primed"),
        Flow("primed_cell", "primed_cell", primed_divides, PER, 2.0, "divides"),
        Flow("primed_cell", "effector", comes_of_age, PER, label="comes of age"),
        Flow("effector", "effector", divides, PER, 2.0, "divides"),
        Flow("effector", None, contracts, PER, label="dies"),
        Flow("effector", "allo_memory", remembers, PER, label="remembers"),
        Flow("allo_memory", None, forgets, PER, label="dies"),
        Flow("precursor", None, precursor_killed, PER, label="is killed"),
        Flow("primed_cell", None, primed_killed, PER, label="is killed"),
        Flow("effector", None, effector_killed, PER, label="is killed"),
        Flow("allo_memory", None, memory_killed, PER, label="is killed"),
        Flow(None, "impairment", impaired, PER, label="is impaired"),
        Flow(None, "impairment", tires, PER, label="tires"),
        Flow("impairment", None, recovers, PER, label="recovers"),
        Flow(
            At("impairment", index=("donor",)),
            At("lodged", index=("donor", "t_cell")),
            refreshed,
            yields=0.0,
            label="is diluted",
        ),
    ),
    populations=(
        Population(
            "alloreactive_cells",
            ("precursor", "primed_cell", "effector"),
            PER,
            "alloreactive T cells of an origin",
        ),
    ),
)
