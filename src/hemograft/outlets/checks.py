"""Check the files that users write: read them, and see whether a case can be given its protocol."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..case.case import Case, read_case
from ..engine.setup import drugs_of, model_for, parameters_for
from ..engine.twins import twins_of
from ..errors import InputError, Problem
from ..files import read_document
from ..protocol.actions import SECTIONS
from ..protocol.protocol import Protocol, read_protocol
from ..protocol.schedule import schedule
from ..search.candidate import read_candidate
from ..streams import key


@dataclass(frozen=True)
class Check:
    """What was found in one file: ``case``, ``protocol``, ``donor`` or nothing known, its title, and every problem."""

    file: str
    kind: str
    title: str
    problems: tuple[Problem, ...]


def check_file(path: Path | str) -> Check:
    """Read a case, a protocol or a donor, whichever it is; a case must also fit the protocol that it names."""
    kind, title = "", ""
    try:
        kind = recognize(path)
        if kind == "protocol":
            title = read_protocol(Path(path)).name
        elif kind == "donor":
            candidate = read_candidate(path)
            title = candidate.title or candidate.id
        else:
            case = read_case(path)
            title = case.title
            if case.protocol:
                check_orders(case, read_protocol(case.protocol))
    except InputError as error:
        return Check(str(path), kind, title, error.problems)
    return Check(str(path), kind, title, ())


def recognize(path: Path | str) -> str:
    """``case``, ``protocol`` or ``donor``, by the blocks of the file.

    Raises
    ------
    InputError
        Not readable as YAML, or neither.
    """
    document = read_document(path)
    if "patient" in document.words:
        return "case"
    if "hla" in document.words:  # a donor may have a block 'graft', as a protocol has
        return "donor"
    if any(section in document.words for section in SECTIONS):
        return "protocol"
    raise InputError(
        Problem(
            "neither a case nor a protocol",
            document.where(),
            f"a block 'patient', or one of {', '.join(SECTIONS)}; 'hla' for a donor",
        )
    )


def check_orders(case: Case, protocol: Protocol) -> None:
    """See whether every order of a protocol can be given to this patient.

    Raises
    ------
    InputError
        For example, a dose above the drug's largest, or a graft that the case does not have.
    """
    model = model_for(case, protocol, parameters_for(case, protocol))
    name = f"{case.id}/1"
    first_day = float(min(protocol.first_day, 0))
    twin = twins_of(model, case, (name,), np.array([key(name)]), 0, first_day)
    clearance = {drug: twin.slot(model, f"drug_clearance[{drug}]") for drug in drugs_of(protocol)}
    schedule(protocol, case.patient, clearance, 1, graft=case.graft is not None)
