"""Drawn patients beside the registry's: shares, pairs, and what the pairs do not say.

``python -m validation.population [FOLDER]`` reads ``cibmtr_covariates.csv`` there (``../shared/data`` unless another
folder is named) and writes ``validation/POPULATION.md``. The table of patients is not part of the package.
"""

from __future__ import annotations

import csv
import sys
from collections import Counter
from itertools import combinations
from pathlib import Path

import numpy as np

from hemograft.population.draw import people
from hemograft.population.luck import Luck, named
from hemograft.population.population import AXES, read_population
from hemograft.version import VERSION

FILE = "cibmtr_covariates.csv"
FOLDER = Path("../shared/data")
DRAWN, SEED = 100_000, 20260101
COLUMNS = {"sexP": "sex", "ageP": "age", "dType": "disease", "dStatus": "stage", "donorGrp": "donor"}
WORDS = {
    "F": "female",
    "M": "male",
    "LessThan10": "0 to 10",
    "10to19": "10 to 20",
    "20to29": "20 to 30",
    "30to39": "30 to 40",
    "40to49": "40 to 50",
    "50to59": "50 to 60",
    "60plus": "60 to 85",
    "Early": "early",
    "Int": "intermediate",
    "Adv": "advanced",
    "HLA_Id_Sib": "identical_sibling",
    "8_8": "matched_unrelated",
    "7_8": "mismatched_unrelated",
}
BANDS = ("0 to 10", "10 to 20", "20 to 30", "30 to 40", "40 to 50", "50 to 60", "60 to 85")


def registry(folder: Path) -> list[dict[str, str]]:
    """The registry's patients, in the words of the package."""
    with (folder / FILE).open(encoding="utf-8", newline="") as file:
        return [
            {name: WORDS.get(row[column], row[column]) for column, name in COLUMNS.items()}
            for row in csv.DictReader(file)
        ]


def drawn(n: int = DRAWN, seed: int = SEED) -> list[dict[str, str]]:
    """Virtual patients, in the same words."""
    columns = people(read_population(), Luck(seed, named(n)[1]))
    bands = np.array(BANDS)[np.minimum(columns["age"].astype(int) // 10, len(BANDS) - 1)]
    found = {**columns, "age": bands, "stage": columns["registry_stage"]}
    return [dict(zip(AXES, words, strict=True)) for words in zip(*(found[axis] for axis in AXES), strict=True)]


def cramer(people_: list[dict[str, str]], one: str, other: str) -> float:
    """Cramer's V of two classes."""
    counts = Counter((p[one], p[other]) for p in people_)
    rows, columns = sorted({a for a, _ in counts}), sorted({b for _, b in counts})
    table = np.array([[counts[a, b] for b in columns] for a in rows], dtype=float)
    expected = np.outer(table.sum(1), table.sum(0)) / table.sum()
    square = ((table - expected) ** 2 / expected).sum() / table.sum()
    return float(np.sqrt(square / (min(table.shape) - 1)))


def furthest(real: list[dict[str, str]], made: list[dict[str, str]], axes: tuple[str, ...]) -> float:
    """Largest difference of any share of a combination of classes."""
    have, want = (Counter(tuple(p[axis] for axis in axes) for p in group) for group in (made, real))
    return max(abs(have[key] / len(made) - want[key] / len(real)) for key in {*have, *want})


def distance(real: list[dict[str, str]], made: list[dict[str, str]]) -> tuple[float, float]:
    """Total variation distance over all five classes, and that of a sample of the registry's size from the drawn."""
    keys = [tuple(p[axis] for axis in AXES) for p in made]
    have, want = Counter(keys), Counter(tuple(p[axis] for axis in AXES) for p in real)

    def apart(one: Counter, other: Counter) -> float:
        n, m = sum(one.values()), sum(other.values())
        return sum(abs(one[key] / n - other[key] / m) for key in {*one, *other}) / 2

    sample = Counter(keys[: len(real)])
    return apart(have, want), apart(have, sample)


def page(real: list[dict[str, str]], made: list[dict[str, str]]) -> str:
    """The comparison as a page of Markdown."""
    n = len(real)
    lines = [
        "# Drawn patients and the registry's",
        "",
        f"hemograft {VERSION}, {len(made):,} virtual patients of the population `registry`, seed {SEED},",
        f"beside {n:,} of the registry. Made by `python -m validation.population`. The pairs were declared from",
        "these patients, so agreement shows that the drawing does what the file says. The last line is a test:",
        "combinations of three to five classes were not used.",
        "",
        "| class | word | registry | drawn | difference in standard errors |",
        "|---|---|---|---|---|",
    ]
    for axis in AXES:
        want, have = (Counter(p[axis] for p in group) for group in (real, made))
        for word in sorted(want):
            p, q = want[word] / n, have[word] / len(made)
            error = np.sqrt(p * (1 - p) * (1 / len(made)))
            lines.append(f"| {axis} | {word} | {p:.4f} | {q:.4f} | {(q - p) / error:+.1f} |")
    lines += ["", "| pair | Cramér's V, registry | drawn | largest difference of a share |", "|---|---|---|---|"]
    for one, other in combinations(AXES, 2):
        values = cramer(real, one, other), cramer(made, one, other)
        lines.append(
            f"| {one} and {other} | {values[0]:.3f} | {values[1]:.3f} | {furthest(real, made, (one, other)):.4f} |"
        )
    whole, noise = distance(real, made)
    lines += [
        "",
        f"All five classes together: total variation distance {whole:.3f}; {noise:.3f} is what {n:,} patients of the",
        "declared population itself are from it by chance.",
        "",
    ]
    return "\n".join(lines)


def main() -> int:
    """Compare, or say that the table is not there."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    if not (folder / FILE).is_file():
        print(f"skipped: no {FILE} in {folder}")
        return 0
    text = page(registry(folder), drawn())
    (Path(__file__).parent / "POPULATION.md").write_text(text, encoding="utf-8")
    print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
