"""The public data sets read as columns, and the end points that both sides compute."""

from __future__ import annotations

import csv
import os
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from hemograft.statistics import Rows, paths, rows

BESIDE = Path(__file__).resolve().parents[2].parent / "shared" / "data"
FOLDER = Path(os.environ.get("HEMOGRAFT_DATA", BESIDE))
FILES = ("copelan_bmt", "ebmt3", "ebmt4")
DAYS = (30, 100, 180, 365, 730, 1000)


@dataclass(frozen=True)
class Table:
    """Columns of one file, with an end point: first event and its code, and any event."""

    columns: dict[str, np.ndarray]
    time: np.ndarray
    event: np.ndarray
    failed: np.ndarray

    def __getitem__(self, name: str) -> np.ndarray:
        return self.columns[name]


def _columns(name: str) -> dict[str, np.ndarray]:
    with (FOLDER / f"{name}.csv").open(newline="", encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    made = {}
    for key in lines[0]:
        values = [line[key] for line in lines]
        try:
            made[key] = np.array(values, dtype=float)
        except ValueError:
            made[key] = np.array(values)
    return made


def copelan() -> Table:
    """Relapse (1) or death without it (2)."""
    c = _columns("copelan_bmt")
    event = np.where(c["d2"] == 1, 1, np.where(c["d1"] == 1, 2, 0))
    return Table(c, c["t2"], event, c["d3"])


def ebmt4() -> Table:
    """Relapse (1) or death without it (2)."""
    c = _columns("ebmt4")
    event = np.where(c["rel.s"] == 1, 1, np.where(c["srv.s"] == 1, 2, 0))
    return Table(c, np.minimum(c["rel"], c["srv"]), event, (event > 0).astype(int))


def ebmt3() -> Table:
    """Relapse or death; as competing events, platelet recovery (1) before it (2)."""
    c = _columns("ebmt3")
    recovered = (c["prstat"] == 1) & (c["prtime"] <= c["rfstime"])
    c["first"] = np.where(recovered, c["prtime"], c["rfstime"])
    event = np.where(recovered, 1, np.where(c["rfsstat"] == 1, 2, 0))
    return Table(c, c["rfstime"], event, c["rfsstat"])


def _paths(changes: list[tuple[int, float, str]], end: dict[int, float], states: tuple[str, ...]) -> Rows:
    """Rows from changes; of several on one day the last in the list counts."""
    last = {(who, day): state for who, day, state in changes}
    who, day, state = zip(*((*key, state) for key, state in last.items()), strict=True)
    return paths(who, day, state, end, states=states, beginning=states[0])


def histories() -> dict[str, Rows]:
    """Multi-state histories of each data set."""
    c = ebmt3()
    changes = []
    for i in range(len(c.time)):
        if c["prstat"][i] == 1 and c["prtime"][i] <= c.time[i]:
            changes.append((i, c["prtime"][i], "platelets"))
        if c.failed[i]:
            changes.append((i, c.time[i], "relapse or death"))
    three = _paths(changes, dict(enumerate(c.time)), ("transplant", "platelets", "relapse or death"))
    return {"ebmt3": three, "ebmt4": _six(), "copelan": _two_beginnings()}


def _six() -> Rows:
    c = _columns("ebmt4")
    changes = []
    for i in range(len(c["id"])):
        end = c["srv"][i] if c["rel.s"][i] == 0 else c["rel"][i]
        got = {name: c[name][i] for name in ("rec", "ae") if c[f"{name}.s"][i] == 1 and c[name][i] <= end}
        first = sorted(got, key=got.__getitem__)
        if first:
            changes.append((i, got[first[0]], {"rec": "recovered", "ae": "adverse"}[first[0]]))
        if len(first) == 2:
            changes.append((i, got[first[1]], "both"))
        if c["rel.s"][i] == 1:
            changes.append((i, c["rel"][i], "relapse"))
        if c["srv.s"][i] == 1:
            changes.append((i, c["srv"][i], "death"))
    states = ("transplant", "recovered", "adverse", "both", "relapse", "death")
    return _paths(changes, dict(enumerate(c["srv"])), states)


def _two_beginnings() -> Rows:
    c = _columns("copelan_bmt")
    made = []
    for i in range(len(c["t1"])):
        now, since = ("MTX" if c["z10"][i] == 1 else "no MTX"), 0.0
        if c["d2"][i] == 1 and c["t2"][i] < c["t1"][i]:
            made.append((i, since, c["t2"][i], now, "relapse"))
            now, since = "relapse", c["t2"][i]
        made.append((i, since, c["t1"][i], now, "death" if c["d1"][i] == 1 else None))
    return rows(*zip(*made, strict=True), states=("MTX", "no MTX", "relapse", "death"))


def changing() -> dict[str, np.ndarray]:
    """Copelan's patients with rows that begin anew at acute GVHD and at platelet recovery."""
    c, made = copelan(), []
    for i in range(len(c.time)):
        acute = c["ta"][i] if c["da"][i] == 1 else np.inf
        platelets = c["tp"][i] if c["dp"][i] == 1 else np.inf
        cuts = sorted({0.0, *(day for day in (acute, platelets) if day < c.time[i]), c.time[i]})
        for start, stop in pairwise(cuts):
            event = int(c.failed[i] == 1 and stop == c.time[i])
            made.append((i, start, stop, event, start >= acute, start >= platelets, c["z1"][i]))
    names = ("id", "start", "stop", "event", "gvhd", "platelets", "age")
    return {name: np.array(values, dtype=float) for name, values in zip(names, zip(*made, strict=True), strict=True)}


def write_rows(folder: Path) -> None:
    """Put the rows of histories and of changing covariates where R reads them."""
    for name, made in histories().items():
        with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(("id", "start", "stop", "source", "target"))
            words = (*made.states, "")
            for i in range(len(made.start)):
                source, target = words[made.source[i]], words[made.target[i]]
                writer.writerow((made.patient[i], made.start[i], made.stop[i], source, target))
    columns = changing()
    with (folder / "changing.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))
