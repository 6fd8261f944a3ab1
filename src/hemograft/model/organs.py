"""Organs: mucosa, liver sinusoids, lung and kidney, hurt by drugs and radiation, failing later, repaired slowly.

Treatment kills cells at once; the tissue fails when the missing cells are not replaced, days later in mouth and gut,
months later in the lung. Damaged mucosa lets bacteria in (``infection.py``). Damaged sinusoids may close, which is
sinusoidal obstruction syndrome. Damaged organs kill, the more readily the less reserve the patient has.
"""

from .component import Component, Event, Flow, Quantity, State
from .forms import positive


def cells_killed(x, p, tissue):
    return x.kill[tissue] * (1 - x.tissue_loss[tissue])


def cells_regrow(x, p, tissue):
    repair = {
        "mucosa": p.tissue_repair_mucosa,
        "sinusoid": p.tissue_repair_sinusoid,
        "lung": p.tissue_repair_lung,
        "kidney": p.tissue_repair_kidney,
    }[tissue]
    return repair * x.tissue_loss[tissue]


def pace(p, tissue):
    return {
        "mucosa": p.tissue_turnover_mucosa,
        "sinusoid": p.tissue_turnover_sinusoid,
        "lung": p.tissue_turnover_lung,
        "kidney": p.tissue_turnover_kidney,
    }[tissue]


def fails(x, p, tissue):
    return pace(p, tissue) * x.tissue_loss[tissue]


def recovers(x, p, tissue):
    return pace(p, tissue) * x.tissue_damage[tissue]


def damage(x, p, tissue):
    return x.tissue_damage[tissue]


def weak_liver(x, p):
    return 1 + p.weak_liver_effect * positive(1 - p.liver_function)


def weak_kidney(x, p):
    return 1 + p.weak_kidney_effect * positive(1 - p.kidney_function)


def obstruction(x, p):
    """Sinusoids close where many of their cells are lost at once: the sixth power of the damage."""
    return p.sinusoid_obstruction_rate * x.tissue_damage["sinusoid"] ** 6 * weak_liver(x, p)


def organ_failure(x, p):
    """Death of an organ: of the liver only once its sinusoids are obstructed."""
    liver = p.obstruction_death_rate * x.sinusoidal_obstruction * x.tissue_damage["sinusoid"]
    lung = p.lung_death_rate * x.tissue_damage["lung"] ** 2
    kidney = p.kidney_death_rate * x.tissue_damage["kidney"] ** 2 * weak_kidney(x, p)
    return p.fragility * (liver + lung + kidney)


TISSUE = ("tissue",)
ORGANS = Component(
    name="organs",
    states=(
        State("tissue_loss", "1", "share of the cells that renew a tissue, lost", TISSUE),
        State("tissue_damage", "1", "share of a tissue's work that is lost", TISSUE),
    ),
    quantities=(Quantity("damage", "1", damage, "share of a tissue's work that is lost", TISSUE, "%"),),
    flows=(
        Flow(None, "tissue_loss", cells_killed, TISSUE, label="is hurt"),
        Flow("tissue_loss", None, cells_regrow, TISSUE, label="regrows"),
        Flow(None, "tissue_damage", fails, TISSUE, label="fails"),
        Flow("tissue_damage", None, recovers, TISSUE, label="recovers"),
    ),
    events=(
        Event("sinusoidal_obstruction", obstruction, "sinusoidal obstruction syndrome of the liver (SOS)"),
        Event("death_organ_toxicity", organ_failure, "death of organ injury by treatment", ends=True),
    ),
)
