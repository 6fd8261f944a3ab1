"""The section ``hla`` of a file: what was typed, and the antibodies that were found."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator

from ..fields import PHRASE, Form, Refused, number_in, phrase
from .genotypes import GenotypeList, LocusTyping, read_genotype_list, read_locus
from .names import LOCI, Name, read_name, said
from .nomenclature import at_hand, check

HIGHEST_MFI = 100_000.0  # mean fluorescence intensity; beyond it an entry is taken for a slip


def typed_at(locus: str) -> BeforeValidator:
    """A field that holds the typing of one locus."""
    return BeforeValidator(lambda value: None if value is None else read_locus(value, locus))


def _against(value: Any) -> tuple[Name, ...]:
    """What an antibody binds: an allele, an antigen, or a pair of chains such as DQA1*05:01~DQB1*02:01."""
    if isinstance(value, tuple):
        return value
    names = tuple(read_name(part) for part in phrase(value).split("~"))
    for name in names:
        check(name, at_hand())
    pairs = {("DQA1", "DQB1"), ("DPA1", "DPB1")}
    if len(names) > 1 and tuple(sorted(name.gene for name in names)) not in pairs:
        raise Refused(f"{phrase(value)} is not a pair of chains", "such as DQA1*05:01~DQB1*02:01")
    return tuple(sorted(names))


def _listed(value: Any) -> Any:
    if not isinstance(value, list | tuple):
        raise Refused("antibodies are not a list", "'- against: A24' and 'mfi: 3500' below each other, for each")
    return value


class Antibody(Form):
    """An antibody of the patient against an HLA molecule.

    Attributes
    ----------
    against : tuple of Name
        An allele, an antigen, or the two chains of one molecule.
    mfi : float
        Mean fluorescence intensity.
    """

    against: Annotated[tuple[Name, ...], BeforeValidator(_against)] = Field(examples=["DPB1*04:01"])
    mfi: Annotated[float, number_in("1", 0.0, HIGHEST_MFI, "3500")] = Field(examples=["3500"])


class Typing(Form):
    """What was typed, locus by locus or as a genotype list string, and the antibodies that were found.

    Attributes
    ----------
    A, B, C, DRB1, DRB345, DQB1, DQA1, DPB1, DPA1 : LocusTyping or None
    gl : GenotypeList or None
        Typings of further loci as one genotype list string, with the phase where it is known.
    antibodies : tuple of Antibody
    """

    A: Annotated[LocusTyping | None, typed_at("A")] = None
    B: Annotated[LocusTyping | None, typed_at("B")] = None
    C: Annotated[LocusTyping | None, typed_at("C")] = None
    DRB1: Annotated[LocusTyping | None, typed_at("DRB1")] = None
    DRB345: Annotated[LocusTyping | None, typed_at("DRB345")] = None
    DQB1: Annotated[LocusTyping | None, typed_at("DQB1")] = None
    DQA1: Annotated[LocusTyping | None, typed_at("DQA1")] = None
    DPB1: Annotated[LocusTyping | None, typed_at("DPB1")] = None
    DPA1: Annotated[LocusTyping | None, typed_at("DPA1")] = None
    gl: Annotated[GenotypeList, BeforeValidator(read_genotype_list)] | None = None
    antibodies: Annotated[tuple[Antibody, ...], BeforeValidator(_listed)] = ()
    method: Annotated[str, PHRASE] | None = None

    @field_validator("gl")
    @classmethod
    def _each_locus_once(cls, gl: GenotypeList | None, info: ValidationInfo) -> GenotypeList | None:
        for one in gl.loci if gl else ():
            if info.data.get(one.locus) is not None:
                raise Refused(f"{said(one.locus)} is typed twice, also in the genotype list", "each locus once")
        return gl

    @property
    def loci(self) -> Mapping[str, LocusTyping]:
        """Locus to its typing, for the loci that were typed, in the order of comparison."""
        listed = {one.locus: one for one in self.gl.loci} if self.gl else {}
        found = {locus: getattr(self, locus) or listed.get(locus) for locus in LOCI}
        return MappingProxyType({locus: typing for locus, typing in found.items() if typing is not None})

    def __str__(self) -> str:
        return "^".join(str(typing) for typing in self.loci.values())
