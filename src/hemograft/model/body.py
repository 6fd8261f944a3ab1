"""The body: size, age and blood volume, in proportion to which everything else is scaled.

All cell numbers grow with body weight, so that counts per liter and doses per kilogram mean the same in a child
and in an adult.
"""

from .component import Component, Covariate, Derived, Flow, State


def body_scale(p):
    return p.weight / p.reference_weight


def blood_volume(p):
    return p.reference_blood_volume * p.body_scale


def age_at_start(p):
    return p.age_at_transplant


def birthdays(x, p):
    return 1.0


BODY = Component(
    name="body",
    covariates=(
        Covariate("weight", "kg", "body weight"),
        Covariate("male", "1", "1 for men, 0 for women"),
        Covariate("age_at_transplant", "day", "age on the first simulated day"),
        Covariate("kidney_function", "1", "glomerular filtration over 100 mL/min, at most 1.2"),
        Covariate("liver_function", "1", "drug clearance by the liver, share of normal"),
    ),
    derived=(
        Derived("body_scale", "1", body_scale, "weight over that of the reference adult"),
        Derived("blood_volume", "L", blood_volume, "circulating blood"),
    ),
    states=(State("age", "day", "age of the patient", start=age_at_start),),
    flows=(Flow(None, "age", birthdays, label="passes"),),
)
