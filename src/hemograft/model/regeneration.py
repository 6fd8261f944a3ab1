"""Regeneration: severe graft-versus-host disease (GvHD) kills the stem cells from which tissue heals.

What has lost them heals slowly, so the same attack leaves more damage for longer, and steroids, which hold back attack
and not this, no longer help: disease refractory to steroids. Donor cells that drugs have impaired do it less.
"""

from .component import Component, Flow, State
from .forms import steep


def lost(x, p, gvhd_organ):
    """Loss begins where damage is severe, and ends at a rest that is beyond reach."""
    severe = steep(x.organ_relative[gvhd_organ], p.regeneration_loss_half, 4)
    able = 1 - steep(x.impairment["donor"], p.regeneration_spared_half, 2)
    left = p.regeneration_loss_most - x.regeneration_lost[gvhd_organ]
    return p.regeneration_loss * p.regeneration_frailty * able * severe * left


def regained(x, p, gvhd_organ):
    return p.regeneration_recovery * x.regeneration_lost[gvhd_organ]


PER = ("gvhd_organ",)
REGENERATION = Component(
    name="regeneration",
    states=(State("regeneration_lost", "1", "share of the healing of an organ that is lost with its stem cells", PER),),
    flows=(
        Flow(None, "regeneration_lost", lost, PER, label="is lost"),
        Flow("regeneration_lost", None, regained, PER, label="grows back"),
    ),
)
