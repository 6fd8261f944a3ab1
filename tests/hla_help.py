"""What tests of HLA have in common: the built-in facts, whatever the developer has built, and short ways to compare."""

from __future__ import annotations

import pytest

from hemograft.hla.comparison import Comparison, LocusMatch, compare
from hemograft.hla.typing import Typing


@pytest.fixture(scope="module", autouse=True)
def built_in_facts(tmp_path_factory):
    """No nomenclature that somebody has built is seen."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HEMOGRAFT_CACHE", str(tmp_path_factory.mktemp("no_nomenclature")))
        yield


def comparison(patient: dict | str, donor: dict | str, **options) -> Comparison:
    """Compare two typings given as fields or as a genotype list."""
    sides = [Typing(gl=side) if isinstance(side, str) else Typing(**side) for side in (patient, donor)]
    return compare(*sides, **options)


def at(locus: str, patient: str, donor: str, **options) -> LocusMatch:
    """The comparison at one locus."""
    found = comparison({locus: patient}, {locus: donor}, **options).locus(locus)
    assert found is not None
    return found


def counts(one: LocusMatch) -> tuple[str, str, str]:
    """Matched, graft-versus-host, host-versus-graft."""
    return str(one.matched), str(one.gvh), str(one.hvg)
