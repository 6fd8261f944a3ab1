"""A calibration from two tables to an ensemble: which arms, which members, which steps; resumed where it stopped."""

from __future__ import annotations

import hashlib
import math
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ..ensemble import FOLDER
from ..errors import InputError, Problem
from ..parameters import DATA
from ..runs.folder import check_place, writing
from ..runs.recipe import Recipe, file_name, read_source
from ..streams import key
from ..studies.kept import Kept, digest, kept_in
from ..studies.workers import run_all
from ..targets.plan import Question
from ..targets.split import split
from ..version import VERSION
from .ask import Answer, Answers, Ask, answer, plan_of, rows_of, unpacked
from .data import Datum, covariance, datum, matrix
from .free import Free, read_free, values_of, within
from .inversion import Step, correlations, first_ensemble, misfit, step_share, updated

FEWEST_MEMBERS, MOST_MEMBERS, MOST_ITERATIONS = 4, 1000, 20
CHECKED = 5  # members of the posterior that are simulated on all arms, besides its median
SPENT = 1e-9  # share of the information that counts as none
SEED_BITS = 32  # that a member's seed leaves of a 64-bit hash
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class CalibrationPlan:
    """A calibration before it starts.

    Attributes
    ----------
    fitted, held_out : tuple of Datum
    arms_fitted, arms_held_out : tuple of str
    """

    ask: Ask
    free: tuple[Free, ...]
    recipe: Recipe
    studies: tuple[tuple[str, ...], tuple[str, ...]]
    arms_fitted: tuple[str, ...]
    arms_held_out: tuple[str, ...]
    fitted: tuple[Datum, ...]
    held_out: tuple[Datum, ...]
    code: str

    @property
    def folder(self) -> Path:
        """Where the result goes unless another folder is named."""
        name = file_name(Path(self.recipe.sources[1].name).stem)
        return Path("runs") / f"calibration-{name}-seed{self.ask.seed}"

    @property
    def question(self) -> str:
        """A hash of all that decides the results."""
        return digest(f"{self.recipe.hash} {VERSION} {self.code}".encode())

    @property
    def slots(self) -> int:
        """How many simulations there are: members by iterations, the shipped values, the median and some members."""
        settings = self.recipe.settings
        return settings["members"] * settings["iterations"] + 2 + min(CHECKED, settings["members"])


@dataclass(frozen=True)
class Calibration:
    """What a calibration comes to.

    Attributes
    ----------
    prior, posterior : array, shape (member, parameter)
        On the scales of the parameters.
    informed : array, shape (parameter, row)
        Correlation of parameters with predictions of the first ensemble; ``rows`` says which rows.
    before : Answers
        With shipped values.
    after : tuple of Answers
        With the posterior's median, then with some of its members.
    """

    plan: CalibrationPlan
    prior: np.ndarray
    posterior: np.ndarray
    steps: tuple[Step, ...]
    informed: np.ndarray
    rows: tuple[Datum, ...]
    before: Answers
    after: tuple[Answers, ...]


def plan_calibration(
    arms: Path | str, targets: Path | str, *, free: Path | str | None = None, **settings: int | float
) -> CalibrationPlan:
    """Read both tables, split the studies and choose the arms.

    Parameters
    ----------
    free : path, optional
        Which parameters may change; the shipped file when absent.
    settings
        ``members``, ``iterations``, ``patients``, ``seed``, ``hold-out`` (share of studies) and ``most-arms`` (arms to
        simulate, held-out ones among them; 0 for all).

    Raises
    ------
    InputError
        Every problem of a table, numbers that make no sense, or no row to fit to.
    """
    _refuse(settings)
    changed = read_free(free) if free else read_free()
    ask = Ask(str(arms), str(targets), int(settings["patients"]), int(settings["seed"]))
    plan = plan_of(ask)
    rows, study = rows_of(plan), {name: arm.arm.study for name, arm in plan.arms.items()}
    most, share = int(settings["most-arms"]), float(settings["hold-out"])
    studies = split({study[name] for name in rows}, ask.seed, share)
    chosen = [_chosen(rows, study, some, most, part) for some, part in zip(studies, (1 - share, share), strict=True)]
    data = [
        tuple(d for name in some for q in rows[name] if (d := datum(q, study[name], plan.arms[name].arm.n)))
        for some in chosen
    ]
    if not data[0]:
        expected = "at least one arm that can be simulated, with a verified value of an outcome, in a fitted study"
        raise InputError(Problem("no row to fit to", str(targets), expected))
    sources = [read_source("arms", arms), read_source("targets", targets)]
    sources += [read_source("free", free)] if free else []
    recipe = Recipe("calibrate", tuple(sources), settings)
    return CalibrationPlan(ask, changed, recipe, studies, chosen[0], chosen[1], data[0], data[1], code_digest())


def _chosen(
    rows: Mapping[str, Sequence[Question]], study: Mapping[str, str], some: Sequence[str], most: int, part: float
) -> tuple[str, ...]:
    """Arms of some studies: all, or so many that both parts keep their shares.

    First one arm of each study, then second ones; among those, arms with most endpoints first.
    """
    ranked = sorted(rows, key=lambda name: (-len({q.target.endpoint for q in rows[name]}), -len(rows[name]), name))
    found = [name for name in ranked if study[name] in some]
    before = {name: sum(study[other] == study[name] for other in found[:i]) for i, name in enumerate(found)}
    found.sort(key=lambda name: before[name])
    return tuple(found[: math.ceil(round(most * part, 6))] if most else found)


def _refuse(settings: dict[str, int | float]) -> None:
    limits = {"members": (FEWEST_MEMBERS, MOST_MEMBERS), "iterations": (1, MOST_ITERATIONS), "most-arms": (0, math.inf)}
    problems = [
        Problem(f"{settings[name]} {name.replace('-', ' ')}", f"--{name}", f"{low} to {high:,}")
        for name, (low, high) in limits.items()
        if not low <= settings[name] <= high
    ]
    if not 0 <= settings["hold-out"] < 1:
        problems.append(Problem(f"a share of {settings['hold-out']:g}", "--hold-out", "0 to less than 1", "0.3"))
    if problems:
        raise InputError(*problems)


def code_digest() -> str:
    """A hash of the code and the data files of the package, but for the shipped ensemble."""
    root, found = DATA.parent, hashlib.sha256()
    for path in sorted([*root.rglob("*.py"), *DATA.rglob("*.yaml"), *DATA.rglob("*.csv")]):
        if path.parent != FOLDER:
            found.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return found.hexdigest()[:32]


def calibrate(
    plan: CalibrationPlan,
    folder: Path | str,
    *,
    workers: int | None = None,
    resume: bool = False,
    force: bool = False,
    progress: Progress | None = None,
    simulate: Answer = answer,
) -> tuple[Calibration, Kept]:
    """Move the ensemble to the data; each simulation is kept beside the folder until the result is written.

    Parameters
    ----------
    workers : int, optional
        Processes; the result does not depend on it.
    simulate : callable
        Answers what one member is asked, as :func:`hemograft.calibration.ask.answer` does; a function of some module.

    Returns
    -------
    tuple
        The calibration, and what is kept, to be removed when the calibration is written.
    """
    place = Path(os.path.realpath(folder))
    with writing(folder):
        check_place(place, Path(folder), plan.recipe, force)
    kept = kept_in(place.with_name(f".{place.name}.members"), plan.slots, plan.question, resume=resume, force=force)
    return _inverted(Runner(plan, kept, workers or os.cpu_count() or 1, progress, simulate)), kept


def _inverted(runner: Runner) -> Calibration:
    plan, settings = runner.plan, runner.plan.recipe.settings
    members, iterations = settings["members"], settings["iterations"]
    median = np.array([one.on_scale(one.parameter.value) for one in plan.free])
    deviation = np.array([one.deviation for one in plan.free])
    prior = within(plan.free, first_ensemble(median, deviation, members, plan.ask.seed))
    moves, ensemble, left = [], prior, 1.0
    while left > SPENT:
        number = len(moves)
        answers = runner.answers(number * members, [(plan.arms_fitted, numbers) for numbers in ensemble])
        moves.append(_moved(plan, ensemble, answers, left, iterations - number))
        ensemble, left = moves[-1].ensemble, left - moves[-1].step.share
    everything = (*plan.arms_fitted, *plan.arms_held_out)
    some = [median, ensemble.mean(axis=0), *ensemble[: min(CHECKED, members)]]
    checks = runner.answers(members * iterations, [(everything, numbers) for numbers in some])
    steps, first = tuple(move.step for move in moves), moves[0]
    return Calibration(plan, prior, ensemble, steps, first.informed, first.rows, checks[0], tuple(checks[1:]))


@dataclass(frozen=True)
class _Moved:
    ensemble: np.ndarray
    step: Step
    informed: np.ndarray
    rows: tuple[Datum, ...]


def _moved(plan: CalibrationPlan, ensemble: np.ndarray, answers: Sequence[Answers], left: float, steps: int) -> _Moved:
    predicted, simulation, usable = matrix(plan.fitted, answers)
    rows = tuple(one for one, use in zip(plan.fitted, usable, strict=True) if use)
    if not rows:
        expected = "an outcome that the simulated patients have"
        raise InputError(Problem("no member has a value of any row", plan.ask.targets, expected))
    observed, noise = np.array([one.value for one in rows]), covariance(rows, simulation)
    share = step_share(predicted, observed, noise, left, steps)
    averaged = covariance(rows, simulation / len(ensemble))  # members have patients of their own
    moved = within(plan.free, updated(ensemble, predicted, observed, averaged, share, simulation))
    mean = float(misfit(predicted, observed, noise).mean()) * 2 / len(rows)
    return _Moved(moved, Step(share, mean, len(rows)), correlations(ensemble, predicted), rows)


@dataclass(frozen=True)
class Runner:
    """Runs what is not kept yet and reads the rest."""

    plan: CalibrationPlan
    kept: Kept
    workers: int
    progress: Progress | None
    simulate: Answer

    def answers(self, first: int, jobs: Sequence[tuple[tuple[str, ...], np.ndarray]]) -> list[Answers]:
        """Answers of members given as arms and numbers on the scales; ``first`` is the number of the first of them."""
        slots = range(first, first + len(jobs))
        there = {start for start, _, _ in self.kept.whole()}
        lacking = [(slot, job) for slot, job in zip(slots, jobs, strict=True) if slot not in there]
        tasks = ((self._ask(slot), arms, values_of(self.plan.free, numbers)) for slot, (arms, numbers) in lacking)
        done = [first + len(jobs) - len(lacking)]

        def save(number: int, content: bytes) -> None:
            slot = lacking[number][0]
            self.kept.save(slot, slot + 1, content)
            done[0] += 1
            if self.progress:
                self.progress(done[0], self.plan.slots)

        run_all(tasks, save, workers=min(self.workers, max(len(lacking), 1)), run=self.simulate)
        paths = {start: path for start, _, path in self.kept.whole()}
        return [unpacked(paths[slot].read_bytes()) for slot in slots]

    def _ask(self, slot: int) -> Ask:
        """Every member has patients of its own; what is checked before and after shares them."""
        ask, settings = self.plan.ask, self.plan.recipe.settings
        if slot >= settings["members"] * settings["iterations"]:
            return ask
        return replace(ask, seed=int(key(f"calibration {ask.seed} {slot}") >> np.uint64(SEED_BITS)))
