"""Two tables become a plan: which arm is simulated how, and how each published value is predicted, or why not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from ..errors import InputError, Problem
from ..outcome.columns import MEASURES
from ..population.arm_donors import kin_of
from ..population.arms import Arm, ArmPlan, partly_described, population_of, read_arms
from ..runs.recipe import Recipe, Source, file_name, read_source
from . import lymphocytes
from .derived import derived_targets
from .endpoints import Measure, NoAnswer, endpoint_of, endpoints, measure_of
from .stand_ins import why_alike
from .table import Target, read_targets

FEWEST, MOST = 5, 100_000  # patients of an arm
OF_A_DONOR = ("acute_gvhd", "chronic_gvhd", "donor_")  # how columns begin that a patient's own graft does not fill


@dataclass(frozen=True)
class Question:
    """One published value and how it is predicted, or why it is not."""

    target: Target
    measure: Measure | None = None
    refused: str = ""
    derived: bool = False


@dataclass(frozen=True)
class Errand:
    """What another process must know to make the same plan."""

    arms: str
    targets: str
    patients: int
    seed: int
    partly: bool


@dataclass(frozen=True)
class StudyPlan:
    """Two tables, read, before anything is simulated."""

    arms: Mapping[str, ArmPlan]
    questions: tuple[Question, ...]
    recipe: Recipe
    errand: Errand

    @property
    def folder(self) -> Path:
        """Where the result goes unless another folder is named."""
        name = file_name(Path(self.recipe.sources[1].name).stem)
        return Path("runs") / f"validation-{name}-seed{self.recipe.settings['seed']}"

    @cached_property
    def needed(self) -> dict[str, list[Question]]:
        """The arms to be simulated, each with its questions."""
        found: dict[str, list[Question]] = {}
        for question in self.questions:
            if question.measure is not None:
                for arm in filter(None, (question.target.arm, question.target.reference)):
                    found.setdefault(arm, []).append(question)
        return found


def plan_study(
    arms: Path | str, targets: Path | str, *, partly: bool = False, more: Sequence[Source] = (), **settings: Any
) -> StudyPlan:
    """Read a table of arms and a table of their published outcomes, and plan every row.

    Parameters
    ----------
    partly : bool
        Also arms of which the table says that they can be simulated only partly.
    more : sequence of Source, optional
        Further files that decide the result, such as that of an ensemble.
    settings
        ``patients`` per arm, ``seed``, and what else is to be told with them.

    Raises
    ------
    InputError
        Every problem of either table, or a number of patients that makes no sense.
    """
    patients = settings["patients"]
    if not FEWEST <= patients <= MOST:
        raise InputError(Problem(f"{patients} patients", "patients", f"{FEWEST} to {MOST:,}"))
    known = {arm.id: arm for arm in read_arms(arms)}
    published = read_targets(targets, known)
    compared = _compared(known, published)
    plans = {name: population_of(arm, compared=name in compared) for name, arm in known.items()}
    questions = [_question(target, plans, partly) for target in published]
    answered = [question.target for question in questions if question.measure is not None]
    sizes = {name: plan.arm for name, plan in plans.items()}
    questions += [_question(target, plans, partly, derived=True) for target in derived_targets(answered, sizes)]
    sources = (read_source("arms", arms), read_source("targets", targets), *more)
    recipe = Recipe("validate", sources, {**settings, **({"partly": True} if partly else {})})
    errand = Errand(str(arms), str(targets), patients, settings["seed"], partly)
    return StudyPlan(plans, tuple(questions), recipe, errand)


def _compared(arms: Mapping[str, Arm], published: Sequence[Target]) -> set[str]:
    """Arms of unstated age that a ratio or a randomization compares with another one."""
    pairs = [(target.arm, target.reference) for target in published if target.reference]
    tried = [arm for arm in arms.values() if arm.randomized]
    pairs += [(one.id, other.id) for one in tried for other in tried if one.study == other.study and one is not other]
    ageless = {name for name, arm in arms.items() if arm.cells["age_median"] is None}
    return {name for pair in pairs if set(pair) <= ageless for name in pair}


def known_columns() -> set[str]:
    """Columns that an outcome table has, and observables that can be asked for on any day."""
    columns = {column.name for measure in MEASURES for column in measure.columns} | set(lymphocytes.COLUMNS)
    asked = endpoints()["endpoints"].values()
    return columns | {f"{words[what]}@" for words in asked for what in ("observable", "less") if what in words}


@lru_cache(maxsize=1)
def _of_a_graft() -> frozenset[str]:
    """Columns that only a transplanted patient has."""
    return frozenset(column.name for measure in MEASURES if measure.after_graft for column in measure.columns)


def _no_donor(measure: Measure, grafted: bool, arm: Arm) -> str:
    """Why an arm without a graft, or with the patient's own, lacks an outcome; empty where it has it."""
    asked = [*(f"{event}_day" for event in (*measure.events[:1], measure.since) if event), measure.column]
    if not grafted and any(name in _of_a_graft() or name.startswith("donor_") for name in asked):
        return "an outcome of a graft, and none is given"
    if grafted and kin_of(arm.cells) == "self" and any(name.startswith(OF_A_DONOR) for name in asked):
        return "an outcome of another person's graft, and the patient's own is given"
    return ""


def _of_lymphocytes(measure: Measure, target: Target, plans: Mapping[str, ArmPlan]) -> str:
    """Why an outcome does not go with the lymphocytes of an arm, or with their absence; empty where it does."""
    after = measure.since == lymphocytes.SINCE
    for name in filter(None, (target.arm, target.reference)):
        if after and not plans[name].begins_at_relapse:
            return "an outcome of donor lymphocytes for a relapse, and none are given"
        if plans[name].begins_at_relapse and not after:
            return "the group begins at a relapse: of the first graft, which is assumed, nothing is compared"
    return ""


def _of_others(target: Target, plans: Mapping[str, ArmPlan]) -> str:
    """Why an endpoint has no meaning in an arm, or in that compared with; empty where it has."""
    needed = endpoints()["endpoints"][endpoint_of(target)].get("of_arms", {})
    for name in filter(None, (target.arm, target.reference)):
        for column, word in needed.items():
            if plans[name].arm.cells[column] != word:
                return f"an outcome of arms with {column} {word}"
    return ""


def _question(target: Target, plans: Mapping[str, ArmPlan], partly: bool, derived: bool = False) -> Question:
    for name in filter(None, (target.arm, target.reference)):
        plan = plans[name]
        which = "" if name == target.arm else f"reference {name}: "
        if plan.refused:
            return Question(target, None, f"{which}{plan.refused}", derived)
        if plan.arm.cells["simulatable"] == "partly" and not partly:
            return Question(target, None, f"{which}{partly_described(plan.arm)}", derived)
    population = plans[target.arm].population
    grafted = population is not None and not population.stated.get("no_graft")
    try:
        measure = measure_of(target, known_columns(), grafted)
    except NoAnswer as why:
        return Question(target, None, str(why), derived)
    why = _no_donor(measure, grafted, plans[target.arm].arm) or _of_others(target, plans)
    why = why or _of_lymphocytes(measure, target, plans)
    if why:
        return Question(target, None, why, derived)
    if not grafted and measure.last_day > float(endpoints()["last_day_without_graft"]):
        return Question(target, None, "treatment after induction is not simulated, and the day is after it", derived)
    if target.reference and (why := why_alike(plans[target.arm], plans[target.reference])):
        return Question(target, None, why, derived)
    if measure.day is not None and measure.last_day > float(endpoints()["last_day"]):
        return Question(target, None, f"day {measure.last_day:g} is beyond the simulated follow-up", derived)
    return Question(target, measure, "", derived)
