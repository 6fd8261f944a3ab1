"""Summaries of an outcome table: medians, quartiles and proportions, with their Monte Carlo error."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa

NAN = float("nan")
PERCENT = "\u00a0%"  # a space that does not break
RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True)
class Row:
    """One line of a summary.

    Attributes
    ----------
    n, missing : int
        Patients with a value (for an event: at risk), and without.
    median, q25, q75 : float
        Of an event's day, patients without the event counting as later than everybody: infinite when fewer
        reach it.
    error : float
        Monte Carlo standard error of the median.
    proportion, proportion_error : float [1]
        Share of patients with the flag or event and its Monte Carlo standard error; NaN for plain numbers.
    """

    name: str
    unit: str
    n: int
    missing: int
    median: float = NAN
    q25: float = NAN
    q75: float = NAN
    low: float = NAN
    high: float = NAN
    error: float = NAN
    proportion: float = NAN
    proportion_error: float = NAN
    definition: str = ""
    source: str = ""

    @property
    def words(self) -> str:
        """The row in words, with no more digits than the Monte Carlo error allows."""
        parts = []
        if self.n == 0:
            return "not computed"
        if not math.isnan(self.proportion):
            parts.append(percent(self.proportion, self.proportion_error, self.n))
        if not math.isnan(self.median):
            middle = f"{number(self.median, self.error, self.unit)}"
            if self.n > 1 and math.isfinite(self.q25):
                low, high = (number(q, self.error, self.unit) for q in (self.q25, self.q75))
                middle += f" (quartiles {low} to {high})"
            day = "day " if parts and math.isfinite(self.median) else ""
            parts.append(("median " if self.n > 1 else "") + day + middle)
        return "; ".join(parts)


def summarize(outcomes: pa.Table) -> list[Row]:
    """Summarize every column of an outcome table; the columns of an event become one row.

    Notes
    -----
    The error of a median is half the distance between the order statistics one binomial standard error to
    each side. The error of a proportion uses (x + 1)/(n + 2), so that 0 of 20 is not reported as certain.
    """
    names, rows = outcomes.column_names, []
    for name in names:
        kind = outcomes.schema.field(name).type
        stem = name.removesuffix("_observed")
        if pa.types.is_string(kind) or pa.types.is_int8(kind) or (stem != name and f"{stem}_day" in names):
            continue
        values = outcomes[name].to_pylist()
        unit, definition, source = (_metadata(outcomes, name, key) for key in ("unit", "definition", "source"))
        known = [value for value in values if value is not None]
        counts: dict[str, Any] = {
            "unit": unit,
            "n": len(known),
            "missing": len(values) - len(known),
            "definition": definition,
            "source": source,
        }
        event = name.removesuffix("_day")
        if event != name and f"{event}_observed" in names:
            rows.append(_event(event, known, outcomes[f"{event}_observed"].drop_null().to_pylist(), counts))
        elif pa.types.is_boolean(kind):
            rows.append(Row(name, **{**counts, **_share(known)}))
        else:
            rows.append(Row(name, **{**counts, **_middle(np.array(known, dtype=float))}))
    return rows


def _metadata(table: pa.Table, name: str, key: str) -> str:
    return (table.schema.field(name).metadata or {}).get(key.encode(), b"").decode()


def _event(name: str, days: list[float], observed: list[bool], counts: dict) -> Row:
    reached = np.where(observed, np.array(days, dtype=float), np.inf)
    return Row(name, **{**counts, **_middle(reached), **_share(observed)})


def _share(flags: list[bool]) -> dict[str, Any]:
    if not flags:
        return {}
    count, total = sum(flags), len(flags)
    guess = (count + 1) / (total + 2)
    return {"proportion": count / total, "proportion_error": math.sqrt(guess * (1 - guess) / total)}


def _middle(values: np.ndarray) -> dict[str, Any]:
    if len(values) == 0:
        return {}
    ordered, n = np.sort(values), len(values)
    low, middle, high = np.quantile(ordered, (0.25, 0.5, 0.75), method="inverted_cdf")
    finite = ordered[np.isfinite(ordered)]
    ends = (float(finite[0]), float(finite[-1])) if len(finite) else (NAN, NAN)
    half = math.sqrt(n) / 2
    below = ordered[max(math.floor(n / 2 - half), 0)]
    above = ordered[min(math.ceil(n / 2 + half), n - 1)]
    error = (above - below) / 2 if n > 1 and np.isfinite(above) and np.isfinite(below) else NAN
    return {
        "median": float(middle),
        "q25": float(low),
        "q75": float(high),
        "low": ends[0],
        "high": ends[1],
        "error": float(error),
    }


def number(value: float, error: float = NAN, unit: str = "") -> str:
    """A number with no more digits than its error allows; days are whole; "not reached" for infinity."""
    if math.isnan(value):
        return "–"
    if math.isinf(value):
        return "not reached"
    if unit in {"day", "unit"} and value == round(value):
        return f"{value:.0f}"
    if error > 0 and value != 0:
        decimals = min(-math.floor(math.log10(error)), 2 - math.floor(math.log10(abs(value))))
    else:
        value = float(f"{value:.3g}")
        decimals = max(0, -int(Decimal(repr(value)).normalize().as_tuple().exponent))
    if value and not 1e-3 <= abs(value) < 1e6:
        digits = max(0, min(2, decimals + math.floor(math.log10(abs(value)))))
        mantissa, exponent = f"{value:.{digits}e}".split("e")
        mantissa = mantissa if error > 0 else mantissa.rstrip("0").rstrip(".")
        return f"{mantissa}×10{str(int(exponent)).translate(RAISED)}"
    rounded = round(value, decimals)
    return f"{rounded:,.{max(decimals, 0)}f}".replace(",", "\u202f")


def percent(share: float, error: float, n: int = 0) -> str:
    """A proportion with its Monte Carlo error, such as ``47 % ± 2 %``; for one patient ``yes`` or ``no``."""
    if math.isnan(share):
        return "–"
    if n == 1:
        return "yes" if share else "no"
    decimals = 0 if not error > 0 else max(0, min(1, -math.floor(math.log10(100 * error))))
    shown = f"{round(100 * share, decimals):.{max(decimals, 0)}f}{PERCENT}"
    return f"{shown} ± {round(100 * error, decimals):.{max(decimals, 0)}f}{PERCENT}" if error > 0 else shown
