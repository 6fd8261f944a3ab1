"""What to expect of a match that is known only as a grade, such as ``9/10`` or ``haploidentical``.

The result has the same shape as a comparison of typings; every count carries an expectation. Numbers and their
evidence stand in data/hla/typical.yaml.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from .comparison import RELATED, Comparison, Grade, LocusMatch, class_totals
from .epitopes import GVH, HVG, MATCHED, PERMISSIVE, UNKNOWN, Epitopes
from .facts import facts
from .leaders import Leaders
from .ranges import Range
from .sharing import BOTH, ONE, OPEN, Sharing

LOCI: tuple[str, ...] = ("A", "B", "C", "DRB1", "DQB1")
COMPARED: Mapping[int, tuple[str, ...]] = {
    6: ("A", "B", "DRB1"),
    8: ("A", "B", "C", "DRB1"),
    10: LOCI,
    12: LOCI,
    14: LOCI,
}
TITLE = "typical values; nothing was typed"


class Expected(NamedTuple):
    """Expectations at one locus: mismatched alleles, the two directions, share of mismatches at antigen level."""

    mismatched: float
    gvh: float
    hvg: float
    antigen: float


def typical_comparison(match: str, relation: str) -> Comparison:
    """Expected mismatches of a donor of this relation and match, as they stand in a case.

    Parameters
    ----------
    match : str
        Such as ``9/10``, ``5/6``, ``haploidentical``, ``identical`` or ``unknown``.
    relation : str
        As in a donor's file.

    Returns
    -------
    Comparison
        Use ``likely`` of its counts. For an ``unknown`` match of a relative nothing is expected: the bounds are open.
    """
    loci, assumption = _expected(match, relation)
    name = _dpb1(match, relation, loci)
    words = facts("typical").get(name, {"counts": "0 0 0", "verdicts": "matched 1"})
    dp = [float(number) for number in words["counts"].split()]
    rows = [_row(locus, one, _most(match, relation)) for locus, one in loci.items()]
    rows.append(_row("DPB1", Expected(dp[0], dp[1], dp[2], 0), 1 if relation in RELATED else 2))
    return Comparison(
        loci=tuple(rows),
        grades=_grade(match),
        **class_totals(tuple(rows)),
        dpb1=_verdicts(words["verdicts"]),
        leader=Leaders("?", "?"),
        antibodies=(),
        sharing=Sharing(_kind(match, relation)),
        chances=None,
        nomenclature=TITLE,
        remarks=(assumption,),
    )


def graded_loci(match: str, relation: str) -> tuple[str, ...]:
    """Loci over which a grade's mismatches are spread; none where the grade leaves their number at alleles open."""
    of = _parts(match)[1]
    if of <= 6 and relation not in RELATED:
        return ()
    return (*COMPARED.get(of, ()), *(("DPB1",) if of > 10 and relation not in RELATED else ()))


def _parts(match: str) -> tuple[int, int]:
    """Mismatches that a grade states, and out of how many; 0 and 0 for a match in words."""
    stated, _, of = match.partition("/")
    return (int(of) - int(stated), int(of)) if of else (0, 0)


def _expected(match: str, relation: str) -> tuple[dict[str, Expected], str]:
    """Expectations by locus, and in words where they come from."""
    none = dict.fromkeys(LOCI, Expected(0.0, 0.0, 0.0, 0.0))
    missing, of = _parts(match)
    related = relation in RELATED
    if relation in {"twin", "self"} or match == "identical" or (of and not missing and related):
        return none, "no mismatch from A to DQB1"
    if match == "haploidentical" or (match == "unknown" and related and relation != "sibling"):
        taken = "" if match == "haploidentical" else "match of a relative unknown, taken as haploidentical: "
        return _relative(len(LOCI), LOCI), f"{taken}one haplotype shared, the other at random"
    if match == "unknown" and related:
        return none, "match of a sibling unknown: taken as identical"
    if match == "unknown":
        return _unrelated(0, 10), "match of an unrelated donor unknown: taken as 10/10"
    if related:
        on_five = missing * len(LOCI) / (of // 2) if of > 10 else missing  # DPB1 and DRB3/4/5 take their part
        return _relative(on_five, COMPARED[of]), f"{missing} mismatches on one haplotype, the other shared"
    if of == 6:
        rows = facts("typical")["cord_blood"][match.partition("/")[0]]
        return {locus: _numbers(rows[locus]) for locus in LOCI}, f"pairs that match {match} by A, B and DRB1"
    beside = missing - 1 if of > 10 and missing else missing  # the first one is at DPB1
    return _unrelated(beside, of), f"{missing} mismatches spread over the loci as in unrelated pairs"


def _numbers(text: str) -> Expected:
    return Expected(*(float(number) for number in text.split()))


def _named(name: str) -> dict[str, float]:
    words = facts("typical")[name]["value"].split()
    return {locus: float(number) for locus, number in zip(words[::2], words[1::2], strict=True)}


def _relative(missing: float, compared: tuple[str, ...]) -> dict[str, Expected]:
    """So many mismatches on the haplotype that is not shared, in proportion to its random mismatches."""
    rows = {locus: _numbers(facts("typical")["haploidentical"][locus]) for locus in LOCI}
    usual = sum(rows[locus].mismatched for locus in compared)
    part = 1.0 if missing >= len(compared) else missing / usual
    return {locus: _times(one, min(part, 1 / one.mismatched)) for locus, one in rows.items()}


def _times(one: Expected, factor: float) -> Expected:
    return Expected(one.mismatched * factor, one.gvh * factor, one.hvg * factor, one.antigen)


def _unrelated(missing: int, of: int) -> dict[str, Expected]:
    """So many mismatches of an unrelated donor, spread over the loci."""
    shares = _named("unrelated_shares_of_8" if of == 8 else "unrelated_shares_of_10")
    counts = {locus: min(2.0, missing * share) for locus, share in shares.items()}
    if of == 8:
        base, more = (float(number) for number in facts("typical")["unrelated_dqb1_of_8"]["value"].split())
        counts["DQB1"] = min(2.0, base + more * counts["DRB1"])
    gvh, hvg = (float(facts("typical")[f"unrelated_{way}"]["value"]) for way in ("gvh", "hvg"))
    antigen = _named("unrelated_antigen")
    return {locus: Expected(n, n * gvh, n * hvg, antigen[locus]) for locus, n in counts.items()}


def _most(match: str, relation: str) -> int:
    """The greatest number of mismatches that a grade allows at one locus."""
    missing, of = _parts(match)
    most = 1 if relation in RELATED else 2
    return min(missing, most) if of >= 10 else most


def _row(locus: str, one: Expected, most: int) -> LocusMatch:
    def up_to(value: float) -> Range:
        high = most if value else 0
        return Range(0, high, min(value, float(high)))

    matched = up_to(one.mismatched)
    gvh, hvg = up_to(one.gvh), up_to(one.hvg)
    return LocusMatch(
        locus=locus,
        patient="?",
        donor="?",
        matched=Range(2 - matched.high, 2, 2 - matched.likely),
        gvh=gvh,
        hvg=hvg,
        gvh_alleles=gvh,
        hvg_alleles=hvg,
        gvh_antigen=up_to(one.gvh * one.antigen),
        hvg_antigen=up_to(one.hvg * one.antigen),
        antigen_matched=Range(2 - matched.high, 2, 2 - matched.likely * one.antigen),
    )


def _grade(match: str) -> tuple[Grade, ...]:
    stated, _, of = match.partition("/")
    return (Grade(Range(int(stated), int(stated)), int(of)),) if of else ()


def _dpb1(match: str, relation: str, loci: Mapping[str, Expected]) -> str:
    """Which expectations hold at DPB1; empty where it is surely matched."""
    missing, of = _parts(match)
    if relation in {"twin", "self"} or (of > 10 and not missing):
        return ""
    if relation not in RELATED:
        return "dpb1_mismatched" if of > 10 else "dpb1_unrelated"
    return "dpb1_haploidentical" if any(one.mismatched for one in loci.values()) else "dpb1_matched_relative"


def _verdicts(text: str) -> Epitopes:
    """Shares of the verdicts; the verdict itself stays open unless one is sure."""
    words = text.split()
    called = {"matched": MATCHED, "permissive": PERMISSIVE, "gvh": GVH, "hvg": HVG}
    shares = tuple((called[name], float(share)) for name, share in zip(words[::2], words[1::2], strict=True))
    verdict = shares[0][0] if len(shares) == 1 else UNKNOWN
    return Epitopes("", verdict, "?", "?", tuple(name for name, _ in shares), False, verdict, shares)


def _kind(match: str, relation: str) -> str:
    """What is known of haplotypes without a typing."""
    missing, of = _parts(match)
    if relation in {"twin", "self"} or (relation in RELATED and (match == "identical" or (of >= 8 and not missing))):
        return BOTH
    descent = relation in {"parent", "child"} or (relation in RELATED and of and missing == of // 2)
    return ONE if match == "haploidentical" or descent else OPEN
