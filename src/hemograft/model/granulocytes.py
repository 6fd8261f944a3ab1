"""Neutrophils and monocytes: from committed progenitor to blood, driven by G-CSF.

Granulocyte-colony stimulating factor (G-CSF) is used up by neutrophils and their precursors; when they vanish it
rises twentyfold, makes progenitors divide faster and shortens the stay in the marrow reserve. Filgrastim adds to it.
"""

from .component import At, Component, Derived, Flow, Quantity, State, aging, dividing, killed
from .forms import LN2, driven, grows_by, host_only, moved, positive, response, total

PROGENITORS, MYELOCYTES, RESERVE, MONOBLASTS = 7, 5, 5, 3


def production(p):
    return p.neutrophil_production * p.body_scale


def monocyte_production(p):
    return p.monocyte_production * p.body_scale


def monoblast_inflow(p):
    return p.monocyte_made / 2**MONOBLASTS


def myelocyte_inflow(p):
    return p.neutrophil_made / grows_by(p.myelocyte_renewal) ** MYELOCYTES


def progenitor_inflow(p):
    return (p.myelocyte_inflow + p.monoblast_inflow) / grows_by(p.granulocyte_renewal) ** PROGENITORS


def neutrophil_loss(p):
    return LN2 / p.neutrophil_half_life


def neutrophils_normal(p):
    return p.neutrophil_made / p.neutrophil_loss_rate


def circulating_share(p):
    return p.neutrophil_count * p.blood_volume / p.neutrophils_normal


def reserve_normal(p):
    return p.neutrophil_made * p.marrow_reserve_time


def progenitor_start(p, origin, stage):
    inflow = p.granulocyte_inflow * grows_by(p.granulocyte_renewal) ** stage
    return host_only(inflow / ((1 - 2 * p.granulocyte_renewal) * p.granulocyte_division), origin)


def myelocyte_start(p, origin, stage):
    inflow = p.myelocyte_inflow * grows_by(p.myelocyte_renewal) ** stage
    return host_only(inflow / ((1 - 2 * p.myelocyte_renewal) * p.myelocyte_division), origin)


def reserve_start(p, origin, stage):
    return host_only(p.reserve_normal / RESERVE, origin)


def neutrophil_start(p, origin):
    return host_only(p.neutrophils_normal, origin)


def monoblast_start(p, origin, stage):
    return host_only(p.monoblast_inflow * 2**stage / p.monoblast_division, origin)


def marrow_monocyte_start(p, origin):
    return host_only(p.monocyte_made * p.monocyte_marrow_time, origin)


def monocyte_start(p, origin):
    return host_only(p.monocyte_made * p.monocyte_lifetime, origin)


def level(x, p):
    return x.g_csf + x.filgrastim_level


def effect(x, p):
    return response(x.g_csf_level, p.g_csf_half)


def progenitor_division(x, p, origin, stage):
    return driven(p.granulocyte_division, p.granulocyte_division_max, x.g_csf_effect)


def progenitor_renewal(x, p, origin, stage):
    return moved(p.granulocyte_renewal, p.granulocyte_renewal_max, x.g_csf_effect)


def myelocyte_division(x, p, origin, stage):
    return driven(p.myelocyte_division, p.myelocyte_division_max, x.g_csf_effect)


def myelocyte_renewal(x, p, origin, stage):
    return moved(p.myelocyte_renewal, p.myelocyte_renewal_max, x.g_csf_effect)


def reserve_release(x, p, origin):
    rest = RESERVE / p.marrow_reserve_time
    return driven(rest, p.marrow_reserve_speedup * rest, x.g_csf_effect)


def to_myelocytes(x, p, origin):
    return p.myelocyte_inflow / (p.myelocyte_inflow + p.monoblast_inflow)


def to_monoblasts(x, p, origin):
    return p.monoblast_inflow / (p.myelocyte_inflow + p.monoblast_inflow)


def starved(state, stages):
    """Cells that G-CSF no longer keeps alive, so that an overfull marrow empties within days."""

    def starves(stage):
        def dies(x, p, origin):
            return p.g_csf_starvation * positive(1 - x.g_csf_level) * getattr(x, state)[origin][stage]

        return dies

    return tuple(
        Flow(At(state, stage), None, starves(stage), ("origin",), label="starves of G-CSF") for stage in range(stages)
    )


def neutrophil_death(x, p, origin):
    return p.neutrophil_loss_rate * x.neutrophil[origin]


def monoblast_division(x, p, origin, stage):
    return p.monoblast_division


def no_renewal(x, p, origin, stage):
    return 0.0


def monocyte_release(x, p, origin):
    return 1 / p.monocyte_marrow_time


def monocyte_death(x, p, origin):
    return x.monocyte[origin] / p.monocyte_lifetime


def neutrophil_mass(x, p):
    of_clone = x.clone_granulocytes / p.neutrophil_circulating
    blood = (total(x.neutrophil) + of_clone) / p.neutrophils_normal
    marrow = total(x.marrow_reserve) / p.reserve_normal
    return p.g_csf_blood_share * blood + (1 - p.g_csf_blood_share) * marrow


def g_csf_made(x, p):
    return p.g_csf_turnover


def g_csf_used(x, p):
    free = p.g_csf_free_clearance
    return p.g_csf_turnover * (free + (1 - free) * x.neutrophil_mass) * x.g_csf


def neutrophil_count(x, p):
    return (p.neutrophil_circulating * total(x.neutrophil) + x.clone_granulocytes) / p.blood_volume


def monocyte_count(x, p):
    return p.monocyte_blood_share * total(x.monocyte) / p.blood_volume


GRANULOCYTES = Component(
    name="granulocytes",
    derived=(
        Derived("neutrophil_made", "cells/day", production, "neutrophils made a day at rest"),
        Derived("monocyte_made", "cells/day", monocyte_production, "monocytes made a day at rest"),
        Derived(
            "monoblast_inflow",
            "cells/day",
            monoblast_inflow,
            "cells entering the monocyte line a day at rest",
        ),
        Derived(
            "myelocyte_inflow",
            "cells/day",
            myelocyte_inflow,
            "cells entering the neutrophil line a day at rest",
        ),
        Derived(
            "granulocyte_inflow",
            "cells/day",
            progenitor_inflow,
            "committed granulocytic cells needed a day at rest",
        ),
        Derived("neutrophil_loss_rate", "1/day", neutrophil_loss, "loss of neutrophils from blood"),
        Derived("neutrophils_normal", "cells", neutrophils_normal, "neutrophils in and along the blood at rest"),
        Derived(
            "neutrophil_circulating",
            "1",
            circulating_share,
            "share of blood neutrophils that circulate and are counted",
        ),
        Derived("reserve_normal", "cells", reserve_normal, "post-mitotic neutrophils in the marrow at rest"),
    ),
    states=(
        State(
            "granulocyte_progenitor",
            "cells",
            "granulocyte-monocyte progenitors",
            ("origin",),
            PROGENITORS,
            progenitor_start,
        ),
        State("myelocyte", "cells", "myeloblasts to myelocytes", ("origin",), MYELOCYTES, myelocyte_start),
        State(
            "marrow_reserve",
            "cells",
            "post-mitotic neutrophils in the marrow",
            ("origin",),
            RESERVE,
            reserve_start,
        ),
        State("neutrophil", "cells", "neutrophils in and along the blood", ("origin",), start=neutrophil_start),
        State("monoblast", "cells", "monoblasts and promonocytes", ("origin",), MONOBLASTS, monoblast_start),
        State("marrow_monocyte", "cells", "monocytes in the marrow", ("origin",), start=marrow_monocyte_start),
        State("monocyte", "cells", "monocytes in blood and tissue", ("origin",), start=monocyte_start),
        State("g_csf", "1", "the body's own G-CSF, times normal", start=lambda p: 1.0),
    ),
    quantities=(
        Quantity("neutrophil_mass", "1", neutrophil_mass, "neutrophils and reserve that use up G-CSF, times normal"),
        Quantity("g_csf_level", "1", level, "G-CSF with filgrastim, times normal", observed="1"),
        Quantity("g_csf_effect", "1", effect, "effect of G-CSF, 0 at rest"),
        Quantity("neutrophils", "cells/L", neutrophil_count, "neutrophils (ANC)", observed="x10^9/L"),
        Quantity("monocytes", "cells/L", monocyte_count, "monocytes", observed="x10^9/L"),
    ),
    flows=(
        *dividing(
            "granulocyte_progenitor",
            PROGENITORS,
            progenitor_division,
            progenitor_renewal,
            (("myelocyte", to_myelocytes), ("monoblast", to_monoblasts)),
        ),
        *dividing("myelocyte", MYELOCYTES, myelocyte_division, myelocyte_renewal, (("marrow_reserve", None),)),
        *aging("marrow_reserve", RESERVE, reserve_release, "neutrophil"),
        Flow("neutrophil", None, neutrophil_death, ("origin",), label="dies"),
        *dividing("monoblast", MONOBLASTS, monoblast_division, no_renewal, (("marrow_monocyte", None),)),
        *aging("marrow_monocyte", 1, monocyte_release, "monocyte"),
        Flow("monocyte", None, monocyte_death, ("origin",), label="dies"),
        *starved("granulocyte_progenitor", PROGENITORS),
        *starved("myelocyte", MYELOCYTES),
        *starved("marrow_reserve", RESERVE),
        *killed("granulocyte_progenitor", PROGENITORS, "committed", progenitor_division),
        *killed("myelocyte", MYELOCYTES, "precursor", myelocyte_division),
        *killed("monoblast", MONOBLASTS, "precursor", monoblast_division),
        Flow(None, "g_csf", g_csf_made, label="is made"),
        Flow("g_csf", None, g_csf_used, label="is used up"),
    ),
)
