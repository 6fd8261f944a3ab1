"""The command line: reads arguments, calls the library, tells the person. Heavy imports happen inside commands."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from .caches import usable_caches
from .calibration import calibrate
from .dossier import dossier
from .exits import INTERRUPTED, WRONG_INPUT, Told, end_cleanly_when_told, telling
from .match import hla_app, match
from .options import Days, Force, Json, Out, Quiet, Seed, Workers
from .run import run
from .sensitivity import sensitivity
from .study import study
from .terminal import BANNER, any_text, progress_bar, say, table, tell_json
from .validation import validate

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Simulate hematopoietic stem cell transplantation in leukemia. " + BANNER,
)


def main(arguments: list[str] | None = None) -> NoReturn:
    """The entry point of the command ``hemograft``."""
    any_text()
    end_cleanly_when_told()
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
        say("Interrupted; nothing was written, and a study keeps its chunks for --resume.")
        sys.exit(INTERRUPTED)
    sys.exit(0)


def _show_version(wanted: bool) -> None:
    if wanted:
        from ..version import VERSION

        print(f"hemograft {VERSION}")
        raise typer.Exit


@app.callback()
def _always(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and leave.")
    ] = False,
) -> None:
    say(BANNER)


@app.command()
@telling
def check(
    files: Annotated[list[Path], typer.Argument(help="Cases or protocols.", show_default=False)],
    as_json: Json = False,
) -> None:
    """Read cases and protocols and print every problem, or "ok"."""
    from .checks import check_file

    found = [check_file(path) for path in files]
    if as_json:
        tell_json(
            {
                "files": [
                    {
                        "file": one.file,
                        "kind": one.kind,
                        "title": one.title,
                        "ok": not one.problems,
                        "problems": [vars(problem) for problem in one.problems],
                    }
                    for one in found
                ]
            }
        )
    for one in () if as_json else found:
        print(
            f"{one.file}: {'ok' if not one.problems else 'not accepted'}"
            + (f" ({one.kind}: {one.title})" if one.title else "")
        )
        for problem in one.problems:
            print(f"{problem}\n")
    if any(one.problems for one in found):
        raise Told(WRONG_INPUT)


@app.command()
@telling
def words(protocol: Annotated[str, typer.Argument(help="A shipped protocol or a file.", show_default=False)]) -> None:
    """Say a protocol in words, to be signed off before it is used."""
    from ..protocol.protocol import in_words, read_protocol

    print(in_words(read_protocol(protocol)), end="")


@app.command()
@telling
def protocols(as_json: Json = False) -> None:
    """List the protocols that come with the package, and the parts they can be combined with."""
    from ..protocol.parts import PARTS, shipped_parts
    from ..protocol.protocol import read_file, read_protocol, shipped_protocols

    found = [read_protocol(name) for name in shipped_protocols()]
    parts = [read_file(PARTS / f"{name}.yaml") for name in shipped_parts()]
    if as_json:
        listed = {"protocols": found, "parts": parts}
        said = ("id", "name", "source")
        tell_json({what: [{key: getattr(one, key) for key in said} for one in ones] for what, ones in listed.items()})
        return
    columns = ("Name", "Regimen", "Source")
    table("Shipped protocols", columns, [(one.id, one.name, one.source) for one in found])
    table("Parts to combine, as in flubu4+ptcy", columns, [(one.id, one.name, one.source) for one in parts])


@app.command()
@telling
def cite(
    what: Annotated[
        Path | None, typer.Argument(help="A run folder or a case; everything when absent.", show_default=False)
    ] = None,
) -> None:
    """Print BibTeX of the tool and of every source used."""
    from .citations import bibliography

    print(bibliography(what), end="")


@app.command()
@telling
def model(
    component: Annotated[str | None, typer.Option(help="One component, such as platelets.", show_default=False)] = None,
    parameters: Annotated[bool, typer.Option("--parameters", help="Only parameters and their sources.")] = False,
    equations: Annotated[bool, typer.Option("--equations", help="Only states, values and flows.")] = False,
    as_json: Json = False,
) -> None:
    """Print the declared model: equations, parameters and sources."""
    from ..printing.text import model_text, model_words

    if as_json:
        tell_json(model_words(component))
        return
    both = parameters == equations
    print(model_text(component, parameters=parameters or both, with_equations=equations or both), end="")


@app.command()
@telling
def cohort(
    data: Annotated[Path, typer.Argument(metavar="TABLE.csv", help="One row per real patient.", show_default=False)],
    map_file: Annotated[str, typer.Option("--map", help="What the columns mean: a file or a shipped map.")],
    twins: Annotated[int, typer.Option(help="Virtual twins of each patient.")] = 20,
    days: Days = 180,
    seed: Seed = 0,
    out: Out = None,
    as_json: Json = False,
    workers: Workers = None,
    quiet: Quiet = False,
    force: Force = False,
) -> None:
    """Predict the engraftment of real patients and compare it with what was observed."""
    usable_caches()
    from ..cohort.page import write_cohort
    from ..cohort.rows import plan_cohort
    from ..cohort.study import run_cohort
    from ..runs.folder import building

    plan = plan_cohort(data, map_file, twins=twins, days=days, seed=seed)
    folder = out or plan.folder
    with building(folder, plan.recipe, force=force) as partial:
        with progress_bar("Simulating", "patients", not (quiet or as_json)) as progress:
            made = run_cohort(plan, workers=workers, progress=progress)
        write_cohort(partial, made)
    if as_json:
        tell_json({**made.words, "folder": str(folder), "report": str(folder / "report.html")})
        return
    table(
        f"{made.plan.map.title}: {len(made.predictions)} patients, {twins} twins each, seed {seed}",
        ("Engraftment", "Result"),
        made.lines,
    )
    print(f"Report: {folder / 'report.html'}")


app.command()(run)
app.command()(study)
app.command()(match)
app.add_typer(hla_app, name="hla")
app.command()(validate)
app.command()(calibrate)
app.command()(dossier)
app.command()(telling(sensitivity))

if __name__ == "__main__":
    main()
