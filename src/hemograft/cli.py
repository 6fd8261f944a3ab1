"""The command line: reads arguments, calls the library, tells the person. Heavy imports happen inside commands."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, NoReturn, TypeVar

import typer

from .errors import HemograftError, InputError, Problem
from .terminal import BANNER, REPORT_A_FAULT, any_text, progress_bar, say, short_traceback, table, tell_json

WRONG_INPUT, NOT_SOLVED, FAULT, INTERRUPTED = 2, 3, 1, 130
F = TypeVar("F", bound=Callable[..., Any])

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode=None,
                  help="Simulate hematopoietic stem cell transplantation in leukemia. " + BANNER)

Json = Annotated[bool, typer.Option("--json", help="One JSON object on standard output, nothing else.")]
Out = Annotated[Path | None, typer.Option("--out", help="Folder to write.", show_default=False)]
Quiet = Annotated[bool, typer.Option("--quiet", help="No progress bar.")]
Force = Annotated[bool, typer.Option("--force", help="Replace a run folder made from other inputs.")]
Seed = Annotated[int, typer.Option(help="The same seed gives every twin the same luck.")]
Workers = Annotated[int | None, typer.Option(min=1, help="Threads; results do not depend on it.", show_default=False)]


class Told(SystemExit):
    """The end of the program after the person was told why."""


def main(arguments: list[str] | None = None) -> NoReturn:
    """The entry point of the command ``hemograft``."""
    any_text()
    words = sys.argv[1:] if arguments is None else arguments
    try:
        app(words, prog_name="hemograft")
    except Told:
        raise
    except SystemExit as leaving:
        if leaving.code == WRONG_INPUT and "--json" in words:
            tell_json({"error": {"kind": "usage", "message": "the command line cannot be read; see standard error"}})
        raise
    except KeyboardInterrupt:
        say("Interrupted; nothing was written.")
        sys.exit(INTERRUPTED)
    sys.exit(0)


def _show_version(wanted: bool) -> None:
    if wanted:
        from .version import VERSION

        print(f"hemograft {VERSION}")
        raise typer.Exit


@app.callback()
def _always(
    version: Annotated[bool, typer.Option("--version", callback=_show_version, is_eager=True,
                                          help="Show the version and leave.")] = False,
) -> None:
    say(BANNER)


def telling(command: F) -> F:
    """Turn errors of a command into a message and an exit code."""

    @wraps(command)
    def run(*args: Any, **options: Any) -> None:
        as_json = bool(options.get("as_json"))
        try:
            command(*args, **options)
        except InputError as error:
            _leave("input", str(error), WRONG_INPUT, as_json)
        except HemograftError as error:
            _leave("engine", str(error), NOT_SOLVED, as_json)
        except KeyboardInterrupt:
            _leave("interrupted", "Interrupted; nothing was written.", INTERRUPTED, as_json)
        except BrokenPipeError:  # the reader of our output, such as head, has seen enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise Told(FAULT) from None
        except (typer.Exit, SystemExit):
            raise
        except Exception as error:
            _leave("fault", f"{short_traceback(error)}\n{REPORT_A_FAULT}", FAULT, as_json)

    return run  # type: ignore[return-value]


def _leave(kind: str, message: str, code: int, as_json: bool) -> NoReturn:
    say(message)
    if as_json:
        tell_json({"error": {"kind": kind, "message": message}})
    raise Told(code)


@app.command()
@telling
def run(
    case: Annotated[Path, typer.Argument(help="A case file.", show_default=False)],
    protocol: Annotated[str | None, typer.Option(help="A shipped protocol or a file; otherwise the case's own.",
                                                 show_default=False)] = None,
    twins: Annotated[int, typer.Option(help="Virtual twins of the patient.")] = 200,
    days: Annotated[float, typer.Option(help="Days of follow-up after day 0.")] = 730,
    seed: Seed = 0,
    out: Out = None,
    as_json: Json = False,
    workers: Workers = None,
    quiet: Quiet = False,
    force: Force = False,
) -> None:
    """Simulate twins of one case, judge their outcomes and write a run folder with a report."""
    from .run_folder import building, plan_run, with_recipe, write_run

    plan = plan_run(case, protocol, twins=twins, days=days, seed=seed)
    folder = out or plan.folder
    with building(folder, plan.recipe, force=force) as partial:
        from .engine.simulate import simulate
        from .outcomes import outcomes

        with progress_bar("Simulating", "twins", not (quiet or as_json)) as progress:
            made = simulate(plan.case, plan.protocol, twins=twins, days=days, seed=seed, workers=workers,
                            progress=progress)
        made = with_recipe(made, plan.recipe)
        judged = outcomes(made)
        write_run(partial, made, judged)
    _tell_run(made, judged, folder, as_json)


def _tell_run(made: Any, judged: Any, folder: Path, as_json: bool) -> None:
    from .run_summary import as_words, main_rows, summary_lines
    from .summary import summarize

    rows = summarize(judged)
    if as_json:
        tell_json({"summary": [as_words(row) for row in rows if row.n], "failures": len(made.failures),
                   "folder": str(folder), "report": str(folder / "report.html"), "provenance": made.provenance})
        return
    title = f"{made.case.title}: {made.protocol.name}, {judged.num_rows} twins, seed {made.provenance['seed']}"
    table(title, ("Outcome", "Result", "Range", "Twins"), summary_lines(main_rows(rows)))
    if made.failures:
        say(f"{len(made.failures)} of {judged.num_rows} twins could not be followed to the end; see the report.")
    print(f"Report: {folder / 'report.html'}")


if __name__ == "__main__":
    main()
