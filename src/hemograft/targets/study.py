"""A validation: arms are planned, simulated and compared with what was published."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import pyarrow as pa

from ..case.case import Case
from ..errors import EngineError, InputError
from ..parameters import Parameter, ParameterSet
from ..population.draw import draw
from ..population.luck import Luck, named, picked
from ..population.lymphocytes import first_day
from ..population.rules import shipped_rules
from ..population.treatments import Treatment, orders
from ..studies.workers import run_all
from .compare import REFUSED, Row, row_of
from .discrepancy import NONE, Discrepancy
from .lymphocytes import weakened
from .plan import Errand, StudyPlan, plan_study
from .simulate import simulate_arm
from .spread import FEWEST_MEMBERS, Simulated, most_members, with_members

SHORTEST = 120.0  # days of follow-up
Simulate = Callable[..., pa.Table]
Progress = Callable[[int, int], None]
Tables = dict[tuple[str, bool], pa.Table]  # of each arm: with the values that predict, and with those of members


@dataclass(frozen=True)
class Study:
    """A validation that was carried out, and of how many members its intervals are."""

    plan: StudyPlan
    rows: tuple[Row, ...]
    members: int = 0


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
    jobs = [(name, some) for name in plan.needed for some in ((), members)[: 2 if _varied(plan, name, members) else 1]]
    tables: Tables = {}

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
    return _compared(plan, tables, len(members), discrepancy)


def _compared(plan: StudyPlan, tables: Tables, members: int, discrepancy: Discrepancy) -> Study:
    done = {
        name: Simulated(tables[name, False], tables.get((name, True)), members, _order(plan, name))
        for name in plan.needed
    }
    return Study(plan, tuple(row_of(question, plan.arms, done, discrepancy) for question in plan.questions), members)


def _varied(plan: StudyPlan, name: str, members: Sequence[Values]) -> bool:
    """Whether an arm is simulated with members too; few of those who are given lymphocytes count, too few for that."""
    return bool(members) and not plan.arms[name].begins_at_relapse


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
        return _empty(str(why))
    except MemoryError:
        raise
    except Exception as fault:
        return _empty(f"a fault of the program, please report it: {type(fault).__name__}: {fault}")


def _empty(why: str) -> bytes:
    return _as_bytes(pa.table({}).replace_schema_metadata({REFUSED: " ".join(why.split())}))


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
        Values that the first patients have, in turn, and then only these patients are simulated.
    """
    questions = plan.needed[name]
    measures = [question.measure for question in questions if question.measure is not None]
    days = max([SHORTEST, *(np.ceil(measure.last_day) for measure in measures)])
    observed = {
        (column.removesuffix("@"), int(measure.day or 0))
        for measure in measures
        for column in (measure.column, measure.less)
        if column.endswith("@")
    }
    first = with_members(len(members)) if members else None
    parts, own = [], []
    for treatment, chosen in _treated(plan, name, first):
        parts.append(([case for _, case in chosen], orders(treatment)))
        own += _own(treatment, chosen, parameters, members)
    return simulate(
        parts,
        days=days,
        seed=plan.recipe.settings["seed"],
        workers=workers,
        observed=sorted(observed),
        wanted={column for measure in measures for column in measure.columns},
        parameters=parameters,
        members=own,
    )


def _own(
    treatment: Treatment,
    chosen: Sequence[tuple[int, Case]],
    parameters: ParameterSet | None,
    members: Sequence[ParameterSet],
) -> list[ParameterSet]:
    """Values that single patients have: those of members, or a first conditioning that acts weakly on leukemia."""
    if treatment.lymphocytes is not None:
        return weakened([case for _, case in chosen], orders(treatment), parameters)
    return [members[place % len(members)] for place, _ in chosen] if members else []


def _treated(
    plan: StudyPlan, name: str, first: int | None = None
) -> Iterator[tuple[Treatment, list[tuple[int, Case]]]]:
    """The treatments of an arm, each with those of the first patients to whom it falls, by their place in the draw."""
    arm, cases = plan.arms[name], _cases(plan, name)
    chance = Luck(plan.recipe.settings["seed"], named(len(cases))[1]).uniform("treatment")
    which = picked(chance, {str(number): one.share for number, one in enumerate(arm.treatments)})
    for number, treatment in enumerate(arm.treatments):
        chosen = [(place, cases[place]) for place, one in enumerate(which[:first]) if one == str(number)]
        if chosen:
            yield from _by_day(treatment, chosen)


def _by_day(treatment: Treatment, chosen: list[tuple[int, Case]]) -> Iterator[tuple[Treatment, list[tuple[int, Case]]]]:
    """A treatment with the day of the first lymphocytes, which depends on the leukemia; others as they are."""
    if treatment.lymphocytes is None:
        yield treatment, chosen
        return
    rules = shipped_rules()
    days = {place: first_day(case.patient.diagnosis, rules) for place, case in chosen}
    for day in sorted(set(days.values())):
        given = replace(treatment.lymphocytes, first=day)
        yield replace(treatment, lymphocytes=given), [one for one in chosen if days[one[0]] == day]
