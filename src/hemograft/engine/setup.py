"""A case and a protocol meet the declared model: which numbers it needs, and which axes it has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from ..case.case import Case
from ..drugs import BLOCKED, KILLED, TISSUES, read_drug
from ..ensemble import file_values, shipped_center
from ..files import read_document
from ..model import STANDARD
from ..model.acute_gvhd import ORGANS
from ..model.compile import Model, assemble
from ..model.homing import CLASSES
from ..model.t_cells import SUBSETS
from ..parameters import DATA, Parameter, ParameterSet, parameters_from
from ..protocol.actions import Give
from ..protocol.protocol import Protocol
from .differences import is_foreign

MOST_LAYOUTS = 32  # kept in memory


def shipped_parameters() -> ParameterSet:
    """The parameters that do not depend on disease, graft or drugs, before any calibration."""
    return file_values()


def parameters_for(
    case: Case, protocol: Protocol, instead: ParameterSet | None = None, drugs: Sequence[str] | None = None
) -> ParameterSet:
    """Every parameter a case and its orders need: shipped ones, then disease, graft and drugs.

    Where the package carries a calibrated ensemble, its middle stands in for the values of the parameter files.

    Parameters
    ----------
    instead : ParameterSet, optional
        Values in place of the shipped ones, by name; those that are not needed are ignored.
    drugs : sequence of str, optional
        Drugs to follow, ordered or not; those of the protocol when absent.
    """
    product = case.graft.product if case.graft else "mobilized_blood"
    found = shipped_parameters() | shipped_center() | _section("grafts", product)
    if case.patient.diagnosis != "none":
        found = found | _section("leukemias", case.patient.diagnosis)
    found = found | _of_drugs(drugs_of(protocol) if drugs is None else tuple(drugs))
    changed = {name: one for name, one in (instead.parameters if instead else {}).items() if name in found}
    return found | ParameterSet(changed)


@lru_cache(maxsize=64)
def _of_drugs(names: tuple[str, ...]) -> ParameterSet:
    return ParameterSet({key: value for name in names for key, value in _of_drug(name).items()})


@lru_cache(maxsize=64)
def _of_drug(name: str) -> dict[str, Parameter]:
    drug = read_drug(name).parameters
    return {f"{key}[{name}]": replace(value, name=f"{key}[{name}]") for key, value in drug.parameters.items()}


@lru_cache(maxsize=64)
def _section(folder: str, name: str) -> ParameterSet:
    return parameters_from(read_document(DATA / folder / f"{name}.yaml"), ("parameters",))


def drugs_of(protocol: Protocol) -> tuple[str, ...]:
    """Drugs of a protocol that the model follows: those whose file has pharmacokinetics and some effect."""
    names = dict.fromkeys(action.drug for action in protocol.actions if isinstance(action, Give))
    return tuple(name for name in names if _is_followed(set(read_drug(name).parameters)))


@lru_cache(maxsize=1)
def all_drugs() -> tuple[str, ...]:
    """Every drug on file that the model can follow."""
    names = sorted(path.stem for path in (DATA / "drugs").glob("*.yaml"))
    return tuple(name for name in names if _is_followed(set(read_drug(name).parameters)))


def _is_followed(known: set[str]) -> bool:
    acts = {"cycle_block", "mimics_gcsf", *(f"kill_{kind}" for kind in KILLED), *(f"{name}_most" for name in BLOCKED)}
    return {"clearance", "central_volume"} <= known and bool(known & acts)


def model_for(case: Case, protocol: Protocol, parameters: ParameterSet, drugs: Sequence[str] | None = None) -> Model:
    """The standard model with the origins, clones and drugs that take part; ``drugs`` as in :func:`parameters_for`."""
    foreign = is_foreign(case)
    clones = ("sensitive", "resistant") if case.patient.diagnosis != "none" else ()
    if clones and foreign and _shares_one_haplotype(case):
        clones = (*clones, "escaped")
    axes = {
        "origin": case.origins,
        "responder": ("host", "donor") if foreign else (),
        "graft_responder": ("donor",) if foreign else (),
        "gvhd_organ": ORGANS if foreign else (),
        "donor": tuple(origin for origin in case.origins if origin == "donor"),
        "graft_origin": (case.graft.origin,) if case.graft else (),
        "graft_class": CLASSES if case.graft else (),
        "clone": clones,
        "subset": SUBSETS,
        "drug": drugs_of(protocol) if drugs is None else tuple(drugs),
        "target": KILLED,
        "kind": (*KILLED, "committed"),
        "tissue": TISSUES,
    }
    return _laid_out(tuple(axes.items()), tuple(parameters), parameters)


_layouts: dict[tuple, Model] = {}


def _laid_out(axes: tuple, names: tuple[str, ...], parameters: ParameterSet) -> Model:
    """A model of these axes; laying out takes most of a second, so a layout serves all cases that share it."""
    known = _layouts.get((axes, names))
    if known is None:
        if len(_layouts) >= MOST_LAYOUTS:
            _layouts.clear()
        known = _layouts[axes, names] = assemble(STANDARD, dict(axes), parameters)
    return known.with_values(parameters)


def _shares_one_haplotype(case: Case) -> bool:
    return case.donor is not None and case.donor.match == "haploidentical"
