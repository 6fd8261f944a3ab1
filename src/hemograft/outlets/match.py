"""``hemograft match`` and ``hemograft hla``: compare typings, rank donors, build the nomenclature."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from .caches import usable_caches
from .exits import telling
from .options import Json, Quiet, Seed, Workers
from .terminal import BANNER, progress_bar, say, table, tell_json

MOST_SHOWN = 25  # donors in the table at the terminal
MOST_DETAILED = 3  # donors whose loci are shown as well

PatientFile = Annotated[Path, typer.Argument(metavar="PATIENT.yaml", help="A case with typing.", show_default=False)]
DonorFiles = Annotated[
    list[Path] | None,
    typer.Argument(help="Donors (YAML) or lists (CSV); otherwise the donor of the case.", show_default=False),
]
Groups = Annotated[str | None, typer.Option(help="T-cell-epitope groups: V1 or V2.", show_default=False)]
Haplotypes = Annotated[
    Path | None, typer.Option(help="Haplotype frequencies (CSV), for ambiguous typing.", show_default=False)
]
Simulated = Annotated[
    int | None, typer.Option("--simulate", help="Simulate so many twins with each donor.", show_default=False)
]
SameProtocol = Annotated[str | None, typer.Option(help="For --simulate; otherwise the case's own.", show_default=False)]
Top = Annotated[int, typer.Option(min=1, help="For --simulate: so many donors of the conventional order.")]
hla_app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="The HLA nomenclature that is used.")


@telling
def match(
    patient: PatientFile,
    donors: DonorFiles = None,
    tce: Groups = None,
    frequencies: Haplotypes = None,
    twins: Simulated = None,
    protocol: SameProtocol = None,
    top: Top = 5,
    seed: Seed = 0,
    workers: Workers = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Compare donors with a patient and put them in the conventional order, with reasons."""
    from ..case.case import read_case
    from ..errors import InputError, Problem
    from ..hla.epitopes import VERSIONS
    from ..hla.frequencies import read_frequencies
    from ..search.ranking import rank

    if tce is not None and tce not in VERSIONS:
        raise InputError(Problem(f"unknown version {tce!r}", "--tce", " or ".join(VERSIONS)))
    case = read_case(patient)
    if case.patient.hla is None:
        raise InputError(Problem("the patient has no HLA typing", patient.name, "a block 'hla' under 'patient'"))
    population = read_frequencies(frequencies) if frequencies else None
    ranked = rank(case.patient, _donors(case, donors or []), version=tce, frequencies=population)
    made = ()
    if twins is not None:
        usable_caches()
        from ..search.prediction import beside, predict

        with progress_bar("Simulating", "donors", not (quiet or as_json)) as progress:
            options: dict[str, Any] = {"seed": seed, "workers": workers, "progress": progress}
            made = predict(case, ranked[:top], twins=twins, protocol=protocol, **options)
        ranked = beside(ranked, made)
    _show(case, ranked, made, as_json)


def _show(case: Any, ranked: Any, made: Any, as_json: bool) -> None:
    from .prediction import prediction_words, tell_prediction

    if as_json:
        tell_json({**_words(case, ranked), **({"prediction": prediction_words(made)} if made else {})})
        return
    _tell(case, ranked)
    if made:
        tell_prediction(case, ranked, made)


def _donors(case: Any, paths: list[Path]) -> list[Any]:
    """Every candidate of the files, or the donor of the case."""
    from ..errors import InputError, Problem
    from ..search.candidate import Candidate, read_candidate
    from ..search.registry import read_registry

    if not paths:
        if case.donor is None or case.donor.hla is None or case.donor.relation == "self":
            raise InputError(Problem("no donor to compare", case.id, "a donor's file, or a typed donor in the case"))
        known = {name: getattr(case.donor, name) for name in Candidate.model_fields if hasattr(case.donor, name)}
        return [Candidate.model_construct(id="donor of the case", title=None, source=None, **known)]
    found: list[Any] = []
    problems = []
    for path in paths:
        try:
            found += read_registry(path) if path.suffix.lower() == ".csv" else [read_candidate(path)]
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(*problems)
    return found


def _words(case: Any, ranked: Any) -> dict[str, Any]:
    from ..hla.comparison import RELATED
    from ..hla.words import CONVENTION, as_words

    return {
        "notice": BANNER,
        "patient": case.id,
        "nomenclature": ranked[0].comparison.nomenclature,
        "epitope_version": ranked[0].comparison.dpb1.version,
        "counting": CONVENTION,
        "order": [reason.name for reason in ranked[0].reasons],
        "donors": [
            {
                "place": one.place,
                "id": one.donor.id,
                "relation": one.donor.relation,
                "reasons": {reason.name: reason.words for reason in one.reasons},
                "predicted": one.predicted,
                **as_words(one.comparison, one.donor.relation in RELATED),
            }
            for one in ranked
        ],
    }


def _tell(case: Any, ranked: Any) -> None:
    from ..hla.comparison import RELATED
    from ..hla.words import lines, locus_rows

    shown = ranked[:MOST_SHOWN]
    header = ["", "Donor", "HLA", "GvH/HvG", "DPB1", "Age", "CMV", "Sex", "ABO", "Antibodies"]
    names = ("dpb1", "age", "cmv", "sex", "blood_group", "antibodies")
    rows = [
        [str(one.place), one.donor.id, one.reason("hla").short, directions(one.comparison)]
        + [one.reason(name).short for name in names]
        for one in shown
    ]
    if any(one.predicted is not None for one in ranked):
        header.append("Simulated")
        rows = [[*row, _score(one.predicted)] for row, one in zip(rows, shown, strict=True)]
    donors = f"{len(ranked)} donors in the conventional order" if len(ranked) > 1 else "one donor"
    table(f"{case.title}: {donors}", header, rows)
    if any("*" in one.reason("dpb1").short for one in shown):
        print("* the other version of the T-cell-epitope groups says otherwise")
    if len(ranked) > len(shown):
        print(f"and {len(ranked) - len(shown):,} more; all of them with --json\n")
    for one in shown[:MOST_DETAILED]:
        columns = ("Locus", "Patient", "Donor", "Match", "GvH", "HvG", "Level")
        table(f"{one.place}. {one.donor.id} ({one.donor.relation})", columns, locus_rows(one.comparison))
        print("\n".join([f"Reasons: {one.words}", *lines(one.comparison, one.donor.relation in RELATED)]) + "\n")
    print(f"Compared by {ranked[0].comparison.nomenclature}.")


def directions(found: Any) -> str:
    """Mismatched allotypes at A, B, C, DRB1 and DQB1 in the two directions, as ``2/1``."""
    from ..hla.ranges import total

    return "/".join(
        str(total((getattr(found, f"{way}_class_one"), getattr(found, f"{way}_class_two")))) for way in ("gvh", "hvg")
    )


def _score(predicted: float | None) -> str:
    return "" if predicted is None else f"{100 * predicted:.0f} %"


@hla_app.command("build")
@telling
def build(
    folder: Annotated[Path, typer.Option("--from", help="Your own copy of an IPD-IMGT/HLA release.")],
    as_json: Json = False,
) -> None:
    """Read an IPD-IMGT/HLA release from your own copy, so that every allele is known exactly."""
    from ..hla.release import build as build_release

    made = build_release(folder)
    if as_json:
        tell_json({"release": made.release, "alleles": made.alleles, "file": str(made.path), "absent": made.absent})
        return
    print(f"{made.release}: {made.alleles:,} alleles, kept in {made.path}")
    if made.absent:
        say(f"Not found, so the built-in facts are used in their place: {', '.join(made.absent)}.")
    say("The release is under its own license and is for your use; please cite it (docs/HLA.md).")


@hla_app.command("status")
@telling
def status(as_json: Json = False) -> None:
    """Say which nomenclature is used."""
    from ..hla.nomenclature import at_hand, place

    found = at_hand()
    if as_json:
        tell_json({"nomenclature": found.title, "complete": found.complete, "file": str(place())})
        return
    print(f"{found.title}{f', from {place()}' if found.complete else ''}")
