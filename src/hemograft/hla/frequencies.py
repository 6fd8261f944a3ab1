"""Haplotype frequencies from a person's own file, and what they make of an ambiguous typing.

The layout is that of the haplotype frequency exchange (HFX): a CSV with a column ``haplotype``, such as
``A*01:01~C*07:01~B*08:01~DRB1*03:01``, and a column ``frequency``; ``Haplo`` and ``Freq`` are read too. Nothing is
bundled.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import combinations_with_replacement
from pathlib import Path

from ..errors import InputError, Problem
from ..fields import Refused
from .expressed import Expressed, Pair, Some
from .names import LOCI, Name, read_name
from .nomenclature import Nomenclature, at_hand

COLUMNS = {"haplotype": ("haplotype", "haplo"), "frequency": ("frequency", "freq")}
LARGEST_SUM = 1.01  # of all frequencies; rounding
MOST_HAPLOTYPES = 500  # of one person's possible haplotypes, the most frequent are paired
MOST_GENOTYPES = 200  # of one person's possible genotypes, the most probable are compared


@dataclass(frozen=True, eq=False)
class Frequencies:
    """Frequencies of haplotypes of one population.

    Attributes
    ----------
    title : str
    loci : tuple of str
    haplotypes : tuple
        P groups in the order of ``loci``, and the frequency.
    """

    title: str
    loci: tuple[str, ...]
    haplotypes: tuple[tuple[tuple[str, ...], float], ...]

    def of(self, loci: Sequence[str], names: Sequence[str]) -> float:
        """Frequency of all haplotypes with these names at these loci."""
        return _sums(self, tuple(loci)).get(tuple(names), 0.0)


@lru_cache(maxsize=8)
def _sums(frequencies: Frequencies, loci: tuple[str, ...]) -> Mapping[tuple[str, ...], float]:
    at = [frequencies.loci.index(locus) for locus in loci]
    found: dict[tuple[str, ...], float] = {}
    for names, frequency in frequencies.haplotypes:
        key = tuple(names[i] for i in at)
        found[key] = found.get(key, 0.0) + frequency
    return found


def read_frequencies(path: Path | str) -> Frequencies:
    """Read haplotype frequencies; names become P groups, and haplotypes that become equal are added up.

    Haplotypes with a null allele are left out.

    Raises
    ------
    InputError
        No such columns, a haplotype that cannot be read or has other loci than the first, frequencies that are not
        numbers or add up to more than one.
    """
    path = Path(path)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.reader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(Problem(f"cannot be read ({type(error).__name__})", str(path), "a CSV file")) from None
    columns = _columns(rows[0] if rows else [], path)
    nomenclature, problems = at_hand(), []
    loci: tuple[str, ...] = ()
    added: dict[tuple[str, ...], float] = {}
    for number, row in enumerate(rows[1:], 2):
        if not any(cell.strip() for cell in row):
            continue
        try:
            names, frequency = _row(row, columns, loci)
        except Refused as error:
            problems.append(Problem(error.what, f"{path.name}:{number}", error.expected, error.hint))
            continue
        loci = tuple(name.locus for name in names)
        if not any(name.suffix == "N" for name in names):  # rare, and no protein to compare
            key = tuple(nomenclature.group(name.protein) for name in names)
            added[key] = added.get(key, 0.0) + frequency
    _complain(problems, added, path)
    ordered = tuple(sorted(added.items(), key=lambda item: (-item[1], item[0])))
    return Frequencies(path.stem, loci, ordered)


def _row(row: list[str], columns: Mapping[str, int], loci: tuple[str, ...]) -> tuple[tuple[Name, ...], float]:
    """Names and frequency of one row, at the loci of the rows before it."""
    if len(row) <= max(columns.values()):
        raise Refused("a row without haplotype or frequency", "both columns")
    names = _haplotype(row[columns["haplotype"]])
    found = tuple(name.locus for name in names)
    if len(set(found)) < len(found) or (loci and found != loci):
        raise Refused(f"loci {'~'.join(found)}", f"{'~'.join(loci) or 'each locus once'} in every row")
    return names, _frequency(row[columns["frequency"]])


def _columns(head: list[str], path: Path) -> dict[str, int]:
    written = [cell.strip().lower() for cell in head]
    found = {name: next((written.index(one) for one in names if one in written), -1) for name, names in COLUMNS.items()}
    absent = [name for name, at in found.items() if at < 0]
    if absent:
        what = f"no column {' or '.join(absent)}"
        raise InputError(Problem(what, f"{path.name}:1", "columns haplotype and frequency"))
    return found


def _haplotype(text: str) -> tuple[Name, ...]:
    """Names of one haplotype in the order of comparison; ``g`` and ``e`` at the end of a name are left out."""
    names = [read_name(part.strip().rstrip("ge")) for part in text.split("~")]
    vague = [str(name) for name in names if name.vague]
    if vague:
        raise Refused(f"{vague[0]} names no protein", "two fields or more, or a P group")
    return tuple(sorted(names, key=lambda name: LOCI.index(name.locus)))


def _frequency(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not (math.isfinite(number) and 0 <= number <= 1):
        raise Refused(f"frequency {text!r}", "a number from 0 to 1")
    return number


def _complain(problems: list[Problem], added: Mapping, path: Path) -> None:
    if problems:
        raise InputError(*problems)
    whole = sum(added.values())
    if not 0 < whole <= LARGEST_SUM:
        raise InputError(Problem(f"the frequencies add up to {whole:g}", f"{path.name}:1", "at most 1"))


@dataclass(frozen=True)
class Genotypes:
    """What an ambiguous typing can be, with probabilities.

    Attributes
    ----------
    loci : tuple of str
        Those of the frequencies.
    options : tuple
        Pairs of P groups at each locus, and the probability; the most probable first.
    left_out : float
        Probability of the rarest options, which are not listed.
    """

    loci: tuple[str, ...]
    options: tuple[tuple[tuple[tuple[str, str], ...], float], ...]
    left_out: float


def genotypes(person: Expressed, frequencies: Frequencies, nomenclature: Nomenclature) -> Genotypes | None:
    """Genotypes that fit a typing, by haplotype frequencies and random mating; None where no two haplotypes fit."""
    loci = frequencies.loci
    allowed = [person.pairs.get(locus) for locus in loci]
    single = [None if pairs is None else {part for pair in pairs for part in pair} for pairs in allowed]
    fitting = [
        (names, frequency)
        for names, frequency in frequencies.haplotypes
        if all(parts is None or _covered(name, parts) for name, parts in zip(names, single, strict=True))
    ][:MOST_HAPLOTYPES]
    tests = [None if pairs is None else _test(pairs) for pairs in allowed]
    weights: dict[tuple[tuple[str, str], ...], float] = {}
    for (one, first), (other, second) in combinations_with_replacement(fitting, 2):
        pairs = tuple((a, b) if a <= b else (b, a) for a, b in zip(one, other, strict=True))
        if all(test is None or test(pair) for test, pair in zip(tests, pairs, strict=True)):
            weights[pairs] = weights.get(pairs, 0.0) + first * second * (1 if one == other else 2)
    whole = sum(weights.values())
    if not whole:
        return None
    ordered = sorted(
        ((pairs, weight / whole) for pairs, weight in weights.items()), key=lambda item: (-item[1], item[0])
    )
    kept = ordered[:MOST_GENOTYPES]
    return Genotypes(loci, tuple(kept), max(0.0, 1 - sum(weight for _, weight in kept)))


def _covered(name: str, parts: set) -> bool:
    return name in parts or any(isinstance(part, Some) and part.covers(name) for part in parts)


def _test(pairs: tuple[Pair, ...]) -> Callable[[tuple[str, str]], bool]:
    """A function that says whether a pair of P groups is one of those that a typing allows; it remembers answers."""

    def one(pair: tuple[str, str], allowed: Pair) -> bool:
        ways = (pair, pair[::-1])
        return any(all(_covered(name, {part}) for name, part in zip(way, allowed, strict=True)) for way in ways)

    @cache
    def fits(pair: tuple[str, str]) -> bool:
        return any(one(pair, allowed) for allowed in pairs if allowed)

    return fits
