"""Cells in whole numbers: the small niche by chance, in the engine and in exact simulators."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from scipy.stats import ks_2samp

from . import ours
from .measure import clocked, first_line
from .own_exact import Exact
from .stem_niche import stem_niche
from .work import Work, standard

COUNTED = "hemograft, counted in ones"
OWN = "plain exact simulator of ours"
DAY, LAST = 365, 730
APART = 1_000_000  # between seeds of two rounds

Courses = Callable[[int], np.ndarray]


def by_chance(quick: bool, say: Callable[[str], None]) -> dict[str, Any]:
    """Times and distributions on the niche, and what chance costs on the whole model; plain data for the page."""
    entrants, absent, built = _entrants(quick)
    times: dict[str, list[float]] = {name: [] for name in entrants}
    failed: dict[str, str] = {}
    for turn in range(2 if quick else 4):
        for name, (solve, count) in entrants.items():
            say(f"niche by chance: round {turn + 1}, {name}")
            try:
                times[name].append(clocked(solve, count, 1 + turn * APART))
            except (RuntimeError, ValueError) as error:
                failed[name] = first_line(error)
    return {
        "engines": {
            name: {"ms": statistics.median(found) if found else None, "ms_all": found, "courses": entrants[name][1]}
            for name, found in times.items()
        },
        "failed": failed,
        "seconds_to_build": built,
        "absent": absent,
        "distribution": _distribution(quick, say),
        "whole_model": _whole_model(quick),
    }


def _entrants(quick: bool) -> tuple[dict[str, tuple[Courses, int]], list[str], dict[str, float]]:
    many, few = (64, 4) if quick else (512, 32)
    crowd = stem_niche(many)
    exact = Exact(stem_niche(1))
    counted = ours.Ours(crowd)
    ours.Ours(crowd.some(1)).chance(0)
    exact.courses(1, 0)
    found: dict[str, tuple[Courses, int]] = {
        COUNTED: (counted.chance, many),
        OWN: (lambda seed: exact.courses(few, seed), few),
    }
    absent, built = [], {}
    for name, make, count in _peers(crowd.some(1), quick):
        begun = time.perf_counter()
        try:
            peer = make()
        except ImportError:
            absent.append(name)
            continue
        built[name] = time.perf_counter() - begun
        found[name] = (lambda seed, peer=peer, count=count: peer.courses(count, seed), count)
    return found, absent, built


def _peers(work: Work, quick: bool) -> list[tuple[str, Callable[[], Any], int]]:
    def gillespy(exact: bool):
        from .chance_peers import Gillespy

        return Gillespy(work, exact)

    def rebop():
        from .chance_peers import Rebop

        return Rebop(work)

    few, fewer = (2, 1) if quick else (16, 2)
    return [
        ("rebop, exact", rebop, few),
        ("GillesPy2 SSACSolver, exact", lambda: gillespy(True), few),
        ("GillesPy2 TauLeapingCSolver", lambda: gillespy(False), fewer),
    ]


def _distribution(quick: bool, say: Callable[[str], None]) -> dict[str, Any]:
    """Whether the engine's counts have the distribution of exact courses: Kolmogorov and Smirnov, and extinction."""
    say("niche by chance: distributions")
    counted, exact = (256, 64) if quick else (3000, 1000)
    work = stem_niche(counted)
    both = ours.Ours(work).chance(77), Exact(stem_niche(1)).courses(exact, 7)
    ends = {day: tuple(courses[:, day] for courses in both) for day in (DAY, LAST)}
    one, other = ends[DAY]
    names = [e.name for e in work.model.states]
    gone = names.index("leukemic_stem")
    return {
        "courses": {COUNTED: counted, OWN: exact},
        "day": DAY,
        "p_values": {name: float(ks_2samp(one[:, i], other[:, i]).pvalue) for i, name in enumerate(names)},
        "deviations": {name: [float(one[:, i].std()), float(other[:, i].std())] for i, name in enumerate(names)},
        "means": {name: [float(one[:, i].mean()), float(other[:, i].mean())] for i, name in enumerate(names)},
        "leukemic_stem_cells_gone": {
            str(day): [_share(end[:, gone] == 0) for end in found] for day, found in ends.items()
        },
    }


def _share(flags: np.ndarray) -> list[float]:
    """A proportion and its standard error, never exactly zero."""
    guess = (flags.sum() + 1) / (len(flags) + 2)
    return [float(flags.mean()), float(np.sqrt(guess * (1 - guess) / len(flags)))]


def _counts(work: Work, chance: bool, _: int) -> None:
    ours.counts(work, chance=chance)


def _whole_model(quick: bool) -> dict[str, float]:
    """Milliseconds per patient of the standard task with and without chance, rules at the bedside, one thread."""
    work = standard(16 if quick else 128, rules=True)
    found: dict[str, list[float]] = {"without chance": [], "with chance": []}
    ours.counts(work.some(1), chance=True)
    for _ in range(2 if quick else 5):
        for name, times in found.items():
            solve = partial(_counts, work, name == "with chance")
            times.append(clocked(solve, len(work.vectors), 0))
    return {name: statistics.median(times) for name, times in found.items()}
