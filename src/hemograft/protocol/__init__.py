"""What is ordered: drugs, irradiation, the graft, transfusions, and the rules that start and stop them."""

from .actions import Action, Days, Give, Infuse, Irradiate, Transfuse
from .dated import Dose, Schedule, StartRule, StopRule, TransfusionRule
from .parts import combine, shipped_parts
from .protocol import Protocol, drugs_of, in_words, read_protocol, shipped_protocols
from .rules import OBSERVABLES, Condition, Either, read_condition, read_conditions
from .schedule import schedule

__all__ = [
    "OBSERVABLES",
    "Action",
    "Condition",
    "Days",
    "Dose",
    "Either",
    "Give",
    "Infuse",
    "Irradiate",
    "Protocol",
    "Schedule",
    "StartRule",
    "StopRule",
    "Transfuse",
    "TransfusionRule",
    "combine",
    "drugs_of",
    "in_words",
    "read_condition",
    "read_conditions",
    "read_protocol",
    "schedule",
    "shipped_parts",
    "shipped_protocols",
]
