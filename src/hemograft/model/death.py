"""Deaths with no mechanism file of their own: graft-versus-host disease, leukemia, and whatever else people die of.

Infection and organ injury kill in their own files; graft failure kills through infection, by neutropenia.
"""

from .component import Component, Event
from .forms import at_most, exponential, steep


def of_gvhd(x, p):
    """Acute damage kills steeply beyond the severe level, chronic disease slowly as long as it lasts."""
    acute = steep(x.gvhd_damage, p.gvhd_damage_lethal, 6)
    return p.fragility * (p.acute_gvhd_death_rate * acute + p.chronic_gvhd_death_rate * x.chronic_gvhd)


def of_leukemia(x, p):
    """Grows with marrow blasts and levels off: treatment of relapse, not simulated, is part of the rate."""
    return p.leukemia_death_rate * x.marrow_blasts**2 / (x.marrow_blasts**2 + p.leukemia_death_blasts**2)


def of_other_causes(x, p):
    """The law of Gompertz: the rate grows by a fixed share with every year of age, until it levels off."""
    age = at_most(x.age, p.background_oldest)
    sex = 1 + (p.background_death_men - 1) * p.male
    return p.background_death_rate * sex * exponential(p.background_aging * (age - p.background_age))


DEATH = Component(
    name="death",
    events=(
        Event("death_gvhd", of_gvhd, "death of graft-versus-host disease", ends=True),
        Event("death_leukemia", of_leukemia, "death of leukemia", ends=True),
        Event("death_other", of_other_causes, "death of other causes, as in the general population", ends=True),
    ),
)
