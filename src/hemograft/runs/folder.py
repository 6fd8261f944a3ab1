"""A run folder: everything one run read and made, built out of sight and put in place in one step.

The folder is made under a temporary name beside its final place and renamed at the end, so that an error, a full
disk or Ctrl-C leaves neither half a folder nor a damaged older one.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as parquet
from pyarrow import csv

from ..case.case import Case, read_case
from ..errors import InputError, Problem
from ..files import name_of
from ..protocol.protocol import Protocol, read_protocol, shipped_protocols
from ..reporting.page import report
from ..trajectory import Trajectory
from .ensembles import Choice
from .leftovers import beside, tidy
from .recipe import INPUTS, TOOL, Recipe, added_parts, file_name, protocol_path, read_source

MARK = "provenance.json"  # a folder that holds it, written by us, is a run folder
MADE = (
    "trajectory.nc",
    "given.parquet",
    "events.parquet",
    "individual.parquet",
    "outcomes.parquet",
    "outcomes.csv",
    "daily.parquet",
    "failures.csv",
    "report.html",
    "predicted.parquet",
    "predicted.csv",
    "skipped.csv",
    "rows.csv",
    "arms.csv",
    "summary.json",
    "ensemble.yaml",
    "covers.yaml",
    "studies.yaml",
    "fitted_arms.csv",
    "fitted_targets.csv",
    "posterior.csv",
    "fit.csv",
    "calibration.md",
    "dossier.md",
    MARK,
)
LITTER = (".DS_Store", "Thumbs.db", "desktop.ini")  # what file browsers leave behind


@contextmanager
def building(folder: Path | str, recipe: Recipe, *, force: bool = False) -> Iterator[Path]:
    """Build a run folder: fill the folder that this yields; it takes its place when the block ends well.

    Parameters
    ----------
    folder : path
        The final place. A run folder made from the same inputs and settings is replaced; any other folder
        is refused, except an empty one.
    force : bool
        Also replace a run folder made from other inputs. Nothing but a run folder is ever replaced.

    Raises
    ------
    InputError
        The place is taken, or cannot be written.
    """
    place = Path(os.path.realpath(folder))
    with writing(folder):
        tidy(place)
        check_place(place, Path(folder), recipe, force)
    partial = beside(place, "partial")
    made = [parent for parent in (place.parent, *place.parent.parents) if not parent.exists()]
    try:
        with writing(folder):
            partial.mkdir(parents=True)
            _copy_inputs(recipe, partial / INPUTS)
        yield partial
        with writing(folder):
            check_place(place, Path(folder), recipe, force)  # somebody may have come first
            _swap(partial, place)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        for parent in made:
            if parent.is_dir() and not any(parent.iterdir()):
                parent.rmdir()
        raise


def _copy_inputs(recipe: Recipe, folder: Path) -> None:
    folder.mkdir()
    for source, name in zip(recipe.sources, recipe.names, strict=True):
        if source.copied:
            (folder / os.fsdecode(name.encode())).write_bytes(source.content)


def check_place(place: Path, shown: Path, recipe: Recipe, force: bool) -> None:
    """Refuse a place that holds anything but nothing, or a run folder that may be replaced."""
    if place == Path.cwd():
        raise InputError(Problem("this is the folder you are in", str(shown), "another folder", "--out run"))
    if not place.exists():
        return
    if not place.is_dir():
        raise InputError(Problem("there is a file of this name", str(shown), "a folder that does not exist yet"))
    if all(path.name in LITTER for path in place.iterdir()):
        return
    made = _provenance(place)
    if made is None:
        raise InputError(
            Problem(
                "the folder exists and is not a hemograft run folder",
                str(shown),
                "a folder that does not exist yet",
                f"--out {shown}-2",
            )
        )
    foreign = _foreign(place, made)
    if foreign:
        raise InputError(
            Problem(
                f"the run folder also holds {foreign[0]!r}, which hemograft did not make",
                str(shown),
                "a folder that does not exist yet",
                f"--out {shown}-2, or move that file away",
            )
        )
    if made.get("inputs_hash") != recipe.hash and not force:
        raise InputError(
            Problem(
                "the folder holds a run of other inputs or settings",
                str(shown),
                "a folder that does not exist yet, or --force to replace that run",
            )
        )


def _foreign(place: Path, made: dict[str, Any]) -> list[str]:
    """What a run folder holds that hemograft did not make."""
    kept = place / INPUTS
    copies = {str(entry.get("file")) for entry in made.get("inputs", {}).values()}
    names = [name_of(path) for path in sorted(place.iterdir()) if path.name not in {INPUTS, *MADE, *LITTER}]
    inner = sorted(map(name_of, kept.iterdir())) if kept.is_dir() else []
    return [*names, *(f"{INPUTS}/{name}" for name in inner if name not in {*copies, *LITTER})]


def _provenance(folder: Path) -> dict[str, Any] | None:
    """What a run folder says of itself; None when it is no run folder of ours."""
    try:
        words = json.loads((folder / MARK).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    # a saved trajectory keeps mappings as lists of pairs
    found = words.get("provenance") if isinstance(words, dict) else None
    found = _as_dict(found)
    return found if isinstance(found, dict) and found.get("software") == TOOL else None


def _as_dict(value: Any) -> Any:
    if isinstance(value, dict) and set(value) == {"map"}:
        return {key: _as_dict(item) for key, item in value["map"]}
    return value


def _swap(partial: Path, place: Path) -> None:
    """Put the finished folder in place; an older one is only deleted when that has worked."""
    old = beside(place, "old")
    replaced = place.exists()
    try:
        if replaced:
            os.rename(place, old)
        os.rename(partial, place)
    except BaseException:
        if replaced and old.exists() and not place.exists():
            os.rename(old, place)
        raise
    if replaced:
        shutil.rmtree(old, ignore_errors=True)


@contextmanager
def writing(folder: Path | str) -> Iterator[None]:
    """Turn a full disk or a read-only folder into a complaint that says so."""
    try:
        yield
    except OSError as error:
        raise InputError(
            Problem(
                f"cannot be written ({error.strerror or error})",
                str(folder),
                "a writable folder on a disk with free space",
                "--out with another folder",
            )
        ) from error


@dataclass(frozen=True)
class Plan:
    """One run before it starts: who is treated with what, and the recipe that its folder will carry."""

    case: Case
    protocol: Protocol
    recipe: Recipe

    @property
    def folder(self) -> Path:
        """Where the run goes unless another folder is named."""
        seed = self.recipe.settings["seed"]
        return Path("runs") / f"{file_name(self.case.id)}-{file_name(self.protocol.id)}-seed{seed}"


def plan_run(case_path: Path | str, protocol: str | None, *, ensemble: Choice | None = None, **settings: Any) -> Plan:
    """Read the files of a run.

    Parameters
    ----------
    protocol : str or None
        Name of a shipped protocol or path of a file; the one that the case names when absent.
    ensemble : Choice, optional
        Which calibrated ensemble is used; see :func:`hemograft.runs.ensembles.choose`.
    settings
        ``twins``, ``days`` and ``seed``, as :func:`hemograft.simulate` takes them.

    Raises
    ------
    InputError
        Every problem of the case, or of the protocol; or neither names a protocol.
    """
    case = read_case(case_path)
    chosen = protocol or case.protocol
    if not chosen:
        raise InputError(
            Problem(
                "the case names no protocol",
                Path(case_path).name,
                f"--protocol with a file, or one of: {', '.join(shipped_protocols())}",
                "--protocol flubu4",
            )
        )
    orders = read_protocol(chosen)
    used = ensemble or Choice()
    files = (read_source("case", case_path), read_source("protocol", protocol_path(chosen), added_parts(chosen)))
    return Plan(case, orders, Recipe("run", (*files, *used.sources), {**settings, **used.settings}))


def with_recipe(trajectory: Trajectory, recipe: Recipe) -> Trajectory:
    """The trajectory whose provenance also names its inputs and the command that made it."""
    return replace(trajectory, provenance={**trajectory.provenance, **recipe.provenance})


def write_run(
    folder: Path, trajectory: Trajectory, outcome_table: pa.Table, applies: Sequence[str] | None = None
) -> None:
    """Write a run's files into a folder that :func:`building` gave."""
    with writing(folder.name.removeprefix(".").rsplit(".", 2)[0]):
        parquet.write_table(outcome_table, folder / "outcomes.parquet")
        csv.write_csv(outcome_table, folder / "outcomes.csv")
        report(trajectory, outcome_table, folder / "report.html", applies)
        trajectory.save(folder)
