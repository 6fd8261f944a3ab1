"""Small, exact estimators for times to events: survival, competing events, states, regression, accuracy."""

from .accuracy import Brier, Calibration, brier, calibration, concordance
from .comparison import Comparison, gray, log_rank
from .cox_model import cox
from .curves import Curve, Estimate, Values, at, quantile
from .endpoints import Endpoint, Landmark, day_or_none, first_of, grfs, landmark
from .figure import StepFigure, Steps, incidence_figure, steps
from .fine_gray_model import fine_gray
from .histories import Rows, paths, rows
from .incidence import Incidence, cumulative_incidence, restricted_time_lost
from .multistate import Occupancy, days_in_states, occupancy, state_curve
from .regression import Baseline, ChiSquare, Regression, predicted
from .survival import kaplan_meier, numbers_at_risk, restricted_mean

__all__ = [
    "Baseline",
    "Brier",
    "Calibration",
    "ChiSquare",
    "Comparison",
    "Curve",
    "Endpoint",
    "Estimate",
    "Incidence",
    "Landmark",
    "Occupancy",
    "Regression",
    "Rows",
    "StepFigure",
    "Steps",
    "Values",
    "at",
    "brier",
    "calibration",
    "concordance",
    "cox",
    "cumulative_incidence",
    "day_or_none",
    "days_in_states",
    "fine_gray",
    "first_of",
    "gray",
    "grfs",
    "incidence_figure",
    "kaplan_meier",
    "landmark",
    "log_rank",
    "numbers_at_risk",
    "occupancy",
    "paths",
    "predicted",
    "quantile",
    "restricted_mean",
    "restricted_time_lost",
    "rows",
    "state_curve",
    "steps",
]
