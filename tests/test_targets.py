"""Published outcomes beside predictions: what each row is, how wide intervals are, and what is refused."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from hemograft.errors import InputError
from hemograft.outlets.cli import main
from hemograft.population import read_arms
from hemograft.targets import study as study_module
from hemograft.targets.agreement import by_endpoint, signs, summary
from hemograft.targets.contrasts import predict_contrast
from hemograft.targets.derived import derived_targets
from hemograft.targets.discrepancy import Discrepancy
from hemograft.targets.endpoints import Measure, NoAnswer, endpoints, measure_of
from hemograft.targets.estimates import estimate
from hemograft.targets.plan import plan_study
from hemograft.targets.predict import between, predict
from hemograft.targets.split import split
from hemograft.targets.spread import Simulated, spread
from hemograft.targets.study import run_study
from hemograft.targets.table import read_targets
from published import table

SHARED = Path(__file__).parent.parent.parent / "shared" / "targets"
ARMS = [{}, {"arm_id": "study/two", "arm": "two", "graft_source": "BM"}]


def outcomes(rng, n, rate=1 / 400, recovery=16.0, end=730.0):
    """An outcome table with relapse, death and recovery at known rates."""
    relapse, death = rng.exponential(1 / rate, n), rng.exponential(2 / rate, n)
    recovered = np.round(recovery * np.exp(0.15 * rng.standard_normal(n)))
    columns: dict = {"patient": [str(i) for i in range(n)], "follow_up_day": np.full(n, end)}
    quiet = np.where(death < relapse, death, np.inf)
    days = {"relapse": relapse, "death": death, "relapse_or_death": np.minimum(relapse, death)}
    days |= {"death_without_relapse": quiet, "neutrophil_engraftment": recovered}
    for name, day in days.items():
        columns |= {f"{name}_day": np.minimum(day, end), f"{name}_observed": day < end}
    columns["primary_graft_failure"] = rng.random(n) < 0.05
    columns["cd4@365"] = rng.lognormal(np.log(200), 0.5, n)
    return pa.table(columns)


def target(tmp_path, **cells):
    arms = read_arms(table(tmp_path / "arms.csv", "arms", ARMS))
    (found,) = read_targets(table(tmp_path / "targets.csv", "targets", [cells]), {arm.id for arm in arms})
    return found


RELAPSE = {"endpoint": "relapse", "statistic": "cumulative_incidence", "unit": "fraction", "time_days": "365"}
FREE = Measure("free", ("relapse_or_death",), day=365.0)
INCIDENCE = Measure("incidence", ("relapse_or_death",), ("death_without_relapse",), day=365.0)


def test_shares_are_cumulative_incidences_with_competing_events():
    made = outcomes(np.random.default_rng(1), 20_000)
    total = 1 / 400 + 1 / 800
    free = np.exp(-total * 365)
    assert estimate(made, FREE).value == pytest.approx(free, abs=0.01)
    assert estimate(made, INCIDENCE).value == pytest.approx((1 / 400) / total * (1 - free), abs=0.01)
    nrm = Measure("incidence", ("death_without_relapse",), ("relapse_or_death",), day=365.0)
    assert estimate(made, nrm).value == pytest.approx((1 / 800) / total * (1 - free), abs=0.01)
    later = Measure("incidence", ("relapse",), ("death",), day=100.0, landmark=200.0)
    expected = (1 / 400) / total * (1 - np.exp(-total * 100))
    assert estimate(made, later).value == pytest.approx(expected, abs=0.015)


def test_medians_flags_and_values_are_read_from_their_columns():
    made = outcomes(np.random.default_rng(2), 4000)
    assert estimate(made, Measure("incidence", ("neutrophil_engraftment",), ("death",))).value == pytest.approx(
        16, abs=1
    )
    assert estimate(made, Measure("flag", column="primary_graft_failure")).value == pytest.approx(0.05, abs=0.015)
    assert estimate(made, Measure("value", column="cd4@", day=365)).value == pytest.approx(200, rel=0.05)
    above = estimate(made, Measure("share", column="cd4@", day=365, low=200.0))
    assert above.value == pytest.approx(0.5, abs=0.03)


def test_what_lies_beyond_the_simulation_is_refused():
    made = outcomes(np.random.default_rng(3), 100)
    with pytest.raises(NoAnswer, match="followed to day 730 only"):
        estimate(made, Measure("free", ("death",), day=2000.0))
    empty = made.set_column(
        made.column_names.index("relapse_or_death_day"), "relapse_or_death_day", pa.array([None] * 100, pa.float64())
    )
    with pytest.raises(NoAnswer, match="only 0"):
        estimate(empty, INCIDENCE)


@pytest.mark.parametrize("kind", ["share", "median"])
def test_the_interval_holds_nine_of_ten_studies_of_the_true_model(tmp_path, kind):
    rng = np.random.default_rng(4)
    cells = RELAPSE if kind == "share" else {}
    measure = INCIDENCE if kind == "share" else Measure("value", column="cd4@", day=365)
    like = target(tmp_path, **{**cells, "value": "0.5", "unit": "fraction" if cells else "cells_per_uL"})
    held = []
    for _ in range(150):
        simulation, real = (estimate(outcomes(rng, n), measure) for n in (150, 60))
        held.append(predict(simulation, replace(like, value=real.value), 60).covers)
    assert np.mean(held) == pytest.approx(0.9, abs=0.06)


def test_an_ensemble_of_parameters_widens_the_interval(tmp_path):
    rng = np.random.default_rng(5)
    one = target(tmp_path, **RELAPSE, value="0.4")
    members = [estimate(outcomes(rng, 400, rate=1 / days), INCIDENCE) for days in (400, 250, 700)]
    alone, together = predict(members[0], one, 200), predict(members[0], one, 200, between(members))
    assert together.high - together.low > 1.5 * (alone.high - alone.low)


def test_hazard_ratios_have_the_size_and_sign_of_the_truth(tmp_path):
    rng = np.random.default_rng(6)
    cells = {
        "endpoint": "hazard_ratio_relapse",
        "statistic": "hazard_ratio",
        "unit": "ratio",
        "reference_arm_id": "study/two",
    }
    one = target(tmp_path, **cells, value="2")
    groups = Simulated(outcomes(rng, 3000, rate=1 / 200)), Simulated(outcomes(rng, 3000, rate=1 / 400))
    made = predict_contrast(groups, INCIDENCE, one, (200, 200))
    assert made.value == pytest.approx(2, rel=0.1)
    assert made.low < 2 < made.high
    assert made.covers
    odds = target(tmp_path, **{**cells, "endpoint": "odds_ratio_relapse", "statistic": "odds_ratio"}, value="2")
    assert predict_contrast(groups, INCIDENCE, odds, (200, 200)).value > 1


def test_every_endpoint_is_mapped_or_named_as_not_simulated(tmp_path):
    one = target(
        tmp_path, endpoint="os", statistic="survival_probability", unit="fraction", value="0.5", time_days="365"
    )
    with pytest.raises(NoAnswer, match=r"not simulated yet \(death\)"):
        measure_of(one, {"relapse_observed"}, True)
    assert measure_of(one, {"death_observed"}, True).events == ("death",)
    late = target(tmp_path, endpoint="dfs", clock="relapse", statistic="median_day")
    with pytest.raises(NoAnswer, match="time counted from relapse"):
        measure_of(late, set(), True)
    for words in endpoints()["endpoints"].values():
        assert set(words.get("of", [])) | set(words.get("competing", [])) <= set(endpoints()["events"])


def test_bad_targets_are_refused_with_every_row(tmp_path):
    path = table(
        tmp_path / "targets.csv",
        "targets",
        [
            {"arm_id": "study/three"},
            {"endpoint": "survival"},
            {"ci_low": "20", "ci_high": "30"},
            {"statistic": "hazard_ratio", "unit": "ratio"},
            {"value": "1.4", "unit": "fraction"},
        ],
    )
    with pytest.raises(InputError, match=r"targets.csv:3: endpoint 'survival' is not known"):
        read_targets(path, {"study/one"})
    path.write_text(path.read_text(encoding="utf-8").replace(",survival,", ",os,"), encoding="utf-8")
    with pytest.raises(InputError) as error:
        read_targets(path, {"study/one"})
    told = str(error.value)
    for problem in (
        "2: arm_id 'study/three'",
        "4: 16 is not between",
        "5: a hazard_ratio without",
        "6: the fraction 1.4",
    ):
        assert f"targets.csv:{problem}" in told


def test_contrasts_of_randomized_arms_are_derived(tmp_path):
    arms = {
        arm.id: arm
        for arm in read_arms(
            table(tmp_path / "arms.csv", "arms", [{**arm, "randomized": "yes", "n": "100"} for arm in ARMS])
        )
    }
    rows = [{**RELAPSE, "value": "0.2"}, {**RELAPSE, "arm_id": "study/two", "value": "0.4"}]
    found = read_targets(table(tmp_path / "targets.csv", "targets", rows), arms)
    (made,) = derived_targets(found, arms)
    assert made.value == pytest.approx(0.25 / (0.4 / 0.6), rel=0.02)
    assert made.low is not None
    assert made.low < made.value < 1


def fake_arm(parts, *, days, seed, workers=None, observed=(), **_):
    """Outcomes that depend on the graft only, at once."""
    cases = [case for some, _ in parts for case in some]
    rng = np.random.default_rng(seed)
    marrow = cases[0].graft.product == "marrow"
    return outcomes(rng, len(cases), recovery=20.0 if marrow else 16.0, end=days)


ROWS = [
    {},
    {"arm_id": "study/two", "value": "21", "ci_low": "19", "ci_high": "23", "ci_level": "0.95"},
    {**RELAPSE, "value": "0.3"},
    {"endpoint": "tma", "statistic": "cumulative_incidence", "unit": "fraction", "value": "0.05", "time_days": "180"},
]


def written(tmp_path):
    arms = [{**arm, "randomized": "yes", "n": "150"} for arm in ARMS]
    return table(tmp_path / "arms.csv", "arms", arms), table(tmp_path / "targets.csv", "targets", ROWS)


def test_a_validation_compares_every_row_or_says_why_not(tmp_path):
    made = run_study(plan_study(*written(tmp_path), patients=60, seed=1), simulate=fake_arm)
    found = summary(made.rows)
    assert found["rows_simulated"] == 3
    assert found["rows_refused"] == 1
    assert found["signs"] == {"rows": 1, "agree": 1, "clear": 0, "clear_agree": 0}
    assert 0 <= found["coverage"] <= 1
    assert {one.endpoint for one in by_endpoint(made.rows)} == {"neutrophil_recovery", "relapse"}
    assert [row.refused for row in made.rows if row.refused] == ["tma: thrombotic microangiopathy is not simulated"]
    assert signs(made.rows).rows == 1


def test_the_command_writes_a_folder_and_one_json_object(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(study_module, "simulate_arm", fake_arm)
    arms, targets = written(tmp_path)
    words = [
        "validate",
        "--arms",
        str(arms),
        "--targets",
        str(targets),
        "--patients",
        "40",
        "--workers",
        "1",
        "--out",
        str(tmp_path / "run"),
    ]
    with pytest.raises(SystemExit) as end:
        main([*words, "--json"])
    assert end.value.code in (0, None)
    told = json.loads(capsys.readouterr().out)
    for name in ("coverage", "sign_agreement", "median_absolute_error", "rows_simulated", "rows_refused", "rows"):
        assert name in told
    page = (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
    assert page.count("<svg") >= 3
    assert "http" not in page.replace("http://www.w3.org", "")
    assert {path.name for path in (tmp_path / "run").iterdir()} >= {
        "rows.csv",
        "arms.csv",
        "summary.json",
        "provenance.json",
    }
    with pytest.raises(SystemExit):
        main(words)
    assert "interval holds" in capsys.readouterr().out


def test_a_split_keeps_studies_whole_and_does_not_move():
    studies = [f"study{i}" for i in range(40)]
    fitted, out = split(studies, 3, 0.25, always=["study7"])
    assert len(out) == 10
    assert "study7" in out
    assert not set(fitted) & set(out)
    assert split(reversed(studies), 3, 0.25, always=["study7"]) == (fitted, out)
    assert split(studies, 4, 0.25)[1] != split(studies, 3, 0.25)[1]


@pytest.mark.skipif(not SHARED.is_dir(), reason="the published tables are not beside the project")
def test_the_published_tables_are_read_and_planned():
    plan = plan_study(SHARED / "arms.csv", SHARED / "targets.csv", patients=20, seed=0)
    assert len(plan.questions) > 900
    assert sum(question.measure is not None for question in plan.questions) > 150
    assert all(question.refused for question in plan.questions if question.measure is None)


@pytest.mark.parametrize("effect", [0.0, 0.5])
def test_the_spread_of_members_is_found_without_the_noise_of_chance(effect):
    """Members shift a share on the logit scale; patients keep their luck, as in a simulation."""
    rng = np.random.default_rng(8)
    members, n, found = 8, 400, []
    order = {f"p{i}": i for i in range(n)}
    measure = Measure("flag", column="event")
    for _ in range(60):
        luck, shifts = rng.uniform(size=n), effect * rng.standard_normal(members)
        chance = [1 / (1 + np.exp(0.5 - shifts[i % members])) for i in range(n)]
        both = [
            pa.table({"patient": list(order), "event": (luck < share).astype(float)})
            for share in (1 / (1 + np.exp(0.5)), np.array(chance))
        ]
        made = Simulated(*both, members, order)
        found.append(spread([made], lambda table: estimate(table, measure).transformed))
    assert np.mean(found) == pytest.approx(effect**2, abs=0.06)
    assert spread([Simulated(both[0])], lambda table: 1.0) == 0


def test_a_published_difference_of_days_is_predicted_as_one(tmp_path):
    row = {"arm_id": "study/two", "reference_arm_id": "study/one", "statistic": "difference", "value": "4"}
    arms, _ = written(tmp_path)
    targets = table(tmp_path / "differences.csv", "targets", [{}, {**row, "ci_low": "", "ci_high": "", "ci_level": ""}])
    left = Discrepancy({"median_day": 0.3})
    rows = run_study(plan_study(arms, targets, patients=60, seed=1), simulate=fake_arm, discrepancy=left).rows
    (made,) = [one.prediction for one in rows if one.kind == "contrast"]
    assert abs(made.value) < 8
    assert made.low < made.value < made.high


def test_an_arm_that_fails_takes_no_other_along(tmp_path):
    def failing(parts, **options):
        if parts[0][0][0].graft.product == "marrow":
            raise ZeroDivisionError("division by zero")
        return fake_arm(parts, **options)

    made = run_study(plan_study(*written(tmp_path), patients=60, seed=1), simulate=failing)
    assert [row.prediction is not None for row in made.rows if row.target.arm == "study/one"] == [
        True,
        True,
        False,
        False,
    ]
    (lost,) = [row.refused for row in made.rows if row.target.arm == "study/two"]
    assert lost == "a fault of the program, please report it: ZeroDivisionError: division by zero"
