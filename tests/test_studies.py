"""Studies of many patients: the same bytes however they are cut and run, and nothing lost when they are interrupted."""

import dataclasses
import hashlib
import importlib.util
import os

import numpy as np
import pyarrow.parquet as parquet
import pytest

import hemograft
from bench import case
from hemograft.errors import InputError
from hemograft.outcome.table import outcomes
from hemograft.studies import daily
from hemograft.studies.folder import plan_study, run_study
from hemograft.studies.kept import Kept, kept_in
from hemograft.studies.study import simulate_cohort, simulate_missing, study_of

EXAMPLE = "examples/aml_cr1_flubu4.yaml"
SHORT = {"twins": 10, "days": 40}


def whos():
    """Two patients whose models differ."""
    one = case("mobilized_blood", diagnosis="aml_intermediate", stage="cr1")
    other = case("marrow", age="8 years", weight="25 kg", height="125 cm", diagnosis="b_all", stage="cr2")
    return one, other.model_copy(update={"id": "other"})


def hashes(folder):
    names = ("outcomes.parquet", "daily.parquet", "failures.csv", "provenance.json")
    return [hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in names]


def made(folder, **options):
    plan = plan_study([EXAMPLE], None, **SHORT, seed=3)
    run_study(plan, folder, **{"chunk": 10, "workers": 1, **options})
    return hashes(folder)


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    return made(tmp_path_factory.mktemp("study") / "whole")


@pytest.mark.parametrize("options", [{"chunk": 1}, {"chunk": 7}, {"chunk": 1000}, {"chunk": 3, "workers": 2}], ids=str)
def test_a_study_is_the_same_bytes_for_any_chunk_size_and_number_of_processes(tmp_path, reference, options):
    assert made(tmp_path / "study", **options) == reference


@pytest.mark.skipif(importlib.util.find_spec("distributed") is None, reason="the extra [cluster] is not installed")
@pytest.mark.filterwarnings("default")
def test_a_study_is_the_same_bytes_on_a_dask_scheduler(tmp_path, reference):
    from distributed import LocalCluster

    with LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=None) as cluster:
        assert made(tmp_path / "study", chunk=4, scheduler=cluster.scheduler_address) == reference


def test_an_interrupted_study_goes_on_where_it_stopped(tmp_path, reference, monkeypatch):
    calls = []

    def stop(self, first, last, content):
        calls.append((first, last))
        if len(calls) == 3:
            raise KeyboardInterrupt
        save(self, first, last, content)

    save = Kept.save
    monkeypatch.setattr(Kept, "save", stop)
    with pytest.raises(KeyboardInterrupt):
        made(tmp_path / "study", chunk=2)
    assert not (tmp_path / "study").exists()
    with pytest.raises(InputError, match="--resume"):
        made(tmp_path / "study", chunk=2)
    assert made(tmp_path / "study", chunk=3, resume=True) == reference
    assert (0, 2) in calls
    assert calls.count((0, 2)) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["study"]


def test_a_damaged_chunk_is_made_anew(tmp_path):
    study = study_of(whos()[0], "bucy", twins=6, days=5)
    kept = kept_in(tmp_path / "chunks", study.patients, study.question, resume=False, force=False)
    simulate_missing(study, kept, 3, 1, None, None)
    first, second = sorted(kept.folder.glob("*.chunk"))
    whole = first.read_bytes()
    first.write_bytes(whole[:-5])
    assert kept.missing(10) == [(0, 3)]
    simulate_missing(study, kept, 10, 1, None, None)
    assert first.read_bytes() == whole
    assert second.exists()


def test_chunks_of_another_question_are_refused_unless_forced(tmp_path):
    study = study_of(whos()[0], "bucy", twins=2, days=5)
    kept_in(tmp_path / "chunks", 2, study.question, resume=False, force=False)
    other = dataclasses.replace(study, conditions=dataclasses.replace(study.conditions, seed=1))
    assert other.question != study.question
    with pytest.raises(InputError, match="other inputs"):
        kept_in(tmp_path / "chunks", 2, other.question, resume=True, force=False)
    kept_in(tmp_path / "chunks", 2, other.question, resume=False, force=True)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder_is_a_clear_error(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(InputError, match="cannot be written"):
        made(tmp_path / "study")


def test_a_full_disk_leaves_earlier_chunks_and_a_clear_error(tmp_path, monkeypatch):
    study = study_of(whos()[0], "bucy", twins=4, days=5)
    kept = kept_in(tmp_path / "chunks", 4, study.question, resume=False, force=False)
    fdopen, count = os.fdopen, []

    def full(handle, mode):
        count.append(handle)
        file = fdopen(handle, mode)
        if len(count) == 2:
            file.close()
            raise OSError(28, "No space left on device")
        return file

    monkeypatch.setattr("hemograft.studies.kept.os.fdopen", full)
    with pytest.raises(InputError, match="No space left on device"):
        simulate_missing(study, kept, 1, 1, None, None)
    assert kept.whole()[0][:2] == (0, 1)
    assert not list(kept.folder.glob("*.half"))


def test_patients_of_many_cases_are_those_of_their_own_simulation():
    """A cohort of two cases with different models gives each patient what simulate() gives."""
    cases = whos()
    results = simulate_cohort(cases, "cytbi", twins=3, days=60, chunk=4, workers=1)
    assert results.outcomes["patient"].to_pylist() == ["test/1", "test/2", "test/3", "other/1", "other/2", "other/3"]
    for one, rows in zip(cases, (slice(0, 3), slice(3, 6)), strict=True):
        alone = outcomes(hemograft.simulate(one, "cytbi", twins=3, days=60)).to_pylist()
        assert results.outcomes.to_pylist()[rows] == alone


def test_daily_quantiles_are_within_half_a_class_of_the_exact_ones():
    run = hemograft.simulate(whos()[0], "bucy", twins=50, days=30)
    found = daily.quantiles(daily.add([daily.count(run.daily)])).to_pylist()
    exact = run.data["neutrophils"].sel(day=25).values
    exact = exact[np.isfinite(exact)]
    (row,) = [one for one in found if one["observable"] == "neutrophils" and one["day"] == 25]
    assert row["patients"] == len(exact) > 40
    assert row["q50"] == pytest.approx(np.quantile(exact, 0.5, method="inverted_cdf"), rel=0.03)
    assert row["q05"] == pytest.approx(np.quantile(exact, 0.05, method="inverted_cdf"), rel=0.03)


def some(run, chosen):
    values = {name: array[chosen] for name, array in run.values.items()}
    return dataclasses.replace(run, patients=run.patients[chosen], values=values)


def test_daily_counts_add_up_in_any_order():
    run = hemograft.simulate(whos()[0], "bucy", twins=9, days=10).daily
    whole = daily.add([daily.count(run)])
    parts = [daily.count(some(run, slice(a, a + 2))) for a in (8, 0, 4, 2, 6)]
    assert daily.add(parts).equals(whole)


def test_two_cases_of_one_name_and_cases_without_protocol_are_refused():
    one, _ = whos()
    with pytest.raises(InputError, match="two cases"):
        study_of((one, one), "bucy")
    with pytest.raises(InputError, match="no protocol"):
        study_of(one)
    with pytest.raises(InputError, match="no cases"):
        study_of((), "bucy")


def test_outcomes_of_a_study_carry_their_definitions(tmp_path, reference):
    made(tmp_path / "study")
    field = parquet.read_schema(tmp_path / "study" / "outcomes.parquet").field("neutrophil_engraftment_day")
    assert field.metadata[b"definition"]
