"""Does the calibration speak for this case and protocol? The range it was fitted to, and what lies outside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from .case.case import Case
from .ensemble import shipped_ensemble, shipped_file
from .errors import InputError, Problem
from .files import read_document
from .intensity import conditioning_of
from .protocol.protocol import Protocol

COVERS = "covers.yaml"
SECTIONS = ("patients", "ages", "diagnoses", "donors", "grafts", "intensity", "conditioning", "irradiation")
NOT_SHIPPED = "no calibrated ensemble is shipped: the parameters are those of their files, set one by one."
NOT_USED = "the calibrated ensemble was not used in this run: the parameters are those of their files."
NOT_SAID = "the calibrated ensemble of this run does not say what it was fitted to."


@dataclass(frozen=True)
class Covers:
    """What an ensemble was fitted to.

    Attributes
    ----------
    patients : int
        Virtual patients of the fitted groups from whom this was read.
    ages : tuple of float [year]
    diagnoses : mapping
        Diagnosis to its stages.
    donors, grafts, intensity, conditioning, prophylaxis : tuple of str
    irradiation : tuple of float [Gy]
        Total dose to the whole body, lowest and highest where there is any.
    """

    patients: int
    ages: tuple[float, float]
    diagnoses: Mapping[str, tuple[str, ...]]
    donors: tuple[str, ...]
    grafts: tuple[str, ...]
    intensity: tuple[str, ...]
    conditioning: tuple[str, ...]
    irradiation: tuple[float, float]
    prophylaxis: tuple[str, ...]


def read_covers(path: Path | str) -> Covers:
    """Read what an ensemble was fitted to.

    Raises
    ------
    InputError
        A section is missing or cannot be read.
    """
    document = read_document(path)
    words = document.words
    missing = [name for name in (*SECTIONS, "prophylaxis") if name not in words]
    if missing:
        raise InputError(
            *(Problem(f"{name!r} is missing", document.where(), f"a section '{name}'") for name in missing)
        )
    lists = {name: tuple(words[name]) for name in ("donors", "grafts", "intensity", "conditioning", "prophylaxis")}
    try:
        return Covers(
            int(words["patients"]),
            _range(words["ages"]),
            {name: tuple(stages) for name, stages in words["diagnoses"].items()},
            irradiation=_range(words["irradiation"]),
            **lists,
        )
    except (ValueError, AttributeError) as error:
        raise InputError(Problem(f"cannot be read: {error}", document.where(), "as calibrate writes it")) from None


def _range(text: str) -> tuple[float, float]:
    low, _, high = text.rpartition(" ")[0].partition(" to ")
    return float(low), float(high)


def covers_text(covers: Covers) -> str:
    """The file that :func:`read_covers` reads."""
    lines = [
        "# What the ensemble was fitted to, read from the virtual patients and treatments of the fitted groups.",
        "",
        f"patients: {covers.patients}",
        f"ages: {covers.ages[0]:g} to {covers.ages[1]:g} years",
        "diagnoses:",
        *(f"  {name}: [{', '.join(stages)}]" for name, stages in covers.diagnoses.items()),
    ]
    lines += [f"{name}: [{', '.join(getattr(covers, name))}]" for name in ("donors", "grafts", "intensity")]
    lines += [f"conditioning: [{', '.join(covers.conditioning)}]"]
    lines += [f"irradiation: {covers.irradiation[0]:g} to {covers.irradiation[1]:g} Gy"]
    return "\n".join([*lines, f"prophylaxis: [{', '.join(covers.prophylaxis)}]"]) + "\n"


def shipped_covers() -> Covers | None:
    """What the shipped ensemble was fitted to, where there is one that says so."""
    path = shipped_file(COVERS)
    return _read_once(path) if path else None


@lru_cache(maxsize=4)
def _read_once(path: Path) -> Covers:
    return read_covers(path)


def applicability(case: Case, protocol: Protocol) -> tuple[str, ...]:
    """Why the shipped ensemble does not speak for a case and protocol, one sentence each; empty where it does."""
    if shipped_ensemble() is None:
        return (NOT_SHIPPED,)
    return outside(case, protocol, shipped_covers())


def outside(case: Case, protocol: Protocol, covers: Covers | None) -> tuple[str, ...]:
    """What of a case and protocol lies outside of what an ensemble was fitted to, one sentence each."""
    if covers is None:
        return (NOT_SAID,)
    return (*_patient(case, covers), *_graft(case, covers), *_treatment(protocol, covers))


def donor_of(case: Case) -> str:
    """What kind of donor gives the graft, in words."""
    donor, graft = case.donor, case.graft
    if graft is None:
        return "no graft"
    if donor is None or donor.relation == "self" or graft.origin == "host":
        return "own graft"
    if donor.relation in ("cord", "twin"):
        return {"cord": "cord blood", "twin": "identical twin"}[donor.relation]
    if donor.match == "haploidentical":
        return "haploidentical relative"
    kin = {"unrelated": "unrelated", "sibling": "sibling"}.get(donor.relation, "other relative")
    same, _, compared = donor.match.partition("/")
    matched = donor.match == "identical" or (same == compared != "")
    return f"{kin} of unknown match" if donor.match == "unknown" else f"{'matched' if matched else 'mismatched'} {kin}"


def _patient(case: Case, covers: Covers) -> list[str]:
    patient, (low, high), said = case.patient, covers.ages, []
    if not low <= patient.age <= high:
        said.append(f"the age of {patient.age:g} years is outside the {low:g} to {high:g} years that were fitted.")
    stages = covers.diagnoses.get(patient.diagnosis)
    if stages is None:
        said.append(f"no group with the diagnosis {_plain(patient.diagnosis)} was fitted.")
    elif patient.stage not in stages:
        said.append(f"the diagnosis {_plain(patient.diagnosis)} was not fitted in the stage {_plain(patient.stage)}.")
    return said


def _graft(case: Case, covers: Covers) -> list[str]:
    donor, said = donor_of(case), []
    if donor not in covers.donors:
        said.append(f"no group with this donor was fitted: {donor}.")
    if case.graft is not None and case.graft.product not in covers.grafts:
        said.append(f"no group with this graft was fitted: {_plain(case.graft.product)}.")
    return said


def _treatment(protocol: Protocol, covers: Covers) -> list[str]:
    found, (low, high), said = conditioning_of(protocol), covers.irradiation, []
    if found.intensity not in covers.intensity:
        said.append(f"no group with this conditioning was fitted: {found.intensity}.")
    new: dict[str, Any] = {
        "conditioning": [drug for drug in found.drugs if drug not in covers.conditioning],
        "prophylaxis": [drug for drug in found.prophylaxis if drug not in covers.prophylaxis],
    }
    said += [
        f"no group was fitted that had {_plain(drug)} as {'part of the ' if name == 'conditioning' else ''}{name}."
        for name, drugs in new.items()
        for drug in drugs
    ]
    if found.irradiation and not low <= found.irradiation <= high:
        said.append(f"{found.irradiation:g} Gy of irradiation are outside the {low:g} to {high:g} Gy that were fitted.")
    return said


def _plain(name: str) -> str:
    return name.replace("_", " ")
