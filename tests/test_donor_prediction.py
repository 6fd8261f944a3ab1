"""Donors simulated for one patient: same luck, a second order beside the conventional one, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from hemograft.case import Graft, read_case
from hemograft.case.compatibility import consulted
from hemograft.errors import InputError
from hemograft.hla.nomenclature import at_hand
from hemograft.search import prediction
from hemograft.search.candidate import Candidate, read_candidate
from hemograft.search.donated import case_with
from hemograft.search.prediction import MEASURES, predict, share
from hemograft.search.ranking import rank

EXAMPLES = Path(__file__).parent.parent / "examples" / "match"
CASE = read_case(EXAMPLES / "patient.yaml")
SISTER, SON, MAN = (read_candidate(EXAMPLES / f"{name}.yaml") for name in ("sister", "son", "unrelated"))


def with_donor(donor: Candidate, case=CASE):
    (one,) = rank(case.patient, [donor])
    return case_with(case, donor, one.comparison)


@pytest.fixture
def short(monkeypatch):
    """A follow-up of three weeks in place of a year."""
    monkeypatch.setattr(prediction, "DAYS", 21)


@pytest.mark.parametrize(("donor", "match"), [(SISTER, "10/10"), (SON, "haploidentical"), (MAN, "9/10")])
def test_a_candidate_becomes_the_donor_of_the_case(donor, match):
    found = with_donor(donor)
    assert found.donor.match == match
    assert (found.id, found.patient) == (CASE.id, CASE.patient)
    assert (found.donor.hla, found.donor.age, found.graft) == (donor.hla, donor.age, donor.graft)


def test_a_comparison_of_typings_says_which_nomenclature_it_used():
    assert consulted(with_donor(SISTER)) == {"nomenclature": at_hand().title}
    assert consulted(CASE) == {}


def test_a_donor_without_a_graft_gives_that_of_the_case():
    case = with_donor(SISTER)
    other = Graft(product="marrow", cd34=2e6, cd3=3e7)
    assert with_donor(SON.model_copy(update={"graft": None}), case).graft == case.graft
    assert with_donor(SON.model_copy(update={"graft": other}), case).graft == other


def test_a_graft_that_nobody_states_is_asked_for():
    with pytest.raises(InputError, match="not stated which graft"):
        with_donor(SON.model_copy(update={"graft": None}))
    unit = SON.model_copy(update={"graft": None, "relation": "cord", "age": None})
    with pytest.raises(InputError, match="not stated which graft"):
        with_donor(unit, with_donor(SISTER))


def test_a_donor_of_too_little_typing_is_not_simulated():
    few = Candidate(id="few", hla={"A": "A*01:01, A*02:01"}, graft=MAN.graft)
    with pytest.raises(InputError, match="too little typing"):
        with_donor(few)


def test_shares_leave_out_who_was_not_at_risk():
    found = share(np.array([1.0, 0.0, 0.0, np.nan]), free=True)
    assert found.share == pytest.approx(2 / 3)
    assert found.error == pytest.approx(np.sqrt(0.4 * 0.6 / 3))
    assert np.isnan(share(np.array([np.nan]), free=False).share)


def test_the_same_donor_twice_has_the_same_luck(short):
    again = SISTER.model_copy(update={"id": "again"})
    first, second = predict(CASE, rank(CASE.patient, [SISTER, again]), twins=2, protocol="flubu4", workers=1)
    assert (first.place, second.place) == (1, 2)
    assert str(first.measures) == str(second.measures)
    assert (second.beside_first.share, second.beside_first.error) == (0, 0)
    assert set(first.measures) == set(MEASURES)
    judged = {name: one.share for name, one in first.measures.items()}
    assert np.isnan(judged.pop("primary_graft_failure"))  # not judged in three weeks
    assert all(0 <= one <= 1 for one in judged.values())


def test_match_shows_what_is_simulated_beside_the_order(short, hemograft):
    files = [EXAMPLES / f"{name}.yaml" for name in ("patient", "unrelated", "sister")]
    code, out, err = hemograft("match", *files, "--simulate", 2, "--protocol", "flubu4", "--top", 1, "--workers", 1)
    assert code == 0
    assert "Research use only" in err
    for words in ("Simulated", "By simulation", "±", "Not a recommendation", "10/10", "CD34 6 and CD3 250"):
        assert words in out
    code, out, _ = hemograft("match", *files, "--simulate", 2, "--protocol", "flubu4", "--workers", 1, "--json")
    words = json.loads(out)
    assert [one["id"] for one in words["prediction"]["donors"]] == ["sister", "unrelated"]
    assert sorted(one["place"] for one in words["prediction"]["donors"]) == [1, 2]
    assert all(one["predicted"] is not None for one in words["donors"])
    assert "Research use only" in words["prediction"]["notice"]
    assert words["prediction"]["donors"][0]["survival"]["error"] > 0


def test_nothing_changes_without_a_simulation(hemograft):
    files = [EXAMPLES / f"{name}.yaml" for name in ("patient", "sister")]
    code, out, _ = hemograft("match", *files)
    assert (code, "simulat" in out) == (0, False)
    code, out, _ = hemograft("match", *files, "--json")
    assert "prediction" not in json.loads(out)


def test_a_simulation_without_a_protocol_or_twins_is_refused(hemograft):
    files = [EXAMPLES / f"{name}.yaml" for name in ("patient", "sister")]
    code, _, err = hemograft("match", *files, "--simulate", 2)
    assert (code, "no protocol" in err) == (2, True)
    code, _, err = hemograft("match", *files, "--simulate", 0, "--protocol", "flubu4")
    assert (code, "0 twins" in err) == (2, True)
