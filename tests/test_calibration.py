"""Parameters fitted to published outcomes: the update is Kalman's, a stopped run goes on, bad input is refused."""

import json

import numpy as np
import pyarrow as pa
import pytest
from validation.calibrate_shipped import ship

from hemograft.applicability import read_covers
from hemograft.calibration import calibrate as work
from hemograft.calibration.ensemble import ensemble_text
from hemograft.calibration.free import read_free, within
from hemograft.calibration.inversion import believed, first_ensemble, step_share, updated
from hemograft.calibration.report import ensemble_files, words, write_calibration
from hemograft.ensemble import read_ensemble, with_values
from hemograft.errors import InputError
from hemograft.files import read_document
from hemograft.outlets.cli import main
from hemograft.population import read_arms
from hemograft.targets.plan import plan_study
from hemograft.targets.study import run_study
from published import table
from straight import straight

SETTINGS = {"members": 12, "iterations": 2, "patients": 30, "seed": 0, "hold-out": 0.4, "most-arms": 0}
RELAPSE = {"endpoint": "nrm", "statistic": "cumulative_incidence", "unit": "fraction", "time_days": "365"}


@pytest.fixture
def tables(tmp_path):
    """Five studies, each with a share and a median day; the share is greater than the shipped values predict."""
    arms = [{"arm_id": f"s{i}/a", "study_id": f"s{i}", "n": "200"} for i in range(5)]
    rows = [{"arm_id": f"s{i}/a", "value": "0.5", **RELAPSE} for i in range(5)]
    rows += [{"arm_id": f"s{i}/a", "value": "16"} for i in range(5)]
    return table(tmp_path / "arms.csv", "arms", arms), table(tmp_path / "targets.csv", "targets", rows)


def made(tables, folder, **more):
    plan = work.plan_calibration(*tables, **{**SETTINGS, **more.pop("settings", {})})
    return work.calibrate(plan, folder, simulate=more.pop("simulate", straight), **{"workers": 1, **more})


def linear(seed=3, parameters=3, rows=12):
    rng = np.random.default_rng(seed)
    slopes, truth = rng.standard_normal((rows, parameters)), rng.standard_normal(parameters)
    noise = np.diag(rng.uniform(0.2, 1.0, rows)) + 0.1
    observed = slopes @ truth + np.linalg.cholesky(noise) @ rng.standard_normal(rows)
    median, deviation = np.zeros(parameters), np.array([1.0, 0.5, 2.0])[:parameters]
    precision = np.diag(deviation**-2.0) + slopes.T @ np.linalg.solve(noise, slopes)
    covariance = np.linalg.inv(precision)
    return (
        slopes,
        observed,
        noise,
        median,
        deviation,
        covariance @ slopes.T @ np.linalg.solve(noise, observed),
        covariance,
    )


@pytest.mark.parametrize("steps", [1, 3])
def test_a_linear_problem_gets_its_closed_posterior_in_any_number_of_steps(steps):
    slopes, observed, noise, median, deviation, mean, covariance = linear()
    ensemble = first_ensemble(median, deviation, 20, 1)
    left, share = 1.0, 0.0
    for remaining in range(steps, 0, -1):
        share = left / remaining if steps > 1 else 1.0
        ensemble = updated(ensemble, ensemble @ slopes.T, observed, noise, share, shrunk=False)
        left -= share
    assert left == pytest.approx(0)
    assert ensemble.mean(axis=0) == pytest.approx(mean)
    assert np.cov(ensemble.T) == pytest.approx(covariance)


def test_the_first_ensemble_has_the_moments_of_the_prior():
    found = first_ensemble(np.array([1.0, -2.0]), np.array([0.1, 3.0]), 20, 5)
    assert found.mean(axis=0) == pytest.approx([1, -2])
    assert np.cov(found.T) == pytest.approx(np.diag([0.01, 9]), abs=1e-9)
    few = first_ensemble(np.zeros(30), np.ones(30), 6, 5)
    assert few.std(axis=0, ddof=1) == pytest.approx(np.ones(30))


def test_an_ensemble_that_explains_nothing_moves_less_than_its_width():
    rng = np.random.default_rng(4)
    ensemble = first_ensemble(np.zeros(5), np.ones(5), 30, 2)
    moved = updated(ensemble, rng.standard_normal((30, 40)), np.full(40, 3.0), np.eye(40) * 0.1, 1.0)
    assert np.abs(moved.mean(axis=0)).max() < 1
    assert moved.std(axis=0, ddof=1).min() > 0.7


def test_steps_are_small_far_from_the_data_and_use_all_information_in_the_end():
    rng = np.random.default_rng(0)
    near = rng.standard_normal((20, 10))
    assert step_share(near * 0.1, np.zeros(10), np.eye(10), 1.0, 4) == 1.0
    far = step_share(near + 20, np.zeros(10), np.eye(10), 1.0, 4)
    assert far == pytest.approx(0.25)
    assert step_share(near + 20, np.zeros(10), np.eye(10), 0.3, 1) == pytest.approx(0.3)


def test_correlations_of_chance_are_not_believed():
    assert believed(np.array([0.0, 0.1]), 20) == pytest.approx([0, 0])
    assert believed(np.array([0.99]), 20)[0] > 0.99
    assert believed(np.array([0.1]), 100_000)[0] > 0.99


def test_fitted_and_held_out_rows_are_predicted_better_afterwards(tables, tmp_path):
    found, _ = made(tables, tmp_path / "out", settings={"members": 40})
    told = words(found)
    for part, rows in (("fitted", 6), ("held_out", 4)):
        before, after = (told["agreement"][part][when] for when in ("before", "after"))
        assert before["rows"] == after["rows"] == rows
        assert after["median_absolute_error"] < 0.6 * before["median_absolute_error"]
    assert sum(step["share"] for step in told["steps"]) == pytest.approx(1)
    fatality = next(one for one in told["parameters"] if one["parameter"] == "infection_fatality")
    assert fatality["median"] > fatality["shipped"]
    assert fatality["width_of_prior"] < 1
    assert fatality["informed_by"]
    assert all("(+" in row for row in fatality["informed_by"])
    studies = {row["study_id"]: row["part"] for row in told["rows"]}
    assert sorted(studies.values()).count("held_out") == 2


def test_a_stopped_run_goes_on_to_the_same_bytes(tables, tmp_path):
    whole, _ = made(tables, tmp_path / "whole")
    calls = []

    def stops(*arguments):
        calls.append(1)
        if len(calls) > 17:
            raise KeyboardInterrupt
        return straight(*arguments)

    with pytest.raises(KeyboardInterrupt):
        made(tables, tmp_path / "out", simulate=stops)
    with pytest.raises(InputError, match="--resume"):
        made(tables, tmp_path / "out")
    calls.clear()
    again, kept = made(tables, tmp_path / "out", resume=True, simulate=lambda *a: calls.append(1) or straight(*a))
    assert len(calls) == 2 * 12 + 7 - 17
    assert ensemble_text(again) == ensemble_text(whole)
    assert json.dumps(words(again), default=str) == json.dumps(words(whole), default=str)
    kept.remove()
    with pytest.raises(InputError, match="other inputs, settings"):
        made(tables, tmp_path / "whole", settings={"seed": 1}, resume=True)


def test_members_have_patients_of_their_own_and_checks_share_them(tables, tmp_path):
    asked = []
    made(tables, tmp_path / "out", simulate=lambda ask, *rest: asked.append(ask) or straight(ask, *rest))
    moving = [ask.seed for ask in asked[: 2 * 12]]
    assert len(set(moving)) == 2 * 12
    assert {ask.seed for ask in asked[2 * 12 :]} == {0}
    first, other = (work.plan_of(ask).recipe.settings["seed"] for ask in asked[:2])
    assert (first, other) == (moving[0], moving[1])


def test_processes_do_not_change_the_result(tables, tmp_path):
    one, _ = made(tables, tmp_path / "one", settings={"members": 4, "iterations": 1})
    two, _ = made(tables, tmp_path / "two", settings={"members": 4, "iterations": 1}, workers=2)
    assert ensemble_text(one) == ensemble_text(two)


def test_an_ensemble_is_read_as_it_was_written(tables, tmp_path):
    found, _ = made(tables, tmp_path / "out")
    (tmp_path / "result").mkdir()
    write_calibration(tmp_path / "result", found)
    path = tmp_path / "result" / "ensemble.yaml"
    read = read_ensemble(path)
    assert len(read.members) == 12
    value = found.plan.free[0].value(found.posterior[3, 0])
    assert read.members[3][found.plan.free[0].name].value == pytest.approx(value)
    assert read.made["seed"] == "0"
    text = path.read_text(encoding="utf-8")
    for before, after, words_of_it in (
        ("gvl_rate:", "gvl_rte:", "is not a parameter"),
        ("members:\n  - [", "members:\n  - [x, ", "a member cannot be read"),
        ("format: 1", "format: 9", "format '9' is not known"),
        ("medians:", "middles:", "'medians' is missing"),
    ):
        assert before in text
        path.write_text(text.replace(before, after), encoding="utf-8")
        with pytest.raises(InputError, match=words_of_it):
            read_ensemble(path)


def test_members_of_an_ensemble_widen_the_intervals_of_a_validation(tables):
    plan = plan_study(*tables, patients=80, seed=0)

    def treated(parts, *, parameters=None, members=(), **_):
        cases = [case for some, _ in parts for case in some]
        own = [one["g_csf_half"].value / 5 for one in members] or [1.0] * len(cases)
        days = 15.0 * np.array(own) * np.exp(0.1 * np.linspace(-1, 1, len(cases)))
        never = {"death_day": np.full(len(cases), 400.0), "death_observed": np.zeros(len(cases), bool)}
        return pa.table(
            {
                "patient": [f"{case.id}/1" for case in cases],
                "follow_up_day": np.full(len(cases), 400.0),
                "neutrophil_engraftment_day": days,
                "neutrophil_engraftment_observed": np.ones(len(cases), bool),
                **never,
            }
        )

    def width(ensemble):
        rows = run_study(plan, simulate=treated, ensemble=ensemble).rows
        (made, *_) = [row.prediction for row in rows if row.prediction is not None and row.target.unit == "day"]
        return made.value, made.high - made.low

    members = [with_values({"g_csf_half": value}) for value in (5.0, 4.6, 4.8, 5.2, 5.4)]
    assert width(members)[0] == pytest.approx(width(())[0])
    assert width(members)[1] > 1.2 * width(())[1]
    assert width(members[:1]) == width(())


def test_the_shipped_list_of_free_parameters_makes_sense():
    free = read_free()
    assert 15 <= len(free) <= 40
    ends = within(free, np.array([[-1e9] * len(free), [1e9] * len(free)]))
    for i, one in enumerate(free):
        assert one.value(ends[0, i]) == pytest.approx(one.low)
        assert one.value(ends[1, i]) == pytest.approx(one.high)
        assert one.value(one.on_scale(one.parameter.value)) == pytest.approx(one.parameter.value)


GOOD = "gvl_rate:\n  scale: log\n  deviation: 0.6\n  low: 0.003 1/day\n  high: 0.6 1/day\n  reason: made up\n"


@pytest.mark.parametrize(
    ("before", "after", "complaint"),
    [
        ("gvl_rate", "gvl_rte", "did you mean|is not a parameter"),
        ("gvl_rate", "gvl_sensitivity", "files of diseases or grafts replace"),
        ("scale: log", "scale: square", "is not a scale"),
        ("0.003 1/day", "0.003 day", "day"),
        ("0.003 1/day", "0.3 1/day", "makes no sense"),
        ("deviation: 0.6", "deviation: -1", "makes no sense"),
        ("  reason: made up\n", "", "the fields"),
    ],
)
def test_a_wrong_list_of_free_parameters_is_refused(tmp_path, before, after, complaint):
    path = tmp_path / "free.yaml"
    path.write_text(GOOD, encoding="utf-8")
    assert [one.name for one in read_free(path)] == ["gvl_rate"]
    path.write_text(GOOD.replace(before, after), encoding="utf-8")
    with pytest.raises(InputError, match=complaint):
        read_free(path)


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({"members": 2}, "--members"),
        ({"iterations": 0}, "--iterations"),
        ({"hold-out": 1.0}, "--hold-out"),
        ({"most-arms": -1}, "--most-arms"),
        ({"patients": 1}, "1 patients"),
    ],
)
def test_settings_that_make_no_sense_are_refused(tables, settings, complaint):
    with pytest.raises(InputError, match=complaint):
        work.plan_calibration(*tables, **{**SETTINGS, **settings})


def test_tables_without_a_row_to_fit_are_refused(tmp_path):
    arms = table(tmp_path / "arms.csv", "arms", [{"simulatable": "no", "why_not": "made up"}])
    assert read_arms(arms)
    with pytest.raises(InputError, match="no row to fit to"):
        work.plan_calibration(arms, table(tmp_path / "targets.csv", "targets", [{}]), **SETTINGS)


def test_the_command_line_tells_and_writes(tables, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(work.calibrate, "__kwdefaults__", {**work.calibrate.__kwdefaults__, "simulate": straight})
    out = tmp_path / "run"
    arguments = ["calibrate", "--arms", str(tables[0]), "--targets", str(tables[1]), "--members", "6"]
    arguments += ["--iterations", "1", "--patients", "20", "--workers", "1", "--out", str(out)]
    with pytest.raises(SystemExit) as leaving:
        main([*arguments, "--json"])
    assert leaving.value.code == 0
    told = json.loads(capsys.readouterr().out)
    assert told["agreement"]["fitted"]["after"]["rows"] > 0
    names = {"ensemble.yaml", "posterior.csv", "fit.csv", "calibration.md", "summary.json", "provenance.json", "inputs"}
    names |= {"covers.yaml", "studies.yaml", "fitted_arms.csv", "fitted_targets.csv"}
    assert {path.name for path in out.iterdir()} == names
    assert not (tmp_path / ".run.members").exists()
    first = (out / "ensemble.yaml").read_bytes()
    with pytest.raises(SystemExit):
        main(arguments)
    assert "Ensemble:" in capsys.readouterr().out
    assert (out / "ensemble.yaml").read_bytes() == first


def test_the_facts_and_the_studies_are_kept_with_the_ensemble(tables, tmp_path):
    found, _ = made(tables, tmp_path / "out")
    files = ensemble_files(found)
    arms, targets = files["fitted_arms.csv"].splitlines(), files["fitted_targets.csv"].splitlines()
    assert len(arms) == 1 + 3
    assert len(targets) == 1 + 6
    assert all("made up" in line for line in arms[1:])
    (tmp_path / "studies.yaml").write_text(files["studies.yaml"], encoding="utf-8")
    (tmp_path / "covers.yaml").write_text(files["covers.yaml"], encoding="utf-8")
    studies = read_document(tmp_path / "studies.yaml").words
    assert sorted([*studies["fitted"], *studies["held_out"]]) == [f"s{i}" for i in range(5)]
    assert studies["unused"] == []
    assert read_covers(tmp_path / "covers.yaml").intensity == ("myeloablative",)
    for name in ("fitted_arms.csv", "fitted_targets.csv"):
        (tmp_path / name).write_text(files[name], encoding="utf-8")
    again = plan_study(tmp_path / "fitted_arms.csv", tmp_path / "fitted_targets.csv", patients=20, seed=0)
    assert len(again.questions) == 6


def test_a_finished_calibration_is_put_into_the_package(tables, tmp_path, monkeypatch):
    monkeypatch.setattr(work.calibrate, "__kwdefaults__", {**work.calibrate.__kwdefaults__, "simulate": straight})
    out = tmp_path / "run"
    arguments = ["calibrate", "--arms", str(tables[0]), "--targets", str(tables[1]), "--members", "6", "--quiet"]
    arguments += ["--iterations", "1", "--patients", "20", "--workers", "1", "--out", str(out)]
    with pytest.raises(SystemExit):
        main(arguments)
    ship(out, tmp_path / "shipped")
    for path in (tmp_path / "shipped").iterdir():
        assert path.read_bytes() == (out / path.name).read_bytes(), path.name
    assert len(list((tmp_path / "shipped").iterdir())) == 5
    assert json.loads((out / "summary.json").read_text(encoding="utf-8"))["studies"]["fitted"]
