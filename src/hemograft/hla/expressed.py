"""From names to what is compared: P groups of expressed alleles on two chromosomes, with every possibility.

A null allele is not there, so the locus counts as homozygous for its partner. A typing that names no single protein
(an antigen, or a first field only) stays a :class:`Some`, any protein of those first fields.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from types import MappingProxyType

from .facts import beside_drb1, facts, fields_of_antigen, split
from .genotypes import Genotype, LocusTyping
from .names import LOCI, Name
from .nomenclature import Nomenclature
from .typing import Typing

NONE = ""  # a chromosome that expresses nothing at this place: only at DRB3/4/5


@dataclass(frozen=True, order=True)
class Some:
    """A protein that is not known exactly.

    Attributes
    ----------
    gene : str
    fields : tuple of str
        Its possible first fields.
    said : str
        As it was written.
    among, surely, without : tuple of str
        P groups: the only possible ones, where they are all known; those that surely are meant by an antigen; those
        that surely are not.
    """

    gene: str
    fields: tuple[str, ...]
    said: str
    among: tuple[str, ...] = ()
    surely: tuple[str, ...] = ()
    without: tuple[str, ...] = ()

    def covers(self, group: str) -> bool:
        """Whether a P group can be meant."""
        gene, _, fields = group.partition("*")
        if gene != self.gene or fields.partition(":")[0] not in self.fields:
            return False
        if self.among:
            return group in self.among
        return group not in self.without


Part = str | Some  # a P group such as A*02:01, nothing (NONE), or a protein that is not known exactly
Pair = tuple[Part, ...]  # two chromosomes; empty where nothing is expressed


@dataclass(frozen=True)
class Expressed:
    """What one person expresses.

    Attributes
    ----------
    pairs : mapping
        Locus to the pairs that cannot be told apart, sorted. An empty pair says that both alleles are null.
    remarks : tuple of str
        What a reader has to know: hidden null alleles, alleles read as homozygous, uncertain expression.
    """

    pairs: Mapping[str, tuple[Pair, ...]]
    remarks: tuple[str, ...]


def expression_policy() -> Mapping[str, str]:
    """Suffix to ``expressed``, ``absent`` or ``unknown``, as data/hla/settings.yaml says."""
    words = facts("settings")
    return MappingProxyType({suffix: words[f"suffix_{suffix}"]["value"] for suffix in "NLSQCA"})


def expressed(typing: Typing, nomenclature: Nomenclature, policy: Mapping[str, str] | None = None) -> Expressed:
    """What a person expresses, by a nomenclature."""
    policy = policy or expression_policy()
    remarks: list[str] = []
    pairs: dict[str, tuple[Pair, ...]] = {}
    for locus, one in typing.loci.items():
        if locus == "DRB345":
            pairs[locus] = _second_drb(one, typing.loci.get("DRB1"), nomenclature, policy, remarks)
        else:
            found = {pair for genotype in one.genotypes for pair in _pairs(genotype, nomenclature, policy)}
            pairs[locus] = tuple(sorted(found, key=str))
        remarks += _remarks(one, nomenclature, policy)
    return Expressed(MappingProxyType(pairs), tuple(dict.fromkeys(remarks)))


def parts_of(name: Name, nomenclature: Nomenclature, policy: Mapping[str, str]) -> tuple[Part, ...]:
    """What one name can mean on its chromosome; :data:`NONE` for an allele that is not expressed."""
    if name.antigen:
        return (_antigen(name, nomenclature),)
    if name.vague:
        return (Some(name.gene, name.fields, f"{name.gene}*{name.fields[0]}"),)
    group = nomenclature.group(name.protein)
    if not name.suffix:
        return (group,)
    return {"expressed": (group,), "absent": (NONE,), "unknown": (group, NONE)}[policy[name.suffix]]


@lru_cache(maxsize=4096)
def _antigen(name: Name, nomenclature: Nomenclature) -> Some:
    """The proteins that can carry an antigen."""
    fields = tuple(sorted(fields_of_antigen(name.gene, name.antigen)))
    known = nomenclature.antigens.get(name.gene, {}).get(name.antigen, frozenset())
    if known:
        among = tuple(sorted({nomenclature.group(protein) for protein in known}))
        return Some(name.gene, fields, str(name), among, among)
    own, others = split(name.gene, name.antigen)
    return Some(name.gene, fields, str(name), (), tuple(sorted(own)), tuple(sorted(others)))


def _pairs(genotype: Genotype, nomenclature: Nomenclature, policy: Mapping[str, str]) -> list[Pair]:
    """Every pair that one genotype can mean, after the rule for null alleles."""
    sides = [{part for name in side for part in parts_of(name, nomenclature, policy)} for side in genotype]
    return [_whole(one) for one in product(*sides)]


def _whole(parts: tuple[Part, ...]) -> Pair:
    """Two expressed chromosomes: a null or missing one counts as a second copy of its partner."""
    there = [part for part in parts if part != NONE]
    if not there:
        return ()
    first, second = there if len(there) == 2 else (there[0], there[0])
    return (first, second) if str(first) <= str(second) else (second, first)


def _second_drb(
    one: LocusTyping,
    drb1: LocusTyping | None,
    nomenclature: Nomenclature,
    policy: Mapping[str, str],
    remarks: list[str],
) -> tuple[Pair, ...]:
    """DRB3, DRB4 and DRB5 as one place where a chromosome may have nothing; DRB1 tells one copy from two."""
    usual = _usual_genes(drb1)
    found: set[Pair] = set()
    for genotype in one.genotypes:
        sides = [{part for name in side for part in parts_of(name, nomenclature, policy)} for side in genotype]
        for parts in product(*sides):
            found |= _with_copies(parts, usual)
        named = {name.gene for side in genotype for name in side}
        if usual is not None and not named <= set(usual):
            remarks.append(f"{', '.join(sorted(named - set(usual)))} is unusual beside these DRB1 alleles")
    return tuple(sorted(found, key=str))


def _usual_genes(drb1: LocusTyping | None) -> tuple[str, ...] | None:
    """Second DRB genes that go with a DRB1 typing, one for each chromosome; None where they cannot be told."""
    if drb1 is None:
        return None
    options = set()
    for genotype in drb1.genotypes:
        sides = genotype if len(genotype) == 2 else genotype * 2
        for names in product(*sides):
            fields = [fields_of_antigen("DRB1", name.antigen) or {name.fields[0]} for name in names]
            for pair in product(*fields):
                options.add(tuple(sorted(beside_drb1().get(field, "") for field in pair)))
    return options.pop() if len(options) == 1 else None


def _with_copies(parts: tuple[Part, ...], usual: tuple[str, ...] | None) -> set[Pair]:
    """Pairs of two chromosomes; one named allele may be on both of them."""
    there = [part for part in parts if part != NONE]
    if len(parts) == 2 or not there:
        return {_sorted((*there, NONE, NONE)[:2])}
    once, twice = _sorted((there[0], NONE)), (there[0], there[0])
    if usual is None:
        return {once, twice}
    gene = there[0].gene if isinstance(there[0], Some) else there[0].partition("*")[0]
    return {twice} if usual.count(gene) == 2 else {once}


def _sorted(parts: tuple[Part, ...]) -> Pair:
    first, second = parts
    return (first, second) if str(first) <= str(second) else (second, first)


def _remarks(one: LocusTyping, nomenclature: Nomenclature, policy: Mapping[str, str]) -> list[str]:
    """What a reader has to know about a typing."""
    remarks = []
    names = {name for genotype in one.genotypes for side in genotype for name in side}
    for name in sorted(names):
        if name.suffix and policy[name.suffix] == "unknown":
            remarks.append(f"expression of {name} is not known; both possibilities are counted")
        if name.suffix and policy[name.suffix] == "absent":
            remarks.append(f"{name} is not expressed")
        if name.group == "G":
            hidden = hidden_nulls(name, nomenclature)
            if hidden:
                shown = ", ".join(hidden[:3]) + (f" and {len(hidden) - 3} more" if len(hidden) > 3 else "")
                remarks.append(f"{name} does not rule out null alleles ({shown}); read as expressed")
    if one.locus != "DRB345" and any(len(genotype) == 1 for genotype in one.genotypes):
        remarks.append(f"one allele at {one.locus} is read as homozygous")
    return remarks


def hidden_nulls(name: Name, nomenclature: Nomenclature) -> tuple[str, ...]:
    """Null alleles of a G group, as far as the nomenclature knows them."""
    return nomenclature.g_groups.get(f"{name.gene}*{':'.join(name.fields)}", ())


def in_order(loci: Mapping[str, object]) -> list[str]:
    """Loci in the order of comparison."""
    return [locus for locus in LOCI if locus in loci]
