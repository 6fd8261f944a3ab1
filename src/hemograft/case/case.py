"""A case: one patient, with a donor and a graft if there is a transplant, and where it comes from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, ValidationInfo, field_validator

from ..errors import InputError, Problem, nearest
from ..fields import PHRASE, Form, Refused, fill
from ..files import name_of, read_document
from ..hla.comparison import compare
from ..hla.stated import contradiction
from ..parameters import DATA
from .donor import CORD, Donor, Graft
from .patient import Patient

YOUNGEST_PARENT = 12.0  # years between a parent and a child


class Case(Form):
    """Who is treated.

    Attributes
    ----------
    id : str
        Short name; the stem of the file unless it is given.
    patient : Patient
    donor : Donor or None
        None without a transplant or for the patient's own graft.
    graft : Graft or None
        None without a transplant.
    protocol : str or None
        Name of a shipped protocol or path of a file; paths are taken from the folder of the case file.
    source : str
        Where the description comes from, or that it is illustrative.
    """

    title: Annotated[str, PHRASE] = Field(examples=["woman of 54, AML in first remission"])
    id: Annotated[str, PHRASE]
    source: Annotated[str, PHRASE] = Field(examples=["illustrative case, not a real patient"])
    protocol: Annotated[str, PHRASE] | None = None
    notes: Annotated[str, PHRASE] | None = None
    patient: Patient
    donor: Donor | None = None
    graft: Graft | None = Field(None, validate_default=True)

    @property
    def origins(self) -> tuple[str, ...]:
        """Whose cells can be in this body: ``("host",)``, or ``("host", "donor")`` with a donor's graft."""
        return ("host", "donor") if self.graft is not None and self.graft.origin == "donor" else ("host",)

    @field_validator("protocol")
    @classmethod
    def _protocol_is_known(cls, protocol: str | None) -> str | None:
        if protocol is None or Path(protocol).suffix or len(Path(protocol).parts) > 1:
            return protocol
        whole, *parts = protocol.split("+")
        for name, folder, what in (
            (whole, "protocols", "protocol"),
            *((part, "prophylaxis", "part") for part in parts),
        ):
            known = sorted(path.stem for path in (DATA / folder).glob("*.yaml"))
            if name not in known:
                raise Refused(f"unknown {what} {name!r}", f"one of: {', '.join(known)}", nearest(name, known))
        return protocol

    @field_validator("donor")
    @classmethod
    def _donor_fits_patient(cls, donor: Donor | None, info: ValidationInfo) -> Donor | None:
        patient = info.data.get("patient")
        if donor is None or patient is None or donor.age is None:
            return donor
        older = donor.age - patient.age
        if donor.relation == "parent" and older < YOUNGEST_PARENT:
            raise Refused(
                f"a parent of {donor.age:g} years does not fit a patient of {patient.age:g} years",
                f"at least {YOUNGEST_PARENT:g} years older",
            )
        if donor.relation == "child" and -older < YOUNGEST_PARENT:
            raise Refused(
                f"a child of {donor.age:g} years does not fit a patient of {patient.age:g} years",
                f"at least {YOUNGEST_PARENT:g} years younger",
            )
        if donor.relation == "twin" and (abs(older) > 1 or donor.sex not in {None, patient.sex}):
            raise Refused("an identical twin has the patient's age and sex", "relation: sibling otherwise")
        return donor

    @field_validator("donor")
    @classmethod
    def _match_fits_typings(cls, donor: Donor | None, info: ValidationInfo) -> Donor | None:
        patient = info.data.get("patient")
        if donor is None or patient is None or donor.hla is None or patient.hla is None:
            return donor
        found = contradiction(donor.match, compare(patient.hla, donor.hla, relation=donor.relation))
        if found:
            raise Refused(f"match {donor.match!r} is written and the typings say {found}", "one of the two corrected")
        return donor

    @field_validator("graft")
    @classmethod
    def _graft_fits_donor(cls, graft: Graft | None, info: ValidationInfo) -> Graft | None:
        if "donor" not in info.data:  # the donor itself was refused
            return graft
        donor: Donor | None = info.data["donor"]
        if graft is None:
            if donor is not None:
                raise Refused("there is a donor and no graft", "a 'graft' with product, cd34 and cd3")
            return None
        relation = donor.relation if donor else "self"
        own = relation == "self"
        if graft.origin == "donor" and own:
            raise Refused("there is a graft from a donor and no donor", "a 'donor', or origin: host")
        if graft.origin == "host" and not own:
            raise Refused("the graft is the patient's own and there is a donor", "no 'donor', or origin: donor")
        if not own and (relation == "cord") != graft.of_cord:
            raise Refused(
                f"product {graft.product!r} does not fit the donor relation {relation!r}",
                f"{' or '.join(CORD)} with relation: cord, and only then",
            )
        return graft


def read_case(path: Path | str) -> Case:
    """Read one case from a YAML file.

    Raises
    ------
    InputError
        Every problem of the file, each with its line, what was expected and the nearest valid spelling.
    """
    document = read_document(path)
    words: dict[str, Any] = {"id": Path(name_of(document.path)).stem, **document.words}
    problems: list[Problem] = []
    case = fill(Case, words, document, (), problems)
    if case is None or problems:
        raise InputError(*sorted(problems, key=lambda problem: int(problem.where.rpartition(":")[2])))
    if case.protocol and Path(case.protocol).suffix:
        return case.model_copy(update={"protocol": str(document.path.parent / case.protocol)})
    return case
