"""How the derived numbers of data/hla/typical.yaml were computed, from a person's own haplotype frequencies.

``python -m validation.typical_matches FREQUENCIES.csv [PATIENTS]`` prints for each locus mismatched alleles,
graft-versus-host and host-versus-graft mismatches, and the share of the former that differ in the first field; for
relatives who share one haplotype and for unrelated pairs of each grade. The shipped numbers come from the
A~C~B~DRB1~DQB1 frequencies of Maiers2007 (US registry donors of European origin) and 120 patients.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from hemograft.hla.frequencies import Frequencies, read_frequencies

SEED, RELATIVES = 1, 200_000
BY_ANTIGEN = ("A", "B")  # in a grade out of 6
GRADES = {6: ("A", "B", "DRB1"), 8: ("A", "B", "C", "DRB1"), 10: ("A", "B", "C", "DRB1", "DQB1")}
RAREST = 1e-9  # probability of a grade below which a patient is left out of its average


def codes(population: Frequencies) -> tuple[np.ndarray, dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Frequencies that add up to one; allele and first field of each haplotype as numbers, by locus."""
    shares = np.array([frequency for _, frequency in population.haplotypes])
    alleles, fields = {}, {}
    for at, locus in enumerate(population.loci):
        names = np.array([haplotype[at] for haplotype, _ in population.haplotypes])
        alleles[locus] = np.unique(names, return_inverse=True)[1].astype(np.int16)
        first = np.array([name.partition(":")[0] for name in names])
        fields[locus] = np.unique(first, return_inverse=True)[1].astype(np.int16)
    return shares / shares.sum(), alleles, fields


def matched(patient: tuple, donor: tuple) -> np.ndarray:
    """Of two chromosomes of each donor, the better way to pair them with the patient's."""
    (a, b), (x, y) = patient, donor
    return np.maximum((x == a).astype(np.int8) + (y == b), (x == b).astype(np.int8) + (y == a))


def lacking(has: tuple, gives: tuple, first: tuple, given: tuple) -> tuple[np.ndarray, np.ndarray]:
    """Distinct allotypes of one person that the other lacks, and those of them that differ in the first field."""
    (a, b), (x, y) = has, gives
    one = (a != x) & (a != y)
    two = (b != x) & (b != y) & (a != b)
    far = [(field != given[0]) & (field != given[1]) for field in first]
    return one.astype(np.int8) + two, (one & far[0]).astype(np.int8) + (two & far[1])


def relatives(population: Frequencies) -> dict[str, tuple[float, ...]]:
    """Expectations of relatives who share one haplotype and have two others at random."""
    shares, alleles, fields = codes(population)
    draw = np.random.default_rng(SEED)
    s, p, d = (draw.choice(len(shares), RELATIVES, p=shares) for _ in range(3))
    found = {}
    for locus in population.loci:
        c, f = alleles[locus], fields[locus]
        gvh, far = lacking((c[s], c[p]), (c[s], c[d]), (f[s], f[p]), (f[s], f[d]))
        hvg, _ = lacking((c[s], c[d]), (c[s], c[p]), (f[s], f[d]), (f[s], f[p]))
        found[locus] = ((c[p] != c[d]).mean(), gvh.mean(), hvg.mean(), far.sum() / gvh.sum())
    return found


def unrelated(population: Frequencies, patients: int) -> Iterator[tuple[str, np.ndarray]]:
    """Grade and its expectations, once for each random patient, over all pairs of haplotypes as donors."""
    shares, alleles, fields = codes(population)
    i, j = np.triu_indices(len(shares))
    weights = np.where(i == j, shares[i] ** 2, 2 * shares[i] * shares[j]).astype(np.float32)
    draw = np.random.default_rng(SEED)
    for _ in range(patients):
        h, k = draw.choice(len(shares), 2, p=shares)
        counts, coarse = {}, {}
        for locus in population.loci:
            c, f = alleles[locus], fields[locus]
            has, gives, first, given = (c[h], c[k]), (c[i], c[j]), (f[h], f[k]), (f[i], f[j])
            gvh, far = lacking(has, gives, first, given)
            hvg, _ = lacking(gives, has, given, first)
            counts[locus] = (matched(has, gives), gvh, hvg, far)
            coarse[locus] = matched(first, given)
        for of, compared in GRADES.items():
            parts = [coarse[one] if of == 6 and one in BY_ANTIGEN else counts[one][0] for one in compared]
            total = sum(parts)
            for n in range(of // 2, of + 1):
                pairs = np.flatnonzero(total == n)
                weight = weights[pairs]
                if weight.sum() > RAREST:
                    rows = [
                        [(2 - m[pairs]) @ weight, *(x[pairs] @ weight for x in rest)] for m, *rest in counts.values()
                    ]
                    yield f"{n}/{of}", np.array(rows) / weight.sum()


def main(path: str, patients: int = 120) -> None:
    """Print every expectation."""
    population = read_frequencies(Path(path))
    print("haploidentical")
    for locus, row in relatives(population).items():
        print(f"  {locus}: {' '.join(f'{number:.3f}' for number in row)}")
    found: dict[str, list[np.ndarray]] = {}
    for grade, rows in unrelated(population, patients):
        found.setdefault(grade, []).append(rows)
    for grade, each in found.items():
        mean = np.mean(each, axis=0)
        print(f"{grade}, {len(each)} patients")
        for locus, (m, gvh, hvg, far) in zip(population.loci, mean, strict=True):
            print(f"  {locus}: {m:.3f} {gvh:.3f} {hvg:.3f} {far / gvh if gvh else 0:.2f}")


if __name__ == "__main__":
    main(sys.argv[1], *(int(number) for number in sys.argv[2:]))
