"""Absent: what other mechanisms will provide, nothing until they do.

Graft-versus-host disease, steroids and prophylaxis against cytomegalovirus are read by infection and by death. A
mechanism that declares one of these names takes its line from here.
"""

from .component import Component, Quantity


def nothing(x, p):
    return 0.0


ABSENT = Component(
    name="absent",
    quantities=(
        Quantity("gvhd_damage", "1", nothing, "damage by acute graft-versus-host disease, 1 at grade II"),
        Quantity("chronic_gvhd", "1", nothing, "1 once chronic graft-versus-host disease has begun"),
        Quantity("steroid_exposure", "mg/(kg*day)", nothing, "steroids, as prednisone per kg and day"),
        Quantity("cmv_prophylaxis", "1", nothing, "share of cytomegalovirus growth blocked by prophylaxis"),
    ),
)
