"""A study from files to a folder: what is asked, the chunks beside it while it runs, and the finished folder."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as parquet

from ..case.case import read_case
from ..case.compatibility import consulted
from ..errors import InputError, Problem
from ..outcome.summary import Row, summarize
from ..protocol.protocol import Protocol, read_protocol, shipped_protocols
from ..runs.ensembles import Choice
from ..runs.folder import MARK, building, check_place, writing
from ..runs.json_text import json_text
from ..runs.recipe import TOOL, Recipe, file_name, protocol_path, read_source
from ..version import VERSION
from .kept import kept_in
from .study import Progress, Study, simulate_missing, study_of, write_results


@dataclass(frozen=True)
class StudyPlan:
    """A study before it starts."""

    study: Study
    recipe: Recipe

    @property
    def folder(self) -> Path:
        """Where it goes unless another folder is named."""
        first = file_name(self.study.cases[0].id)
        more = f"-and-{len(self.study.cases) - 1}" if len(self.study.cases) > 1 else ""
        twins, seed = self.recipe.settings["twins"], self.recipe.settings["seed"]
        return Path("runs") / f"study-{first}{more}-{twins}-seed{seed}"


@dataclass(frozen=True)
class Made:
    """A finished study, in short."""

    patients: int
    failures: int
    summary: list[Row]
    provenance: dict[str, Any]


def plan_study(
    paths: Sequence[Path | str], protocol: str | None, *, ensemble: Choice | None = None, **settings: Any
) -> StudyPlan:
    """Read the files of a study.

    Parameters
    ----------
    protocol : str or None
        Name of a shipped protocol or path of a file; the one that each case names when absent.
    ensemble : Choice, optional
        Which calibrated ensemble is used; see :func:`hemograft.runs.ensembles.choose`.
    settings
        ``twins``, ``days`` and ``seed``.

    Raises
    ------
    InputError
        Every problem of the cases, or of a protocol; or a case names no protocol.
    """
    cases, problems = [], []
    for path in paths:
        try:
            cases.append(read_case(path))
        except InputError as error:
            problems += error.problems
    problems += [
        _no_protocol(path) for path, case in zip(paths, cases, strict=False) if not (protocol or case.protocol)
    ]
    if problems:
        raise InputError(*problems)
    chosen = dict.fromkeys(str(protocol or case.protocol) for case in cases)
    sources = [read_source("case", path) for path in paths]
    role = "protocol" if protocol else "orders"
    sources += [read_source(role, protocol_path(name)) for name in chosen]
    used = ensemble or Choice()
    sources += used.sources
    orders: Protocol | None = read_protocol(protocol) if protocol else None
    study = study_of(cases, orders, **settings, parameters=used.center)
    return StudyPlan(study, Recipe("study", tuple(sources), {**settings, **used.settings}))


def _no_protocol(path: Path | str) -> Problem:
    shipped = ", ".join(shipped_protocols())
    return Problem("the case names no protocol", Path(path).name, f"--protocol with a file, or one of: {shipped}")


def run_study(
    plan: StudyPlan,
    folder: Path | str,
    *,
    chunk: int,
    workers: int | None = None,
    scheduler: str | None = None,
    resume: bool = False,
    force: bool = False,
    progress: Progress | None = None,
) -> Made:
    """Simulate a study and write its folder; chunks are kept beside it until it is finished.

    Raises
    ------
    InputError
        The place is taken or cannot be written, or an interrupted run is kept and neither ``resume`` nor ``force``
        was asked for.
    """
    place = Path(os.path.realpath(folder))
    with writing(folder):
        check_place(place, Path(folder), plan.recipe, force)
    study = plan.study
    beside = place.with_name(f".{place.name}.chunks")
    kept = kept_in(beside, study.patients, study.question, resume=resume, force=force)
    simulate_missing(study, kept, chunk, workers or os.cpu_count() or 1, scheduler, progress)
    with building(folder, plan.recipe, force=force) as partial, writing(folder):
        found = write_results(kept, partial)
        summary = summarize(parquet.read_table(partial / "outcomes.parquet"))
        settings = {**plan.recipe.settings, "patients": study.patients, "tolerance": study.conditions.tolerance}
        settings |= {**consulted(*study.cases), **plan.recipe.provenance}
        provenance = {"software": TOOL, "version": VERSION, **settings}
        words = {"provenance": provenance, "failures": len(found.failures)}
        (partial / MARK).write_text(json_text(words) + "\n", encoding="utf-8")
    kept.remove()
    return Made(study.patients, len(found.failures), summary, provenance)
