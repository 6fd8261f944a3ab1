"""A match that was written down against the typings beside it: do they agree?"""

from __future__ import annotations

from .comparison import Comparison
from .sharing import BOTH, NEITHER


def contradiction(match: str, found: Comparison) -> str:
    """What the typings say instead of a match such as ``10/10`` or ``haploidentical``; empty where they agree."""
    stated, _, of = match.partition("/")
    if of:
        grade = found.grade(int(of))
        if grade is None or grade.matched.low <= int(stated) <= grade.matched.high:
            return ""
        return _told(found, str(grade))
    mismatched = [one.locus for one in found.loci if one.matched.high < 2]
    if match == "identical" and mismatched:
        return _told(found, str(found.best_grade or "a mismatch"))
    if match == "haploidentical" and found.sharing.kind == NEITHER:
        return f"no common haplotype (nothing shared at {', '.join(found.sharing.apart)})"
    enough = found.grade(8) is not None
    if match == "haploidentical" and found.sharing.kind == BOTH and enough:
        return f"no mismatch at {', '.join(one.locus for one in found.loci)}"
    return ""


def _told(found: Comparison, grade: str) -> str:
    parts = [f"{one.locus} {one.patient} against {one.donor}" for one in found.loci if one.matched.high < 2]
    return grade + (f" ({'; '.join(parts)})" if parts else "")
