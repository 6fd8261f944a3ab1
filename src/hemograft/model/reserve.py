"""Reserve: how much a body of this age and with these other diseases withstands.

One number for each patient, its fragility, multiplies the hazards of dying of infection, organ injury and
graft-versus-host disease. It grows with age, with the comorbidity index and with treatment that failed before, falls
with the years in which care of these injuries has improved, and differs between people in ways that no chart says.
"""

from .component import Component, Covariate, Derived
from .forms import at_most, exponential


def fragility(p):
    """Hazard of dying of a given injury, times that of a person of the reference age without other diseases."""
    other_diseases = p.comorbidity_effect * at_most(p.comorbidity, p.comorbidity_most)
    years = p.fragility_aging * (p.age_at_transplant - p.fragility_reference_age)
    return p.frailty * exponential(other_diseases + years + worn(p) - better_care(p))


def worn(p):
    """Logarithm by which earlier courses, their infections and active leukemia have raised that hazard."""
    return p.later_remission_effect * p.later_remission + p.active_leukemia_effect * p.active_leukemia


def better_care(p):
    """Logarithm by which care of a given injury has lowered the hazard of dying of it since the reference year."""
    return p.care_improvement * (at_most(p.treated_in, p.care_last_year) - p.care_reference_year)


RESERVE = Component(
    name="reserve",
    covariates=(
        Covariate("comorbidity", "1", "hematopoietic cell transplantation comorbidity index (HCT-CI)"),
        Covariate("treated_in", "year", "calendar year of treatment"),
        Covariate("later_remission", "1", "1 for a second or later remission"),
        Covariate("active_leukemia", "1", "1 for acute leukemia that has relapsed or not responded"),
    ),
    derived=(Derived("fragility", "1", fragility, "how readily this patient dies of a given injury"),),
)
