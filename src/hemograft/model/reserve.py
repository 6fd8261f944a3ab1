"""Reserve: how much a body of this age and with these other diseases withstands.

One number for each patient, its fragility, multiplies the hazards of dying of infection, organ injury and
graft-versus-host disease. It grows with age and with the comorbidity index, and differs between people in ways that no
chart says.
"""

from .component import Component, Covariate, Derived
from .forms import at_most, exponential


def fragility(p):
    """Hazard of dying of a given injury, times that of a person of the reference age without other diseases."""
    other_diseases = p.comorbidity_effect * at_most(p.comorbidity, p.comorbidity_most)
    years = p.fragility_aging * (p.age_at_transplant - p.fragility_reference_age)
    return p.frailty * exponential(other_diseases + years)


RESERVE = Component(
    name="reserve",
    covariates=(Covariate("comorbidity", "1", "hematopoietic cell transplantation comorbidity index (HCT-CI)"),),
    derived=(Derived("fragility", "1", fragility, "how readily this patient dies of a given injury"),),
)
