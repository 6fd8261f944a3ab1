"""A made-up transplant model of 60 states in the project's own language: the yardstick of the engine's design.

It has the size, stiffness and sparseness of a real one and no claim to biology: two origins with 18 compartments each,
leukemia, effector cells, cytokines, three drugs. Units other than cells are left out (``1``), so it is not for
``check_units``. Every simulator here has run it, so times on it can be compared from version to version.
"""

from __future__ import annotations

from hemograft.model.component import At, Component, Flow, Input, State
from hemograft.model.forms import total

from .surrogate_numbers import RESTING
from .surrogate_quantities import QUANTITIES

CELLS = ("origin",)


def lineage(name: str) -> State:
    """A compartment of both origins; the host's is filled at the start."""
    resting = RESTING[name]
    return State(
        name, "cells", f"surrogate compartment {name}", CELLS, 1, lambda p, origin: resting if origin == "host" else 0.0
    )


def single(name: str, start: float = 0.0, unit: str = "cells") -> State:
    """A compartment that stands alone."""
    return State(name, unit, f"surrogate compartment {name}", start=lambda p: start)


def attack(x, origin):
    return {"host": x.host_attack, "donor": x.donor_attack}[origin]


def grows(name, rate):
    """Division into two of a kind, in both origins."""
    return Flow(name, name, lambda x, p, o: rate(x, p) * getattr(x, name)[o], CELLS, 2.0, "divides")


def becomes(name, target, rate, yields=1.0):
    return Flow(name, target, lambda x, p, o: rate(x, p) * getattr(x, name)[o], CELLS, yields, "matures")


def dies(name, rate, attacked=False):
    def lost(x, p, origin):
        return (rate(x, p) + (attack(x, origin) if attacked else 0)) * getattr(x, name)[origin]

    return Flow(name, None, lost, CELLS, label="dies")


def turns(name, target, rate, yields=1.0):
    """A flow of a compartment that stands alone, in proportion to it."""
    return Flow(name, target, lambda x, p: rate(x, p) * getattr(x, name), (), yields)


MARROW = (
    grows("hsc", lambda x, p: p.rHSC * x.niche_factor),
    becomes("hsc", "st", lambda x, p: p.kHSC * (0.4 + x.st_factor)),
    dies("hsc", lambda x, p: p.dHSC + x.kill_resting * 4, True),
    grows("st", lambda x, p: p.rST * x.st_factor * x.crowd),
    becomes("st", "cmp", lambda x, p: p.kSTc, 16.0),
    becomes("st", "clp", lambda x, p: p.kSTl, 8.0),
    dies("st", lambda x, p: p.dST + x.kill_precursors, True),
    grows("cmp", lambda x, p: p.rCMP * x.cmp_factor * x.crowd),
    becomes("cmp", "gmp", lambda x, p: p.kCg * (0.5 + x.g_effect), 4.0),
    becomes("cmp", "mep", lambda x, p: p.kCe * (0.5 + x.e_effect), 4.0),
    dies("cmp", lambda x, p: p.dCMP + x.kill, True),
    grows("gmp", lambda x, p: p.rGMP * x.gmp_factor * (0.4 + x.g_effect)),
    becomes("gmp", "m1", lambda x, p: p.kGm, 32.0),
    dies("gmp", lambda x, p: p.dGMP + x.kill, True),
    becomes("m1", "m2", lambda x, p: p.kM * (0.7 + x.g_effect)),
    becomes("m2", "m3", lambda x, p: p.kM * (0.7 + x.g_effect)),
    becomes("m3", "n", lambda x, p: p.kMN * (0.5 + x.g_effect)),
    dies("m1", lambda x, p: x.kill),
    dies("m2", lambda x, p: 0.3 * x.kill),
    dies("m3", lambda x, p: 0.05 * x.kill),
    dies("n", lambda x, p: p.dN * (1 + 0.2 * x.infl), True),
    grows("mep", lambda x, p: p.rMEP * x.mep_factor * (0.3 + x.e_effect)),
    becomes("mep", "eb", lambda x, p: p.kMe * (0.3 + x.e_effect), 8.0),
    becomes("mep", "mk", lambda x, p: p.kMk * (0.3 + x.t_effect), 2.0),
    dies("mep", lambda x, p: p.dMEP + x.kill, True),
    grows("eb", lambda x, p: p.rEB * x.eb_factor * x.e_effect),
    becomes("eb", "ret", lambda x, p: p.kEB, 16.0),
    dies("eb", lambda x, p: p.dEB + x.kill),
    becomes("ret", "rbc", lambda x, p: p.kRET),
    dies("rbc", lambda x, p: p.dRBC),
    dies("mk", lambda x, p: p.kMK + 0.2 * x.kill),
    Flow(None, "plt", lambda x, p, o: 0.001 * p.rPL * (0.3 + x.t_effect) * x.mk[o], CELLS, 1000.0, "sheds"),
    dies("plt", lambda x, p: p.dPL * (1 + 0.3 * x.infl)),
    grows("clp", lambda x, p: p.rCLP * x.clp_factor),
    becomes("clp", "tn", lambda x, p: p.kTN * (1 - x.dmg / (1 + x.dmg)), 16.0),
    becomes("clp", "b", lambda x, p: p.kB, 8.0),
    dies("clp", lambda x, p: p.dCLP + x.kill),
    grows("tn", lambda x, p: p.rTN * x.il7_effect * 4),
    becomes("tn", "tm", lambda x, p: p.kact * (1 + x.infl) * x.immunity),
    dies("tn", lambda x, p: p.dTN + x.kill_precursors * 1.2, True),
    grows("tm", lambda x, p: p.rTM * (1 - x.t_cells / (x.t_cells + p.Ktm)) * (0.5 + x.il7_effect)),
    dies("tm", lambda x, p: p.dTM + x.kill_precursors, True),
    grows("b", lambda x, p: p.rB / (1 + total(x.b) / p.Kb)),
    dies("b", lambda x, p: p.dB + x.kill_precursors, True),
)


def donor_primed(x, p, origin):
    """Memory cells that meet foreign antigen."""
    if origin == "donor":
        return p.kE1 * 0.001 * x.host_antigen * x.immunity * (0.3 + x.infl + x.dmg) * x.tm["donor"]
    return p.kE1 * 0.0002 * x.donor_antigen * x.immunity * x.tm["host"]


def effectors_divide(x, p, origin):
    if origin == "donor":
        return p.kE2 * x.host_antigen * x.immunity * x.effector_room * x.te["donor"]
    return p.kE2h * x.donor_antigen * x.immunity * x.effector_room * x.te["host"]


def effectors_die(x, p, origin):
    more = x.host_attack * 4 if origin == "host" else 0
    return (p.dTE + x.kill_precursors + more) * x.te[origin]


OTHERS = (
    turns("hc", At("hsc", index=("donor",)), lambda x, p: p.khome * x.free_places),
    turns("hc", None, lambda x, p: p.dHc + x.kill * 0.2),
    Flow(None, "te", donor_primed, CELLS),
    Flow("te", "te", effectors_divide, CELLS, 2.0),
    Flow("te", None, effectors_die, CELLS),
    turns("lsc", "lsc", lambda x, p: p.rL * x.niche_factor, 2.0),
    turns("lsc", "lp", lambda x, p: p.kL, 8.0),
    turns("lsc", None, lambda x, p: p.dL + 0.22 * x.kill + x.leukemia_attack),
    turns("lp", "lp", lambda x, p: p.rLP / (1 + (x.lp + x.lb) / p.KLP), 2.0),
    turns("lp", "lb", lambda x, p: p.kLP, 4.0),
    turns("lp", None, lambda x, p: p.dLP + 0.8 * x.kill + x.leukemia_attack),
    turns("lb", "lbp", lambda x, p: p.kLB),
    turns("lb", None, lambda x, p: p.dLB + x.kill + x.leukemia_attack),
    turns("lbp", None, lambda x, p: p.dLBp + x.kill + x.leukemia_attack),
    Flow(None, "gcsf", lambda x, p: p.kGp * (0.4 + x.infl * 2)),
    turns("gcsf", None, lambda x, p: p.kGr + p.kGN * x.neutrophils / (p.N0 + 0.2 * x.neutrophils)),
    turns("gx", "gcsf", lambda x, p: p.kaG),
    Flow(None, "epo", lambda x, p: p.kEp * (1 / (1 + 2 * x.red_power))),
    turns("epo", None, lambda x, p: p.kEr),
    Flow(None, "tpo", lambda x, p: p.kTp),
    turns("tpo", None, lambda x, p: p.kTr + p.kTP * x.platelets / p.P0),
    Flow(None, "il7", lambda x, p: p.kIp),
    turns("il7", None, lambda x, p: p.kIr + p.kIT * x.t_cells / p.T0),
    Flow(None, "infl", lambda x, p: p.sInf * (0.02 + x.kill_resting + x.dmg + 0.3 / (1 + x.neutrophils / 2e9))),
    turns("infl", None, lambda x, p: p.kInf * (1 + x.infl)),
    Flow(None, "ni", lambda x, p: p.kNI * (1 - x.ni)),
    turns("ni", None, lambda x, p: p.kNd * x.kill_resting),
    Flow(None, "dmg", lambda x, p: p.sDMG * (x.te["donor"] / (x.te["donor"] + p.KTE)) + 0.05 * x.kill),
    turns("dmg", None, lambda x, p: p.kDMG),
    turns("a1", None, lambda x, p: p.keA),
    turns("a1", "a2", lambda x, p: p.kA12),
    turns("a2", "a1", lambda x, p: p.kA21),
    turns("b1", None, lambda x, p: p.keB),
    turns("b1", "b2", lambda x, p: p.kB12),
    turns("b2", "b1", lambda x, p: p.kB21),
    Flow(None, "c0", lambda x, p: x.infusion),
    turns("c0", "c1", lambda x, p: p.kaC),
    turns("c1", None, lambda x, p: p.keC),
    turns("c1", "c2", lambda x, p: p.kC12),
    turns("c2", "c1", lambda x, p: p.kC21),
    turns("gx", None, lambda x, p: 0.3),
    turns("rbct", None, lambda x, p: p.dRt),
    turns("pltt", None, lambda x, p: p.dPt),
)

SURROGATE = Component(
    name="surrogate",
    inputs=(Input("infusion", "1", "infusion of the third drug"),),
    states=(
        *(lineage(name) for name in RESTING),
        single("hc"),
        State("te", "cells", "surrogate effector cells", CELLS),
        *(single(name, start) for name, start in (("lsc", 4e4), ("lp", 1e8), ("lb", 5e9), ("lbp", 8e8))),
        *(single(name, 1.0, "1") for name in ("gcsf", "epo", "tpo", "il7")),
        *(single(name, start, "1") for name, start in (("infl", 0.05), ("ni", 1.0), ("dmg", 0.0))),
        *(single(name, 0.0, "1") for name in ("a1", "a2", "b1", "b2", "c0", "c1", "c2", "gx")),
        single("rbct"),
        single("pltt"),
    ),
    quantities=QUANTITIES,
    flows=MARROW + OTHERS,
)
