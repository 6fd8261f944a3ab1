"""Published groups that begin at a relapse: what stands in for the first graft, who counts, and what is refused."""

import csv
import dataclasses
from pathlib import Path
from statistics import median

import numpy as np
import pyarrow as pa
import pytest

from happening import with_events
from hemograft.calibration.calibrate import plan_calibration
from hemograft.engine.setup import all_drugs, parameters_for
from hemograft.outcome.table import outcomes
from hemograft.parameters import ParameterSet
from hemograft.population import draw, population_of, read_arms
from hemograft.population.lymphocytes import first_day, weakness
from hemograft.population.rules import shipped_rules
from hemograft.population.treatments import orders
from hemograft.protocol.actions import Infuse
from hemograft.targets.endpoints import endpoints
from hemograft.targets.lymphocytes import COLUMNS, SINCE, WEAKENED, with_lymphocytes
from hemograft.targets.plan import plan_study
from hemograft.targets.study import run_study
from hemograft.trajectory import GIVEN
from published import table
from synthetic import assemble
from test_again import NEVER, series
from test_again import followed as simulated

SHARED = Path(__file__).parent.parent.parent / "shared" / "targets"
UNKNOWN = ("intensity", "regimen", "donor", "hla_match", "graft_source", "prophylaxis")
RELAPSED = dict.fromkeys(UNKNOWN, "unknown") | {"disease": "CML", "stage": "relapsed_after_hct", "intervention": "dli"}
MIXED = {**RELAPSED, "disease": "mixed_malignant", "disease_mix": "CML:0.5;AML:0.5"}
GROWING = {**RELAPSED, "intervention": "dli_escalating"}
SHARE = {"statistic": "proportion", "unit": "fraction", "value": "0.4", "clock": "dli"}
GVHD = {**SHARE, "endpoint": "dli_gvhd"}
DAYS = np.arange(-10.0, 1461)
RULES = shipped_rules()


def planned(tmp_path, **cells):
    (arm,) = read_arms(table(tmp_path / "arms.csv", "arms", [{**RELAPSED, **cells}]))
    return population_of(arm)


def lymphocytes_in(protocol):
    return [one for one in protocol.actions if isinstance(one, Infuse) and one.what != "graft"]


def infused(plan):
    """Day and dose [CD3 cells/kg] of the lymphocytes of an arm."""
    (treatment,) = plan.treatments
    actions = lymphocytes_in(orders(treatment))
    return [(one.day, float(one.dose.split()[0])) for one in actions], actions


def study(tmp_path, arms, rows, patients=20):
    places = table(tmp_path / "arms.csv", "arms", arms), table(tmp_path / "targets.csv", "targets", rows)
    return plan_study(*places, patients=patients, seed=1)


def test_what_stands_in_for_the_first_graft_is_simulated_and_listed(tmp_path):
    plan = planned(tmp_path)
    cases = draw(plan.population, 60, 1)
    assert {case.patient.stage for case in cases} == {"chronic_phase"}
    assert {case.donor.relation for case in cases} == {"sibling"}
    assert {case.graft.product for case in cases} == {"marrow"}
    assert median(case.graft.cd3 for case in cases) == pytest.approx(0.2e6, rel=0.3)
    told = " | ".join(plan.assumptions)
    for words in (
        "donor MSD",
        "regimen bucy",
        "2e5 CD3 cells/kg",
        "0.65 times as usual",
        "first on day 730",
        "1e8 CD3 cells/kg; dose not given",
        "more than 5 % leukemic marrow and 50 % T cells of the donor",
        "less than 1 % leukemic marrow",
    ):
        assert words in told, words


def test_what_is_stated_of_the_first_graft_is_kept(tmp_path):
    stated = {"donor": "MUD", "hla_match": "10/10", "graft_source": "PB", "regimen": "flumel", "intensity": "RIC"}
    plan = planned(tmp_path, **stated, prophylaxis="cni_mtx")
    cases = draw(plan.population, 20, 1)
    assert {(case.donor.relation, case.graft.product) for case in cases} == {("unrelated", "mobilized_blood")}
    (treatment,) = plan.treatments
    assert treatment.protocol == "flumel"
    assert "cni_mtx" in treatment.parts
    assert not [text for text in plan.assumptions if "taken where nothing is given" in text]


@pytest.mark.parametrize(
    ("cells", "series"),
    [
        ({}, [(0, 1e8)]),
        ({"cd3_dose_e6_per_kg": "5"}, [(0, 5e6)]),
        (GROWING, [(0, 1e7), (84, 5e7), (168, 1e8)]),
        ({**GROWING, "cd3_dose_e6_per_kg": "80"}, [(0, 5e6), (84, 2.5e7), (168, 5e7)]),
    ],
)
def test_a_stated_dose_is_that_of_the_whole_series(tmp_path, cells, series):
    found, actions = infused(planned(tmp_path, **cells))
    assert found == series
    assert [one.until is None for one in actions] == [True] + [False] * (len(series) - 1)
    assert {one.section for one in actions} == {"treatment"}


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        ({"stage": "chronic_phase"}, "begin at a relapse after a graft"),
        ({"donor": "autologous"}, "without a donor"),
        ({"cd3_dose_e6_per_kg": "2000"}, "2e9 CD3 cells/kg of lymphocytes at once"),
        ({"intervention": "none"}, "treatment of a relapse after transplant is not simulated"),
        ({"intervention": "second_hct"}, "second graft"),
    ],
)
def test_what_is_not_modeled_is_still_refused(tmp_path, cells, why):
    assert why in planned(tmp_path, **cells).refused


@pytest.mark.parametrize(
    ("arm", "row", "why"),
    [
        (RELAPSED, GVHD, ""),
        (RELAPSED, {**GVHD, "endpoint": "dli_response"}, ""),
        (RELAPSED, {**GVHD, "endpoint": "dli_agvhd_2_4", "time_days": "100"}, ""),
        (RELAPSED, {**GVHD, "endpoint": "dli_cgvhd"}, ""),
        (RELAPSED, {**GVHD, "clock": "transplant"}, "time is not counted from them"),
        (RELAPSED, {**GVHD, "endpoint": "post_dli_os"}, "is in no column of the table"),
        (RELAPSED, {**GVHD, "endpoint": "os", "statistic": "survival_probability"}, "is in no column of the table"),
        (RELAPSED, {**GVHD, "endpoint": "dli_responder_dfs"}, "the end of a response"),
        (RELAPSED, {**GVHD, "endpoint": "dli_myelosuppression"}, "is not stated"),
        (RELAPSED, {**GVHD, "endpoint": "nrm", "clock": "transplant"}, "begins at a relapse"),
        ({}, GVHD, "none are given"),
        ({}, {**GVHD, "endpoint": "nrm"}, "only GvHD and response are simulated from there"),
    ],
)
def test_rows_of_lymphocytes_are_answered_where_they_can_be(tmp_path, arm, row, why):
    (question,) = study(tmp_path, [arm], [row]).questions
    assert why in question.refused
    assert bool(question.refused) is bool(why)


def test_every_endpoint_waits_for_the_last_first_day():
    known = [words for words in endpoints()["endpoints"].values() if words.get("since") == SINCE]
    last = max(first_day(diagnosis, RULES) for diagnosis in ("cml_chronic_phase", "aml_intermediate"))
    assert {float(words["begins_by"]) for words in known} == {last}
    assert {words["fitted"] for words in known} == {"no"}


def followed(*courses, first=730, events=()):
    """A trajectory of patients with leukemia, T cells of the donor and grades as {day: value from then on}."""
    names = ("residual_disease", "donor_t", "acute_gvhd_grade")
    data = {name: np.array([steps(one[i]) for one in courses]) for i, name in enumerate(names)}
    made = with_events(assemble(DAYS, data, count=len(courses)), *events)
    rows = {name: [] for name in GIVEN.names}
    for patient in made.daily.patients:
        values = {"patient": patient, "day": first + 0.5, "order": 0, "kind": "lymphocytes", "amount": 1e9}
        for name in rows:
            rows[name].append(values.get(name, ""))
    return dataclasses.replace(made, given=pa.table(rows, GIVEN))


def steps(changes):
    values = np.full(len(DAYS), np.nan)
    for day, value in changes.items():
        values[day <= DAYS] = value
    return values


def judged(made):
    found = with_lymphocytes(outcomes(made, {"death_day"}), made)
    return {name: found[name].to_pylist() for name in COLUMNS}


RELAPSE, DONOR, WELL = {-10: 0.0, 600: 0.2}, {-10: 0.0, 30: 98.0}, {-10: 0.0}


def test_only_patients_in_relapse_with_t_cells_of_the_donor_and_without_gvhd_count():
    made = followed(
        (RELAPSE, DONOR, WELL),
        ({-10: 0.0, 600: 0.04}, DONOR, WELL),
        ({-10: 0.0, 730: 0.2}, DONOR, WELL),
        (RELAPSE, {-10: 0.0, 30: 40.0}, WELL),
        (RELAPSE, DONOR, {-10: 0.0, 700: 1.0}),
        (RELAPSE, DONOR, {-10: 0.0, 40: 2.0, 100: 0.0}),
        (RELAPSE, DONOR, WELL),
        (RELAPSE, DONOR, WELL),
        events=(("twin-0006", "chronic_gvhd", 300.0), ("twin-0007", "death_leukemia", 650.0)),
    )
    found = judged(made)
    assert found["lymphocytes_day"] == [730.0, None, None, None, None, 730.0, None, None]
    assert found["lymphocytes_observed"] == [True, None, None, None, None, True, None, None]
    for name in ("gvhd_after_lymphocytes", "response_after_lymphocytes"):
        assert found[f"{name}_observed"] == [False, None, None, None, None, False, None, None]


def test_disease_and_response_are_those_after_the_first_lymphocytes():
    gone, ill = {**RELAPSE, 900: 0.005}, {-10: 0.0, 40: 3.0, 100: 0.0, 800: 1.0, 820: 2.0}
    found = judged(
        followed((gone, DONOR, WELL), (RELAPSE, DONOR, ill), (RELAPSE, DONOR, WELL),
                 events=(("twin-0002", "chronic_gvhd", 780.5),))
    )  # fmt: skip
    assert found["response_after_lymphocytes_day"] == [900.0, 1460.0, 1460.0]
    assert found["response_after_lymphocytes_observed"] == [True, False, False]
    assert found["gvhd_after_lymphocytes_day"] == [1460.0, 800.0, 780.5]
    assert found["acute_gvhd_2_4_after_lymphocytes_day"] == [1460.0, 820.0, 1460.0]


def test_without_leukemia_nobody_counts():
    made = followed((RELAPSE, DONOR, WELL))
    daily = dataclasses.replace(made.daily, values={"donor_t": made.daily.values["donor_t"]})
    assert set(judged(dataclasses.replace(made, daily=daily))["lymphocytes_day"]) == {None}


def test_lymphocytes_are_known_by_their_kind_among_what_was_given():
    rows = simulated(*series(NEVER)).given.to_pylist()
    assert {row["what"] for row in rows if row["kind"] == "lymphocytes"} == {"donor_lymphocytes"}


def simulator(risk, seen):
    """Outcomes: so many patients are at risk, half of whom have the disease; what it is given goes into a list."""

    def simulate(parts, *, members, wanted, days, **_):
        seen.append((parts, members, days))
        n = sum(len(cases) for cases, _ in parts)
        some, half = np.arange(n) < risk, np.arange(n) < risk / 2
        names = [f"{case.id}/1" for cases, _ in parts for case in cases]
        columns = {"patient": names, "follow_up_day": np.full(n, days)}
        for name, when, who in (("lymphocytes", 730.0, some), ("gvhd_after_lymphocytes", 800.0, half)):
            columns[f"{name}_day"] = np.where(some, np.where(who, when, days), np.nan)
            columns[f"{name}_observed"] = who
        columns |= {"death_day": np.full(n, days), "death_observed": np.zeros(n, dtype=bool)}
        assert set(columns) >= set(wanted)
        return pa.table(columns)

    return simulate


def test_the_error_is_that_of_the_patients_who_count(tmp_path):
    plan = study(tmp_path, [RELAPSED], [GVHD], patients=400)
    (row,) = run_study(plan, simulate=simulator(40, [])).rows
    assert row.prediction.value == pytest.approx(0.5)
    assert row.prediction.patients == 40
    assert row.prediction.simulation_error == pytest.approx(np.sqrt(0.25 / 40), rel=0.05)
    assert any("no error of the parameters" in note for note in row.notes)


def test_too_few_who_count_are_refused_with_their_number(tmp_path):
    (row,) = run_study(study(tmp_path, [RELAPSED], [GVHD]), simulate=simulator(3, [])).rows
    assert row.prediction is None
    assert row.refused == "only 3 simulated patients are at risk of the event from lymphocytes on"


def test_each_leukemia_has_its_first_day_and_its_weak_conditioning(tmp_path):
    seen = []
    run_study(study(tmp_path, [MIXED], [GVHD]), simulate=simulator(10, seen))
    ((parts, members, days),) = seen
    assert days >= 730 + 365
    assert len(parts) == 2
    values = iter(members)
    for cases, protocol in parts:
        days = [one.day for one in lymphocytes_in(protocol)]
        for case in cases:
            diagnosis = case.patient.diagnosis
            assert days == [first_day(diagnosis, RULES)]
            usual = parameters_for(case, protocol, None, all_drugs())[WEAKENED].value
            assert next(values)[WEAKENED].value == pytest.approx(usual * weakness(diagnosis, RULES))
    assert next(values, None) is None


def test_members_of_an_ensemble_are_asked_about_other_arms_only(tmp_path):
    arms, seen = [RELAPSED, {"arm_id": "study/two", "arm": "two"}], []
    os = {"arm_id": "study/two", "endpoint": "os", "statistic": "survival_probability", "clock": "transplant"}
    plan = study(tmp_path, arms, [GVHD, {**GVHD, **os}], patients=60)
    made = run_study(plan, simulate=simulator(20, seen), ensemble=[ParameterSet()] * 4)
    assert made.members == 3
    assert all(row.prediction for row in made.rows)
    given = [any(one for _, protocol in parts for one in lymphocytes_in(protocol)) for parts, _, _ in seen]
    assert given == [True, False, False]


def test_a_calibration_does_not_fit_to_lymphocytes(tmp_path):
    settings = {"members": 4, "iterations": 1, "patients": 10, "seed": 0, "hold-out": 0.0, "most-arms": 0}
    other = {"arm_id": "s2/a", "study_id": "s2"}
    places = (
        table(tmp_path / "arms.csv", "arms", [RELAPSED, other]),
        table(tmp_path / "targets.csv", "targets", [GVHD, {"arm_id": "s2/a"}]),
    )
    plan = plan_calibration(*places, **settings)
    assert plan.arms_fitted == ("s2/a",)
    assert plan.studies == (("s2",), ())


@pytest.mark.skipif(not SHARED.is_dir(), reason="the published tables are not beside the project")
def test_the_arms_of_a_calibration_are_the_same_with_and_without_arms_of_lymphocytes(tmp_path):
    """Even if the table called them simulatable."""
    settings = {"members": 4, "iterations": 1, "patients": 10, "seed": 0, "hold-out": 0.3, "most-arms": 60}
    with (SHARED / "arms.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    asked = {row["arm_id"] for row in rows if row["intervention"].startswith("dli")}
    assert asked
    found = []
    for kept in (rows, [row for row in rows if row["arm_id"] not in asked]):
        every = [{**row, "simulatable": "yes"} if row["arm_id"] in asked else row for row in kept]
        arms = table(tmp_path / "arms.csv", "arms", every)
        with (SHARED / "targets.csv").open(encoding="utf-8-sig", newline="") as file:
            values = [row for row in csv.DictReader(file) if kept is rows or row["arm_id"] not in asked]
        plan = plan_calibration(arms, table(tmp_path / "targets.csv", "targets", values), **settings)
        found.append((plan.arms_fitted, plan.arms_held_out, plan.studies))
    assert found[0] == found[1]
    assert not asked & {*found[0][0], *found[0][1]}
