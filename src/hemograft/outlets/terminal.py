"""What a person at a terminal sees: the banner, progress, tables and complaints. No science."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from ..runs.json_text import json_text

BANNER = "Research use only; not a medical device; not for patient care."
REPORT_A_FAULT = (
    "This is a fault of hemograft, not of your files. Please report it with the lines above and the command you gave."
)
Progress = Callable[[int, int], None]


def any_text() -> None:
    """Let a terminal that lacks a letter show a stand-in for it rather than stop."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # type: ignore[union-attr]


def say(text: str) -> None:
    """One line for the person, beside the results."""
    print(text, file=sys.stderr, flush=True)


def tell_json(value: Any) -> None:
    """One JSON object on standard output; numbers that are missing or infinite become null."""
    print(json_text(value), flush=True)


def table(title: str, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """A table on standard output."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    shown = Table(title=Text(title), title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for name in header:
        shown.add_column(Text(name), overflow="fold")
    for row in rows:
        shown.add_row(*(Text(cell) for cell in row))
    Console(width=None if sys.stdout.isatty() else 120, highlight=False).print(shown)


@contextmanager
def progress_bar(what: str, unit: str, shown: bool) -> Iterator[Progress | None]:
    """A bar with rate and time left on the terminal; nothing when standard error is not one."""
    if not shown or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn(what),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None, rate="preparing the model")

        def advance(done: int, total: int) -> None:
            speed = bar.tasks[0].speed
            bar.update(task, completed=done, total=total, rate=f"{speed:.0f} {unit}/s" if speed else "")

        yield advance


def short_traceback(error: BaseException, last: int = 4) -> str:
    """The last frames of an unexpected error, with file names and no folders."""
    frames = traceback.extract_tb(error.__traceback__)[-last:]
    lines = [f"  {os.path.basename(frame.filename)}:{frame.lineno} in {frame.name}" for frame in frames]
    return "\n".join([*lines, f"{type(error).__name__}: {error}"])
