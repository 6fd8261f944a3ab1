"""Drug files: what a drug is, how it may be given, and its parameters with their sources."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from .errors import InputError, Problem, nearest
from .files import Document, read_document
from .parameters import DATA, ParameterSet, parameters_from
from .units import UnitError, amount

FOLDER = DATA / "drugs"
ROUTES = ("iv", "sc", "oral")
FIELDS = (
    "name",
    "kind",
    "molar_mass",
    "routes",
    "largest_dose",
    "averaged",
    "limits_source",
    "source",
    "notes",
    "parameters",
)
# the kinds of cell that a drug may kill, each with a parameter kill_<kind>
TISSUES = ("mucosa", "sinusoid", "lung", "kidney")
KILLED = (
    *("stem", "progenitor", "precursor", "leukemic_stem", "blast"),
    *("t_cell", "dividing_t_cell", "regulatory_t_cell", "resident_t_cell", "b_cell", "nk_cell", "niche", "thymus"),
    *TISSUES,
)
# these die like t_cell unless a drug says otherwise
KINDS_OF_T_CELL = ("dividing_t_cell", "regulatory_t_cell", "resident_t_cell")
BLOCKED = {  # what a drug may hold back, up to a share at high concentration
    "proliferation": "proliferation of T cells",
    "costimulation": "costimulation of T cells",
    "inflammation": "inflammation",
    "cmv": "multiplication of cytomegalovirus",
}
PARAMETERS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {  # what a drug file may say: kind of unit, meaning
        "clearance": ("L/h", "linear clearance of a 70-kg adult with normal organs"),
        "central_volume": ("L", "central volume of a 70-kg adult"),
        "peripheral_clearance": ("L/h", "exchange with the peripheral volume"),
        "peripheral_volume": ("L", "peripheral volume"),
        "deep_clearance": ("L/h", "exchange with the deep volume"),
        "deep_volume": ("L", "deep volume"),
        "absorption": ("1/h", "absorption from the depot"),
        "bioavailability": ("1", "share of a depot dose that reaches the blood"),
        "saturable_rate": ("mg/h", "greatest rate of saturable elimination"),
        "saturable_half": ("mg/L", "concentration of half that rate"),
        "neutrophil_clearance": ("L/h", "clearance by neutrophils at their normal number"),
        "lymphocyte_clearance": ("L/h", "clearance by T cells at their normal number"),
        "effect_delay": ("1/h", "turnover of the acting form"),
        "activation_share": ("1", "share of uninduced clearance by which the liver makes the acting metabolite"),
        "clearance_size": ("1", "exponent of clearance on weight"),
        "volume_size": ("1", "exponent of volumes on weight"),
        "renal_share": ("1", "share of clearance that follows kidney function"),
        "hepatic_share": ("1", "share of clearance that follows liver function"),
        "autoinduction": ("1", "making of the acting metabolite when fully induced by the drug, times uninduced"),
        "induction_rate": ("1/day", "how fast induction builds and fades"),
        "induction_half": ("mg/L", "concentration of half-maximal induction"),
        "kill_half": ("mg/L", "concentration of half-maximal kill, which then is steep"),
        "clears_blood": ("1", "share of blood lymphocytes driven out of the blood at high concentration"),
        "clears_blood_half": ("mg/L", "concentration of half that share"),
        "cycle_block": ("1", "share of cells killed on trying to divide, at high concentration"),
        "cycle_half": ("mg/L", "concentration of half that share"),
        "mimics_gcsf": ("L/mg", "G-CSF activity, times normal level, of each mg/L"),
        "prednisone_equivalent": ("1", "mg of prednisone that act like one mg"),
        **{f"{name}_most": ("1", f"block of {what}, at high concentration") for name, what in BLOCKED.items()},
        **{f"{name}_half": ("mg/L", f"concentration of half the block of {what}") for name, what in BLOCKED.items()},
        **{
            f"kill_{kind}": ("L/(mg*day)", f"kill of {kind.replace('_', ' ')} cells per concentration")
            for kind in KILLED
        },
    }
)


@dataclass(frozen=True)
class Drug:
    """One drug as its file describes it.

    Attributes
    ----------
    molar_mass : float or None [mg/nmol]
    routes : mapping
        Route (iv, sc, oral) to the usual duration of one dose [day]; 0 is given at once.
    largest_dose : str
        One dose above this is refused as a likely slip; empty for no limit.
    averaged : bool
        Levels within a day are not followed: doses act like one long infusion at their mean rate.
    source : str
        Where the dose limit comes from. Each parameter has its own source.
    """

    name: str
    kind: str
    molar_mass: float | None = None
    routes: Mapping[str, float] = field(default_factory=dict)
    largest_dose: str = ""
    averaged: bool = False
    source: str = ""
    parameters: ParameterSet = field(default_factory=ParameterSet)


@lru_cache(maxsize=1)
def shipped_drugs() -> tuple[str, ...]:
    """Names of the drugs that have a file, in alphabetical order."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.yaml")))


def read_drug(name: str) -> Drug:
    """Read the file of one drug by its name.

    Raises
    ------
    InputError
        No such drug (the nearest name is offered), or its file cannot be accepted.
    """
    known = shipped_drugs()
    if name not in known:
        raise InputError(
            Problem(
                f"unknown drug {name!r}",
                "drug",
                f"a file in data/drugs: {', '.join(known)}",
                nearest(name, known),
            )
        )
    return _read(FOLDER / f"{name}.yaml")


@lru_cache(maxsize=256)
def _read(path: Path) -> Drug:
    document = read_document(path)
    words = document.words
    problems = _header(document)
    mass = _amount(document, "molar_mass", "g/mol", problems) if words.get("molar_mass") else None
    routes = _routes(document, problems)
    parameters = _parameters(document, problems)
    if problems:
        raise InputError(*problems)
    return Drug(
        name=path.stem,
        kind=words["kind"],
        molar_mass=mass,
        routes=routes,
        largest_dose=words.get("largest_dose", ""),
        averaged=words.get("averaged", "no") == "yes",
        source=words.get("limits_source") or words.get("source", ""),
        parameters=parameters,
    )


def _header(document: Document) -> list[Problem]:
    words, stem, problems = document.words, document.path.stem, []
    for key, value in words.items():
        where = document.where(key)
        if key not in FIELDS:
            problems.append(Problem(f"unknown field {key!r}", where, ", ".join(FIELDS), nearest(key, FIELDS)))
        elif not isinstance(value, str) and key not in ("routes", "parameters"):
            problems.append(Problem(f"{key!r} is not one line of text", where, f"{key}: ..."))
    if problems:
        return problems
    name, limit = words.get("name"), words.get("largest_dose")
    if name != stem:
        problems.append(Problem(f"{name!r} is not the name of the file", document.where("name"), stem))
    if not words.get("kind"):
        problems.append(Problem("'kind' is missing", document.where(), "kind: alkylating agent"))
    if words.get("averaged", "no") not in ("yes", "no"):
        problems.append(Problem(f"averaged: {words['averaged']!r}", document.where("averaged"), "yes | no"))
    if limit and not dose_kind(limit):
        where = document.where("largest_dose")
        problems.append(Problem(f"{limit!r} is not an amount of drug", where, "such as 5 mg/kg"))
    return problems


def _amount(document: Document, key: str, like: str, problems: list[Problem]) -> float | None:
    try:
        return amount(document.words[key], like)
    except UnitError as error:
        problems.append(Problem(str(error), document.where(key), f"a number and a unit like {like}"))
        return None


def _routes(document: Document, problems: list[Problem]) -> Mapping[str, float]:
    words, found = document.words.get("routes", {}), {}
    if not isinstance(words, dict):
        problems.append(Problem("'routes' is not a block", document.where("routes"), "iv: 3 h"))
        return {}
    for route, duration in words.items():
        where = document.where("routes", route)
        if route not in ROUTES:
            problems.append(Problem(f"unknown route {route!r}", where, " | ".join(ROUTES), nearest(route, ROUTES)))
            continue
        try:
            found[route] = amount(duration, "h")
        except UnitError as error:
            problems.append(Problem(str(error), where, "the usual duration of one dose, such as 3 h"))
    return MappingProxyType(found)


def _parameters(document: Document, problems: list[Problem]) -> ParameterSet:
    words = document.words.get("parameters")
    if not words:
        return ParameterSet()
    if not isinstance(words, dict):
        problems.append(Problem("'parameters' is not a block", document.where("parameters"), "clearance: ..."))
        return ParameterSet()
    try:
        found = parameters_from(document, ("parameters",))
    except InputError as error:
        problems.extend(error.problems)
        return ParameterSet()
    for name in found:
        where = document.where("parameters", name)
        if name not in PARAMETERS:
            problems.append(
                Problem(
                    f"a drug has no parameter {name!r}",
                    where,
                    ", ".join(PARAMETERS),
                    nearest(name, PARAMETERS),
                )
            )
            continue
        try:
            amount(f"1 {found[name].unit}", PARAMETERS[name][0])
        except UnitError as error:
            problems.append(Problem(str(error), where, f"a unit like {PARAMETERS[name][0]}"))
    return found


@lru_cache(maxsize=1024)
def dose_kind(text: str) -> tuple[str, float] | None:
    """What a dose is given per, and its size in mg: ``("kg", 5.0)`` for ``'5 mg/kg'``, None for no dose."""
    for per, like in (("patient", "mg"), ("kg", "mg/kg"), ("m2", "mg/m2")):
        try:
            return per, amount(text, like)
        except UnitError:
            continue
    return None
