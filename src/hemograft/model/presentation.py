"""Presentation: the window of alloreactivity, made of inflammation and of antigen-presenting cells of each origin.

Conditioning injures tissue, and for some weeks its inflammation drives priming. Antigen-presenting cells live for
weeks, are replaced from the monocytes of whichever origin makes them, and are killed by the other's effector cells.
Leukemia presents antigens of the patient too.
"""

from .component import At, Component, Flow, Quantity, State
from .forms import host_only, positive, saturating, steep, total

OTHER = {"host": "donor", "donor": "host"}


def apc_start(p, responder):
    return host_only(1 + 0 * p.body_scale, responder)


def apc_made(x, p, responder):
    from_blood = x.monocyte[responder] / (p.monocyte_made * p.monocyte_lifetime)
    return p.apc_turnover * from_blood


def apc_divides(x, p, responder):
    """Where blood brings few, those of tissue divide in their place, as long as nothing inflames it."""
    brought = total(x.monocyte) / (p.monocyte_made * p.monocyte_lifetime)
    calm = 1 - steep(x.inflammation, p.apc_calm, 2)
    return p.apc_turnover * positive(1 - brought) * calm * x.antigen_presenting[responder]


def leukemia_presents(x, p):
    """Antigen-presenting cells that leukemia of the patient makes or stands for."""
    burden = saturating(x.leukemia_in_marrow, p.apc_leukemia_half * p.body_scale)
    return p.apc_turnover * p.apc_from_leukemia * burden


def apc_lost(x, p, responder):
    killed = p.apc_kill * saturating(x.effector[OTHER[responder]], p.apc_kill_half * p.body_scale)
    return (p.apc_turnover + killed) * x.antigen_presenting[responder]


def injured(x, p):
    """Injury of tissue, judged by the loss of stroma in the marrow."""
    return p.inflammation_by_injury * x.kill["niche"]


def fed_by_gvhd(x, p):
    return p.inflammation_by_gvhd * saturating(x.gvhd_damage, 1)


def subsides(x, p):
    return p.inflammation_decay * x.inflammation


def danger(x, p):
    """Share of the full stimulus that inflammation gives to presenting cells."""
    felt = (x.inflammation + p.inflammation_rest) * (1 - x.inflammation_block)
    return saturating(felt, p.danger_half)


PER = ("responder",)
PRESENTATION = Component(
    name="presentation",
    states=(
        State("antigen_presenting", "1", "antigen-presenting cells of tissue, times normal", PER, start=apc_start),
        State("inflammation", "1", "inflammation of tissue, 1 after ablative conditioning"),
    ),
    quantities=(Quantity("danger", "1", danger, "stimulus by inflammation, of its most"),),
    flows=(
        Flow(None, "antigen_presenting", apc_made, PER, label="comes from blood"),
        Flow(None, "antigen_presenting", apc_divides, PER, label="divides"),
        Flow(None, At("antigen_presenting", index=("host",)), leukemia_presents, label="comes from leukemia"),
        Flow("antigen_presenting", None, apc_lost, PER, label="is lost"),
        Flow(None, "inflammation", injured, label="is injured"),
        Flow(None, "inflammation", fed_by_gvhd, label="is fed by GvHD"),
        Flow("inflammation", None, subsides, label="subsides"),
    ),
)
