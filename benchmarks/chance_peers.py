"""GillesPy2 and rebop on a task: the same declared flows, as text."""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy

from hemograft.exchange.sbml import identifiers
from hemograft.model.reading import equations

from .work import Work


def flows_as_text(work: Work) -> tuple[list[str], list[str]]:
    """Identifiers of the states, and every rate as an expression of states and numbers of the first patient."""
    read = equations(work.model)
    ids = identifiers([e.name for e in work.model.states])
    names = [ids[e.name] for e in work.model.states]
    number = {symbol: work.vectors[0, work.model.slots[name]] for name, symbol in read.parameters.items()}
    known: dict[Any, Any] = dict(number)
    for _, symbol, value in read.quantities:
        known[symbol] = value.xreplace(known)
    named = {state: sympy.Symbol(name) for state, name in zip(read.states, names, strict=True)}
    return names, [str(rate.xreplace(known).xreplace(named)) for rate in read.rates]


class Gillespy:
    """GillesPy2's compiled solvers, ``exact`` or by tau-leaping; the build is not timed."""

    def __init__(self, work: Work, exact: bool = True):
        import gillespy2

        self.work, (self.names, rates) = work, flows_as_text(work)
        model = gillespy2.Model(name="stem_niche")
        species = [
            gillespy2.Species(name=name, initial_value=int(amount))
            for name, amount in zip(self.names, work.start[0], strict=True)
        ]
        model.add_species(species)
        for i, (arrow, rate) in enumerate(zip(work.model.arrows, rates, strict=True)):
            lost = {} if arrow.source is None else {self.names[arrow.source]: 1}
            gained = {} if arrow.target is None else {self.names[arrow.target]: int(arrow.yields)}
            model.add_reaction(
                gillespy2.Reaction(name=f"flow{i}", reactants=lost, products=gained, propensity_function=rate)
            )
        last = int(work.last_day)
        model.timespan(gillespy2.TimeSpan.linspace(t=last, num_points=last + 1))
        chosen = gillespy2.SSACSolver if exact else gillespy2.TauLeapingCSolver
        self.solver = chosen(model=model)

    def courses(self, count: int, seed: int) -> np.ndarray:
        """Counts of every state on every day, shape (course, day, state)."""
        results = self.solver.run(number_of_trajectories=count, seed=seed + 1)
        return np.array([np.stack([course[name] for name in self.names], axis=-1) for course in results])


class Rebop:
    """rebop's exact simulator, rates given as text."""

    def __init__(self, work: Work):
        import rebop

        self.work, (self.names, rates) = work, flows_as_text(work)
        self.model = rebop.Gillespie()
        for arrow, rate in zip(work.model.arrows, rates, strict=True):
            lost = [] if arrow.source is None else [self.names[arrow.source]]
            gained = [] if arrow.target is None else [self.names[arrow.target]] * int(arrow.yields)
            self.model.add_reaction(rate.replace("**", "^"), lost, gained)

    def courses(self, count: int, seed: int) -> np.ndarray:
        """Counts of every state on every day, shape (course, day, state)."""
        start = dict(zip(self.names, map(int, self.work.start[0]), strict=True))
        last = int(self.work.last_day)
        return np.array([self._one(start, last, seed + k) for k in range(count)])

    def _one(self, start: dict[str, int], last: int, seed: int) -> np.ndarray:
        table = self.model.run(start, tmax=last, nb_steps=last, rng=seed)
        return np.stack([np.asarray(table[name]) for name in self.names], axis=-1)
