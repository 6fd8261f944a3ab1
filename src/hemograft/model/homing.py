"""Homing: infused cells circulate for hours, a part finds the marrow and starts work there, the rest is lost.

The composition of a graft (how many of its CD34+ cells act as stem cells, progenitors of each line, and so on) is
a property of its source, in ``data/grafts``.
"""

from .component import At, Component, Covariate, Derived, Flow, State

CLASSES = (
    "hsc",
    "multipotent",
    "oligopotent",
    "granulocytic",
    "megakaryocytic",
    "erythroid",
    "lymphoid",
    "t_cell",
    "nk_cell",
)

# where each class starts work, and over how many stages it is spread
HOMES = {
    "hsc": ("hsc_cycling", (None,)),
    "multipotent": ("multipotent", (0, 1, 2)),
    "oligopotent": ("multipotent", (3, 4, 5)),
    "granulocytic": ("granulocyte_progenitor", (0, 1, 2, 3, 4, 5, 6)),
    "megakaryocytic": ("megakaryocyte_progenitor", (0, 1)),
    "erythroid": ("erythroid_progenitor", (0, 1, 2, 3, 4)),
    "lymphoid": ("lymphoid_progenitor", (0, 1)),
    "nk_cell": ("nk_cell", (None,)),
}


def infused(p, kind):
    """Cells of one class in the graft."""
    cd34, cd3 = p.cd34_dose * p.weight, p.cd3_dose * p.weight
    return {
        "hsc": p.graft_hsc * cd34,
        "multipotent": p.graft_multipotent * cd34,
        "oligopotent": p.graft_oligopotent * cd34,
        "granulocytic": p.graft_granulocytic * cd34,
        "megakaryocytic": p.graft_megakaryocytic * cd34,
        "erythroid": p.graft_erythroid * cd34,
        "lymphoid": p.graft_lymphoid * cd34,
        "t_cell": cd3,
        "nk_cell": p.graft_nk_share * cd3,
    }[kind]


def arriving(x, p, origin, kind):
    share = p.lymphocyte_seeding if kind in ("t_cell", "nk_cell") else p.seeding_efficiency
    return share * (2 / p.homing_time) * x.circulating[origin][kind]


def lost(x, p, origin, kind):
    share = p.lymphocyte_seeding if kind in ("t_cell", "nk_cell") else p.seeding_efficiency
    return (1 - share) * (2 / p.homing_time) * x.circulating[origin][kind]


def settling(kind, share=1.0):
    def settles(x, p, origin):
        return share * (2 / p.homing_time) * x.lodged[origin][kind]

    return settles


def alloreactive_share(p, origin):
    """T cells of the graft that see the patient as foreign; they are followed apart."""
    of_memory = (1 - p.graft_naive_share) / p.memory_precursor_ratio
    return p.precursor_frequency.get(origin, 0) * (p.graft_naive_share + of_memory)


def t_settling(subset, naive):
    def settles(x, p, origin):
        of_subset = p.graft_cd4_share if subset == "cd4" else 1 - p.graft_cd4_share
        of_kind = p.graft_naive_share if naive else 1 - p.graft_naive_share
        other = p.graft_regulatory_share + alloreactive_share(p, origin)
        return (1 - other) * of_subset * of_kind * (2 / p.homing_time) * x.lodged[origin]["t_cell"]

    return settles


GRAFT = ("graft_origin",)
HOMING = Component(
    name="homing",
    covariates=(
        Covariate("cd34_dose", "cells/kg", "CD34+ cells in the graft per kg of recipient"),
        Covariate("cd3_dose", "cells/kg", "CD3+ cells in the graft per kg of recipient"),
    ),
    derived=(Derived("graft_cells", "cells", infused, "cells of each class in the graft", ("graft_class",)),),
    states=(
        State("circulating", "cells", "infused cells in the blood", ("graft_origin", "graft_class")),
        State(
            "lodged",
            "cells",
            "infused cells that found the marrow and are not yet at work",
            ("graft_origin", "graft_class"),
        ),
    ),
    flows=(
        Flow("circulating", "lodged", arriving, ("graft_origin", "graft_class"), label="finds the marrow"),
        Flow("circulating", None, lost, ("graft_origin", "graft_class"), label="is lost"),
        *(
            Flow(
                At("lodged", index=(kind,)),
                At(home, stage),
                settling(kind, 1 / len(stages)),
                GRAFT,
                label="starts work",
            )
            for kind, (home, stages) in HOMES.items()
            for stage in stages
        ),
        *(
            Flow(
                At("lodged", index=("t_cell",)),
                At(home, index=(subset,)),
                t_settling(subset, naive),
                GRAFT,
                label="starts work",
            )
            for subset in ("cd4", "cd8")
            for home, naive in (("naive_t_cell", True), ("memory_t_cell", False))
        ),
    ),
)
