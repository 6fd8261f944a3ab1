"""Platelets: megakaryocyte progenitors, ripening megakaryocytes, platelets in blood and spleen, thrombopoietin.

Thrombopoietin (TPO) is used up by platelets and megakaryocytes. When it rises, progenitors divide faster and each
megakaryocyte sheds more platelets. Megakaryocytes grown from cord blood are small and shed few at first.
Transfused platelets count in blood, use up thrombopoietin and are gone within days.
"""

from .component import At, Component, Derived, Flow, Quantity, State, aging, dividing, killed
from .forms import driven, grows_by, host_only, moved, response, saturating, total

PROGENITORS, MEGAKARYOCYTES, AGES = 4, 4, 3


def platelets_normal(p):
    return p.platelet_count * p.blood_volume / p.platelet_circulating


def megakaryocyte_need(p):
    return p.platelets_normal / p.platelet_lifetime / p.platelets_per_megakaryocyte


def progenitor_inflow(p):
    return p.megakaryocyte_made / grows_by(p.megakaryocyte_renewal) ** PROGENITORS


def megakaryocytes_normal(p):
    return p.megakaryocyte_made * p.megakaryocyte_time


def progenitor_start(p, origin, stage):
    inflow = p.megakaryocyte_inflow * grows_by(p.megakaryocyte_renewal) ** stage
    return host_only(inflow / ((1 - 2 * p.megakaryocyte_renewal) * p.megakaryocyte_division), origin)


def megakaryocyte_start(p, origin, stage):
    return host_only(p.megakaryocytes_normal / MEGAKARYOCYTES, origin)


def platelet_start(p, origin, stage):
    return host_only(p.platelets_normal / AGES, origin)


def immaturity_start(p, origin):
    return 1 - p.graft_platelet_yield


def effect(x, p):
    return response(x.thrombopoietin, p.thrombopoietin_half)


def division(x, p, origin, stage):
    return driven(p.megakaryocyte_division, p.megakaryocyte_division_max, x.thrombopoietin_effect)


def renewal(x, p, origin, stage):
    return moved(p.megakaryocyte_renewal, p.megakaryocyte_renewal_max, x.thrombopoietin_effect)


def ripening(x, p, origin):
    rest = MEGAKARYOCYTES / p.megakaryocyte_time
    return driven(rest, p.megakaryocyte_speedup * rest, x.thrombopoietin_effect)


def shedding(x, p, origin):
    grown = 1 - x.megakaryocyte_immaturity[origin] if origin in x.megakaryocyte_immaturity else 1
    more = driven(1, p.platelet_yield_max, x.thrombopoietin_effect)
    leaving = ripening(x, p, origin) * x.megakaryocyte[origin][MEGAKARYOCYTES - 1]
    return p.platelets_per_megakaryocyte * more * grown * leaving


def aging_rate(x, p, origin):
    """Platelets live shorter where graft-versus-host disease hurts vessels."""
    return AGES / p.platelet_lifetime * (1 + p.platelet_use_by_gvhd * saturating(x.gvhd_damage, 1))


def transfused_loss(x, p):
    return x.transfused_platelets / p.transfused_platelet_lifetime


def maturing(x, p, origin):
    return x.megakaryocyte_immaturity[origin] / p.megakaryocyte_maturation


def tpo_made(x, p):
    return p.thrombopoietin_turnover


def tpo_used(x, p):
    platelets = (total(x.platelet) + x.transfused_platelets + total(x.clone_platelet)) / p.platelets_normal
    megakaryocytes = total(x.megakaryocyte) / p.megakaryocytes_normal
    consumers = p.thrombopoietin_platelet_share * platelets + (1 - p.thrombopoietin_platelet_share) * megakaryocytes
    free = p.thrombopoietin_free_clearance
    return p.thrombopoietin_turnover * (free + (1 - free) * consumers) * x.thrombopoietin


def platelet_count(x, p):
    everyone = total(x.platelet) + x.transfused_platelets + total(x.clone_platelet)
    return p.platelet_circulating * everyone / p.blood_volume


PLATELETS = Component(
    name="platelets",
    derived=(
        Derived("platelets_normal", "cells", platelets_normal, "platelets in blood and spleen at rest"),
        Derived("megakaryocyte_made", "cells/day", megakaryocyte_need, "megakaryocytes ripening a day at rest"),
        Derived("megakaryocyte_inflow", "cells/day", progenitor_inflow, "committed cells needed a day at rest"),
        Derived("megakaryocytes_normal", "cells", megakaryocytes_normal, "ripening megakaryocytes at rest"),
    ),
    states=(
        State(
            "megakaryocyte_progenitor",
            "cells",
            "megakaryocyte progenitors",
            ("origin",),
            PROGENITORS,
            progenitor_start,
        ),
        State(
            "megakaryocyte",
            "cells",
            "ripening megakaryocytes",
            ("origin",),
            MEGAKARYOCYTES,
            megakaryocyte_start,
        ),
        State(
            "megakaryocyte_immaturity",
            "1",
            "platelet yield still missing in megakaryocytes grown from the graft",
            ("graft_origin",),
            start=immaturity_start,
        ),
        State("platelet", "cells", "platelets in blood and spleen, by age", ("origin",), AGES, platelet_start),
        State("transfused_platelets", "cells", "transfused platelets in blood and spleen"),
        State("thrombopoietin", "1", "thrombopoietin, times normal", start=lambda p: 1.0),
    ),
    quantities=(
        Quantity("thrombopoietin_effect", "1", effect, "effect of thrombopoietin, 0 at rest"),
        Quantity("platelets", "cells/L", platelet_count, "platelets", observed="x10^9/L"),
    ),
    flows=(
        *dividing("megakaryocyte_progenitor", PROGENITORS, division, renewal, (("megakaryocyte", None),)),
        *aging("megakaryocyte", MEGAKARYOCYTES, ripening, None),
        Flow(None, At("platelet", 0), shedding, ("origin",), label="is shed by megakaryocytes"),
        *aging("platelet", AGES, aging_rate, None),
        Flow("transfused_platelets", None, transfused_loss, label="is lost"),
        Flow("megakaryocyte_immaturity", None, maturing, ("graft_origin",), label="matures"),
        *killed("megakaryocyte_progenitor", PROGENITORS, "committed", division),
        *killed("megakaryocyte", MEGAKARYOCYTES, "precursor"),
        Flow(None, "thrombopoietin", tpo_made, label="is made"),
        Flow("thrombopoietin", None, tpo_used, label="is used up"),
    ),
)
