"""Rules that act on the very day on which a step of the equations happened to end."""

import dataclasses

from hemograft.engine.simulate import simulate
from hemograft.protocol import Infuse, read_protocol
from test_immunity import case

ALWAYS = "platelets > 0.001 x10^9/L"


def test_an_order_may_begin_on_the_day_on_which_a_step_ended():
    """While few cells are counted in ones, steps end on whole days; the patient was given up there once."""
    orders = [
        Infuse("donor_lymphocytes", i, dose="1000 cells/kg", when=ALWAYS, watched=f"{day} to {day}")  # type: ignore[arg-type]
        for i, day in enumerate(range(200, 400, 17))
    ]
    flubu4 = read_protocol("flubu4")
    protocol = dataclasses.replace(flubu4, actions=(*flubu4.actions, *orders))
    run = simulate(case(cd3="depleted"), protocol, twins=24, days=420, seed=1, workers=1)
    assert not run.failures
    given = [row for row in run.given.to_pylist() if row["what"] == "donor_lymphocytes"]
    alive = {(row["patient"], row["day"]) for row in given}
    assert len(given) == len(alive) > 200
