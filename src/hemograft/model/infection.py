"""Infection: bacteria and fungi in neutropenia, anything while T cells and antibodies are missing, cytomegalovirus.

Risk in neutropenia grows with its depth, with its length (fungi need time) and with damaged mucosa. A gut that acute
graft-versus-host disease has hurt lets bacteria in at any count. Later, few CD4 cells, few antibodies and chronic
graft-versus-host disease open the door, steroids widen it. Cytomegalovirus (CMV)
sleeps in patients, or comes with the graft, and wakes when T cells have been few for some weeks.
"""

from .component import Component, Covariate, Derived, Event, Flow, Quantity, State
from .forms import positive, saturating, steep, total


def cmv_source(p):
    """Latent virus: the patient's own, which a seropositive donor's T cells help to hold, or the donor's."""
    own = p.recipient_cmv * (1 - p.cmv_donor_help * p.donor_cmv)
    return own + (1 - p.recipient_cmv) * p.donor_cmv * p.cmv_transmission


def neutropenia(x, p):
    """0 at normal counts, toward 1 without neutrophils, one half at the half-risk count."""
    return p.neutropenia_half**3 / (p.neutropenia_half**3 + x.neutrophils**3)


def neutropenic_days_at_rest(p):
    """What the slight risk of normal counts amounts to."""
    return (p.neutropenia_half / p.neutrophil_count) ** 3 / p.fungal_clearance


def helper_lack(x, p):
    return p.cd4_half**2 / (p.cd4_half**2 + x.cd4**2)


def t_cell_lack(x, p):
    """1 without T cells, 0 where there are enough to hold the virus."""
    return positive(1 - (x.cd4 + x.cd8) / p.cmv_t_cells_enough)


def neutropenia_lasts(x, p):
    return x.neutropenia


def neutropenia_forgotten(x, p):
    return p.fungal_clearance * (1 - x.neutropenia) * x.neutropenic_days


def antibodies_made(x, p):
    """Follows B cells, half as much at ``antibody_half`` times their normal number; 1 in health."""
    b_cells = total(x.b_cell) / p.b_cells_normal
    return p.antibody_turnover * (1 + p.antibody_half) * saturating(b_cells, p.antibody_half)


def antibodies_used(x, p):
    return p.antibody_turnover * x.antibodies


def antibody_level(x, p):
    return x.antibodies


def in_neutropenia(x, p):
    fungi = p.fungal_effect * x.neutropenic_days / (x.neutropenic_days + p.fungal_half)
    return p.neutropenic_infection_rate * x.neutropenia * (1 + p.mucosal_effect * x.damage["mucosa"] + fungi)


def in_immune_deficiency(x, p):
    lack = x.helper_lack + p.antibody_effect * positive(1 - x.antibodies) + p.hyposplenic_effect * x.chronic_gvhd
    return p.late_infection_rate * lack * (1 + p.steroid_infection_effect * x.steroid_exposure)


def through_the_gut(x, p):
    """Bacteria that enter where acute graft-versus-host disease has hurt the gut, neutrophils or not."""
    hurt = steep(x.organ_relative["gut"], p.gut_infection_half, 2) if "gut" in x.organ_relative else 0 * p.body_scale
    return p.gut_infection_rate * hurt


def severe_infection(x, p):
    """A bacterial or invasive fungal infection that needs the hospital."""
    return in_neutropenia(x, p) + in_immune_deficiency(x, p) + through_the_gut(x, p)


def first_infection(x, p):
    return x.infection_risk


def fatal_infection(x, p):
    cmv = p.cmv_death_rate * x.cmv_reactivation * x.cmv_replication
    return p.fragility * (p.infection_fatality * x.infection_risk + cmv)


def virus_wakes(x, p):
    return p.cmv_pace * x.t_cell_lack * (1 + p.steroid_cmv_effect * x.steroid_exposure)


def virus_sleeps(x, p):
    return p.cmv_pace * x.cmv_replication


def cmv_found(x, p):
    """Clinically significant CMV infection; prophylaxis holds the virus while it is given."""
    held = 1 - p.cmv_prophylaxis_effect * x.cmv_prophylaxis
    return p.cmv_rate * p.cmv_source * x.cmv_replication * held


INFECTION = Component(
    name="infection",
    covariates=(
        Covariate("recipient_cmv", "1", "1 when the patient carries antibodies to CMV"),
        Covariate("donor_cmv", "1", "1 when the donor does"),
    ),
    derived=(Derived("cmv_source", "1", cmv_source, "latent CMV, times that of a seropositive patient"),),
    states=(
        State("neutropenic_days", "day", "length of neutropenia, deep days in full", start=neutropenic_days_at_rest),
        State("antibodies", "1", "immunoglobulin, times normal", start=lambda p: 1.0),
        State("cmv_replication", "1", "CMV that would replicate unheld, 1 without T cells"),
    ),
    quantities=(
        Quantity("neutropenia", "1", neutropenia, "depth of neutropenia, 0 to 1"),
        Quantity("helper_lack", "1", helper_lack, "lack of CD4 cells, 0 to 1"),
        Quantity("t_cell_lack", "1", t_cell_lack, "lack of T cells against CMV, 0 to 1"),
        Quantity("infection_risk", "1/day", severe_infection, "hazard of a severe infection"),
        Quantity("immunoglobulin", "1", antibody_level, "immunoglobulin, share of normal", observed="%"),
    ),
    flows=(
        Flow(None, "neutropenic_days", neutropenia_lasts, label="accrues"),
        Flow("neutropenic_days", None, neutropenia_forgotten, label="is overcome"),
        Flow(None, "antibodies", antibodies_made, label="is made"),
        Flow("antibodies", None, antibodies_used, label="is used up"),
        Flow(None, "cmv_replication", virus_wakes, label="wakes"),
        Flow("cmv_replication", None, virus_sleeps, label="is held"),
    ),
    events=(
        Event("severe_infection", first_infection, "first severe bacterial or invasive fungal infection"),
        Event("cmv_reactivation", cmv_found, "clinically significant CMV infection"),
        Event("death_infection", fatal_infection, "death of infection", ends=True),
    ),
)
