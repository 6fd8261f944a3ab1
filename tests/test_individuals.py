"""Predictions of single patients are scored beside a constant and a Cox model; checked on made-up patients."""

from types import SimpleNamespace

import numpy as np
import pytest
from validation.individuals.__main__ import main, write
from validation.individuals.data import ENDPOINTS, NEVER, Cohort
from validation.individuals.page import independence
from validation.individuals.scores import cross_validated, scored


def made_up(informed: bool, n: int = 80, twins: int = 9) -> Cohort:
    rng = np.random.default_rng(2)
    risk = rng.standard_normal(n)
    told = risk if informed else rng.standard_normal(n)
    chance = rng.uniform(size=n) < 1 / (1 + np.exp(-risk))
    day = np.clip(np.round(18 - 3 * risk + rng.standard_normal(n)), 1, 60)
    words = ["yes" if one else "no" for one in chance]
    rows = [
        {
            "ANC_recovery": str(d),
            "PLT_recovery": str(d + 5 if c else NEVER),
            "acute_GvHD_II_III_IV": w,
            "time_to_acute_GvHD_III_IV": str(d if c else NEVER),
            "extensive_chronic_GvHD": w if i % 5 else "?",
            "relapse": w,
            "survival_time": str(d * 20),
            "survival_status": str(int(c)),
            "disease": "AML" if i % 2 else "ALL",
            "tx_post_relapse": "no",
        }
        for i, (d, c, w) in enumerate(zip(day, chance, words, strict=True))
    ]
    patients = [
        SimpleNamespace(
            case=SimpleNamespace(
                id=f"p{i}",
                patient=SimpleNamespace(diagnosis="b_all", age=10.0 + told[i], sex="male", weight=30.0 + i % 7),
                donor=SimpleNamespace(match="10/10", age=30.0 + i % 11),
                graft=SimpleNamespace(product="marrow", cd34=5e6 * (1 + i % 3), cd3=2e8),
            )
        )
        for i in range(n)
    ]
    noise = rng.standard_normal((n, twins))
    early = np.clip(18 - 3 * told[:, None] + noise, 1, None)
    happens = rng.uniform(size=(n, twins)) < 1 / (1 + np.exp(-told[:, None]))
    days = {one.outcome: np.where(happens, early * 2, np.inf) for one in ENDPOINTS}
    days["neutrophil_engraftment"] = early
    return Cohort(tuple(patients), tuple(rows), days, 1)


def test_informed_predictions_rank_and_others_do_not():
    good, bad = made_up(True), made_up(False)
    for endpoint in ENDPOINTS[:3]:
        assert scored(good, endpoint, 0).ours[0] > 0.65
        assert scored(bad, endpoint, 0).ours[0] == pytest.approx(0.5, abs=0.15)
    assert scored(good, ENDPOINTS[0], 0).brier_ours < scored(good, ENDPOINTS[0], 0).brier_constant
    assert scored(good, ENDPOINTS[2], 0).slope > 0.3
    assert scored(good, ENDPOINTS[4], 0).patients == 64


def test_nobody_is_predicted_from_his_own_outcome():
    cohort = made_up(False)
    use, days, events = cohort.seen(ENDPOINTS[2])
    names = [patient.case.id for patient in cohort.patients]
    values = cohort.covariates()
    first, constant = cross_validated(values, days, events, 1.5, names, 0)
    other = events.copy()
    other[3] = 1 - other[3]
    changed, again = cross_validated(values, np.where(other == 1, 1.0, 2.0), other, 1.5, names, 0)
    assert use.all()
    assert changed[3] == pytest.approx(first[3])
    assert again[3] == constant[3]
    assert not np.allclose(changed, first)


def test_the_page_says_whatever_comes_out(tmp_path):
    page = write(made_up(True), "table.csv", 9, 0, tmp_path).read_text(encoding="utf-8")
    assert page.count("\n| ") >= len(ENDPOINTS) + 2
    assert "Ranked better than by a coin" in page
    assert (tmp_path / "individuals.svg").is_file()


def test_without_the_table_nothing_is_written(monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["individuals", "nowhere.csv"])
    main()
    assert "skipped: no nowhere.csv" in capsys.readouterr().out


def test_the_page_says_whether_these_patients_were_fitted_to(monkeypatch, tmp_path):
    monkeypatch.setattr("hemograft.ensemble.FOLDER", tmp_path)
    assert "not known" in independence(True)
    for fitted, words in (("[uci_children]", "no independent test"), ("[other]", "were not fitted to")):
        (tmp_path / "studies.yaml").write_text(f"fitted: {fitted}\nheld_out: []\nunused: []\n", encoding="utf-8")
        assert words in independence(True)
    assert "No patient" in independence(False)
