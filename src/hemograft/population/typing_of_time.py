"""What a match called by the typing of its time was by alleles: more mismatches than anybody knew of.

Used where a source states no grade such as 8/8.
"""

from __future__ import annotations

import numpy as np

from .rules import Rules

CLASSES = ("matched_unrelated", "mismatched_unrelated")


def matches_then(rules: Rules, year: int, said: list[str]) -> dict[str, dict[str, float]]:
    """Shares of grades out of 8 alleles by the registry's class of unrelated donor.

    Parameters
    ----------
    year : int
        Calendar year of the graft.
    said : list of str
        Where the assumption is added, if it is one.
    """
    found = {}
    for name in CLASSES:
        rule = f"match_{name}"
        found[name] = rules.shares(rule, str(rules.group_at(rule, np.array([float(year)]))[0]))
    if found["matched_unrelated"].get("8/8") != 1:
        said.append(f"match: called by the typing of {year}; mismatched alleles that typing did not see")
    return found
