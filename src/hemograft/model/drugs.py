"""Drugs: exposure and effect of any drug described in ``data/drugs``; no drug has code of its own.

A drug enters its central volume by infusion, or from a depot under the skin or in the gut; it may spread to a
peripheral and a deep volume, is cleared linearly, by saturation, and by the cells that bind it, and may act after
a delay or through a metabolite that the liver makes, the faster the longer the drug is there. Kill is proportional
to concentration (so that log-kill follows the area under the curve) or steep around a concentration; drugs specific
to S phase kill in proportion to how often a cell divides.
"""

from ..drugs import KINDS_OF_T_CELL, PARAMETERS
from .component import Component, Derived, Flow, Input, Quantity, State, Table
from .forms import saturating, steep, total


def clearance_now(p, drug):
    size = p.body_scale ** p.clearance_size.get(drug, p.clearance_size_usual)
    renal, hepatic = p.renal_share.get(drug, 0), p.hepatic_share.get(drug, 0)
    organs = 1 - renal - hepatic + renal * p.kidney_function + hepatic * p.liver_function
    return p.clearance[drug] * size * organs


def volume_now(p, drug):
    return p.central_volume[drug] * p.body_scale ** p.volume_size.get(drug, p.volume_size_usual)


def concentration(x, p, drug):
    return x.central[drug] / p.drug_volume[drug]


def acting(x, p, drug):
    return x.effect_site[drug] if drug in x.effect_site else x.concentration[drug]


def activation(p, drug):
    """Clearance to the acting metabolite before any induction."""
    size = p.body_scale ** p.clearance_size.get(drug, p.clearance_size_usual)
    return p.activation_share[drug] * p.clearance[drug] * size * p.liver_function


def infuses(x, p, drug):
    return x.infusion[drug]


def absorbs(x, p, drug):
    return p.bioavailability[drug] * p.absorption[drug] * x.depot[drug]


def wasted(x, p, drug):
    return (1 - p.bioavailability[drug]) * p.absorption[drug] * x.depot[drug]


def eliminated(x, p, drug):
    rate = p.drug_clearance[drug]
    if drug in x.induction:
        rate = rate + activation(p, drug) * x.induction[drug]
    if drug in p.neutrophil_clearance:
        rate = rate + p.neutrophil_clearance[drug] * p.body_scale * x.neutrophil_mass
    if drug in p.lymphocyte_clearance:
        rate = rate + p.lymphocyte_clearance[drug] * p.body_scale * x.t_cell_mass
    gone = rate * x.concentration[drug]
    if drug in p.saturable_rate:
        gone = gone + p.saturable_rate[drug] * p.body_scale * saturating(x.concentration[drug], p.saturable_half[drug])
    return gone


def spread(clearance, volume, place):
    def outward(x, p, drug):
        return getattr(p, clearance)[drug] * p.body_scale**p.clearance_size_usual * x.concentration[drug]

    def back(x, p, drug):
        scale = p.body_scale ** (p.clearance_size_usual - p.volume_size_usual)
        return getattr(p, clearance)[drug] * scale * getattr(x, place)[drug] / getattr(p, volume)[drug]

    return outward, back


def effect_gains(x, p, drug):
    if drug in p.activation_share:
        induced = 1 + x.induction[drug] if drug in x.induction else 1
        return activation(p, drug) * induced * x.concentration[drug] / p.drug_volume[drug]
    return p.effect_delay[drug] * x.concentration[drug]


def effect_fades(x, p, drug):
    return p.effect_delay[drug] * x.effect_site[drug]


def induction_builds(x, p, drug):
    present = saturating(x.concentration[drug], p.induction_half[drug])
    return p.induction_rate[drug] * (p.autoinduction[drug] - 1) * present


def induction_fades(x, p, drug):
    return p.induction_rate[drug] * x.induction[drug]


def exposure(x, p, drug):
    return x.concentration[drug]


def recorded_auc(x, p, drug):
    return x.area[drug]


def killing_level(x, p, drug):
    """Concentration as far as it kills."""
    if drug in p.kill_half:
        return p.kill_half[drug] * steep(x.acting[drug], p.kill_half[drug])
    return x.acting[drug]


def drug_kill(x, p, target):
    """Kill by all drugs together, per cell and day; T cells of every kind die alike where a drug does not say."""
    potency = getattr(p, f"kill_{target}")
    if target in KINDS_OF_T_CELL:
        potency = {**p.kill_t_cell, **potency}
    return total(potency[drug] * killing_level(x, p, drug) for drug in potency)


def cycle_kill(x, p):
    return 0.0 + total(p.cycle_block[drug] * saturating(x.acting[drug], p.cycle_half[drug]) for drug in p.cycle_block)


def filgrastim_level(x, p):
    return 0.0 + total(p.mimics_gcsf[drug] * x.acting[drug] for drug in p.mimics_gcsf)


PER = ("drug",)
_peripheral = spread("peripheral_clearance", "peripheral_volume", "peripheral")
_deep = spread("deep_clearance", "deep_volume", "deep")

DRUGS = Component(
    name="drugs",
    inputs=(Input("infusion", "mg/day", "infusion into the blood", PER),),
    tables=tuple(Table(name, unit, meaning, "drug") for name, (unit, meaning) in PARAMETERS.items()),
    derived=(
        Derived("drug_clearance", "L/day", clearance_now, "linear clearance of this patient", PER),
        Derived("drug_volume", "L", volume_now, "central volume of this patient", PER),
    ),
    states=(
        State("depot", "mg", "drug under the skin or in the gut", PER, given="absorption"),
        State("central", "mg", "drug in the central volume", PER),
        State("peripheral", "mg", "drug in the peripheral volume", PER, given="peripheral_volume"),
        State("deep", "mg", "drug in the deep volume", PER, given="deep_volume"),
        State("effect_site", "mg/L", "acting form of the drug", PER, given="effect_delay"),
        State("induction", "1", "activation added by autoinduction, times uninduced", PER, given="autoinduction"),
        State("area", "mg*day/L", "area under the concentration curve so far", PER),
    ),
    quantities=(
        Quantity("concentration", "mg/L", concentration, "concentration in the central volume", PER, "mg/L"),
        Quantity("auc", "mg*day/L", recorded_auc, "area under the concentration curve so far", PER, "mg*h/L"),
        Quantity("acting", "mg/L", acting, "concentration that acts", PER),
        Quantity("drug_kill", "1/day", drug_kill, "kill by all drugs", ("target",)),
        Quantity("cycle_kill", "1", cycle_kill, "share of cells killed on trying to divide"),
        Quantity("filgrastim_level", "1", filgrastim_level, "G-CSF activity of drugs, times normal"),
    ),
    flows=(
        Flow(None, "central", infuses, PER, label="is infused"),
        Flow("depot", "central", absorbs, PER, label="is absorbed"),
        Flow("depot", None, wasted, PER, label="is not absorbed"),
        Flow("central", None, eliminated, PER, label="is eliminated"),
        Flow("central", "peripheral", _peripheral[0], PER, label="spreads"),
        Flow("peripheral", "central", _peripheral[1], PER, label="returns"),
        Flow("central", "deep", _deep[0], PER, label="spreads"),
        Flow("deep", "central", _deep[1], PER, label="returns"),
        Flow(None, "effect_site", effect_gains, PER, label="forms"),
        Flow("effect_site", None, effect_fades, PER, label="fades"),
        Flow(None, "induction", induction_builds, PER, label="builds"),
        Flow("induction", None, induction_fades, PER, label="fades"),
        Flow(None, "area", exposure, PER, label="accrues"),
    ),
)
