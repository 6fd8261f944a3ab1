"""Immunosuppression: what all drugs together hold back of T cells, inflammation and cytomegalovirus.

Each drug blocks a share that saturates with its concentration; drugs with different targets act as if independent,
so what escapes one may still be stopped by the next. Antibodies against lymphocytes drive them out of the blood
before, and more than, they kill them in the tissues. Others read these quantities; no drug has code of its own.
"""

from .component import Component, Quantity
from .forms import saturating, steep, total


def joint(shares):
    """The share that several independent drugs block together."""
    escaped = 1
    for share in shares:
        escaped = escaped * (1 - share)
    return 1 - escaped


def blocked(name):
    """The joint block of one thing by every drug whose file gives it a largest share."""

    def block(x, p):
        most, half = getattr(p, f"{name}_most"), getattr(p, f"{name}_half")
        return joint([most[drug] * saturating(x.acting[drug], half[drug]) for drug in most])

    return block


def steroid_exposure(x, p):
    """Prednisone equivalents used up a day, which follow the dose given within hours."""
    used = [p.prednisone_equivalent[d] * p.drug_clearance[d] * x.concentration[d] for d in p.prednisone_equivalent]
    return 0.0 + total(used) / p.weight if used else 0.0


def cleared(x, p):
    return joint([p.clears_blood[drug] * steep(x.acting[drug], p.clears_blood_half[drug]) for drug in p.clears_blood])


IMMUNOSUPPRESSION = Component(
    name="immunosuppression",
    quantities=(
        Quantity("proliferation_block", "1", blocked("proliferation"), "share of T-cell proliferation blocked"),
        Quantity("costimulation_block", "1", blocked("costimulation"), "share of T-cell costimulation blocked"),
        Quantity("inflammation_block", "1", blocked("inflammation"), "share of inflammation blocked"),
        Quantity("cmv_prophylaxis", "1", blocked("cmv"), "share of cytomegalovirus growth blocked"),
        Quantity("steroid_exposure", "mg/(kg*day)", steroid_exposure, "steroids, as prednisone per kg and day"),
        Quantity("lymphocytes_cleared", "1", cleared, "share of blood lymphocytes driven out by antibodies"),
    ),
)
