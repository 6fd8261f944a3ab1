"""A trajectory: simulated courses of one group of patients, what they were given, where it all came from."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as parquet

from .columns import numbers, text
from .errors import InputError, Problem
from .netcdf import Variable, letters, write_netcdf
from .parameters import ParameterSet
from .records import plain, revive

if TYPE_CHECKING:
    import xarray as xr

    from .case.case import Case
    from .protocol.protocol import Protocol

MISSING = "_FillValue"  # what readers of netCDF look for
FORMAT = 1  # raised when a reader of older folders would misunderstand a newer one
GIVEN = pa.schema(
    [
        pa.field("patient", pa.string()),
        pa.field("day", pa.float64(), metadata={"unit": "day"}),
        pa.field("order", pa.int32(), metadata={"meaning": "place in the protocol, from 0; -1 for a rule"}),
        pa.field("kind", pa.string(), metadata={"meaning": "drug | radiation | graft | transfusion"}),
        pa.field("what", pa.string()),
        pa.field("route", pa.string()),
        pa.field("amount", pa.float64(), metadata={"meaning": "in the unit of the same row"}),
        pa.field("unit", pa.string()),
    ]
)
EVENTS = pa.schema(
    [
        pa.field("patient", pa.string()),
        pa.field("event", pa.string(), metadata={"meaning": "what happened, by its name in the model"}),
        pa.field("day", pa.float64(), metadata={"unit": "day"}),
    ]
)


@dataclass(frozen=True)
class Daily:
    """Daily values of patients.

    Attributes
    ----------
    patients : tuple of str
    days : array (day,)
    values : mapping
        Observable to its values, shape (patient, day); NaN where there is none.
    words : mapping
        Observable to its ``unit`` and ``meaning``.
    """

    patients: tuple[str, ...]
    days: np.ndarray
    values: Mapping[str, np.ndarray]
    words: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Failure:
    """A patient whose equations could not be advanced: from ``day`` on, all values are missing."""

    patient: str
    day: float
    state: str
    why: str


@dataclass(frozen=True)
class Trajectory:
    """Simulated courses of one group of patients (twins of one case).

    Attributes
    ----------
    daily : Daily
        Day 0 is the graft; the blood count of day d is drawn before that day's orders.
    given : pyarrow.Table
        Orders as carried out, columns of ``GIVEN``.
    events : pyarrow.Table
        What happened by chance, and when, columns of ``EVENTS``.
    case, protocol
        Who was treated and what was ordered.
    parameters : ParameterSet
        Every parameter used.
    failures : tuple of Failure
        Patients whose rows are missing (NaN) from a day on.
    provenance : mapping
        Version, command, seed, hashes; neither host names nor absolute paths.
    individual : mapping
        Parameter name to the patients' own values, shape (patient,), canonical units; only those that vary.
    """

    daily: Daily
    given: pa.Table
    case: Case
    protocol: Protocol
    parameters: ParameterSet
    events: pa.Table = field(default_factory=EVENTS.empty_table)
    failures: tuple[Failure, ...] = ()
    provenance: Mapping[str, Any] = field(default_factory=dict)
    individual: Mapping[str, np.ndarray] = field(default_factory=dict)

    @property
    def data(self) -> xr.Dataset:
        """The daily values with dimensions ("patient", "day"), one variable per observable with unit and meaning."""
        import xarray as xr  # takes longer to load than to use

        daily = self.daily
        found = {name: (("patient", "day"), values, dict(daily.words[name])) for name, values in daily.values.items()}
        return xr.Dataset(found, coords={"patient": list(daily.patients), "day": daily.days})

    def save(self, folder: Path | str) -> Path:
        """Write the run to ``folder``; each file appears complete or not at all.

        ``trajectory.nc`` (netCDF 3, single precision), ``given.parquet``, ``events.parquet``,
        ``individual.parquet`` and, last, ``provenance.json``: a folder that has it is complete.
        """
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        _write(folder / "trajectory.nc", lambda path: _write_daily(self.daily, path))
        _write(folder / "given.parquet", lambda path: parquet.write_table(self.given, path))
        _write(folder / "events.parquet", lambda path: parquet.write_table(self.events, path))
        own = {"patient": text(self.daily.patients), **{name: numbers(v) for name, v in self.individual.items()}}
        _write(folder / "individual.parquet", lambda path: parquet.write_table(pa.table(own), path))
        words = {
            "format": FORMAT,
            "provenance": plain(dict(self.provenance)),
            "failures": plain(tuple(self.failures)),
            "case": _without_folder(plain(self.case)),
            "protocol": plain(self.protocol),
            "parameters": plain(self.parameters),
        }
        said = json.dumps(words, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
        _write(folder / "provenance.json", lambda path: path.write_text(said, encoding="utf-8"))
        return folder


def load_trajectory(folder: Path | str) -> Trajectory:
    """Read what :meth:`Trajectory.save` wrote.

    Raises
    ------
    InputError
        The folder is not a complete run, or was written by a newer version.
    """
    folder = Path(folder)
    for name in ("provenance.json", "trajectory.nc", "given.parquet", "events.parquet", "individual.parquet"):
        if not (folder / name).is_file():
            raise InputError(Problem(f"there is no {name}", str(folder), "the folder of a complete run"))
    try:
        words = json.loads((folder / "provenance.json").read_text(encoding="utf-8"))
        if words["format"] > FORMAT:
            raise InputError(
                Problem(
                    f"written in format {words['format']}",
                    str(folder),
                    f"format {FORMAT} or older",
                    "a newer version of hemograft",
                )
            )
        own = parquet.read_table(folder / "individual.parquet")
        return Trajectory(
            daily=_read_daily(folder / "trajectory.nc"),
            given=parquet.read_table(folder / "given.parquet"),
            events=parquet.read_table(folder / "events.parquet"),
            case=revive(words["case"]),
            protocol=revive(words["protocol"]),
            parameters=revive(words["parameters"]),
            failures=revive(words["failures"]),
            provenance=revive(words["provenance"]),
            individual={name: own[name].to_numpy() for name in own.column_names if name != "patient"},
        )
    except (KeyError, TypeError, ValueError, pa.ArrowException) as error:
        raise InputError(
            Problem(f"the run cannot be read ({error})", str(folder), "an undamaged run folder")
        ) from error


def _without_folder(case: Any) -> Any:
    """A case names its protocol by a path; where that lay is left out."""
    named = case["fields"].get("protocol") if isinstance(case, dict) and "fields" in case else None
    if not isinstance(named, str):
        return case
    return {**case, "fields": {**case["fields"], "protocol": Path(named).name}}


def _write(path: Path, write: Callable[[Path], Any]) -> None:
    """Write under a temporary name, then rename: readers never see half a file."""
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        write(partial)
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


def _write_daily(daily: Daily, path: Path) -> None:
    """In single precision; what is missing is named, so that readers know it for missing."""
    names = letters(daily.patients)
    short = f"string{names.shape[1]}"
    numbers = [
        Variable(
            name, ("patient", "day"), values.astype(np.float32), {**daily.words[name], MISSING: np.float32(np.nan)}
        )
        for name, values in daily.values.items()
    ]
    days = Variable("day", ("day",), daily.days, {MISSING: np.float64(np.nan)})
    patients = Variable("patient", ("patient", short), names, {"_Encoding": "utf-8"})
    sizes = {"patient": len(names), "day": len(daily.days), short: names.shape[1]}
    write_netcdf(path, sizes, [days, *numbers, patients])


def _read_daily(path: Path) -> Daily:
    import xarray as xr

    with path.open("rb") as file, xr.open_dataset(file, engine="scipy") as data:
        data = data.load()
    names = [str(name) for name in data.data_vars]
    return Daily(
        tuple(str(name) for name in data["patient"].values),
        data["day"].values.astype(float),
        {name: data[name].transpose("patient", "day").values for name in names},
        {name: {key: str(word) for key, word in data[name].attrs.items()} for name in names},
    )
