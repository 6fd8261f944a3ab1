"""One row of a validation: what was published, what was predicted, and whether they agree."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from ..errors import InputError
from ..population.arms import ArmPlan
from .contrasts import predict_contrast
from .discrepancy import NONE, Discrepancy
from .endpoints import NoAnswer, endpoint_of
from .estimates import estimate, level_of
from .predict import Prediction, predict
from .spread import Simulated, spread
from .table import Target

if TYPE_CHECKING:
    from .plan import Question

REFUSED = "refused"  # where an empty outcome table says why it is empty
Arms = Mapping[str, Simulated]


@dataclass(frozen=True)
class Row:
    """One published value beside its prediction.

    Attributes
    ----------
    kind : str
        ``value``, ``contrast`` (published) or ``derived`` (two published values of one randomized study).
    endpoint : str
        For a contrast, the outcome in its name.
    refused : str
        Why there is no prediction; empty otherwise.
    notes : tuple of str
        What was assumed of the row; the assumptions of the arm are listed with the arm.
    """

    target: Target
    study: str
    kind: str
    endpoint: str
    prediction: Prediction | None = None
    refused: str = ""
    notes: tuple[str, ...] = ()
    n: float | None = None
    randomized: bool = False

    @property
    def scored(self) -> bool:
        """Whether it counts in the agreement: predicted, and read in its source."""
        return self.prediction is not None and self.target.verified and math.isfinite(self.prediction.error)

    @property
    def covered(self) -> bool | None:
        """Whether the prediction interval holds the published value."""
        return self.prediction.covers if self.prediction is not None else None

    @property
    def difference(self) -> float:
        """Predicted less published, in published units; NaN without a prediction."""
        return self.prediction.value - self.target.value if self.prediction is not None else math.nan

    @property
    def words(self) -> dict[str, Any]:
        """The row for a machine to read."""
        target, made = self.target, self.prediction
        known = asdict(made) if made is not None else dict.fromkeys(Prediction.__dataclass_fields__)
        return {
            "row": target.line,
            "arm_id": target.arm,
            "study_id": self.study,
            "kind": self.kind,
            "endpoint": target.endpoint,
            "clock": target.clock,
            "landmark_day": target.landmark,
            "time_days": target.time,
            "statistic": target.statistic,
            "unit": target.unit,
            "reference_arm_id": target.reference,
            "n": self.n,
            "randomized": self.randomized,
            "verified": target.verified,
            "observed": target.value,
            "observed_low": target.low,
            "observed_high": target.high,
            "predicted": known["value"],
            "predicted_low": known["low"],
            "predicted_high": known["high"],
            "simulation_error": known["simulation_error"],
            "covered": self.covered,
            "standardized_error": known["error"],
            "patients": known["patients"],
            "scored": self.scored,
            "refused": self.refused,
            "notes": list(self.notes),
        }


def _why_empty(arms: Sequence[Simulated]) -> str:
    """What the empty tables of an arm say; a patient who cannot be followed leaves no row."""
    said = [(arm.main.schema.metadata or {}).get(REFUSED.encode()) for arm in arms]
    return next((text.decode() for text in said if text), "no simulated patient could be followed")


def row_of(question: Question, arms: Mapping[str, ArmPlan], simulated: Arms, discrepancy: Discrepancy = NONE) -> Row:
    """Compare one published value.

    Parameters
    ----------
    simulated : mapping of arm to Simulated
    discrepancy : Discrepancy
        What neither chance nor parameters explain.
    """
    target, measure = question.target, question.measure
    arm = arms[target.arm].arm
    kind = "derived" if question.derived else "contrast" if target.is_contrast else "value"
    try:
        endpoint = endpoint_of(target)
    except NoAnswer:
        endpoint = target.endpoint
    bare = Row(target, arm.study, kind, endpoint, n=arm.n, randomized=arm.randomized)
    if measure is None:
        return replace(bare, refused=question.refused)
    try:
        if target.is_contrast:
            groups = simulated[target.arm], simulated[target.reference]
            made = predict_contrast(groups, measure, target, (arm.n, arms[target.reference].arm.n), discrepancy)
        else:
            main = estimate(simulated[target.arm].main, measure)
            apart = spread([simulated[target.arm]], lambda table: level_of(estimate(table, measure), main))
            made = predict(main, target, arm.n, apart, discrepancy.of(target))
    except NoAnswer as why:
        return replace(bare, refused=str(why))
    except InputError as why:  # what the statistics cannot take
        return replace(bare, refused=why.problems[0].what)
    except KeyError:
        return replace(bare, refused=_why_empty([simulated[name] for name in (target.arm, target.reference) if name]))
    unmet = () if math.isfinite(made.value) else ("the simulated median is not reached",)
    return replace(bare, prediction=made, notes=(*measure.notes, *unmet))
