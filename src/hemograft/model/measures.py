"""Measures: what a laboratory would report that no single mechanism owns, such as chimerism and marrow cells."""

from .component import Component, Quantity
from .forms import total


def marrow_cells(x, p):
    myeloid = total(x.granulocyte_progenitor) + total(x.myelocyte) + total(x.marrow_reserve) + total(x.monoblast)
    erythroid = total(x.erythroid_progenitor) + total(x.erythroblast)
    other = total(x.multipotent) + total(x.megakaryocyte_progenitor) + total(x.megakaryocyte) + total(x.pre_b_cell)
    return myeloid + erythroid + other


def lymphocyte_count(x, p):
    return x.cd4 + x.cd8 + x.b_cells + x.nk_cells


def leukocyte_count(x, p):
    return x.neutrophils + x.monocytes + x.lymphocytes + x.blood_blasts


def share(*names):
    """Donor share of the named cells; a trace amount keeps an empty lineage from dividing by zero."""

    def donor(x, p):
        of_donor = total([total(getattr(x, name)["donor"]) for name in names])
        everyone = total([total(getattr(x, name)) for name in names])
        return of_donor / (everyone + p.trace_cells)

    return donor


def chimerism(name, meaning, *cells):
    return Quantity(name, "1", share(*cells), f"donor share of {meaning}", observed="%", needs="donor")


def donor_blood(x, p):
    """Donor share of all leukocytes, each lineage by its number in blood."""
    myeloid, t_cells = x.neutrophils + x.monocytes, x.cd4 + x.cd8
    donor = myeloid * x.donor_myeloid + t_cells * x.donor_t + x.b_cells * x.donor_b + x.nk_cells * x.donor_nk
    return donor / (myeloid + t_cells + x.b_cells + x.nk_cells + p.trace_cells / p.blood_volume)


MEASURES = Component(
    name="measures",
    quantities=(
        Quantity("marrow_cells", "cells", marrow_cells, "normal nucleated cells of the marrow"),
        Quantity("lymphocytes", "cells/L", lymphocyte_count, "lymphocytes", observed="x10^9/L"),
        Quantity("leukocytes", "cells/L", leukocyte_count, "leukocytes", observed="x10^9/L"),
        chimerism("donor_myeloid", "neutrophils and monocytes in blood", "neutrophil", "monocyte"),
        chimerism("donor_t", "T cells", "naive_t_cell", "memory_t_cell"),
        chimerism("donor_b", "B cells", "b_cell"),
        chimerism("donor_nk", "NK cells", "nk_cell"),
        Quantity("donor_blood", "1", donor_blood, "donor share of leukocytes in blood", observed="%", needs="donor"),
        chimerism("donor_red", "red cells made by the patient's or donor's marrow", "red_cell", "reticulocyte"),
        chimerism("donor_marrow", "multipotent cells of the marrow", "multipotent"),
    ),
)
