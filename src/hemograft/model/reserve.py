"""Reserve: how much a body of this age and with these other diseases withstands.

One number for each patient, its fragility, multiplies the hazards of dying of infection, organ injury and
graft-versus-host disease. It grows with age and with the comorbidity index, falls with the years in which care of these
injuries has improved, and differs between people in ways that no chart says.
"""

from .component import Component, Covariate, Derived
from .forms import at_most, exponential


def fragility(p):
    """Hazard of dying of a given injury, times that of a person of the reference age without other diseases."""
    other_diseases = p.comorbidity_effect * at_most(p.comorbidity, p.comorbidity_most)
    years = p.fragility_aging * (p.age_at_transplant - p.fragility_reference_age)
    return p.frailty * exponential(other_diseases + years - better_care(p))


def better_care(p):
    """Logarithm by which care of a given injury has lowered the hazard of dying of it since the reference year."""
    return p.care_improvement * (at_most(p.treated_in, p.care_last_year) - p.care_reference_year)


RESERVE = Component(
    name="reserve",
    covariates=(
        Covariate("comorbidity", "1", "hematopoietic cell transplantation comorbidity index (HCT-CI)"),
        Covariate("treated_in", "year", "calendar year of treatment"),
    ),
    derived=(Derived("fragility", "1", fragility, "how readily this patient dies of a given injury"),),
)
