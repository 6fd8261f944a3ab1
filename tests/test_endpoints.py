"""Endpoints of published tables: every word is answered or refused with a reason, and each answer has a meaning."""

import numpy as np
import pyarrow as pa
import pytest

from hemograft.parameters import DATA
from hemograft.population import read_arms
from hemograft.tables import read_columns
from hemograft.targets.contrasts import predict_contrast
from hemograft.targets.endpoints import Measure, NoAnswer, endpoints, measure_of
from hemograft.targets.estimates import estimate, history
from hemograft.targets.plan import known_columns, plan_study
from hemograft.targets.spread import Simulated
from hemograft.targets.table import CONTRASTS, read_targets
from published import table

WORDS = next(one.words for one in read_columns(DATA / "targets" / "columns.yaml") if one.name == "endpoint")
OWN = {"donor": "autologous", "hla_match": "unknown", "prophylaxis": "none"}
NO_GRAFT = {
    "donor": "none",
    "graft_source": "none",
    "hla_match": "unknown",
    "prophylaxis": "none",
    "intensity": "none",
    "regimen": "induction_7_3",
    "intervention": "chemo_induction",
    "stage": "newly_diagnosed",
}
VALUES = (
    ("survival_probability", "fraction"),
    ("cumulative_incidence", "fraction"),
    ("median_day", "day"),
    ("median_value", "cells_per_uL"),
    ("median_value", "day"),
)


def rows(tmp_path, cells):
    arms = read_arms(table(tmp_path / "arms.csv", "arms", [{}, {"arm_id": "study/two", "arm": "two"}]))
    return read_targets(table(tmp_path / "targets.csv", "targets", cells), {arm.id for arm in arms})


def of(tmp_path, grafted=True, **cells):
    return measure_of(rows(tmp_path, [cells])[0], known_columns(), grafted)


def test_every_word_is_answered_or_refused_in_plain_words(tmp_path):
    cells = []
    for word in WORDS:
        kind = next((one for one in CONTRASTS if word.startswith(f"{one}_")), "")
        value = {"value": "0.5", "endpoint": word}
        if kind:
            unit = "day" if kind == "difference" else "ratio"
            cells.append({**value, "statistic": kind, "unit": unit, "reference_arm_id": "study/two"})
        else:
            cells += [{**value, "statistic": statistic, "unit": unit} for statistic, unit in VALUES]
    answered, reasons = set(), {}
    for row in rows(tmp_path, cells):
        try:
            measure_of(row, known_columns(), True)
            answered.add(row.endpoint)
        except NoAnswer as why:
            reasons.setdefault(row.endpoint, set()).add(str(why))
    assert len(answered) >= 75
    for word in set(WORDS) - answered:
        assert not any("yet" in why and "planned" not in why for why in reasons[word]), (word, reasons[word])


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        ({"endpoint": "os", "statistic": "cumulative_incidence", "unit": "fraction"}, "os has no cumulative incidence"),
        ({"endpoint": "nrm", "statistic": "survival_probability", "unit": "fraction"}, "nrm has no survival"),
        ({"endpoint": "os", "statistic": "median_day", "unit": "fraction"}, "in the unit fraction"),
        ({"endpoint": "cd4_count", "statistic": "proportion", "unit": "fraction"}, "has no proportion"),
        ({"endpoint": "nrm", "statistic": "share", "unit": "fraction"}, "has no share"),
        ({"endpoint": "nrm", "clock": "dli"}, "donor lymphocytes"),
        ({"endpoint": "nrm", "clock": "diagnosis"}, "treatment before the graft"),
        ({"endpoint": "nrm", "clock": "landmark"}, "only the note names"),
        ({"endpoint": "graft_failure", "clock": "landmark", "landmark_day": "30"}, "has no day"),
        ({"endpoint": "hazard_ratio_death", "statistic": "odds_ratio", "reference_arm_id": "study/two"}, "is no odds"),
        ({"endpoint": "tma", "statistic": "hazard_ratio", "reference_arm_id": "study/two"}, "microangiopathy"),
    ],
)
def test_what_an_endpoint_cannot_be_is_refused(tmp_path, cells, why):
    usual = {"statistic": "proportion", "unit": "fraction", "value": "0.5"}
    with pytest.raises(NoAnswer, match=why):
        of(tmp_path, **{**usual, **cells})


@pytest.mark.parametrize(
    ("arm", "endpoint", "why"),
    [
        (OWN, "agvhd_2_4", "the patient's own is given"),
        (OWN, "full_donor_chimerism", "the patient's own is given"),
        (OWN, "nrm", ""),
        (OWN, "mrd_clearance", "arms with mrd positive"),
        ({"mrd": "positive"}, "mrd_clearance", ""),
        (NO_GRAFT, "agvhd_2_4", "none is given"),
        (NO_GRAFT, "nrm", "none is given"),
        (NO_GRAFT, "cr_crh_rate", ""),
    ],
)
def test_an_outcome_of_a_graft_needs_one(tmp_path, arm, endpoint, why):
    cells = {"endpoint": endpoint, "statistic": "proportion", "unit": "fraction", "value": "0.5", "time_days": "60"}
    plan = plan_study(
        table(tmp_path / "arms.csv", "arms", [arm]),
        table(tmp_path / "targets.csv", "targets", [cells]),
        patients=20,
        seed=0,
    )
    (question,) = plan.questions
    assert question.refused.endswith(why)
    assert bool(question.refused) is bool(why)


def test_too_few_patients_at_a_landmark_are_told_as_such():
    made = outcomes(np.random.default_rng(5), 4)
    with pytest.raises(NoAnswer, match="are at risk of the event from day 1090 on"):
        history(made, Measure("free", ("death",), day=10.0, landmark=1090.0))
    with pytest.raises(NoAnswer, match="are at risk of the event from relapse on"):
        history(made, Measure("free", ("death",), day=10.0, since="relapse"))


def test_landmarks_move_the_day_of_a_value(tmp_path):
    cells = {"endpoint": "cd4_count", "statistic": "median_value", "unit": "cells_per_uL", "clock": "landmark"}
    assert of(tmp_path, **cells, landmark_day="30", time_days="335.4").day == 365


def test_chemotherapy_of_a_relapse_counts_from_chemotherapy(tmp_path):
    cells = {"endpoint": "cr_rate", "statistic": "proportion", "unit": "fraction", "value": "0.5", "clock": "relapse"}
    assert of(tmp_path, False, **cells).notes[0] == "time counted from chemotherapy, not from relapse"


def outcomes(rng, n, hazard=1.0):
    """Relapse at any time in three years, and death at a known rate only after it."""
    relapse, later = rng.uniform(0, 2000, n), rng.exponential(200 / hazard, n)
    death, end = relapse + later, 1095.0
    columns = {"patient": [str(i) for i in range(n)], "follow_up_day": np.minimum(death, end)}
    for name, day in {"relapse": relapse, "death": death}.items():
        columns |= {f"{name}_day": np.minimum(day, end), f"{name}_observed": day < end}
    columns |= {"cd4@365": rng.lognormal(6, 0.5, n), "naive_cd4@365": np.full(n, 10.0)}
    return pa.table(columns)


def test_survival_after_relapse_counts_from_relapse(tmp_path):
    cells = {"endpoint": "post_relapse_os", "statistic": "survival_probability", "unit": "fraction", "clock": "relapse"}
    measure = of(tmp_path, **cells, time_days="200", value="0.5")
    made = outcomes(np.random.default_rng(1), 4000)
    found = estimate(made, measure)
    assert found.value == pytest.approx(np.exp(-1), abs=0.03)
    assert found.patients == pytest.approx(4000 * 1095 / 2000, rel=0.1)
    assert measure.last_day == 200 + 1096
    assert of(tmp_path, **{**cells, "endpoint": "os"}, time_days="200", value="0.5") == measure
    days, _ = history(made, measure)
    assert (days >= 0).all()


def test_time_to_relapse_is_the_median_of_those_who_relapse(tmp_path):
    measure = of(tmp_path, endpoint="time_to_relapse", statistic="median_day", value="200")
    found = estimate(outcomes(np.random.default_rng(2), 4000), measure)
    assert found.value == pytest.approx(1095 / 2, abs=25)
    assert measure.last_day == float(endpoints()["last_day"])


def test_means_and_differences_of_values_are_what_they_say(tmp_path):
    made = outcomes(np.random.default_rng(3), 4000)
    cells = {"endpoint": "cd4_count", "statistic": "mean", "unit": "cells_per_uL", "time_days": "365"}
    found = estimate(made, of(tmp_path, **cells))
    assert found.value == pytest.approx(np.exp(6 + 0.125), rel=0.03)
    assert np.median(found.sample) == pytest.approx(found.value, rel=0.01)
    ratio = {"endpoint": "ratio_memory_cd4_count", "statistic": "ratio", "unit": "ratio", "time_days": "365"}
    measure = of(tmp_path, **ratio, reference_arm_id="study/two")
    assert (measure.column, measure.less) == ("cd4@", "naive_cd4@")
    assert estimate(made, measure).value == pytest.approx(np.exp(6) - 10, rel=0.03)


def test_rates_are_events_per_day_at_risk(tmp_path):
    rng = np.random.default_rng(4)
    groups = Simulated(outcomes(rng, 3000, hazard=2.0)), Simulated(outcomes(rng, 3000))
    cells = {"statistic": "rate_ratio", "unit": "ratio", "value": "2", "reference_arm_id": "study/two"}
    (row,) = rows(tmp_path, [{**cells, "endpoint": "rate_ratio_infection_severe"}])
    assert measure_of(row, known_columns(), True).events == ("severe_infection",)
    since = Measure("free", ("death",), day=1000.0, since="relapse")
    made = predict_contrast(groups, since, row, (100, 100))
    assert made.value == pytest.approx(2, rel=0.12)
    assert made.low < 2 < made.high
