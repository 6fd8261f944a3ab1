"""The facts on HLA that come with the package: files of data/hla, read once."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from ..files import read_document
from ..parameters import DATA

FOLDER = DATA / "hla"


@lru_cache(maxsize=16)
def facts(name: str) -> Mapping[str, Any]:
    """The words of one file of data/hla."""
    return MappingProxyType(read_document(FOLDER / f"{name}.yaml").words)


@lru_cache(maxsize=16)
def first_fields(gene: str) -> frozenset[str]:
    """First fields in use at a gene; empty where any number is possible."""
    return frozenset(facts("loci")["first_fields"].get(gene, "").split())


@lru_cache(maxsize=4096)
def fields_of_antigen(gene: str, antigen: str) -> frozenset[str]:
    """First fields that an antigen can be; empty for an antigen that does not exist."""
    listed = facts("loci")["antigens"].get(gene, {}).get(antigen)
    if listed:
        return frozenset(listed.split())
    return frozenset({antigen.zfill(2)}) & first_fields(gene)


@lru_cache(maxsize=4096)
def split(gene: str, antigen: str) -> tuple[frozenset[str], frozenset[str]]:
    """Two-field names that surely carry an antigen, and those that surely carry another one of their first field."""
    known = {name: _proteins(gene, words) for name, words in facts("loci")["splits"].get(gene, {}).items()}
    own = known.get(antigen, frozenset())
    if not own:
        return own, own
    fields = {name.partition(":")[0] for name in own}
    others = {name for names in known.values() for name in names if name.partition(":")[0] in fields}
    return own, frozenset(others - own)


def _proteins(gene: str, words: str) -> frozenset[str]:
    return frozenset(f"{gene}*{fields}" for fields in words.split())


@lru_cache(maxsize=1)
def beside_drb1() -> Mapping[str, str]:
    """First field of a DRB1 allele to the second DRB gene of its chromosome, where there is one."""
    found = facts("loci")["beside_drb1"]
    genes = ("DRB3", "DRB4", "DRB5")
    return MappingProxyType({field: gene for gene in genes for field in found[gene].split()})


@lru_cache(maxsize=1)
def leader_fields() -> frozenset[str]:
    """First fields of HLA-B whose leader peptide has methionine."""
    return frozenset(facts("alleles")["leaders"]["methionine"].split())
