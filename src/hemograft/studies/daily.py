"""Daily quantiles of many patients in constant memory: counts in narrow classes, which add up in any order.

A class is a fortieth of a factor of ten wide, so a quantile is known to within 3 %. Counts are whole numbers, so the
sum is the same whoever counts first.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from ..trajectory import Daily

OBSERVABLES = (
    "neutrophils",
    "platelets",
    "hemoglobin",
    "lymphocytes",
    "cd4",
    "cd8",
    "b_cells",
    "nk_cells",
    "donor_myeloid",
    "donor_t",
    "marrow_blasts",
    "residual_disease",
    "leukemia_cells",
    "hsc_donor",
)
PER_TENFOLD = 40
SMALLEST, LARGEST = -12, 16  # powers of ten; less counts as nothing
CLASSES = (LARGEST - SMALLEST) * PER_TENFOLD + 1  # the first is "nothing"
EVERY_DAY_TO, EVERY_WEEK_TO = 100, 365  # then every four weeks
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
COUNTED = pa.schema(
    [
        pa.field("observable", pa.string()),
        pa.field("day", pa.int32()),
        pa.field("class", pa.int32()),
        pa.field("patients", pa.int64()),
    ]
)


def is_shown(day: np.ndarray) -> np.ndarray:
    """Days that are counted: all at first, later every week, then every four weeks."""
    weekly, monthly = day % 7 == 0, day % 28 == 0
    return (day <= EVERY_DAY_TO) | ((day <= EVERY_WEEK_TO) & weekly) | monthly


def count(daily: Daily) -> pa.Table:
    """How many patients are in each class, by observable and day; the dead and the lost are in none."""
    day = daily.days
    shown = is_shown(day)
    parts = []
    for name in (n for n in OBSERVABLES if n in daily.values):
        values = daily.values[name].T[shown]
        known = np.isfinite(values)
        with np.errstate(divide="ignore"):
            place = np.floor((np.log10(np.maximum(values, 0)) - SMALLEST) * PER_TENFOLD) + 1
        place = np.clip(np.where(known, place, 0), 0, CLASSES - 1).astype(np.int64)
        rows = np.broadcast_to(np.arange(len(values))[:, None], values.shape)
        cells, patients = np.unique((rows * CLASSES + place)[known], return_counts=True)
        days = day[shown].astype(np.int32)[cells // CLASSES]
        columns = [[name] * len(cells), days, (cells % CLASSES).astype(np.int32), patients.astype(np.int64)]
        parts.append(pa.table(columns, schema=COUNTED))
    return pa.concat_tables(parts) if parts else COUNTED.empty_table()


def add(tables: list[pa.Table]) -> pa.Table:
    """The counts of several groups of patients together, in a fixed order."""
    joined = pa.concat_tables([COUNTED.empty_table(), *tables])
    summed = joined.group_by(["observable", "day", "class"]).aggregate([("patients", "sum")])
    summed = summed.rename_columns(["observable", "day", "class", "patients"]).select(COUNTED.names).cast(COUNTED)
    return summed.sort_by([("observable", "ascending"), ("day", "ascending"), ("class", "ascending")])


def quantiles(counts: pa.Table) -> pa.Table:
    """Quantiles by observable and day, each to within half a class, and how many patients they are of."""
    names, days = counts["observable"].to_numpy(zero_copy_only=False), counts["day"].to_numpy()
    classes, patients = counts["class"].to_numpy(), counts["patients"].to_numpy()
    cuts = np.flatnonzero((names[1:] != names[:-1]) | (days[1:] != days[:-1])) + 1 if len(names) else []
    rows: list[tuple] = []
    for part in np.split(np.arange(len(names)), cuts) if len(names) else []:
        below = np.cumsum(patients[part])
        at = np.searchsorted(below, np.array(QUANTILES) * below[-1])
        rows.append((names[part[0]], int(days[part[0]]), int(below[-1]), *(_middle(c) for c in classes[part][at])))
    columns = ("observable", "day", "patients", *(f"q{100 * q:02.0f}" for q in QUANTILES))
    kinds = (pa.string(), pa.int32(), pa.int64(), *(pa.float64() for _ in QUANTILES))
    schema = pa.schema(list(zip(columns, kinds, strict=True)))
    return pa.Table.from_pylist([dict(zip(columns, row, strict=True)) for row in rows], schema=schema)


def _middle(place: int) -> float:
    return 0.0 if place == 0 else float(10 ** (SMALLEST + (place - 0.5) / PER_TENFOLD))
