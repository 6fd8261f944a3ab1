"""Fifteen pairs whose comparison is known, by P groups and T-cell-epitope groups of IPD-IMGT/HLA 3.58."""

import pytest

from hla_help import built_in_facts, comparison  # noqa: F401

PERMISSIVE, GVH, HVG = "permissive", "non-permissive graft-versus-host", "non-permissive host-versus-graft"
VECTORS = {
    1: ("A", "A*01:01, A*02:01", "A*02:01, A*01:01", 2, 0, 0, 0, 0, None),
    2: ("A", "A*01:01, A*02:01", "A*01:01, A*03:01", 1, 1, 1, 1, 1, None),
    3: ("A", "A*02:01, A*02:01", "A*02:01, A*24:02", 1, 0, 1, 0, 1, None),
    4: ("A", "A*02:01, A*24:02", "A*02:01, A*02:01", 1, 1, 0, 1, 0, None),
    5: ("A", "A*01:01, A*01:01", "A*02:01, A*02:01", 0, 1, 1, 2, 2, None),
    6: ("DRB1", "DRB1*14:01, DRB1*04:01", "DRB1*14:54, DRB1*04:01", 2, 0, 0, 0, 0, None),
    7: ("A", "A*02:01, A*02:01", "A*02:01, A*24:09N", 2, 0, 0, 0, 0, None),
    8: ("A", "A*24:02, A*02:01", "A*24:09N, A*02:01", 1, 1, 0, 1, 0, None),
    9: ("C", "C*08:02, C*04:09N", "C*08:02, C*04:01", 1, 0, 1, 0, 1, None),
    10: ("DPB1", "DPB1*04:01, DPB1*02:01", "DPB1*04:01, DPB1*04:02", 1, 1, 1, 1, 1, (PERMISSIVE, PERMISSIVE)),
    11: ("DPB1", "DPB1*04:01, DPB1*09:01", "DPB1*04:01, DPB1*04:02", 1, 1, 1, 1, 1, (GVH, GVH)),
    12: ("DPB1", "DPB1*04:01, DPB1*04:02", "DPB1*04:01, DPB1*03:01", 1, 1, 1, 1, 1, (HVG, HVG)),
    13: ("DPB1", "DPB1*09:01, DPB1*04:01", "DPB1*17:01, DPB1*02:01", 0, 2, 2, 2, 2, (PERMISSIVE, PERMISSIVE)),
    14: ("DPB1", "DPB1*06:01, DPB1*04:01", "DPB1*04:01, DPB1*02:01", 1, 1, 1, 1, 1, (PERMISSIVE, GVH)),
    15: ("DPB1", "DPB1*02:01, DPB1*64:01N", "DPB1*02:01, DPB1*04:01", 1, 0, 1, 0, 1, (PERMISSIVE, PERMISSIVE)),
}


def test_there_are_fifteen():
    assert sorted(VECTORS) == list(range(1, 16))


@pytest.mark.parametrize("number", VECTORS)
def test_vector(number):
    locus, patient, donor, matched, gvh, hvg, gvh_alleles, hvg_alleles, verdicts = VECTORS[number]
    for version in (0, 1):
        found = comparison({locus: patient}, {locus: donor}, version=("V1", "V2")[version])
        one = found.locus(locus)
        assert one is not None
        assert one.certain
        assert (one.matched.low, one.gvh.low, one.hvg.low) == (matched, gvh, hvg)
        assert (one.gvh_alleles.low, one.hvg_alleles.low) == (gvh_alleles, hvg_alleles)
        if verdicts:
            assert found.dpb1.verdict == verdicts[version]
            assert found.dpb1.other == verdicts[1 - version]
