"""COPASI (LSODA, through basico) on a task: the exported model with orders as events."""

from __future__ import annotations

from typing import Any

import numpy as np

from hemograft.exchange.orders import levels
from hemograft.exchange.sbml import to_sbml

from .switches import without_switches
from .work import Work

MOST_STEPS = 10_000  # for one day; at some tolerances its steps all but stop
SMALLEST = 1e-3  # share of the relative tolerance that is used as the one absolute tolerance COPASI has


class Copasi:
    """One loaded model; patients differ by the numbers that are set before each run.

    Parameters
    ----------
    switches : bool
        Leave the switches of rates as they are; else they are written as arithmetic, so that COPASI does not stop to
        locate each, which lets it go to tighter tolerances.
    """

    def __init__(self, work: Work, switches: bool = True):
        import basico
        import COPASI

        self.work, self.basico, self.copasi = work, basico, COPASI
        document = to_sbml(work.model, work.values(0), work.start[0], work.first_day, work.changes(0))
        self.loaded: Any = basico.load_model_from_string(document.text if switches else without_switches(document.text))
        model = self.loaded.getModel()
        ids = document.ids
        values = [model.getModelValue(i) for i in range(model.getNumModelValues())]
        by_id = {value.getSBMLId(): value for value in values}
        self.parameters = [(slot, by_id[ids[name]]) for name, slot in work.model.slots.items() if ids[name] in by_id]
        self.amounts = [by_id[name] for _, name in document.events]
        kinds = [model.getMetabolite(i) for i in range(model.getNumMetabs())]
        species = {kind.getSBMLId(): kind for kind in kinds}
        self.species = [species[ids[e.name]] for e in work.model.states]
        self.columns = [e.name for e in work.model.states]

    def states(self, i: int, tolerance: float) -> np.ndarray:
        """All states of one patient on all days, shape (day, state)."""
        self._prepare(i)
        last = self.work.last_day - self.work.first_day
        table = self.basico.run_time_course(
            start_time=0,
            duration=last,
            intervals=int(last),
            r_tol=tolerance,
            a_tol=tolerance * SMALLEST,
            max_steps=MOST_STEPS,
            method="deterministic",
            use_numbers=False,
            update_model=False,
            model=self.loaded,
        )
        if table is None or len(table) <= last:
            raise RuntimeError(f"did not finish within {MOST_STEPS} steps for a day")
        days = np.round(table.index.to_numpy()).astype(int)
        found = np.full((int(last) + 1, len(self.columns)), np.nan)
        found[days] = table[self.columns].to_numpy()
        return found

    def _prepare(self, i: int) -> None:
        planned = levels(self.work.changes(i), [e.name for e in self.work.model.inputs])
        given = [change.amount for change in planned if change.day > self.work.first_day]
        changed = self.copasi.ObjectStdVector()
        for value, number in (
            *((value, self.work.vectors[i, slot]) for slot, value in self.parameters),
            *zip(self.amounts, given, strict=True),
        ):
            value.setInitialValue(float(number))
            changed.push_back(value.getInitialValueReference())
        for kind, number in zip(self.species, self.work.start[i], strict=True):
            kind.setInitialConcentration(float(number))
            changed.push_back(kind.getInitialConcentrationReference())
        self.loaded.getModel().updateInitialValues(changed)
