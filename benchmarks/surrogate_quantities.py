"""Quantities of the surrogate: what its flows read of many states at once."""

from __future__ import annotations

from hemograft.model.component import Quantity
from hemograft.model.forms import total


def stem_total(x, p):
    return total(x.hsc) + p.cL * x.lsc


def occupancy(x, p):
    return x.stem_total / (p.Kn * (0.05 + x.ni))


def niche_factor(x, p):
    return 1 / (1 + x.occupancy * x.occupancy)


def free_places(x, p):
    return 1 / (1 + x.occupancy)


def st_total(x, p):
    return total(x.st)


def st_factor(x, p):
    return 1 / (1 + x.st_total / p.Kst)


def crowded(name, half):
    return lambda x, p: 1 / (1 + total(getattr(x, name)) / getattr(p, half))


def crowd(x, p):
    return 1 / (1 + (x.lb + x.lp) / 5e11)


def neutrophils(x, p):
    return total(x.n)


def red_cells(x, p):
    return total(x.rbc) + total(x.ret) + x.rbct


def platelets(x, p):
    return total(x.plt) + x.pltt


def t_cells(x, p):
    return total(x.tn) + total(x.tm) + total(x.te)


def g_power(x, p):
    return x.gcsf**p.nG


def g_effect(x, p):
    return p.aG * x.g_power / (p.KG**p.nG + x.g_power)


def e_power(x, p):
    return x.epo**p.nE


def e_effect(x, p):
    return x.e_power / (p.KE**p.nE + x.e_power)


def t_power(x, p):
    return x.tpo**p.nT


def t_effect(x, p):
    return x.t_power / (p.KT**p.nT + x.t_power)


def il7_effect(x, p):
    return x.il7 / (p.KI + x.il7)


def effect_a(x, p):
    return x.a1 / (p.cA + x.a1)


def effect_b(x, p):
    return x.b1 / (p.cB + x.b1)


def kill(x, p):
    return p.eA * x.effect_a + p.eB * x.effect_b


def kill_precursors(x, p):
    return 0.5 * x.kill


def kill_resting(x, p):
    return 0.06 * x.kill


def immunity(x, p):
    return 1 / (1 + x.c1 / p.icC)


def effector_room(x, p):
    return 1 / (1 + total(x.te) / p.KTE)


def leukemia_attack(x, p):
    return p.kgvl * x.te["donor"] / (x.te["donor"] + p.KTE)


def host_attack(x, p):
    return p.kgvh * x.te["donor"] / (x.te["donor"] + p.KTE)


def donor_attack(x, p):
    return p.khvg * x.te["host"] / (x.te["host"] + p.KTE)


def host_antigen(x, p):
    seen = x.n["host"] + x.tm["host"] + x.gmp["host"]
    return seen / (seen + 1e9)


def donor_antigen(x, p):
    seen = x.n["donor"] + x.hc * 1e3 + x.gmp["donor"]
    return seen / (seen + 1e8)


def red_power(x, p):
    return (x.red_cells / p.R0) ** p.nR


NAMED = (
    ("stem_total", stem_total), ("occupancy", occupancy), ("niche_factor", niche_factor),
    ("free_places", free_places), ("st_total", st_total), ("st_factor", st_factor),
    ("cmp_factor", crowded("cmp", "Kcmp")), ("gmp_factor", crowded("gmp", "Kgmp")),
    ("mep_factor", crowded("mep", "Kmep")), ("eb_factor", crowded("eb", "Keb")),
    ("clp_factor", crowded("clp", "Kclp")), ("crowd", crowd), ("neutrophils", neutrophils),
    ("t_cells", t_cells), ("g_power", g_power), ("g_effect", g_effect), ("e_power", e_power),
    ("e_effect", e_effect), ("t_power", t_power), ("t_effect", t_effect), ("il7_effect", il7_effect),
    ("effect_a", effect_a), ("effect_b", effect_b), ("kill", kill), ("kill_precursors", kill_precursors),
    ("kill_resting", kill_resting), ("immunity", immunity), ("effector_room", effector_room),
    ("leukemia_attack", leukemia_attack), ("host_attack", host_attack), ("donor_attack", donor_attack),
    ("host_antigen", host_antigen), ("donor_antigen", donor_antigen), ("red_power", red_power),
)  # fmt: skip
QUANTITIES = (
    *(Quantity(name, "1", value, "surrogate quantity") for name, value in NAMED),
    Quantity("red_cells", "1", red_cells, "red cells of the surrogate", observed="1"),
    Quantity("platelets", "1", platelets, "platelets of the surrogate", observed="1"),
)
