"""Irradiation: the linear-quadratic law with repair, for any fractions and dose rate.

While the beam is on, damage that two hits make together is proportional to the dose not yet repaired, so a
fraction given fast kills exp(-alpha d - beta d^2) and one given slowly less (the Lea-Catcheside factor). Of total
lymphoid irradiation, given in many small fractions, only single hits count: lymphocytes pass through the field and
share its dose, marrow lies mostly outside. Small fractions spare tissues that react late more than they spare marrow.
"""

from .component import Component, Flow, Input, Quantity, State

LATE = ("sinusoid", "lung", "kidney")


def beam_on(x, p):
    return x.dose_rate


def repaired(x, p):
    return p.radiation_repair * x.unrepaired


def radiation_kill(x, p, target):
    """Kill per cell and day while the beam is on."""
    alpha = {
        "stem": p.alpha_stem,
        "progenitor": p.alpha_progenitor,
        "precursor": p.alpha_precursor,
        "leukemic_stem": p.alpha_leukemia * p.radiation_sensitivity,
        "blast": p.alpha_leukemia * p.radiation_sensitivity,
        "t_cell": p.alpha_t_cell,
        "dividing_t_cell": p.alpha_t_cell,
        "regulatory_t_cell": p.alpha_t_cell,
        "resident_t_cell": p.alpha_t_cell,
        "b_cell": p.alpha_b_cell,
        "nk_cell": p.alpha_nk_cell,
        "niche": p.alpha_niche,
        "thymus": p.alpha_thymus,
        "mucosa": p.alpha_mucosa,
        "sinusoid": p.alpha_sinusoid,
        "lung": p.alpha_lung,
        "kidney": p.alpha_kidney,
    }[target]
    ratio = p.late_alpha_beta_ratio if target in LATE else p.alpha_beta_ratio
    whole_body = (alpha + 2 * alpha / ratio * x.unrepaired) * x.dose_rate
    if target in ("t_cell", "dividing_t_cell", "regulatory_t_cell", "b_cell", "nk_cell"):
        return whole_body + alpha * p.lymphoid_field_lymphocytes * x.lymphoid_dose_rate
    if target == "thymus":
        return whole_body + alpha * x.lymphoid_dose_rate
    return whole_body + alpha * p.lymphoid_field_marrow * x.lymphoid_dose_rate


RADIATION = Component(
    name="radiation",
    inputs=(
        Input("dose_rate", "Gy/day", "dose rate of total body irradiation"),
        Input("lymphoid_dose_rate", "Gy/day", "dose rate of total lymphoid irradiation"),
    ),
    states=(State("unrepaired", "Gy", "dose whose sublethal damage is not yet repaired"),),
    quantities=(Quantity("radiation_kill", "1/day", radiation_kill, "kill by radiation", ("target",)),),
    flows=(
        Flow(None, "unrepaired", beam_on, label="is delivered"),
        Flow("unrepaired", None, repaired, label="is repaired"),
    ),
)
