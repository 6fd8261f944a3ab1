"""Deaths, competing events and composite end points on made-up courses whose answer can be counted by hand."""

import dataclasses

import numpy as np
import pytest

from happening import with_events
from hemograft.outcome.table import outcomes, summarize
from hemograft.reporting.page import report_html
from hemograft.reporting.survival import causes_of_death, survival_pictures
from hemograft.statistics.incidence import cumulative_incidence
from synthetic import assemble, twins

DAYS = np.arange(-10.0, 401)
REMISSION = {
    "marrow_blasts": {-10: 2.0},
    "neutrophils": {-10: 4, 1: 0.1, 15: 3},
    "platelets": {-10: 200, 1: 10, 20: 150},
}
ONE = "twin-0000"


def course(*events, count=1, **curves):
    """Twins with curves given as {first day: value from then on}, to whom (patient, event, day) happened."""
    data = {name: np.tile(steps(changes), (count, 1)) for name, changes in {**REMISSION, **curves}.items()}
    return with_events(assemble(DAYS, data, count=count), *events)


def steps(changes):
    values = np.full(len(DAYS), np.nan)
    for day, value in changes.items():
        values[day <= DAYS] = value
    return values


def judged(*events, **curves):
    table = outcomes(course(*events, **curves))
    return {name: table[name][0].as_py() for name in table.column_names}


def triple(found, name):
    return found[f"{name}_day"], found[f"{name}_observed"], found[f"{name}_status"]


def test_the_living_are_censored_at_the_end_of_follow_up():
    found = judged()
    for name in ("death", "death_without_relapse", "relapse", "relapse_or_death", "gvhd_relapse_or_death"):
        assert triple(found, name) == (400, False, 0), name
    assert found["death_cause"] is None


def test_death_ends_follow_up_on_its_day_with_its_cause():
    found = judged((ONE, "death_organ_toxicity", 33.25))
    assert triple(found, "death") == (33.25, True, 1)
    assert triple(found, "death_without_relapse") == (33.25, True, 1)
    assert (found["death_cause"], found["follow_up_day"]) == ("organ toxicity", 33.25)


def test_death_competes_with_what_has_not_happened():
    found = judged((ONE, "death_infection", 10.5))
    for name in ("relapse", "neutrophil_engraftment", "cmv_reactivation", "chronic_gvhd"):
        assert triple(found, name) == (10.5, False, 2), name
    assert found["primary_graft_failure"] is None  # not followed to the day on which it is judged


def test_death_after_relapse_is_not_death_without_relapse():
    found = judged((ONE, "death_leukemia", 200.5), marrow_blasts={-10: 2, 120: 30})
    assert triple(found, "relapse") == (120, True, 1)
    assert triple(found, "death_without_relapse") == (120, False, 2)
    assert triple(found, "death") == (200.5, True, 1)
    assert triple(found, "relapse_or_death") == (120, True, 1)


def test_leukemia_that_never_left_counts_from_the_first_marrow():
    found = judged((ONE, "death_infection", 90), marrow_blasts={-10: 40})
    assert found["relapse_day"] is None  # never in remission
    assert triple(found, "death_without_relapse") == (28, False, 2)
    assert triple(found, "relapse_or_death") == (28, True, 1)


def test_a_death_of_leukemia_is_never_death_without_relapse():
    found = judged((ONE, "death_leukemia", 60))
    assert triple(found, "death_without_relapse") == (60, False, 2)
    assert triple(found, "relapse_or_death") == (60, True, 1)


def test_a_death_before_the_graft_is_not_a_death_after_transplantation():
    found = judged((ONE, "death_organ_toxicity", -2.5))
    assert triple(found, "death") == (None, None, None)
    assert found["death_cause"] == "organ toxicity"


def test_acute_disease_is_dated_by_its_grade():
    found = judged(acute_gvhd_grade={-10: 0, 20: 1, 25: 2, 31: 3, 50: 0})
    assert triple(found, "acute_gvhd_2_4") == (25, True, 1)
    assert triple(found, "acute_gvhd_3_4") == (31, True, 1)
    assert triple(found, "gvhd_relapse_or_death") == (31, True, 1)
    assert triple(found, "relapse_or_death") == (400, False, 0)


def test_grade_two_alone_does_not_end_grfs_and_chronic_disease_does():
    grades = {"acute_gvhd_grade": {-10: 0, 25: 2, 50: 0}}
    assert triple(judged(**grades), "gvhd_relapse_or_death") == (400, False, 0)
    found = judged((ONE, "chronic_gvhd", 210.5), **grades)
    assert triple(found, "gvhd_relapse_or_death") == (210.5, True, 1)
    assert triple(found, "chronic_gvhd") == (210.5, True, 1)


def test_acute_disease_that_was_not_simulated_is_not_judged():
    assert triple(judged(), "acute_gvhd_2_4") == (None, None, None)


def test_a_graft_that_took_and_is_lost_is_secondary_failure():
    donor = {"donor_myeloid": {-10: 99}}
    assert triple(judged(**donor), "secondary_graft_failure") == (400, False, 0)
    lost = judged(**{**donor, "neutrophils": {-10: 4, 1: 0.1, 15: 3, 80: 0.2}})
    assert triple(lost, "secondary_graft_failure") == (80, True, 1)
    brief = judged(**{**donor, "neutrophils": {-10: 4, 1: 0.1, 15: 3, 80: 0.2, 90: 2}})
    assert triple(brief, "secondary_graft_failure") == (400, False, 0)
    rejected = judged(donor_myeloid={-10: 99, 70: 3})
    assert triple(rejected, "secondary_graft_failure") == (70, True, 1)


def test_a_graft_that_never_took_is_not_at_risk_of_secondary_failure():
    found = judged(neutrophils={-10: 4, 1: 0.1}, donor_myeloid={-10: 0})
    assert found["primary_graft_failure"] is True
    assert triple(found, "secondary_graft_failure") == (None, None, None)


def test_low_counts_of_relapse_are_not_graft_failure():
    found = judged(
        marrow_blasts={-10: 2, 60: 40}, neutrophils={-10: 4, 1: 0.1, 15: 3, 70: 0.1}, donor_myeloid={-10: 99}
    )
    assert triple(found, "secondary_graft_failure") == (60, False, 2)


def test_molecular_relapse_is_a_thousandth_after_less_than_a_ten_thousandth():
    found = judged(residual_disease={-10: 1e-2, 30: 5e-5, 100: 5e-4, 150: 2e-3})
    assert triple(found, "molecular_relapse") == (150, True, 1)
    assert triple(judged(residual_disease={-10: 1e-2}), "molecular_relapse") == (None, None, None)


def test_chronic_phase_relapses_by_the_share_of_leukemic_cells():
    made = course(residual_disease={-10: 0.9, 20: 1e-3, 200: 0.06}, marrow_blasts={-10: 2})
    patient = made.case.patient.model_copy(update={"diagnosis": "cml_chronic_phase", "stage": "chronic_phase"})
    table = outcomes(dataclasses.replace(made, case=made.case.model_copy(update={"patient": patient})))
    assert (table["relapse_day"][0].as_py(), table["relapse_status"][0].as_py()) == (200, 1)


def test_status_makes_cumulative_incidence_and_the_parts_add_up():
    """Four twins: relapse on day 100, death on 50 and 150, one alive. Counted by hand."""
    rows = [("twin-0001", "death_infection", 50.0), ("twin-0002", "death_gvhd", 150.0)]
    made = course(*rows, count=4)
    blasts = made.data["marrow_blasts"]
    blasts.loc[{"patient": ONE}] = blasts.sel(patient=ONE).where(blasts["day"] < 100, 30.0)
    table = outcomes(made)
    days, status = (table[f"relapse_{part}"].to_pylist() for part in ("day", "status"))
    assert list(zip(days, status, strict=True)) == [(100, 1), (50, 2), (150, 2), (400, 0)]
    nrm = table["death_without_relapse_status"].to_pylist()
    assert nrm == [2, 1, 1, 0]
    curves = cumulative_incidence(days, status, causes={"relapse": 1, "death": 2})
    assert curves.causes["relapse"].estimate[-1] == pytest.approx(0.25)
    assert curves.causes["death"].estimate[-1] == pytest.approx(0.5)
    assert table["relapse_or_death_observed"].to_pylist() == [True, True, True, False]


def test_status_columns_are_small_whole_numbers_and_no_summary_rows():
    table = outcomes(course((ONE, "death_other", 100)))
    assert str(table.schema.field("death_status").type) == "int8"
    names = {row.name for row in summarize(table)}
    assert "death" in names
    assert not any(name.endswith("_status") for name in names)


@pytest.fixture(scope="module")
def fated():
    """Sixty twins with deaths of several causes, infections and obstruction."""
    made = twins(60, 400)
    names = [f"twin-{i:04d}" for i in range(60)]
    rows = [(name, "cmv_reactivation", 40.5 + i) for i, name in enumerate(names[:20])]
    rows += [(name, "sinusoidal_obstruction", 12.5) for name in names[20:24]]
    rows += [(name, "death_organ_toxicity", 45.5) for name in names[20:22]]
    rows += [(name, "death_infection", 90.5 + i) for i, name in enumerate(names[30:35])]
    rows += [(name, "death_other", 300.5) for name in names[40:41]]
    return with_events(made, *rows)


def test_the_report_shows_curves_with_numbers_at_risk_and_causes_of_death(fated):
    table = outcomes(fated)
    page = report_html(fated, table)
    for words in ("What became of the twins", "Cumulative incidence", "At risk", "Causes of death", "Organ toxicity"):
        assert words in page
    titles = [picture.title for picture in survival_pictures(table, 400.0)]
    assert titles == ["Relapse, death and survival", "Graft-versus-host disease", "Complications"] or titles == [
        "Relapse, death and survival",
        "Complications",
    ]
    causes = causes_of_death(table)
    assert (causes[0].words.split(",")[0], sum(cause.count for cause in causes)) == ("Infection", 8)


def test_incidence_in_the_report_is_not_one_minus_kaplan_meier(fated):
    table = outcomes(fated)
    (picture,) = [one for one in survival_pictures(table, 400.0) if one.title == "Complications"]
    last = next(row for row in picture.rows if row[0] == "CMV infection" and row[1] == "180")
    assert last[2].startswith("33")  # 20 of 60, all before day 180; nobody is removed for having died


def test_without_events_there_are_no_curves_of_fate():
    made = twins(12, 200)
    assert "What became of the twins" not in report_html(made, outcomes(made))


def test_chronic_disease_ends_grfs_once_it_is_active_enough():
    onset, mild = (ONE, "chronic_gvhd", 210.5), {"chronic_gvhd_severity": {-10: 0, 211: 0.01}}
    found = judged(onset, **mild)
    assert triple(found, "gvhd_relapse_or_death") == (400, False, 0)
    assert triple(found, "chronic_gvhd_moderate_severe") == (400, False, 0)
    worse = judged(onset, chronic_gvhd_severity={-10: 0, 211: 0.01, 300: 0.6})
    assert triple(worse, "chronic_gvhd_moderate_severe") == (300, True, 1)
    assert triple(worse, "gvhd_relapse_or_death") == (300, True, 1)


@pytest.mark.parametrize("cause", ["infection", "organ_toxicity"])
def test_death_of_infection_is_told_from_other_deaths(cause):
    found = judged((ONE, f"death_{cause}", 90.5))
    assert triple(found, "death_of_infection") == (90.5, cause == "infection", 1 if cause == "infection" else 2)


def test_neutrophils_above_one_are_dated_by_their_own_level():
    found = judged(neutrophils={-10: 4, 1: 0.1, 15: 0.7, 22: 1.2})
    assert found["neutrophil_engraftment_day"] == 15
    assert found["neutrophil_1000_day"] == 22


def test_a_patient_who_never_fell_low_loses_the_graft_only_after_it_was_due():
    """Before the graft has made anything, no cell of a donor is there to be lost."""
    host = {"neutrophils": {-10: 4}, "donor_myeloid": {-10: 0, 20: 80}}
    assert not judged(**host)["secondary_graft_failure_observed"]
    lost = judged(**{**host, "donor_myeloid": {-10: 0, 20: 80, 200: 1}})
    assert triple(lost, "secondary_graft_failure") == (200, True, 1)
