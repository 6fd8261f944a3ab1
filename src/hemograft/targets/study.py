"""A validation: arms are planned, simulated and compared with what was published."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from ..case.case import Case
from ..errors import InputError, Problem
from ..outcome.columns import MEASURES
from ..parameters import ParameterSet
from ..population.arms import ArmPlan, population_of, read_arms
from ..population.draw import draw
from ..population.luck import Luck, named, picked
from ..population.treatments import Treatment, orders
from ..runs.recipe import Recipe, Source, file_name, read_source
from .compare import Row, row_of
from .derived import derived_targets
from .endpoints import Measure, NoAnswer, endpoints, measure_of
from .simulate import simulate_arm
from .spread import FEWEST_MEMBERS, Simulated, most_members
from .table import Target, read_targets

SHORTEST = 120.0  # days of follow-up
FEWEST, MOST = 5, 100_000  # patients of an arm
Simulate = Callable[..., pa.Table]
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Question:
    """One published value and how it is predicted, or why it is not."""

    target: Target
    measure: Measure | None = None
    refused: str = ""
    derived: bool = False


@dataclass(frozen=True)
class StudyPlan:
    """Two tables, read, before anything is simulated."""

    arms: Mapping[str, ArmPlan]
    questions: tuple[Question, ...]
    recipe: Recipe

    @property
    def folder(self) -> Path:
        """Where the result goes unless another folder is named."""
        name = file_name(Path(self.recipe.sources[1].name).stem)
        return Path("runs") / f"validation-{name}-seed{self.recipe.settings['seed']}"

    @property
    def needed(self) -> dict[str, list[Question]]:
        """The arms to be simulated, each with its questions."""
        found: dict[str, list[Question]] = {}
        for question in self.questions:
            if question.measure is not None:
                for arm in filter(None, (question.target.arm, question.target.reference)):
                    found.setdefault(arm, []).append(question)
        return found


@dataclass(frozen=True)
class Study:
    """A validation that was carried out."""

    plan: StudyPlan
    rows: tuple[Row, ...]


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
    plans = {arm.id: population_of(arm) for arm in read_arms(arms)}
    published = read_targets(targets, plans)
    questions = [_question(target, plans, partly) for target in published]
    answered = [question.target for question in questions if question.measure is not None]
    sizes = {name: plan.arm for name, plan in plans.items()}
    questions += [_question(target, plans, partly, derived=True) for target in derived_targets(answered, sizes)]
    sources = (read_source("arms", arms), read_source("targets", targets), *more)
    recipe = Recipe("validate", sources, {**settings, **({"partly": True} if partly else {})})
    return StudyPlan(plans, tuple(questions), recipe)


def known_columns() -> set[str]:
    """Columns that an outcome table has, and observables that can be asked for on any day."""
    columns = {column.name for measure in MEASURES for column in measure.columns}
    return columns | {f"{words['observable']}@" for words in endpoints()["endpoints"].values() if "observable" in words}


def _question(target: Target, plans: Mapping[str, ArmPlan], partly: bool, derived: bool = False) -> Question:
    for name in filter(None, (target.arm, target.reference)):
        plan = plans[name]
        which = "" if name == target.arm else f"reference {name}: "
        if plan.refused:
            return Question(target, None, f"{which}{plan.refused}", derived)
        if plan.arm.cells["simulatable"] == "partly" and not partly:
            return Question(target, None, f"{which}partly described: {plan.arm.cells['why_not'] or ''}", derived)
    population = plans[target.arm].population
    grafted = population is not None and not population.stated.get("no_graft")
    try:
        measure = measure_of(target, known_columns(), grafted)
    except NoAnswer as why:
        return Question(target, None, str(why), derived)
    if measure.day is not None and measure.last_day > float(endpoints()["last_day"]):
        return Question(target, None, f"day {measure.last_day:g} is beyond the simulated follow-up", derived)
    return Question(target, measure, "", derived)


def run_study(
    plan: StudyPlan,
    *,
    workers: int | None = None,
    progress: Progress | None = None,
    simulate: Simulate | None = None,
    ensemble: Sequence[ParameterSet] = (),
) -> Study:
    """Simulate every arm that is needed and compare.

    Parameters
    ----------
    simulate : callable, optional
        Treats cases with one protocol, as :func:`hemograft.targets.simulate.simulate_arm` does.
    ensemble : sequence of ParameterSet, optional
        Values in place of the shipped ones: first those that predict, then others that widen the intervals, each for
        some of the patients; no more of them than there are patients for.
    """
    needed, treat = plan.needed, simulate or simulate_arm
    center, most = (ensemble[0] if ensemble else None), most_members(plan.recipe.settings["patients"])
    members = ensemble[1:][:most] if most >= FEWEST_MEMBERS else ()
    done: dict[str, Simulated] = {}
    for number, (name, questions) in enumerate(needed.items(), start=1):
        main = simulated(plan, name, questions, treat, workers, center)
        varied = simulated(plan, name, questions, treat, workers, center, members) if members else None
        order = {f"{case.id}/1": i for i, case in enumerate(_cases(plan, name))}
        done[name] = Simulated(main, varied, len(members), order)
        if progress:
            progress(number, len(needed))
    return Study(plan, tuple(row_of(question, plan.arms, done) for question in plan.questions))


def _cases(plan: StudyPlan, name: str) -> tuple[Case, ...]:
    population = plan.arms[name].population
    assert population is not None
    return draw(population, plan.recipe.settings["patients"], plan.recipe.settings["seed"])


def simulated(
    plan: StudyPlan,
    name: str,
    questions: Sequence[Question],
    simulate: Simulate,
    workers: int | None,
    parameters: ParameterSet | None = None,
    members: Sequence[ParameterSet] = (),
) -> pa.Table:
    """The outcome table of one arm: its patients, each with the treatment that falls to them.

    Parameters
    ----------
    members : sequence of ParameterSet, optional
        Values that only some patients have each, in turn.
    """
    measures = [question.measure for question in questions if question.measure is not None]
    days = max([SHORTEST, *(np.ceil(measure.last_day) for measure in measures)])
    observed = {
        (measure.column.removesuffix("@"), int(measure.day or 0))
        for measure in measures
        if measure.column.endswith("@")
    }
    parts = []
    for treatment, chosen in _treated(plan, name):
        part = simulate(
            [case for _, case in chosen],
            orders(treatment),
            days=days,
            seed=plan.recipe.settings["seed"],
            workers=workers,
            observed=sorted(observed),
            parameters=parameters,
            members=[members[place % len(members)] for place, _ in chosen] if members else (),
        )
        parts += [part] if part.num_rows else []
    return pa.concat_tables(parts, promote_options="default") if parts else pa.table({})


def _treated(plan: StudyPlan, name: str) -> Iterator[tuple[Treatment, list[tuple[int, Case]]]]:
    """The treatments of an arm, each with the patients to whom it falls, by their place in the draw."""
    arm, cases = plan.arms[name], _cases(plan, name)
    chance = Luck(plan.recipe.settings["seed"], named(len(cases))[1]).uniform("treatment")
    which = picked(chance, {str(number): one.share for number, one in enumerate(arm.treatments)})
    for number, treatment in enumerate(arm.treatments):
        chosen = [(place, cases[place]) for place, one in enumerate(which) if one == str(number)]
        if chosen:
            yield treatment, chosen
