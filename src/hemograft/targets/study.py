"""A validation: arms are planned, simulated and compared with what was published."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from ..case.case import Case
from ..errors import EngineError, InputError, Problem
from ..outcome.columns import MEASURES
from ..parameters import Parameter, ParameterSet
from ..population.arms import ArmPlan, population_of, read_arms
from ..population.draw import draw
from ..population.luck import Luck, named, picked
from ..population.treatments import Treatment, orders
from ..runs.recipe import Recipe, Source, file_name, read_source
from ..studies.workers import run_all
from .compare import REFUSED, Row, row_of
from .derived import derived_targets
from .discrepancy import NONE, Discrepancy
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
    errand = Errand(str(arms), str(targets), patients, settings["seed"], partly)
    return StudyPlan(plans, tuple(questions), recipe, errand)


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
    if not grafted and measure.last_day > float(endpoints()["last_day_without_graft"]):
        return Question(target, None, "treatment after induction is not simulated, and the day is after it", derived)
    if target.reference and _alike(plans[target.arm], plans[target.reference]):
        return Question(target, None, "the two groups differ in nothing that is simulated", derived)
    if measure.day is not None and measure.last_day > float(endpoints()["last_day"]):
        return Question(target, None, f"day {measure.last_day:g} is beyond the simulated follow-up", derived)
    return Question(target, measure, "", derived)


def _alike(one: ArmPlan, other: ArmPlan) -> bool:
    """Whether two arms are the same people with the same treatment, as far as they are simulated."""
    if one.population is None or other.population is None or one.treatments != other.treatments:
        return False
    first, second = one.population, other.population
    joint = np.array_equal(first.joint.cells, second.joint.cells)
    return joint and (first.kinds, first.rules, first.stated) == (second.kinds, second.rules, second.stated)


def run_study(
    plan: StudyPlan,
    *,
    workers: int | None = None,
    progress: Progress | None = None,
    simulate: Simulate | None = None,
    ensemble: Sequence[ParameterSet] = (),
    discrepancy: Discrepancy = NONE,
) -> Study:
    """Simulate every arm that is needed and compare.

    Parameters
    ----------
    workers : int, optional
        Processes; the result does not depend on it.
    simulate : callable, optional
        Treats the patients of an arm in this process, as :func:`hemograft.targets.simulate.simulate_arm` does.
    ensemble : sequence of ParameterSet, optional
        Values in place of the shipped ones: first those that predict, then others that widen the intervals, each for
        some of the patients; no more of them than there are patients for.
    discrepancy : Discrepancy
        What neither chance nor parameters explain, which widens them further.
    """
    center, most = (_values(ensemble[0]) if ensemble else None), most_members(plan.recipe.settings["patients"])
    members = tuple(map(_values, ensemble[1:][:most])) if most >= FEWEST_MEMBERS else ()
    jobs = [(name, some) for name in plan.needed for some in ((), members)[: 2 if members else 1]]
    tables: dict[tuple[str, bool], pa.Table] = {}

    def keep(job: int, content: bytes) -> None:
        name, some = jobs[job]
        tables[name, bool(some)] = pa.ipc.open_stream(content).read_all()
        if progress:
            progress(len(tables), len(jobs))

    if simulate is None:
        count = min(workers or os.cpu_count() or 1, max(len(jobs), 1))
        run_all(((plan.errand, name, center, some) for name, some in jobs), keep, workers=count, run=arm_table)
    else:
        for job, (name, some) in enumerate(jobs):
            keep(job, _answered(plan, name, simulate, center, some))
    done = {
        name: Simulated(tables[name, False], tables.get((name, True)), len(members), _order(plan, name))
        for name in plan.needed
    }
    return Study(plan, tuple(row_of(question, plan.arms, done, discrepancy) for question in plan.questions))


Values = dict[str, Parameter]  # a set of parameters that can be sent to another process


def _values(some: ParameterSet) -> Values:
    return dict(some.parameters)


def arm_table(errand: Errand, name: str, center: Values | None, members: Sequence[Values]) -> bytes:
    """Simulate one arm in whatever process: its outcome table as bytes."""
    return _answered(_planned(errand), name, simulate_arm, center, members)


def _answered(
    plan: StudyPlan, name: str, simulate: Simulate, center: Values | None, members: Sequence[Values]
) -> bytes:
    """An arm that cannot be treated takes no other along: its table is empty and says why."""
    values = None if center is None else ParameterSet(center)
    try:
        return _as_bytes(simulated(plan, name, simulate, 1, values, tuple(map(ParameterSet, members))))
    except (EngineError, InputError) as why:
        return _as_bytes(pa.table({}).replace_schema_metadata({REFUSED: " ".join(str(why).split())}))


@lru_cache(maxsize=1)
def _planned(errand: Errand) -> StudyPlan:
    """The tables, read once in each process."""
    return plan_study(errand.arms, errand.targets, partly=errand.partly, patients=errand.patients, seed=errand.seed)


def _as_bytes(table: pa.Table) -> bytes:
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue()


def _cases(plan: StudyPlan, name: str) -> tuple[Case, ...]:
    population = plan.arms[name].population
    assert population is not None
    return draw(population, plan.recipe.settings["patients"], plan.recipe.settings["seed"])


def _order(plan: StudyPlan, name: str) -> dict[str, int]:
    return {f"{case.id}/1": i for i, case in enumerate(_cases(plan, name))}


def simulated(
    plan: StudyPlan,
    name: str,
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
    questions = plan.needed[name]
    measures = [question.measure for question in questions if question.measure is not None]
    days = max([SHORTEST, *(np.ceil(measure.last_day) for measure in measures)])
    observed = {
        (measure.column.removesuffix("@"), int(measure.day or 0))
        for measure in measures
        if measure.column.endswith("@")
    }
    parts, own = [], []
    for treatment, chosen in _treated(plan, name):
        parts.append(([case for _, case in chosen], orders(treatment)))
        own += [members[place % len(members)] for place, _ in chosen] if members else []
    return simulate(
        parts,
        days=days,
        seed=plan.recipe.settings["seed"],
        workers=workers,
        observed=sorted(observed),
        parameters=parameters,
        members=own,
    )


def _treated(plan: StudyPlan, name: str) -> Iterator[tuple[Treatment, list[tuple[int, Case]]]]:
    """The treatments of an arm, each with the patients to whom it falls, by their place in the draw."""
    arm, cases = plan.arms[name], _cases(plan, name)
    chance = Luck(plan.recipe.settings["seed"], named(len(cases))[1]).uniform("treatment")
    which = picked(chance, {str(number): one.share for number, one in enumerate(arm.treatments)})
    for number, treatment in enumerate(arm.treatments):
        chosen = [(place, cases[place]) for place, one in enumerate(which) if one == str(number)]
        if chosen:
            yield treatment, chosen
