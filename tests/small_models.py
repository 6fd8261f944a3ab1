"""Small declared models with known answers, run on the real engine."""

from __future__ import annotations

import numpy as np

from hemograft.engine.lanes import Patients, Records, bounds_of, luck_of
from hemograft.engine.run import run
from hemograft.model.compile import Model, assemble
from hemograft.model.component import Component, Event, Flow, Population, Quantity, State
from hemograft.parameters import Parameter, ParameterSet
from hemograft.streams import key

NO_ORDERS = {
    "times": np.zeros(0),
    "events": np.zeros((0, 4), np.int64),
    "amounts": np.zeros(0),
    "rules": np.zeros((0, 5), np.int64),
    "limits": np.zeros((0, 4)),
}


def laid_out(component: Component, **values: str) -> Model:
    """A model of one component; values as in a parameter file."""
    found = {}
    for name, text in values.items():
        number, _, unit = text.partition(" ")
        found[name] = Parameter(name, float(number), unit or "1", "of a test", "assumed", "test")
    return assemble((component,), {"origin": ("host",)}, ParameterSet(found))


def people(
    model: Model, start: dict[str, float], count: int, days: float, seed: int = 0, chance: bool = True
) -> Patients:
    """Patients who are all alike but for their luck, without orders, from day 0."""
    names = {e.name: i for i, e in enumerate(model.states)}
    x = np.zeros((count, len(names)))
    for name, amount in start.items():
        x[:, names[name]] = amount
    p = np.zeros((count, len(model.slots)))
    for name in model.parameter_names:
        p[:, model.slots[name]] = model.parameters[name].value
    keys = np.array([key(f"patient {i}") for i in range(count)])
    empty = {name: np.broadcast_to(a, (count, *a.shape)).copy() for name, a in NO_ORDERS.items()}
    return Patients(
        vectors=p,
        start=x,
        first_day=np.zeros(count),
        last_day=np.full(count, float(days)),
        waiting=np.zeros(count, np.int64),
        bounds=bounds_of(model, keys, seed, chance),
        luck=luck_of(model, keys, seed),
        **empty,
    )


def follow(model: Model, start: dict[str, float], count: int, days: float, **options) -> Records:
    """Run them."""
    seed = options.pop("seed", 0)
    patients = people(model, start, count, days, seed, options.get("chance", True))
    return run(model, patients, **{"tolerance": 1e-5, "workers": 1, **options})


def births(x, p):
    return p.birth * x.cells


def deaths(x, p):
    return p.death * x.cells


def arrivals(x, p):
    return p.arrival


BIRTHS_AND_DEATHS = Component(
    name="births_and_deaths",
    states=(State("cells", "cells", "cells that divide and die"),),
    flows=(
        Flow("cells", "cells", births, yields=2.0),
        Flow("cells", None, deaths),
        Flow(None, "cells", arrivals),
    ),
    populations=(Population("cells", ("cells",), (), "all of them"),),
)


def crowded_births(x, p):
    return p.birth / (1 + x.cells / p.places) * x.cells


def seen(x, p):
    return x.cells


CROWDED = Component(
    name="crowded",
    states=(State("cells", "cells", "cells that divide where there is room, and die"),),
    quantities=(Quantity("seen", "cells", seen, "what is recorded every day", observed="cells"),),
    flows=(Flow("cells", "cells", crowded_births, yields=2.0), Flow("cells", None, deaths)),
    populations=(Population("cells", ("cells",), (), "all of them"),),
)


def gives(x, p):
    return p.giving * x.founders


def crowded_offspring(x, p):
    return p.birth / (1 + x.offspring / p.places) * x.offspring


FOUNDERS = Component(
    name="founders",
    states=(
        State("founders", "cells", "cells that only give offspring"),
        State("offspring", "cells", "their offspring"),
    ),
    flows=(
        Flow("founders", "offspring", gives),
        Flow("offspring", "offspring", crowded_offspring, yields=2.0),
    ),
    populations=(Population("line", ("founders", "offspring"), (), "founders and offspring"),),
)


def wakes(x, p):
    return p.waking * x.resting


def rests(x, p):
    return p.settling * x.active


def divides(x, p):
    return p.birth * x.active


def dies(x, p):
    return p.death * x.active


def matures(x, p):
    return p.maturing * x.active


def cleared(x, p):
    return p.clearance * x.mature


RESTING_AND_ACTIVE = Component(
    name="resting_and_active",
    states=(
        State("resting", "cells", "cells that rest"),
        State("active", "cells", "cells that divide"),
        State("mature", "cells", "their offspring"),
    ),
    flows=(
        Flow("resting", "active", wakes),
        Flow("active", "resting", rests),
        Flow("active", "active", divides, yields=2.0),
        Flow("active", None, dies),
        Flow("active", "mature", matures, yields=2.0),
        Flow("mature", None, cleared),
    ),
    populations=(Population("stem", ("resting", "active"), (), "cells that sustain themselves"),),
)


def passes(x, p):
    return 1.0 * p.pace


def wears_out(x, p):
    return p.wear * x.age


def falls(x, p):
    return p.fall * (1 + p.after * x.slipped)


def slips(x, p):
    return p.slip


LIVES = Component(
    name="lives",
    states=(State("age", "day", "age"),),
    flows=(Flow(None, "age", passes),),
    events=(
        Event("slipped", slips, "a slip, after which falls are more likely"),
        Event("worn_out", wears_out, "the end of wear", ends=True),
        Event("fallen", falls, "a fall", ends=True),
    ),
)
