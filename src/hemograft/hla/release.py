"""Build the nomenclature from a person's own copy of an IPD-IMGT/HLA release. Nothing of it comes with the package.

Read are the lists that the database publishes for machines, wherever they lie below the folder: ``Allelelist.txt``,
``hla_nom_g.txt`` and ``hla_nom_p.txt``; and if they are there ``hla_nom.txt`` (abandoned names), ``rel_dna_ser.txt``
and ``rel_ser_ser.txt`` (antigens), ``dpb_tce.csv`` (T-cell-epitope groups) and ``B_prot.fasta`` (leader peptides).
"""

from __future__ import annotations

import csv
import gzip
import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import InputError, Problem
from .facts import leader_fields
from .names import GENES
from .nomenclature import LAYOUT, place

NEEDED = ("Allelelist.txt", "hla_nom_g.txt", "hla_nom_p.txt")
WELCOME = ("hla_nom.txt", "rel_dna_ser.txt", "rel_ser_ser.txt", "dpb_tce.csv", "B_prot.fasta")
SPOKEN = {"Cw": "C", "DR": "DRB1", "DQ": "DQB1"}
SHORTEST_LEADER = 330  # residues; shorter sequences of HLA-B lack their first exon


@dataclass(frozen=True)
class Built:
    """What was built: where it lies, which release, how many alleles, and the files that were not there."""

    path: Path
    release: str
    alleles: int
    absent: tuple[str, ...]


def build(folder: Path | str) -> Built:
    """Read a release below ``folder`` and keep what is needed of it in the person's own cache folder.

    Raises
    ------
    InputError
        A file that is needed is not there or is not what its name says, or two releases lie below the folder.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise InputError(Problem("no such folder", str(folder), "the folder of an IPD-IMGT/HLA release"))
    files = _find(folder)
    releases = {_release(path) for name, path in files.items() if name != "B_prot.fasta"}
    if len(releases) > 1:
        listed = ", ".join(sorted(releases))
        raise InputError(Problem(f"files of several releases ({listed})", str(folder), "all files of one release"))
    words = _words(files, releases.pop())
    target = place()
    content = gzip.compress(json.dumps(words, separators=(",", ":"), sort_keys=True).encode(), mtime=0)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        half = target.with_suffix(".part")
        half.write_bytes(content)
        os.replace(half, target)
    except OSError as error:
        raise InputError(Problem(f"cannot be written ({error.strerror})", str(target), "a folder for caches")) from None
    absent = tuple(name for name in WELCOME if name not in files)
    return Built(target, words["release"], len(words["alleles"]), absent)


def _find(folder: Path) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for name in (*NEEDED, *WELCOME):
        places = sorted(folder.rglob(name), key=lambda path: (len(path.parts), str(path)))
        if places:
            found[name] = places[0]
    absent = [name for name in NEEDED if name not in found]
    if absent:
        what = f"{', '.join(absent)} not found below this folder"
        raise InputError(Problem(what, str(folder), f"{', '.join(NEEDED)} of one IPD-IMGT/HLA release"))
    return found


def _release(path: Path) -> str:
    """The release that the head of a file names."""
    with path.open(encoding="utf-8", errors="replace") as file:
        for _, line in zip(range(8), file, strict=False):
            found = re.match(r"#\s*version:\s*(IPD-IMGT/HLA \S+|IMGT/HLA \S+)", line)
            if found:
                return found[1]
    raise InputError(Problem("the release is not named in the head of the file", f"{path.name}:1", "# version: ..."))


def _words(files: dict[str, Path], release: str) -> dict[str, Any]:
    alleles = _alleles(files["Allelelist.txt"])
    suffixes: dict[str, set[str]] = {}
    for allele in alleles:
        plain, suffix = _split(allele)
        suffixes.setdefault(_two(plain), set()).add(suffix or "-")
    tables = {name: files.get(name) for name in WELCOME}
    return {
        "layout": LAYOUT,
        "title": release,
        "release": release,
        "alleles": alleles,
        "suffixes": {protein: "".join(sorted(found)) for protein, found in suffixes.items()},
        "groups": _groups(files["hla_nom_p.txt"]),
        "g_groups": _g_groups(files["hla_nom_g.txt"]),
        "deleted": _deleted(tables["hla_nom.txt"]),
        "antigens": _antigens(tables["rel_dna_ser.txt"], tables["rel_ser_ser.txt"]),
        "epitopes": _epitopes(tables["dpb_tce.csv"]),
        "leaders": _leaders(tables["B_prot.fasta"]),
    }


def _rows(path: Path | None, least: int) -> Iterator[list[str]]:
    """Rows of a semicolon table below its head."""
    if path is None:
        return
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if line.startswith("#") or not line.strip():
            continue
        row = line.split(";")
        if len(row) < least:
            what = f"a row of {len(row)} columns"
            raise InputError(Problem(what, f"{path.name}:{number}", f"{least} columns between semicolons"))
        yield row


def _alleles(path: Path) -> list[str]:
    names = [line.rpartition(",")[2].strip() for line in path.read_text(encoding="utf-8").splitlines()]
    found = [name for name in names if name.partition("*")[0] in GENES and "*" in name]
    if not found:
        raise InputError(Problem("there are no HLA alleles in the list", f"{path.name}:1", "rows 'HLA00001,A*01:01'"))
    return found


def _split(allele: str) -> tuple[str, str]:
    return (allele[:-1], allele[-1]) if allele[-1].isalpha() else (allele, "")


def _two(plain: str) -> str:
    gene, _, fields = plain.partition("*")
    return f"{gene}*{':'.join(fields.split(':')[:2])}"


def _groups(path: Path) -> dict[str, str]:
    """Two-field names to their P group where it carries another name."""
    found: dict[str, str] = {}
    for gene, members, group, *_ in _rows(path, 3):
        gene = gene.rstrip("*")
        if gene not in GENES or not group:
            continue
        name = f"{gene}*{group.rstrip('P')}"
        for member in members.split("/"):
            protein = _two(f"{gene}*{_split(member)[0]}")
            if protein != name:
                found[protein] = name
    return found


def _g_groups(path: Path) -> dict[str, list[str]]:
    """G groups to the null alleles in them, as two-field names."""
    found: dict[str, list[str]] = {}
    for gene, members, group, *_ in _rows(path, 3):
        gene = gene.rstrip("*")
        if gene in GENES and group:
            nulls = {f"{_two(f'{gene}*{one[:-1]}')}N" for one in members.split("/") if one.endswith("N")}
            found[f"{gene}*{group.rstrip('G')}"] = sorted(nulls)
    return found


def _deleted(path: Path | None) -> dict[str, str]:
    found = {}
    for gene, name, _, gone, now, *_ in _rows(path, 6):
        if gene.rstrip("*") in GENES and gene.endswith("*") and gone and now:
            found[f"{gene}{name}"] = f"{gene}{now}"
    return found


def _antigens(alleles: Path | None, relations: Path | None) -> dict[str, dict[str, list[str]]]:
    """Antigens to the two-field names that have, may have or are assumed to have them; broad ones with their splits."""
    found: dict[str, dict[str, set[str]]] = {}
    for gene, name, *columns in _rows(alleles, 5):
        gene = gene.rstrip("*")
        if gene not in GENES:
            continue
        for antigen in {part for column in columns for part in column.split("/")} - {"", "0", "?"}:
            found.setdefault(gene, {}).setdefault(antigen, set()).add(_two(f"{gene}*{_split(name)[0]}"))
    for letters, broad, splits, associated, *_ in _rows(relations, 4):
        gene = SPOKEN.get(letters, letters)
        for part in filter(None, [*splits.split("/"), *associated.split("/")]):
            narrow = found.get(gene, {}).get(part, set())
            if narrow:
                found[gene].setdefault(broad, set()).update(narrow)
    return {gene: {antigen: sorted(names) for antigen, names in known.items()} for gene, known in found.items()}


def _epitopes(path: Path | None) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {"V1": {}, "V2": {}}
    if path is None:
        return found
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    for row in csv.DictReader(lines):
        protein = row.get("Protein") or ""
        for version in found:
            code = (row.get(f"{version}_Assignment") or "").strip()
            group = re.fullmatch(r"([123]a?)(\$?)", code)
            if group and "*" in protein:
                found[version][protein] = group[1] + (" predicted" if group[2] else "")
    return found


def _leaders(path: Path | None) -> dict[str, str]:
    """Alleles of HLA-B whose leader differs from that of their first field."""
    found: dict[str, str] = {}
    if path is None:
        return found
    for entry in path.read_text(encoding="utf-8").split(">")[1:]:
        head, *lines = entry.splitlines()
        name, sequence = head.split()[1], "".join(lines).strip()
        if name.endswith("N") or not sequence.startswith("M") or len(sequence) < SHORTEST_LEADER:
            continue
        protein, residue = _two(_split(name)[0]), sequence[3]
        usual = "M" if protein.partition("*")[2].partition(":")[0] in leader_fields() else "T"
        if residue != usual:
            found[protein] = residue
    return found
