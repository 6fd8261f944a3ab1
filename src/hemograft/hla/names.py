"""One HLA name as laboratories write it: alleles of one to four fields, G and P groups, suffixes, antigens.

``A*02:01``, ``A*02:01:01:02L``, ``C*07:02:01G``, ``DRB1*14:01P``, ``A*02:XX`` (anything of that first field), ``B62``
(an antigen by serology). Slips of spelling are refused with the name that was probably meant.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from ..fields import Refused

LOCI = ("A", "B", "C", "DRB1", "DRB345", "DQB1", "DQA1", "DPB1", "DPA1")  # as compared; DRB3, 4 and 5 are one place
GENES = ("A", "B", "C", "DRB1", "DRB3", "DRB4", "DRB5", "DQB1", "DQA1", "DPB1", "DPA1")
SUFFIXES = "NLSQCA"
EXPECTED = "such as A*02:01, A*24:09N, C*07:02:01G, DRB1*14:01P, A*02:XX or B62"

_ALLELE = re.compile(rf"(?:HLA-)?({'|'.join(GENES)})\*(\d\d\d*)((?::\d\d\d*){{0,3}})(?::(XX)|([{SUFFIXES}])|([GP]))?")
_SHORT = re.compile(r"\d\d\d*(:[\dA-Z]+)*")
_ANTIGEN = re.compile(r"(A|B|Cw|DR|DQ)(\d{1,4})")
_CODE = re.compile(rf"(?:HLA-)?({'|'.join(GENES)})\*(\d\d\d*):([A-Z]{{2,6}})")
_HOME = {"A": "A", "B": "B", "Cw": "C", "DR": "DRB1", "DQ": "DQB1"}  # where an antigen's locus is typed
_LINKED = {"51": "DRB5", "52": "DRB3", "53": "DRB4"}  # DR51, DR52 and DR53 are the antigens of the other DRB genes


@dataclass(frozen=True, order=True)
class Name:
    """One name of a typing.

    Attributes
    ----------
    gene : str
        ``A`` ... ``DRB3`` ... ``DPA1``.
    fields : tuple of str
        Two to four fields of an allele or group; one where only the first is known; none for an antigen.
    suffix : str
        Expression: N (none), L (low), S (secreted), Q (questionable), C (in the cytoplasm), A (aberrant), or empty.
    group : str
        ``G`` or ``P`` where a group is named.
    antigen : str
        The antigen, such as ``62`` of ``B62``, where the typing is by serology.
    """

    gene: str
    fields: tuple[str, ...] = ()
    suffix: str = ""
    group: str = ""
    antigen: str = ""

    @property
    def locus(self) -> str:
        """The place where it is compared: ``DRB345`` for DRB3, DRB4 and DRB5, the gene otherwise."""
        return locus_of(self.gene)

    @property
    def vague(self) -> bool:
        """Whether no single protein is named: an antigen, or a first field only."""
        return len(self.fields) < 2

    @property
    def protein(self) -> str:
        """Gene and first two fields, such as ``A*02:01``."""
        return f"{self.gene}*{':'.join(self.fields[:2])}"

    def __str__(self) -> str:
        if self.antigen:
            return f"{_spoken(self.gene)}{self.antigen}"
        if len(self.fields) == 1:
            return f"{self.gene}*{self.fields[0]}:XX"
        return f"{self.gene}*{':'.join(self.fields)}{self.suffix}{self.group}"


def locus_of(gene: str) -> str:
    """Where a gene is compared."""
    return "DRB345" if gene in {"DRB3", "DRB4", "DRB5"} else gene


def _spoken(gene: str) -> str:
    return {"C": "Cw", "DQB1": "DQ"}.get(gene, "DR" if gene.startswith("DRB") else gene)


@lru_cache(maxsize=50_000)
def read_name(text: str, locus: str = "") -> Name:
    """One name; inside the typing of one locus the locus may be left out (``02:01``).

    Raises
    ------
    Refused
        Not a name of the nomenclature, or of another locus; the spelling that was probably meant is offered.
    """
    text = text.strip()
    if _SHORT.fullmatch(text) and locus and locus != "DRB345":
        text = f"{locus}*{text}"
    name = _allele(text) or _serology(text)
    if name is None:
        raise Refused(*_complaint(text, locus))
    if locus and name.locus != locus:
        raise Refused(f"{name} does not belong to {said(locus)}", f"names of {said(locus)}")
    return name


def said(locus: str) -> str:
    """A locus in words."""
    return "HLA-DRB3/4/5" if locus == "DRB345" else f"HLA-{locus}"


def _allele(text: str) -> Name | None:
    found = _ALLELE.fullmatch(text)
    if not found:
        return None
    gene, first, rest, any_, suffix, group = found.groups()
    fields = (first, *(field for field in rest.split(":") if field))
    if any_ and len(fields) > 1:
        return None
    old = len(first) > 2 and (gene != "DPB1" or first.startswith("0") or len(fields) == 1)  # no colons before 2010
    if old:
        return None
    if (suffix or group) and len(fields) < 2:
        return None
    if (group == "G" and len(fields) != 3) or (group == "P" and len(fields) != 2):
        return None
    return Name(gene, fields, suffix or "", group or "")


def _serology(text: str) -> Name | None:
    found = _ANTIGEN.fullmatch(text)
    if not found:
        return None
    letters, number = found.groups()
    gene = _LINKED.get(number, "DRB1") if letters == "DR" else _HOME[letters]
    return Name(gene, antigen=number)


def _complaint(text: str, locus: str) -> tuple[str, str, str]:
    """What is wrong with a name, what was expected, and what was probably meant."""
    code = _CODE.fullmatch(text)
    if code:
        return (
            f"{text} is a code for several alleles, which cannot be looked up here",
            "the alleles themselves, with a slash between them",
            f"{code[1]}*{code[2]}:01/{code[1]}*{code[2]}:02 if those are meant, or {code[1]}*{code[2]}:XX",
        )
    if re.fullmatch(r"Bw[46]", text):
        return f"{text} is an epitope of many alleles and not a typing", "the alleles or antigens of HLA-B", ""
    return f"{text!r} is not an HLA name", EXPECTED, _repaired(text, locus)


def _repaired(text: str, locus: str) -> str:
    """The nearest spelling that can be read; empty when there is none."""
    words = text.split()
    if len(words) == 2 and all(_allele(word) or _serology(word) for word in words):
        return ", ".join(words)
    trial = re.sub(r"\s+", "", text).removeprefix("HLA-").removeprefix("HLA")
    trial = trial.upper().replace("CW", "C", 1) if not _ANTIGEN.fullmatch(trial) else trial
    found = re.match(rf"({'|'.join(sorted(GENES, key=len, reverse=True))})[*_\- ]?", trial)
    gene, rest = (found[1], trial[found.end() :]) if found else ("" if locus == "DRB345" else locus, trial)
    if not gene:
        return ""
    rest = re.sub(r"[.;,_\-]", ":", rest.replace("O", "0").replace("*", ""))
    parts = re.fullmatch(r"([\d:]*)([A-Z]*)", rest)
    digits, tail = parts.groups() if parts else ("", "")
    if ":" not in digits and len(digits) in {4, 6, 8}:  # names before 2010 had no colons
        digits = ":".join(digits[i : i + 2] for i in range(0, len(digits), 2))
    fields = [field.zfill(2) for field in digits.split(":") if field]
    tail = tail if tail in {*SUFFIXES, "G", "P"} else ""
    if tail == "G" and len(fields) == 2:
        fields.append("01")  # the usual third field of a group
    candidate = f"{gene}*{':'.join(fields)}{tail}"
    return candidate if fields and _allele(candidate) else ""
