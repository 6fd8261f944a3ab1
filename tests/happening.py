"""Made-up events for made-up trajectories, and hazards read with plain numbers, for tests that need them."""

from __future__ import annotations

import dataclasses

import numpy as np
import pyarrow as pa

from bench import people, values_of
from hemograft.case.case import Case
from hemograft.model.compile import Model
from hemograft.model.reading import rates_of_change
from hemograft.trajectory import EVENTS, Trajectory


def with_events(trajectory: Trajectory, *rows: tuple[str, str, float]) -> Trajectory:
    """The same trajectory in which (patient, event, day) happened; values are missing after a death."""
    daily = trajectory.daily
    values = {name: array.copy() for name, array in daily.values.items()}
    for patient, event, day in rows:
        if event.startswith("death_"):
            for array in values.values():
                array[daily.patients.index(patient), daily.days > day] = np.nan
    names, events, days = zip(*rows, strict=True) if rows else ((), (), ())
    happened = pa.table({"patient": list(names), "event": list(events), "day": [float(d) for d in days]}, EVENTS)
    return dataclasses.replace(trajectory, daily=dataclasses.replace(daily, values=values), events=happened)


class Bedside:
    """One twin of a case whose states and inputs can be set, to read hazards without running a course."""

    def __init__(self, model: Model, who: Case):
        twins = people(model, who)
        self.model, self.start = model, twins.start[0]
        self.values = values_of(model, twins)
        typical = {name: model.parameters[name].value for name in twins.own}
        self.values |= typical
        arrays = {name: np.asarray([value]) for name, value in self.values.items()}
        self.values |= {name: float(value[0]) for name, value in model.derive(arrays).items()}

    def hazard(self, event: str, **changes: float) -> float:
        """Hazard of an event [1/day]; ``changes`` set states, inputs and covariates, ``x__y`` for ``x[y]``."""
        return self.rate_into(f"{event}_hazard", **changes)

    def rate_into(self, state: str, **changes: float) -> float:
        """Rate of change of one state."""
        amounts, values = self.start.copy(), dict(self.values)
        for name, value in changes.items():
            full = f"{name.split('__')[0]}[{','.join(name.split('__')[1:])}]" if "__" in name else name
            if full in self.model.state_number:
                amounts[self.model.state_number[full]] = value
            elif full in values:
                values[full] = value
            else:
                raise KeyError(full)
        arrays = {name: np.asarray([value]) for name, value in values.items()}
        values |= {name: float(value[0]) for name, value in self.model.derive(arrays).items()}
        changes_, _ = rates_of_change(self.model, amounts, values)
        return float(changes_[self.model.state_number[state]])
