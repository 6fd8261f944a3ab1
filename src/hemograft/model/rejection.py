"""Rejection, both ways: alloreactive cells of one origin destroy blood formation and lymphocytes of the other.

Donor cells clear the patient's T cells and marrow; cells of the patient that survive conditioning, natural killer
(NK) cells and antibodies against the donor do the same to the graft. Many donor T cells veto the patient's response.
"""

from .component import At, Component, Covariate, Flow, Quantity, State
from .forms import host_only, steep, total

OTHER = {"host": "donor", "donor": "host"}
PER = ("responder",)


def allo_kill(x, p, responder):
    """Loss of lymphocytes of this origin by alloreactive cells of the other."""
    return p.allo_kill_rate * x.attack[OTHER[responder]]


def veto(x, p, responder):
    """Loss of alloreactive cells of the patient that meet many T cells of the donor."""
    donor = total(x.naive_t_cell["donor"]) + total(x.memory_t_cell["donor"])
    return host_only(p.veto_rate * steep(donor, p.veto_half * p.body_scale, 2), responder)


def marrow_kill(x, p, responder):
    """Loss of stem cells and progenitors of this origin."""
    cells = p.marrow_kill_share * x.allo_kill[responder]
    if responder == "host":
        return cells
    missing = p.nk_rejection * p.hvg_class_i * x.nk_cell["host"] / p.nk_cells_normal
    return cells + missing + p.antibody_kill * total(x.donor_antibody)


def antibody_start(p, graft_responder):
    return p.donor_antibodies


def antibody_fades(x, p, graft_responder):
    return p.antibody_loss * x.donor_antibody[graft_responder]


def dies(name, kill, stage=None):
    """Rate function: cells of this origin (and subset, and stage) that the other origin kills."""

    def lost(x, p, responder, *subset):
        cells = getattr(x, name)[responder]
        for step in (*subset, *(() if stage is None else (stage,))):
            cells = cells[step]
        return getattr(x, kill)[responder] * cells

    return lost


def rejected(name, kill, stages=0, per=PER):
    """Flows of cells lost to the other origin, for every stage of a chain."""
    if not stages:
        return (Flow(name, None, dies(name, kill), per, label="is rejected"),)
    return tuple(
        Flow(At(name, stage), None, dies(name, kill, stage), per, label="is rejected") for stage in range(stages)
    )


REJECTION = Component(
    name="rejection",
    covariates=(Covariate("donor_antibodies", "1", "antibodies against the donor's HLA, 1 where they are strong"),),
    states=(State("donor_antibody", "1", "antibodies against the donor", ("graft_responder",), start=antibody_start),),
    quantities=(
        Quantity("allo_kill", "1/day", allo_kill, "kill of T cells by alloreactive cells of the other origin", PER),
        Quantity("veto", "1/day", veto, "loss of alloreactive cells to T cells of the donor", PER),
        Quantity("marrow_kill", "1/day", marrow_kill, "kill of blood formation by the other origin", PER),
    ),
    flows=(
        Flow("donor_antibody", None, antibody_fades, ("graft_responder",), label="fades"),
        *rejected("hsc_quiescent", "marrow_kill"),
        *rejected("hsc_cycling", "marrow_kill"),
        *rejected("multipotent", "marrow_kill", 6),
        *rejected("granulocyte_progenitor", "marrow_kill", 7),
        *rejected("megakaryocyte_progenitor", "marrow_kill", 2),
        *rejected("erythroid_progenitor", "marrow_kill", 5),
        *rejected("naive_t_cell", "allo_kill", per=(*PER, "subset")),
        *rejected("memory_t_cell", "allo_kill", per=(*PER, "subset")),
        *rejected("resident_t_cell", "allo_kill", per=(*PER, "subset")),
        *rejected("regulatory_t_cell", "allo_kill"),
        *rejected("b_cell", "allo_kill"),
        *rejected("nk_cell", "allo_kill"),
    ),
)
