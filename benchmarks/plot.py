"""The figure: time against error of every simulator on each task."""

from __future__ import annotations

from pathlib import Path
from typing import Any

MARKS = "osD^vP*X"
SALT = "hemograft"  # the same identifiers in every run


def plot(tasks: dict[str, Any], path: Path) -> None:
    """One panel a task, both axes logarithmic; further down and further left is better."""
    import matplotlib
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5.2 * len(tasks), 4.4), layout="constrained")
    FigureCanvasSVG(figure)
    panels = figure.subplots(1, len(tasks), squeeze=False)[0]
    names = list(dict.fromkeys(name for task in tasks.values() for name in task["engines"]))
    for panel, (title, task) in zip(panels, tasks.items(), strict=True):
        for name, engine in task["engines"].items():
            points = [(r["rms"], r["ms"]) for r in engine["ladder"] if r["rms"] and r["ms"]]
            if points:
                k = names.index(name)
                errors, times = zip(*points, strict=True)
                panel.loglog(errors, times, marker=MARKS[k % len(MARKS)], color=f"C{k}", label=name)
        panel.invert_xaxis()
        panel.set_title(f"{title}, {task['states']} states, {task['days']} days")
        panel.set_xlabel("root mean square error, all states and days")
        panel.set_ylabel("milliseconds per patient, one thread")
        panel.grid(alpha=0.3, which="major")
    panels[0].legend(fontsize="small", frameon=False)
    with matplotlib.rc_context({"svg.hashsalt": SALT, "svg.fonttype": "none"}):
        figure.savefig(path, format="svg", metadata={"Date": None, "Creator": None})
