"""A study: many virtual patients, simulated chunk by chunk, resumable, and the same bytes however they were run."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as parquet

from ..case.case import Case
from ..case.compatibility import consulted
from ..engine.simulate import TOLERANCE, check_arguments, protocol_of
from ..errors import InputError, Problem
from ..parameters import ParameterSet
from ..protocol.protocol import Protocol
from ..records import plain
from ..trajectory import Failure
from ..version import VERSION
from . import daily
from .chunk import Conditions, Member, unpack
from .kept import Kept, kept_in
from .workers import run_all

CHUNK = 500  # patients; some seconds of work
ROW_GROUP = 10_000  # rows of the table of outcomes that are written together, whatever the chunks were
FOLDER_OF_CHUNKS = "chunks"

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Study:
    """Who is simulated, how often, under which conditions.

    Attributes
    ----------
    cases : tuple of Case
        Each with an id of its own.
    protocols : tuple of Protocol
        One for each case.
    twins : int
        Virtual patients of each case.
    """

    cases: tuple[Case, ...]
    protocols: tuple[Protocol, ...]
    twins: int
    conditions: Conditions

    @property
    def patients(self) -> int:
        """How many are simulated."""
        return len(self.cases) * self.twins

    def members(self, first: int, last: int) -> list[Member]:
        """The patients numbered ``first`` to ``last - 1``; twins of a case stand together."""
        return [
            Member(f"{self.cases[i // self.twins].id}/{i % self.twins + 1}", self.cases[i // self.twins], protocol)
            for i in range(first, last)
            for protocol in (self.protocols[i // self.twins],)
        ]

    @property
    def question(self) -> str:
        """A hash of all that decides the results."""
        used = VERSION, code_digest(), consulted(*self.cases)
        said = (*used, plain(self.cases), plain(self.protocols), self.twins, plain(self.conditions))
        return hashlib.sha256(repr(said).encode()).hexdigest()


@lru_cache(maxsize=1)
def code_digest() -> str:
    """A hash of the package's files: chunks made by other code are not mixed with new ones."""
    package = Path(__file__).parent.parent
    files = sorted(path for path in package.rglob("*") if path.suffix in {".py", ".yaml"})
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()


@dataclass(frozen=True)
class Results:
    """What a study found.

    Attributes
    ----------
    outcomes : pyarrow.Table
        One row a patient, see :func:`hemograft.outcomes`.
    daily : pyarrow.Table
        Quantiles by observable and day, see :mod:`hemograft.studies.daily`.
    failures : tuple of Failure
        Patients whose equations could not be advanced to the end.
    """

    outcomes: pa.Table
    daily: pa.Table
    failures: tuple[Failure, ...]


def study_of(
    cases: Case | Sequence[Case],
    protocol: Protocol | str | None = None,
    *,
    twins: int = 1,
    days: float = 730,
    seed: int = 0,
    parameters: ParameterSet | None = None,
    tolerance: float = TOLERANCE,
    chance: bool = True,
) -> Study:
    """Collect what a study needs; arguments as of :func:`simulate_cohort`.

    Raises
    ------
    InputError
        No cases, two cases of one id, a case without a protocol, or an argument that makes no sense.
    """
    cases = (cases,) if isinstance(cases, Case) else tuple(cases)
    if not cases:
        raise InputError(Problem("there are no cases", "cases", "at least one case"))
    check_arguments(twins, days, tolerance)
    ids = [case.id for case in cases]
    if len(set(ids)) < len(ids):
        twice = next(name for i, name in enumerate(ids) if name in ids[:i])
        raise InputError(Problem(f"two cases are called {twice!r}", "cases", "each case with an id of its own"))
    read: dict[Any, Protocol] = {}
    for case in cases:
        chosen = protocol or case.protocol
        if chosen not in read:
            read[chosen] = protocol_of(case, protocol)
    protocols = tuple(read[protocol or case.protocol] for case in cases)
    return Study(cases, protocols, twins, Conditions(float(int(days)), seed, tolerance, chance, parameters))


def simulate_cohort(
    cases: Case | Sequence[Case],
    protocol: Protocol | str | None = None,
    *,
    folder: Path | str | None = None,
    chunk: int = CHUNK,
    workers: int | None = None,
    scheduler: str | None = None,
    resume: bool = False,
    force: bool = False,
    progress: Progress | None = None,
    **conditions: Any,
) -> Results:
    """Simulate any number of virtual patients and keep outcomes and daily quantiles, in constant memory.

    Parameters
    ----------
    cases : Case or sequence of Case
        Who is treated; each with an id of its own.
    protocol : Protocol or str, optional
        What is ordered; the one that each case names when absent.
    folder : path, optional
        Where chunks are kept while the study runs, and removed at its end; a temporary one when absent.
    chunk : int
        Patients simulated together; results do not depend on it.
    workers : int, optional
        Processes; results do not depend on it.
    scheduler : str, optional
        Address of a Dask scheduler, in place of own processes.
    resume : bool
        Go on with chunks that an interrupted run of the same study left in ``folder``.
    force : bool
        Start over where an interrupted run is kept.
    progress : callable, optional
        Called with (patients done, patients).
    conditions
        ``twins`` of each case (1), ``days`` (730), ``seed`` (0), ``parameters``, ``tolerance`` and ``chance``, as
        for :func:`hemograft.simulate`.

    Raises
    ------
    InputError
        An argument makes no sense, a protocol cannot be given to a patient, or the folder cannot be written.
    """
    study = study_of(cases, protocol, **conditions)
    with tempfile.TemporaryDirectory() as temporary:
        place = Path(folder) / FOLDER_OF_CHUNKS if folder else Path(temporary) / FOLDER_OF_CHUNKS
        kept = kept_in(place, study.patients, study.question, resume=resume, force=force)
        simulate_missing(study, kept, chunk, workers or os.cpu_count() or 1, scheduler, progress)
        results = results_of(kept)
        kept.remove()
        return results


def simulate_missing(
    study: Study, kept: Kept, chunk: int, workers: int, scheduler: str | None, progress: Progress | None
) -> None:
    """Simulate the patients of whom no chunk is kept yet."""
    if chunk < 1:
        raise InputError(Problem(f"a chunk of {chunk} patients", "chunk", "at least 1"))
    missing = kept.missing(chunk)
    left = sum(last - first for first, last in missing)
    done = study.patients - left
    if len(missing) > 1 and len(missing) % workers and not scheduler:  # so that no worker waits for the last chunk
        missing = kept.missing(-(-left // (len(missing) + -len(missing) % workers)))

    def save(number: int, content: bytes) -> None:
        nonlocal done
        first, last = missing[number]
        kept.save(first, last, content)
        done += last - first
        if progress:
            progress(done, study.patients)

    if progress and done:
        progress(done, study.patients)
    tasks = ((study.members(first, last), study.conditions) for first, last in missing)
    run_all(tasks, save, workers=min(workers, max(len(missing), 1)), scheduler=scheduler)


def results_of(kept: Kept) -> Results:
    """Everything that was found, in memory."""
    tables, counts, failures = [], [], []
    for content in kept.read():
        judged = unpack(content)
        tables.append(judged.outcomes)
        counts.append(judged.counts)
        failures += judged.failures
    return Results(pa.concat_tables(tables), daily.quantiles(daily.add(counts)), tuple(failures))


def write_results(kept: Kept, folder: Path) -> Results:
    """Write ``outcomes.parquet``, ``daily.parquet`` and ``failures.csv``, in constant memory.

    Returns
    -------
    Results
        Without the outcomes of single patients.
    """
    counts, failures = daily.COUNTED.empty_table(), []
    writer, waiting = None, None
    for content in kept.read():
        judged = unpack(content)
        counts, failures = daily.add([counts, judged.counts]), [*failures, *judged.failures]
        waiting = judged.outcomes if waiting is None else pa.concat_tables([waiting, judged.outcomes])
        writer = writer or parquet.ParquetWriter(folder / "outcomes.parquet", waiting.schema)
        waiting = _write_groups(writer, waiting, ROW_GROUP)
    if writer is not None and waiting is not None:
        _write_groups(writer, waiting, 1)
        writer.close()
    found = daily.quantiles(counts)
    parquet.write_table(found, folder / "daily.parquet")
    lines = [f"{f.patient},{f.day:g},{f.state},{f.why}" for f in failures]
    (folder / "failures.csv").write_text("\n".join(["patient,day,state,why", *lines]) + "\n", encoding="utf-8")
    return Results(waiting.schema.empty_table() if waiting is not None else pa.table({}), found, tuple(failures))


def _write_groups(writer: parquet.ParquetWriter, table: pa.Table, least: int) -> pa.Table:
    """Write whole row groups while at least ``least`` rows are left; what remains."""
    while table.num_rows >= max(least, 1):
        writer.write_table(table.slice(0, ROW_GROUP).combine_chunks(), row_group_size=ROW_GROUP)
        table = table.slice(ROW_GROUP)
    return table
