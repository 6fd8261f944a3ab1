"""What names mean: which exist, which P group they belong to, whether they are expressed, which epitope group.

Two nomenclatures can be at hand. The built-in one knows what is exact for common alleles (data/hla/alleles.yaml). One
that was built from a person's own copy of an IPD-IMGT/HLA release (:mod:`hemograft.hla.release`) knows every allele of
that release.
"""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from ..errors import InputError, Problem, nearest
from ..fields import Refused
from .facts import facts, fields_of_antigen, first_fields, leader_fields
from .names import Name, said

FILE = "hla_nomenclature.json.gz"
LAYOUT = 1  # of the compact file


@dataclass(frozen=True, eq=False)  # one object per release; compared and cached by identity
class Nomenclature:
    """Names and their meaning.

    Attributes
    ----------
    title : str
        What was consulted, with its release.
    complete : bool
        Whether every allele of a release is known, so that unknown names can be refused.
    groups : mapping
        Two-field name to the two fields of its P group, where they differ.
    suffixes : mapping
        Two-field name (complete) or full name (built-in) to the suffixes that occur under it; ``-`` is none.
    alleles : frozenset of str
        All full names of a release.
    g_groups : mapping
        G group, without its letter, to the null alleles in it.
    epitopes : mapping
        Version, then two-field name, to the T-cell-epitope group, such as ``3`` or ``3 predicted``.
    antigens : mapping
        Gene, then antigen, to the two-field names that can carry it.
    leaders : mapping
        Two-field names whose leader differs from that of their first field.
    deleted : mapping
        Abandoned names to what they are called now.
    """

    title: str
    complete: bool
    groups: Mapping[str, str]
    suffixes: Mapping[str, str]
    epitopes: Mapping[str, Mapping[str, str]]
    alleles: frozenset[str] = frozenset()
    g_groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    antigens: Mapping[str, Mapping[str, frozenset[str]]] = field(default_factory=dict)
    leaders: Mapping[str, str] = field(default_factory=dict)
    deleted: Mapping[str, str] = field(default_factory=dict)

    def group(self, protein: str) -> str:
        """The two fields of the P group of a two-field name, with the gene."""
        return self.groups.get(protein, protein)

    def leader(self, protein: str) -> str:
        """M or T, the dimorphism of the leader peptide, of a two-field name of HLA-B."""
        usual = "M" if protein.partition("*")[2].partition(":")[0] in leader_fields() else "T"
        return self.leaders.get(protein, usual)

    def epitope(self, protein: str, version: str) -> str:
        """T-cell-epitope group of an HLA-DPB1 allele; of its P group where it has none itself; else empty."""
        known = self.epitopes[version]
        return known.get(protein) or known.get(self.group(protein), "")


@lru_cache(maxsize=1)
def built_in() -> Nomenclature:
    """The nomenclature that comes with the package."""
    words = facts("alleles")
    suffixes: dict[str, str] = {}
    for name in words["nulls"]:
        suffixes[name[:-1]] = "N"
    return Nomenclature(
        title=f"built-in facts on common alleles ({words['release']})",
        complete=False,
        groups=words["groups"],
        suffixes=suffixes,
        epitopes={version: words["epitope_groups"][version] for version in ("V1", "V2")},
    )


def place() -> Path:
    """Where a nomenclature that a person has built lies: HEMOGRAFT_CACHE, or the person's own cache folder."""
    return Path(_place())


def _place() -> str:
    chosen = os.environ.get("HEMOGRAFT_CACHE")
    usual = os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "hemograft")
    return os.path.join(chosen or usual, FILE)


def at_hand() -> Nomenclature:
    """The nomenclature that a person has built, or the built-in one."""
    path = _place()
    try:
        stamp = os.stat(path)
    except OSError:
        return built_in()
    return _load(path, stamp.st_mtime_ns, stamp.st_size)


@lru_cache(maxsize=2)
def _load(name: str, _changed: int, _size: int) -> Nomenclature:
    path = Path(name)
    try:
        words = json.loads(gzip.decompress(path.read_bytes()))
        if words["layout"] != LAYOUT:
            raise ValueError("of another version")
        return Nomenclature(
            title=words["title"],
            complete=True,
            groups=words["groups"],
            suffixes=words["suffixes"],
            epitopes={version: words["epitopes"][version] or built_in().epitopes[version] for version in ("V1", "V2")},
            alleles=frozenset(words["alleles"]),
            g_groups={group: tuple(nulls) for group, nulls in words["g_groups"].items()},
            antigens={
                gene: {antigen: frozenset(names) for antigen, names in known.items()}
                for gene, known in words["antigens"].items()
            },
            leaders=words["leaders"],
            deleted=words["deleted"],
        )
    except (OSError, EOFError, ValueError, KeyError, TypeError, AttributeError) as error:
        what = f"the nomenclature cannot be read ({type(error).__name__})"
        hint = "build it again with 'hemograft hla build', or remove it"
        raise InputError(Problem(what, str(path), "a file made by hemograft hla build", hint)) from None


@lru_cache(maxsize=50_000)
def check(name: Name, nomenclature: Nomenclature) -> None:
    """See that a name exists.

    Raises
    ------
    Refused
        No such antigen, first field or allele; or an allele that is null and is written without its N.
    """
    gene = name.gene
    if name.antigen:
        if not fields_of_antigen(gene, name.antigen):
            raise Refused(f"there is no antigen {name}", f"an antigen of {said(name.locus)}")
        return
    known = first_fields(gene)
    if known and name.fields[0] not in known:
        listed = ", ".join(sorted(known))
        raise Refused(f"there is no first field {name.fields[0]} at HLA-{gene}", listed, _near_field(name, known))
    if name.vague:
        return
    if nomenclature.complete:
        _check_release(name, nomenclature)
    else:
        _check_suffix(name, nomenclature)


def _near_field(name: Name, known: frozenset[str]) -> str:
    close = nearest(name.fields[0], known)
    return f"{name.gene}*{':'.join((close, *name.fields[1:]))}{name.suffix}{name.group}" if close else ""


def _check_suffix(name: Name, nomenclature: Nomenclature) -> None:
    """The one thing that the built-in facts can see: a null allele without its letter, or another letter."""
    plain = f"{name.gene}*{':'.join(name.fields)}"
    usual = nomenclature.suffixes.get(plain)
    if usual and not name.group and name.suffix != usual:
        raise Refused(f"{name} exists only as a null allele", f"{plain}{usual}", f"{plain}{usual}")


def _check_release(name: Name, nomenclature: Nomenclature) -> None:
    plain = f"{name.gene}*{':'.join(name.fields)}"
    if name.group == "G":
        if plain in nomenclature.g_groups or plain in nomenclature.alleles:
            return
    elif name.group == "P":
        if plain in nomenclature.suffixes and nomenclature.group(plain) == plain:
            return
        if plain in nomenclature.groups.values():  # a group keeps its name when the allele it was named after leaves
            return
    else:
        found = nomenclature.suffixes.get(plain)
        if found is None and len(name.fields) > 2:
            found = _suffixes_below(plain, nomenclature.alleles)
        if found and (name.suffix or "-") in found:
            return
        if found:
            usual = "" if "-" in found else found[0]
            raise Refused(f"there is no {name} in {nomenclature.title}", f"{plain}{usual}", f"{plain}{usual}")
    now = nomenclature.deleted.get(f"{plain}{name.suffix}")
    other = nomenclature.groups.get(plain, "")
    hint = now or (f"{other}P" if name.group == "P" and other else nearest_allele(name, nomenclature))
    what = f"{name} was abandoned" if now else f"there is no {name} in {nomenclature.title}"
    raise Refused(what, "an allele of that release", hint)


def _suffixes_below(plain: str, alleles: frozenset[str]) -> str:
    """Suffixes of the alleles that begin with three or four fields; ``-`` is none; empty when there are none."""
    found = set()
    for suffix in ("", *"NLSQCA"):
        if f"{plain}{suffix}" in alleles:
            found.add(suffix or "-")
    found |= {one[-1] if one[-1].isalpha() else "-" for one in _by_three(alleles).get(plain, ())}
    return "".join(sorted(found))


@lru_cache(maxsize=2)
def _by_three(alleles: frozenset[str]) -> Mapping[str, tuple[str, ...]]:
    """Three fields to the alleles of four below them."""
    below: dict[str, list[str]] = {}
    for allele in alleles:
        if allele.count(":") == 3:
            below.setdefault(allele.rpartition(":")[0], []).append(allele)
    return {plain: tuple(names) for plain, names in below.items()}


def nearest_allele(name: Name, nomenclature: Nomenclature) -> str:
    """The allele of the release that is written most alike; empty when none is close."""
    start = f"{name.gene}*{name.fields[0]}:"
    close = nearest(name.protein, [known for known in nomenclature.suffixes if known.startswith(start)])
    if not close:
        return ""
    found = nomenclature.suffixes[close]
    return close + ("" if "-" in found else found[0])
