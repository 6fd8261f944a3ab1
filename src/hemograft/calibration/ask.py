"""What one member of an ensemble is asked: every row of some arms, answered by a simulation with its parameters."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np

from ..ensemble import uncalibrated, with_values
from ..targets.endpoints import NoAnswer
from ..targets.estimates import Estimate, estimate
from ..targets.plan import Question, StudyPlan, plan_study
from ..targets.simulate import simulate_arm
from ..targets.study import simulated

Answers = dict[int, Estimate]  # by the line of the row in its table


@dataclass(frozen=True)
class Ask:
    """Two tables and who is drawn; small, so that it can be sent to another process, which reads them itself.

    Members that are asked with different seeds are asked about different patients: what is chance then differs
    between members and averages out over an ensemble.
    """

    arms: str
    targets: str
    patients: int
    seed: int


Answer = Callable[[Ask, Sequence[str], Mapping[str, float]], bytes]


def plan_of(ask: Ask) -> StudyPlan:
    """The tables, read once in each process, with the patients of this seed."""
    plan = _read(ask.arms, ask.targets, ask.patients)
    settings = {**plan.recipe.settings, "seed": ask.seed}
    return replace(plan, recipe=replace(plan.recipe, settings=settings), errand=replace(plan.errand, seed=ask.seed))


@lru_cache(maxsize=1)
def _read(arms: str, targets: str, patients: int) -> StudyPlan:
    return plan_study(arms, targets, patients=patients, seed=0)


def rows_of(plan: StudyPlan) -> dict[str, list[Question]]:
    """The values of single arms that can be predicted and fitted to and were read in their source, by arm."""
    found: dict[str, list[Question]] = {}
    for question in plan.questions:
        if question.measure is None or not question.measure.fitted:
            continue
        if question.target.verified and not question.target.is_contrast:
            found.setdefault(question.target.arm, []).append(question)
    return found


def answer(ask: Ask, arms: Sequence[str], values: Mapping[str, float]) -> bytes:
    """Simulate some arms with some values and estimate every row; the seed decides who the patients are."""
    plan = plan_of(ask)
    rows = rows_of(plan)
    parameters = uncalibrated() | with_values(values)
    found: Answers = {}
    for arm in arms:
        table = simulated(plan, arm, simulate_arm, 1, parameters)
        for question in rows[arm]:
            assert question.measure is not None
            try:
                found[question.target.line] = estimate(table, question.measure)
            except (NoAnswer, KeyError):
                continue
    return packed(found)


def packed(answers: Answers) -> bytes:
    """Answers as bytes, the same wherever they were made."""
    words = {str(line): {**asdict(one), "sample": one.sample.tolist()} for line, one in sorted(answers.items())}
    return json.dumps(words).encode()


def unpacked(content: bytes) -> Answers:
    """What :func:`packed` packed."""
    words: dict[str, dict[str, Any]] = json.loads(content)
    return {int(line): Estimate(**{**one, "sample": np.array(one["sample"], float)}) for line, one in words.items()}
