"""A candidate donor: who, and what was typed. One YAML file for each, or one row of a registry's list."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationInfo, field_validator

from ..case.donor import OLDEST_DONOR, Graft
from ..case.traits import BloodGroup, Pregnancies, Serostatus, only_of_women
from ..errors import InputError, Problem
from ..fields import PHRASE, Form, fill, number_in
from ..files import name_of, read_document
from ..hla.typing import Typing

Relation = Literal["sibling", "parent", "child", "twin", "other_relative", "unrelated", "cord"]


class Candidate(Form):
    """Somebody, or a cord blood unit, that could give a graft.

    Attributes
    ----------
    id : str
        Short name; the stem of the file unless it is given.
    relation : str
        As in a case.
    age : float or None [year]
    sex, cmv, blood_group : str or None
    pregnancies : int or None
    hla : Typing
    graft : Graft or None
        What this donor would give, such as the cells of a cord blood unit; used for simulation only.
    source : str or None
        Where the description comes from, or that it is invented.
    """

    id: Annotated[str, PHRASE]
    title: Annotated[str, PHRASE] | None = None
    source: Annotated[str, PHRASE] | None = None
    relation: Relation = Field("unrelated", examples=["unrelated"])
    age: Annotated[float, number_in("year", 0.0, OLDEST_DONOR, "35 years")] | None = None
    sex: Literal["female", "male"] | None = None
    cmv: Serostatus | None = None
    blood_group: BloodGroup | None = None
    pregnancies: Pregnancies | None = None
    hla: Typing = Field(examples=["(one line for each locus below it)"])
    graft: Graft | None = None

    @field_validator("pregnancies")
    @classmethod
    def _only_of_women(cls, pregnancies: int | None, info: ValidationInfo) -> int | None:
        return only_of_women(pregnancies, info.data.get("sex"))


def read_candidate(path: Path | str) -> Candidate:
    """Read one candidate donor from a YAML file.

    Raises
    ------
    InputError
        Every problem of the file, each with its line, what was expected and the nearest valid spelling.
    """
    document = read_document(path)
    if "patient" in document.words:
        what = "this is a case and not a donor"
        raise InputError(Problem(what, document.where("patient"), "a file with 'relation' and 'hla' of one donor"))
    words: dict[str, Any] = {"id": Path(name_of(document.path)).stem, **document.words}
    problems: list[Problem] = []
    candidate = fill(Candidate, words, document, (), problems)
    if candidate is None or problems:
        raise InputError(*problems)
    return candidate
