"""How figures look: color-blind safe colors (Okabe and Ito), a line style for every line."""

from __future__ import annotations

from typing import Any

COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#000000", "#E69F00", "#56B4E9")
DASHES = (  # lengths of stroke and gap, times the width of the line
    (),
    (6, 2),
    (1, 1.3),
    (6, 2, 1, 2),
    (10, 2),
    (3, 1, 1, 1, 1, 1),
    (2, 2),
)
INK, FAINT, EDGE, GRID = "#24303c", "#5b6773", "#8b96a1", "#e7ebef"
LETTERS = 8.5  # points, as all lengths of a figure
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
SETTINGS: dict[Any, Any] = {  # the same for the figures that matplotlib draws
    "svg.fonttype": "none",
    "font.family": "DejaVu Sans",
    "font.size": LETTERS,
    "axes.edgecolor": EDGE,
    "text.color": INK,
    "axes.labelcolor": INK,
    "xtick.color": FAINT,
    "ytick.color": FAINT,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.unicode_minus": True,
}
