"""One pair of axes and the marks on it, as SVG text.

The pages of most runs need lines, bands and words only; writing them takes a hundredth of the time that a drawing
library takes to be loaded. Lengths are in points, downwards and to the right from the corner of the figure.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

from .style import EDGE, FAINT, GRID, INK, LETTERS

FAR = 1e4  # beyond every figure
LETTER_WIDTH = 0.6  # of the size of letters, for words whose font is not known here: rather too wide
RISE, FALL = 0.36, 0.76  # of the size of letters, from their base to their middle and to their top
TICK, GAP = 3.5, 3.5


@dataclass(frozen=True)
class Axes:
    """Where a pair of axes lies in its figure, and which values it spans.

    Attributes
    ----------
    across, up : (float, float)
        First and last value of each axis.
    log : bool
        Whether the upright axis is logarithmic.
    clip : str
        Identity of the area inside, which nothing that is drawn with :func:`line` or :func:`band` leaves.
    """

    left: float
    top: float
    width: float
    height: float
    across: tuple[float, float]
    up: tuple[float, float]
    log: bool = False
    clip: str = ""

    @property
    def right(self) -> float:
        return self.left + self.width

    @property
    def bottom(self) -> float:
        return self.top + self.height

    def x(self, values) -> np.ndarray:
        """Places of values along the axis."""
        first, last = self.across
        return self.left + self.width * (np.asarray(values, dtype=float) - first) / (last - first)

    def y(self, values) -> np.ndarray:
        """Places of values up the axis."""
        return self.bottom - self.height * self.share(values)

    def share(self, values) -> np.ndarray:
        """How far up values are: 0 at the foot of the axis, 1 at its top."""
        values, (low, high) = np.asarray(values, dtype=float), self.up
        if not self.log:
            return (values - low) / (high - low)
        return np.log(np.maximum(values, low * 1e-9) / low) / np.log(high / low)


def frame(axes: Axes, title: str, below: str, beside: str, ticks: dict[float, str], steps: dict[float, str]) -> str:
    """Grid, axes, numbers and names of both; ``ticks`` below and ``steps`` beside are places and their words."""
    x, y = {at: float(axes.x(at)) for at in ticks}, {at: float(axes.y(at)) for at in steps}
    room = max((width_of(word) for word in steps.values()), default=0.0)
    middle, base = axes.left + axes.width / 2, axes.bottom + TICK + GAP + FALL * LETTERS
    return "".join(
        [
            f'<clipPath id="{axes.clip}"><rect x="{axes.left:.2f}" y="{axes.top:.2f}" width="{axes.width:.2f}" '
            f'height="{axes.height:.2f}"/></clipPath>',
            *(stroke([(axes.left, at), (axes.right, at)], GRID, 0.6) for at in y.values()),
            stroke([(axes.left, axes.top), (axes.left, axes.bottom), (axes.right, axes.bottom)], EDGE, 0.8),
            *(stroke([(at, axes.bottom), (at, axes.bottom + TICK)], EDGE, 0.8) for at in x.values()),
            *(stroke([(axes.left - TICK, at), (axes.left, at)], EDGE, 0.8) for at in y.values()),
            *(words(ticks[at], place, base, color=FAINT, anchor="middle") for at, place in x.items()),
            *(
                words(steps[at], axes.left - TICK - GAP, place + RISE * LETTERS, color=FAINT, anchor="end")
                for at, place in y.items()
            ),
            words(title, axes.left, axes.top - 6, size=9, bold=True),
            words(below, middle, base + 13, anchor="middle"),
            words(beside, axes.left - room - TICK - 3 * GAP, axes.top + axes.height / 2, anchor="middle", turned=True),
        ]
    )


def width_of(text: str, size: float = LETTERS) -> float:
    """About how wide a text is."""
    return LETTER_WIDTH * size * len(text)


def words(
    text: str,
    x: float,
    base: float,
    *,
    size: float = LETTERS,
    color: str = INK,
    anchor: str = "start",
    bold: bool = False,
    turned: bool = False,
) -> str:
    """A line of text that starts, ends or has its middle at a place; ``turned`` reads upwards."""
    style = (f' text-anchor="{anchor}"' if anchor != "start" else "") + (' font-weight="bold"' if bold else "")
    style += f' transform="rotate(-90 {x:.2f} {base:.2f})"' if turned else ""
    return f'<text x="{x:.2f}" y="{base:.2f}" font-size="{size:g}" fill="{color}"{style}>{escape(text)}</text>'


def stroke(places: Sequence[tuple[float, float]], color: str, width: float, dashes: Sequence[float] = ()) -> str:
    """A line through places of the figure."""
    return _path("M" + _joined(places), color, width, dashes)


def line(axes: Axes, days, values, color: str, width: float, dashes: Sequence[float] = ()) -> str:
    """A line through values, with a gap where one is missing."""
    parts = [_joined(part) for part in _parts(axes, days, values)]
    return _path("".join("M" + part for part in parts), color, width, dashes, axes.clip) if parts else ""


def band(axes: Axes, days, low, high, color: str, opacity: float) -> str:
    """The area between two curves, with a gap where one is missing."""
    known = np.where(np.isfinite(high), 1, np.nan), np.where(np.isfinite(low), 1, np.nan)
    below, above = _parts(axes, days, low * known[0]), _parts(axes, days, high * known[1])
    shapes = ["M" + _joined([*up, *down[::-1]]) + "Z" for down, up in zip(below, above, strict=True)]
    if not shapes:
        return ""
    return f'<path d="{"".join(shapes)}" fill="{color}" fill-opacity="{opacity:g}" clip-path="url(#{axes.clip})"/>'


def _path(shape: str, color: str, width: float, dashes: Sequence[float], clip: str = "") -> str:
    style = f' stroke-dasharray="{" ".join(f"{part * width:.2f}" for part in dashes)}"' if dashes else ""
    style += f' clip-path="url(#{clip})"' if clip else ""
    return f'<path d="{shape}" fill="none" stroke="{color}" stroke-width="{width:g}"{style}/>'


def _joined(places: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:.2f},{y:.2f}" for x, y in places)


def _parts(axes: Axes, days, values) -> Iterator[list[tuple[float, float]]]:
    """Places of the values, in pieces without a gap."""
    values = np.asarray(values, dtype=float)
    known = np.flatnonzero(np.isfinite(values))
    x, y = axes.x(days), np.clip(axes.y(values), -FAR, FAR)
    for part in np.split(known, np.flatnonzero(np.diff(known) > 1) + 1) if len(known) else ():
        yield list(zip(x[part].tolist(), y[part].tolist(), strict=True))
