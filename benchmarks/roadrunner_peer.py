"""libroadrunner (CVODE) on a task: the exported model with orders as events, or driven day by day with rules."""

from __future__ import annotations

from typing import Any

import numpy as np

from hemograft.exchange.orders import levels
from hemograft.exchange.sbml import to_sbml

from .bedside import Bedside
from .work import Work

MOST_STEPS = 1_000_000


class RoadRunner:
    """One loaded model; patients differ by the numbers that are set before each run.

    Parameters
    ----------
    daily : bool
        Leave orders out of the model and come back every day, for rules; else orders are events of the model.
    """

    def __init__(self, work: Work, daily: bool = False):
        import roadrunner

        roadrunner.Logger.setLevel(roadrunner.Logger.LOG_FATAL)
        self.work, self.daily = work, daily
        changes = () if daily else work.changes(0)
        self.document = to_sbml(work.model, work.values(0), work.start[0], work.first_day, changes)
        self.runner: Any = roadrunner.RoadRunner(self.document.text)
        ids, model = self.document.ids, self.runner.model
        known, species = list(model.getGlobalParameterIds()), list(model.getFloatingSpeciesIds())
        read = [(slot, ids[name]) for name, slot in work.model.slots.items() if ids[name] in known]
        self.slots = [slot for slot, _ in read]
        self.parameters = [known.index(name) for _, name in read]
        self.amounts = [known.index(name) for _, name in self.document.events]
        self.species = [species.index(ids[e.name]) for e in work.model.states]
        self.inputs = {e.name: known.index(ids[e.name]) for e in work.model.inputs if ids[e.name] in known}
        self.runner.timeCourseSelections = ["time", *(ids[e.name] for e in work.model.states)]
        self.observed = [ids[e.name] for e in work.model.observed]

    def states(self, i: int, tolerance: float) -> np.ndarray:
        """All states of one patient on all days, shape (day, state)."""
        self._prepare(i, tolerance)
        if self.daily:
            return self._by_days(i)
        last = self.work.last_day - self.work.first_day
        return np.asarray(self.runner.simulate(0, last, int(last) + 1))[:, 1:]

    def _prepare(self, i: int, tolerance: float) -> None:
        runner, work = self.runner, self.work
        integrator = runner.integrator
        integrator.setValue("relative_tolerance", tolerance)
        allowed = np.empty(len(self.species))
        allowed[self.species] = tolerance * work.floors
        integrator.setValue("absolute_tolerance", [float(a) for a in allowed])
        integrator.setValue("maximum_num_steps", MOST_STEPS)
        runner.reset()
        runner.model.setGlobalParameterValues(self.parameters, list(work.vectors[i][self.slots]))
        if self.amounts:
            planned = levels(work.changes(i), [e.name for e in work.model.inputs])
            given = [change.amount for change in planned if change.day > work.first_day]
            runner.model.setGlobalParameterValues(self.amounts, given)
        runner.model.setFloatingSpeciesAmounts(self.species, list(work.start[i]))

    def _by_days(self, i: int) -> np.ndarray:
        work, runner, bedside = self.work, self.runner, Bedside(self.work, i)
        found = np.empty((len(work.days), len(self.species)))
        shown = np.array([e.shown_in for e in work.model.observed])
        for row, day in enumerate(work.days):
            found[row] = runner.model.getFloatingSpeciesAmounts(self.species)
            read = np.array([runner.getValue(name) for name in self.observed]) / shown if bedside.armed else None
            for target, amount in bedside.act(day, read):
                self._give(target, amount)
            now = day
            while now < min(day + 1, work.last_day):
                for target, amount in bedside.due(now):
                    self._give(target, amount)
                until = min(bedside.next_order(), day + 1, work.last_day)
                runner.simulate(now - work.first_day, until - work.first_day, 2)
                now = until
        return found

    def _give(self, target: str, amount: float) -> None:
        model = self.runner.model
        if target in self.inputs:
            place = [self.inputs[target]]
            model.setGlobalParameterValues(place, [max(model.getGlobalParameterValues(place)[0] + amount, 0.0)])
        else:
            place = [self.species[self.work.model.state_number[target]]]
            model.setFloatingSpeciesAmounts(place, [model.getFloatingSpeciesAmounts(place)[0] + amount])
