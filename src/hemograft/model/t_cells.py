"""T cells: thymic output that falls with age, naive and memory cells kept by division, interleukin 7.

Interleukin 7 (IL-7) is used up by naive and CD4 cells; when they are gone it rises and the remaining ones, host or
donor, divide to fill the space; memory CD8 cells do the same with interleukin 15, which they share with NK cells.
Memory cells do so within weeks, naive cells hardly, so a new naive repertoire waits for the thymus, which
conditioning damages and age has shrunk. T cells of the patient that conditioning has injured die on trying to divide;
where it was mild they do not, and compete with those of the donor for months.
"""

from .component import At, Component, Derived, Flow, Quantity, State, dividing, killed
from .forms import LN2, exponential, host_only, moved, response, total

THYMOCYTES = 6
SUBSETS = ("cd4", "cd8")


def wilting(p):
    """How much thymic output has changed since the reference age."""
    return exponential((p.thymus_reference_age - p.age_at_transplant) / p.thymus_decline)


def youth(p):
    """Naive T cells, and the thymus that makes them, in a small child beyond what the decline of adults says."""
    return 1 + p.naive_child_excess * exponential(-p.age_at_transplant / p.naive_child_fading)


def thymic_output(p):
    return p.thymic_export * p.body_scale * p.thymus_wilting * p.naive_youth


def seeding(p):
    return p.thymic_output / 2**THYMOCYTES


def naive_normal(p, subset):
    made = {"cd4": p.naive_cd4_production, "cd8": p.naive_cd8_production}[subset]
    life = {"cd4": p.naive_cd4_half_life, "cd8": p.naive_cd8_half_life}[subset]
    fewer = exponential((p.thymus_reference_age - p.age_at_transplant) * p.naive_aging)
    return made * p.body_scale * life / LN2 * fewer * p.naive_youth


def memory_normal(p, subset):
    made = {"cd4": p.memory_cd4_production, "cd8": p.memory_cd8_production}[subset]
    life = {"cd4": p.memory_cd4_half_life, "cd8": p.memory_cd8_half_life}[subset]
    return made * p.body_scale * life / LN2


def naive_loss(p, subset):
    return LN2 / {"cd4": p.naive_cd4_half_life, "cd8": p.naive_cd8_half_life}[subset]


def memory_loss(p, subset):
    return LN2 / {"cd4": p.memory_cd4_half_life, "cd8": p.memory_cd8_half_life}[subset]


def subset_share(p, subset):
    return {"cd4": p.thymic_cd4_share, "cd8": 1 - p.thymic_cd4_share}[subset]


def naive_division_at_rest(p, subset):
    """What division must add to thymic output to balance losses."""
    gained = p.thymic_output * subset_share(p, subset) / p.naive_normal[subset]
    return naive_loss(p, subset) + p.t_cell_activation - gained


def memory_division_at_rest(p, subset):
    return memory_loss(p, subset) - p.t_cell_activation * p.naive_normal[subset] / p.memory_normal[subset]


def t_normal(p):
    return total(p.naive_normal) + total(p.memory_normal)


def thymocyte_start(p, origin, stage):
    return host_only(p.thymic_output / 2 ** (THYMOCYTES - stage) / p.thymocyte_division, origin)


def naive_start(p, origin, subset):
    return host_only(p.naive_normal[subset], origin)


def memory_start(p, origin, subset):
    return host_only(p.memory_normal[subset], origin)


def welcome(x, p):
    """Share of arriving progenitors that the thymus of this age and health takes in."""
    return (1 - x.thymus_damage) * exponential((p.age_at_transplant - x.age) / p.thymus_decline)


def thymocyte_division(x, p, origin, stage):
    return p.thymocyte_division


def no_renewal(x, p, origin, stage):
    return 0.0


def to_cd4(x, p, origin):
    return p.thymic_cd4_share


def to_cd8(x, p, origin):
    return 1 - p.thymic_cd4_share


def effect(x, p):
    return response(x.interleukin_7, p.interleukin_7_half, 2)


def cd8_effect(x, p):
    return response(x.interleukin_15, p.cd8_interleukin_15_half)


def fails(x, origin):
    """Share of divisions that kill instead: those of T cells of the patient that conditioning has injured."""
    injured = origin == "host" and "host" in x.impairment
    return x.impairment["host"] if injured else 0


def naive_division(x, p, origin, subset):
    return moved(p.naive_division_rest[subset], p.naive_division_max, x.interleukin_7_effect)


def memory_division(x, p, origin, subset):
    most = {"cd4": p.memory_cd4_division_max, "cd8": p.memory_cd8_division_max}[subset]
    call = {"cd4": x.interleukin_7_effect, "cd8": x.cd8_effect}[subset]
    return moved(p.memory_division_rest[subset], most, call)


def naive_divides(x, p, origin, subset):
    lives = 1 - fails(x, origin)
    return lives * naive_division(x, p, origin, subset) * x.naive_t_cell[origin][subset]


def naive_dies(x, p, origin, subset):
    lost = naive_loss(p, subset) + fails(x, origin) * naive_division(x, p, origin, subset)
    return lost * x.naive_t_cell[origin][subset]


def activates(x, p, origin, subset):
    return p.t_cell_activation * x.interleukin_7 * x.naive_t_cell[origin][subset]


def memory_divides(x, p, origin, subset):
    lives = 1 - fails(x, origin)
    return lives * memory_division(x, p, origin, subset) * x.memory_t_cell[origin][subset]


def memory_dies(x, p, origin, subset):
    lost = memory_loss(p, subset) + fails(x, origin) * memory_division(x, p, origin, subset)
    return lost * x.memory_t_cell[origin][subset]


def il7_made(x, p):
    return p.interleukin_7_turnover


def dependent(x, p):
    """Cells that live on interleukin 7, times normal: all T cells but memory CD8, which live on interleukin 15."""
    memory = total(x.memory_t_cell[origin]["cd4"] for origin in x.memory_t_cell) / p.memory_normal["cd4"]
    naive = total(x.naive_t_cell) / total(p.naive_normal)
    return p.interleukin_7_memory_share * memory + (1 - p.interleukin_7_memory_share) * naive


def il7_used(x, p):
    consumers = dependent(x, p)
    free = p.interleukin_7_free_clearance
    return p.interleukin_7_turnover * (free + (1 - free) * consumers) * x.interleukin_7


def thymus_hurt(x, p):
    return x.kill["thymus"] * (1 - x.thymus_damage)


def thymus_repair(x, p):
    return p.thymus_repair * x.thymus_damage


def in_blood(x, p, subset):
    naive = {"cd4": p.naive_cd4_blood_share, "cd8": p.naive_cd8_blood_share}[subset]
    memory = {"cd4": p.memory_cd4_blood_share, "cd8": p.memory_cd8_blood_share}[subset]
    return (
        (1 - x.lymphocytes_cleared)
        * total(naive * x.naive_t_cell[o][subset] + memory * x.memory_t_cell[o][subset] for o in x.naive_t_cell)
        / p.blood_volume
    )


def cd4_count(x, p):
    return in_blood(x, p, "cd4")


def cd8_count(x, p):
    return in_blood(x, p, "cd8")


def naive_cd4_count(x, p):
    cells = total(x.naive_t_cell[origin]["cd4"] for origin in x.naive_t_cell)
    return (1 - x.lymphocytes_cleared) * p.naive_cd4_blood_share * cells / p.blood_volume


PAIR = ("origin", "subset")
T_CELLS = Component(
    name="t_cells",
    derived=(
        Derived("thymus_wilting", "1", wilting, "thymic output at this age over that at the reference age"),
        Derived("naive_youth", "1", youth, "naive T cells in a child, times what the decline with age alone gives"),
        Derived("thymic_output", "cells/day", thymic_output, "naive T cells leaving the thymus a day"),
        Derived("thymus_seeding", "cells/day", seeding, "progenitors entering the thymus a day"),
        Derived("naive_normal", "cells", naive_normal, "naive T cells at this age", ("subset",)),
        Derived("memory_normal", "cells", memory_normal, "memory T cells", ("subset",)),
        Derived(
            "naive_division_rest",
            "1/day",
            naive_division_at_rest,
            "division of naive T cells at rest",
            ("subset",),
        ),
        Derived(
            "memory_division_rest",
            "1/day",
            memory_division_at_rest,
            "division of memory T cells at rest",
            ("subset",),
        ),
        Derived("t_cells_normal", "cells", t_normal, "T cells of the whole body at rest"),
    ),
    states=(
        State("thymocyte", "cells", "T-cell precursors in the thymus", ("origin",), THYMOCYTES, thymocyte_start),
        State("naive_t_cell", "cells", "naive T cells of the whole body", PAIR, start=naive_start),
        State("memory_t_cell", "cells", "memory T cells of the whole body", PAIR, start=memory_start),
        State("interleukin_7", "1", "interleukin 7, times normal", start=lambda p: 1.0),
        State("thymus_damage", "1", "share of thymic function lost to conditioning"),
    ),
    quantities=(
        Quantity("thymus_welcome", "1", welcome, "share of arriving progenitors the thymus takes in"),
        Quantity("interleukin_7_effect", "1", effect, "effect of interleukin 7, 0 at rest"),
        Quantity("cd8_effect", "1", cd8_effect, "effect of interleukin 15 on memory CD8 cells, 0 at rest"),
        Quantity("cd4", "cells/L", cd4_count, "CD4 T cells in blood", observed="cells/uL"),
        Quantity("cd8", "cells/L", cd8_count, "CD8 T cells in blood", observed="cells/uL"),
        Quantity("naive_cd4", "cells/L", naive_cd4_count, "naive CD4 T cells in blood", observed="cells/uL"),
    ),
    flows=(
        *dividing(
            "thymocyte",
            THYMOCYTES,
            thymocyte_division,
            no_renewal,
            ((At("naive_t_cell", index=("cd4",)), to_cd4), (At("naive_t_cell", index=("cd8",)), to_cd8)),
        ),
        Flow("naive_t_cell", "naive_t_cell", naive_divides, PAIR, 2.0, "divides"),
        Flow("naive_t_cell", None, naive_dies, PAIR, label="dies"),
        Flow("naive_t_cell", "memory_t_cell", activates, PAIR, label="is activated"),
        Flow("memory_t_cell", "memory_t_cell", memory_divides, PAIR, 2.0, "divides"),
        Flow("memory_t_cell", None, memory_dies, PAIR, label="dies"),
        *killed("thymocyte", THYMOCYTES, "t_cell", thymocyte_division),
        *killed("naive_t_cell", 1, "t_cell", naive_division, PAIR),
        *killed("memory_t_cell", 1, "t_cell", memory_division, PAIR),
        Flow(None, "interleukin_7", il7_made, label="is made"),
        Flow("interleukin_7", None, il7_used, label="is used up"),
        Flow(None, "thymus_damage", thymus_hurt, label="is hurt"),
        Flow("thymus_damage", None, thymus_repair, label="recovers"),
    ),
)
