"""What a laboratory reports at one locus: two chromosomes, and every ambiguity, as in a genotype list (GL) string.

``/`` stands between alleles that cannot be told apart, ``+`` (or a comma) between the two chromosomes, ``|`` between
genotypes that cannot be told apart, ``~`` between alleles on one chromosome, ``^`` between loci.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from ..fields import Refused, phrase
from .names import LOCI, Name, read_name, said
from .nomenclature import Nomenclature, at_hand, check

Chromosome = tuple[Name, ...]  # names that cannot be told apart
Genotype = tuple[Chromosome, ...]  # none, one or two chromosomes
ABSENT = ("absent", "none")  # for DRB3, DRB4 and DRB5, which some chromosomes lack
BLANK = ("-", "blank")
MOST_GENOTYPES = 2000  # of one locus; a longer list is taken for a mistake


@dataclass(frozen=True)
class LocusTyping:
    """The typing of one person at one locus.

    Attributes
    ----------
    locus : str
    genotypes : tuple
        Genotypes that cannot be told apart; each has two chromosomes, or one where only one allele was found (read as
        homozygous), or none where the gene is absent; each chromosome is one name or several that cannot be told apart.
    """

    locus: str
    genotypes: tuple[Genotype, ...]

    def __str__(self) -> str:
        return "|".join(_text(genotype) for genotype in self.genotypes) or "absent"


def _text(genotype: Genotype) -> str:
    return "+".join("/".join(map(str, chromosome)) for chromosome in genotype) or "absent"


def read_locus(value: Any, locus: str) -> LocusTyping:
    """The typing of one locus from text or from a list with an entry for each chromosome.

    Raises
    ------
    Refused
        A name that does not exist or is of another locus, more than two chromosomes, or an operator that does not
        belong here.
    """
    if isinstance(value, LocusTyping):
        return value
    parts = [phrase(part) for part in value] if isinstance(value, Sequence) and not isinstance(value, str) else None
    text = "+".join(parts) if parts is not None else phrase(value)
    if re.search(r"[~^?]", text):
        raise Refused(f"an operator of whole genotypes in the typing of {said(locus)}: {text}", "under 'gl'")
    if text in ABSENT:
        if locus != "DRB345":
            raise Refused(f"{said(locus)} cannot be absent", "two alleles, or no line if it was not typed")
        return LocusTyping(locus, ((),))
    return _read_genotypes(text.replace(",", "+"), locus, at_hand())


@lru_cache(maxsize=20_000)
def _read_genotypes(text: str, locus: str, _nomenclature: Nomenclature) -> LocusTyping:
    """The same text has the same meaning as long as the nomenclature is the same."""
    return made(locus, [_genotype(part, locus) for part in text.split("|")])


def made(locus: str, genotypes: Sequence[Genotype]) -> LocusTyping:
    """A typing in one order, whatever the order in which it was written."""
    ordered = {tuple(sorted(tuple(sorted(set(chromosome))) for chromosome in one)) for one in genotypes}
    if len(ordered) > MOST_GENOTYPES:
        raise Refused(f"{len(ordered)} genotypes at {said(locus)}", f"at most {MOST_GENOTYPES}")
    return LocusTyping(locus, tuple(sorted(ordered)))


def _genotype(text: str, locus: str) -> Genotype:
    parts = [part.strip() for part in text.split("+")]
    if len(parts) > 2:
        raise Refused(f"{len(parts)} chromosomes at {said(locus)}", "two alleles, or one")
    found = tuple(read_chromosome(part, locus) for part in parts if part not in BLANK)
    if not found:
        raise Refused(f"no allele at {said(locus)}", "two alleles, or no line if it was not typed")
    return found


def read_chromosome(text: str, locus: str) -> Chromosome:
    """Names that cannot be told apart; after the first, gene and first field may be left out as in ``A*02:01/06``."""
    if not text.strip():
        place = f"at {said(locus)}" if locus else "in the genotype list"
        raise Refused(f"an allele is missing {place}", "two alleles, or one")
    names: list[Name] = []
    for part in text.split("/"):
        part = part.strip()
        if names and names[0].fields and re.fullmatch(r"\d\d+[NLSQCA]?", part):
            part = f"{names[0].gene}*{names[0].fields[0]}:{part}"
        elif names and re.fullmatch(r"\d\d+(:[\dA-Z]+)+", part):
            part = f"{names[0].gene}*{part}"
        name = read_name(part, locus)
        check(name, at_hand())
        names.append(name)
    return tuple(names)


@dataclass(frozen=True)
class Phase:
    """The two chromosomes of a person where a laboratory or a family study tells them apart: one name a locus."""

    first: tuple[Name, ...]
    second: tuple[Name, ...]


@dataclass(frozen=True)
class GenotypeList:
    """A whole genotype list string: typings of loci, and which alleles lie on one chromosome where that was told."""

    text: str
    loci: tuple[LocusTyping, ...]
    phase: Phase | None = None

    def __str__(self) -> str:
        return self.text


def read_genotype_list(value: Any) -> GenotypeList:
    """A genotype list string of one or more loci.

    Raises
    ------
    Refused
        As :func:`read_locus`; also a locus given twice.
    """
    if isinstance(value, GenotypeList):
        return value
    text = phrase(value)
    if "?" in text:
        raise Refused("the operator ? of genotype lists is not read", "the operators ^ | + ~ /")
    found: list[LocusTyping] = []
    phases: list[Phase] = []
    for block in text.split("^"):
        genotypes = [_chromosomes(part) for part in block.split("|")]
        for locus in _loci_of(genotypes):
            found.append(made(locus, [_at(locus, genotype) for genotype in genotypes]))
        if len(genotypes) == 1 and "~" in block and len(genotypes[0]) == 2 and "/" not in block:
            first, second = (tuple(names[0] for names in chromosome) for chromosome in genotypes[0])
            phases.append(Phase(first, second))
    names = [one.locus for one in found]
    double = sorted({locus for locus in names if names.count(locus) > 1})
    if double:
        raise Refused(f"{said(double[0])} is given twice in the genotype list", "each locus once")
    ordered = tuple(sorted(found, key=lambda one: LOCI.index(one.locus)))
    return GenotypeList(text, ordered, phases[0] if len(phases) == 1 else None)


def _chromosomes(text: str) -> list[list[Chromosome]]:
    """One genotype: chromosomes, each a list of loci, each with the names that cannot be told apart."""
    parts = [part.strip() for part in text.split("+")]
    if len(parts) > 2:
        raise Refused(f"{len(parts)} chromosomes in {text!r}", "two chromosomes between | and ^")
    return [[read_chromosome(names, "") for names in part.split("~")] for part in parts if part not in BLANK]


def _loci_of(genotypes: list[list[list[Chromosome]]]) -> list[str]:
    found = [names[0].locus for genotype in genotypes for part in genotype for names in part]
    return list(dict.fromkeys(found))


def _at(locus: str, genotype: list[list[Chromosome]]) -> Genotype:
    return tuple(names for part in genotype for names in part if names[0].locus == locus)
