"""Red cells: erythroid progenitors, erythroblasts, reticulocytes, red cells by age, erythropoietin.

Erythropoietin (EPO) rises tenfold for every few grams of hemoglobin lost and makes progenitors divide faster.
Transfused red cells carry hemoglobin and so lower it.
"""

from .component import Component, Derived, Flow, Quantity, State, aging, dividing, killed
from .forms import driven, exponential, grows_by, host_only, moved, positive, response, total

PROGENITORS, ERYTHROBLASTS, MARROW_RETICULOCYTES, AGES = 8, 5, 2, 4


def made(p):
    return p.red_cell_production * p.body_scale


def inflow(p):
    return p.red_cell_made / 2**ERYTHROBLASTS / grows_by(p.erythroid_renewal) ** PROGENITORS


def red_cells_normal(p):
    return p.red_cell_made * (p.red_cell_lifetime + p.reticulocyte_time)


def hemoglobin_normal(p):
    """Of an adult by sex; in a child on the way there from that of an infant."""
    adult = p.hemoglobin_women + (p.hemoglobin_men - p.hemoglobin_women) * p.male
    return adult - positive(1 - p.age_at_transplant / p.hemoglobin_grown) * (adult - p.hemoglobin_infant)


def hemoglobin_per_cell(p):
    return p.hemoglobin_normal * p.blood_volume / p.red_cells_normal


def progenitor_start(p, origin, stage):
    into = p.erythroid_inflow * grows_by(p.erythroid_renewal) ** stage
    return host_only(into / ((1 - 2 * p.erythroid_renewal) * p.erythroid_division), origin)


def erythroblast_start(p, origin, stage):
    return host_only(p.red_cell_made / 2 ** (ERYTHROBLASTS - stage) / p.erythroblast_division, origin)


def marrow_reticulocyte_start(p, origin, stage):
    return host_only(p.red_cell_made * p.marrow_reticulocyte_time / MARROW_RETICULOCYTES, origin)


def reticulocyte_start(p, origin):
    return host_only(p.red_cell_made * p.reticulocyte_time, origin)


def red_cell_start(p, origin, stage):
    return host_only(p.red_cell_made * p.red_cell_lifetime / AGES, origin)


def effect(x, p):
    return response(x.erythropoietin, p.erythropoietin_half)


def progenitor_division(x, p, origin, stage):
    return driven(p.erythroid_division, p.erythroid_division_max, x.erythropoietin_effect)


def progenitor_renewal(x, p, origin, stage):
    return moved(p.erythroid_renewal, p.erythroid_renewal_max, x.erythropoietin_effect)


def erythroblast_division(x, p, origin, stage):
    return driven(p.erythroblast_division, p.erythroblast_division_max, x.erythropoietin_effect)


def no_renewal(x, p, origin, stage):
    return 0.0


def marrow_exit(x, p, origin):
    return MARROW_RETICULOCYTES / p.marrow_reticulocyte_time


def ripening(x, p, origin):
    return 1 / p.reticulocyte_time


def aging_rate(x, p, origin):
    return AGES / p.red_cell_lifetime


def transfused_loss(x, p):
    return x.transfused_red_cells / p.transfused_red_cell_lifetime


def hemoglobin(x, p):
    cells = total(x.red_cell) + total(x.reticulocyte) + x.transfused_red_cells
    return p.hemoglobin_per_cell * cells / p.blood_volume


def epo_made(x, p):
    missing = p.erythropoietin_slope * (p.hemoglobin_normal - x.hemoglobin)
    return p.erythropoietin_turnover * exponential(missing)


def epo_used(x, p):
    return p.erythropoietin_turnover * x.erythropoietin


def reticulocyte_count(x, p):
    return total(x.reticulocyte) / p.blood_volume


RED_CELLS = Component(
    name="red_cells",
    derived=(
        Derived("red_cell_made", "cells/day", made, "red cells made a day at rest"),
        Derived("erythroid_inflow", "cells/day", inflow, "committed erythroid cells needed a day at rest"),
        Derived("red_cells_normal", "cells", red_cells_normal, "red cells and blood reticulocytes at rest"),
        Derived("hemoglobin_normal", "mg/L", hemoglobin_normal, "hemoglobin at rest"),
        Derived("hemoglobin_per_cell", "mg/cells", hemoglobin_per_cell, "hemoglobin in one red cell"),
    ),
    states=(
        State(
            "erythroid_progenitor",
            "cells",
            "erythroid progenitors (BFU-E to CFU-E)",
            ("origin",),
            PROGENITORS,
            progenitor_start,
        ),
        State("erythroblast", "cells", "erythroblasts", ("origin",), ERYTHROBLASTS, erythroblast_start),
        State(
            "marrow_reticulocyte",
            "cells",
            "reticulocytes in the marrow",
            ("origin",),
            MARROW_RETICULOCYTES,
            marrow_reticulocyte_start,
        ),
        State("reticulocyte", "cells", "reticulocytes in blood", ("origin",), start=reticulocyte_start),
        State("red_cell", "cells", "red cells by age", ("origin",), AGES, red_cell_start),
        State("transfused_red_cells", "cells", "transfused red cells"),
        State("erythropoietin", "1", "erythropoietin, times normal", start=lambda p: 1.0),
    ),
    quantities=(
        Quantity("hemoglobin", "mg/L", hemoglobin, "hemoglobin", observed="g/dL"),
        Quantity("erythropoietin_effect", "1", effect, "effect of erythropoietin, 0 at rest"),
        Quantity("reticulocytes", "cells/L", reticulocyte_count, "reticulocytes", observed="x10^9/L"),
    ),
    flows=(
        *dividing(
            "erythroid_progenitor",
            PROGENITORS,
            progenitor_division,
            progenitor_renewal,
            (("erythroblast", None),),
        ),
        *dividing("erythroblast", ERYTHROBLASTS, erythroblast_division, no_renewal, (("marrow_reticulocyte", None),)),
        *aging("marrow_reticulocyte", MARROW_RETICULOCYTES, marrow_exit, "reticulocyte"),
        *aging("reticulocyte", 1, ripening, "red_cell"),
        *aging("red_cell", AGES, aging_rate, None),
        Flow("transfused_red_cells", None, transfused_loss, label="is lost"),
        *killed("erythroid_progenitor", PROGENITORS, "committed", progenitor_division),
        *killed("erythroblast", ERYTHROBLASTS, "precursor", erythroblast_division),
        Flow(None, "erythropoietin", epo_made, label="is made"),
        Flow("erythropoietin", None, epo_used, label="is used up"),
    ),
)
