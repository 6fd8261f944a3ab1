"""Virtual patients, donors and grafts, drawn from declared distributions."""

from .arms import Arm, ArmPlan, population_of, read_arms
from .draw import draw
from .population import Population, read_population, shipped_populations

__all__ = [
    "Arm",
    "ArmPlan",
    "Population",
    "draw",
    "population_of",
    "read_arms",
    "read_population",
    "shipped_populations",
]
