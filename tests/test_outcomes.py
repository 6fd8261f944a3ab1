"""Each outcome definition on small made-up courses whose answer can be counted by hand."""

import math

import numpy as np
import pyarrow as pa
import pytest

from hemograft.errors import InputError
from hemograft.outcome.summary import number, percent
from hemograft.outcome.table import outcomes, summarize
from synthetic import assemble, failing, row, twins

DAYS = np.arange(-5.0, 61)


def judged(name=None, graft=True, rows=None, failures=(), **data):
    """Outcomes of one patient from curves given as {first day: value from then on}."""
    curves = {key: values if isinstance(values, np.ndarray) else steps(values) for key, values in data.items()}
    rows = [row("twin-0000", 0.5, 0, "graft", "graft", "", 1.0, "1")] * graft if rows is None else rows
    trajectory = assemble(DAYS, curves, rows=rows, graft=graft, failures=failures)
    table = outcomes(trajectory)
    return table[name][0].as_py() if name else {column: table[column][0].as_py() for column in table.column_names}


def steps(changes):
    values = np.full((1, len(DAYS)), np.nan)
    for day, value in changes.items():
        values[0, day <= DAYS] = value
    return values


def test_neutrophils_engraft_on_the_first_of_three_days():
    found = judged(neutrophils={-5: 4, 2: 0.1, 14: 0.5})
    assert (found["neutrophil_engraftment_day"], found["neutrophil_engraftment_observed"]) == (14, True)


def test_two_days_above_are_not_engraftment():
    assert judged("neutrophil_engraftment_day", neutrophils={-5: 4, 2: 0.1, 14: 0.6, 16: 0.4, 20: 0.6}) == 20


def test_days_before_the_fall_are_not_engraftment():
    assert judged("neutrophil_engraftment_day", neutrophils={-5: 4, 9: 0.2, 18: 0.7}) == 18


def test_counts_never_below_give_a_flag_and_no_day():
    found = judged(neutrophils={-5: 3})
    assert found["neutrophil_never_below"] is True
    assert found["neutrophil_engraftment_day"] is None
    assert found["neutrophil_engraftment_observed"] is None
    assert found["primary_graft_failure"] is None  # donor cells were not simulated


def test_without_engraftment_the_day_is_the_end_of_follow_up():
    found = judged(neutrophils={-5: 4, 2: 0.1})
    assert (found["neutrophil_engraftment_day"], found["neutrophil_engraftment_observed"]) == (60, False)
    assert (found["primary_graft_failure"], found["graft_failure_kind"]) == (True, "no recovery")


def test_a_failed_simulation_censors_on_its_last_day():
    found = judged(neutrophils={-5: 4, 2: 0.1, 30: 3}, failures=(failing("twin-0000", 20.0),))
    assert (found["follow_up_day"], found["neutrophil_engraftment_day"]) == (19, 19)
    assert found["neutrophil_engraftment_observed"] is False
    assert found["primary_graft_failure"] is None


def test_recovery_after_day_28_is_graft_failure():
    donor = {-5: 99}
    assert judged("primary_graft_failure", neutrophils={-5: 4, 2: 0.1, 28: 1}, donor_myeloid=donor) is False
    assert judged("primary_graft_failure", neutrophils={-5: 4, 2: 0.1, 29: 1}, donor_myeloid=donor) is True


@pytest.mark.parametrize(("share", "kind"), [(4.9, "autologous recovery"), (5.0, "none")])
def test_recovery_of_host_cells_is_graft_failure(share, kind):
    assert judged("graft_failure_kind", neutrophils={-5: 4, 2: 0.1, 14: 1}, donor_myeloid={-5: share}) == kind


def test_platelets_engraft_only_untransfused():
    curve = {-5: 200, 3: 10, 12: 25}
    assert judged("platelet_engraftment_day", platelets=curve) == 12
    given = [row("twin-0000", 8.2, -1, "transfusion", "platelets", "", 1.0, "unit")]
    assert judged("platelet_engraftment_day", platelets=curve, rows=given) == 16  # day 8 + 7 free days
    later = [row("twin-0000", 18.0, -1, "transfusion", "platelets", "", 1.0, "unit")]
    assert judged("platelet_engraftment_day", platelets=curve, rows=later) == 26  # spoils the run from day 12


def test_platelets_need_seven_days_in_a_row():
    assert judged("platelet_engraftment_day", platelets={-5: 200, 3: 10, 12: 25, 18: 19, 20: 22}) == 20
    assert judged("platelet_50_observed", platelets={-5: 200, 3: 10, 12: 25}) is False


def test_cytopenia_is_counted_from_treatment_on():
    given = [row("twin-0000", -3.0, 0, "drug", "busulfan", "iv", 1.0, "mg")]
    found = judged(neutrophils={-5: 0.3, -3: 0.4, -1: 0.05, 4: 2}, rows=given)
    assert (found["days_neutrophils_below_0_5"], found["days_neutrophils_below_0_1"]) == (7, 5)
    assert (found["neutrophils_nadir"], found["neutrophils_nadir_day"]) == (pytest.approx(0.05), -1)


def test_chimerism_is_read_on_its_day_or_is_missing():
    found = judged(donor_t={-5: 10, 30: 60, 31: 90}, neutrophils={-5: 1})
    assert found["donor_t_day_30"] == 60
    assert found["donor_t_day_100"] is None  # not followed so long
    assert found["donor_b_day_30"] is None  # not simulated


REMITTING = {
    "marrow_blasts": {-5: 60, 10: 1},
    "neutrophils": {-5: 2, 2: 0.1, 20: 1.0},
    "platelets": {-5: 80, 2: 10, 25: 100},
}


def test_remission_needs_blasts_and_counts():
    found = judged(graft=False, rows=[], **REMITTING)
    assert (found["incomplete_remission_day"], found["complete_remission_day"]) == (20, 25)
    assert (found["relapse_day"], found["relapse_observed"]) == (60, False)
    assert found["primary_graft_failure"] is None


def test_blasts_that_are_gone_before_counts_have_fallen_are_not_yet_remission():
    given = [row("twin-0000", 1.0, 0, "drug", "cytarabine", "iv", 1.0, "mg")]
    early = {"marrow_blasts": {-5: 60, 4: 1, 15: 30}, "neutrophils": {-5: 2, 9: 0.1}, "platelets": {-5: 150, 9: 10}}
    found = judged(graft=False, rows=given, **early)
    assert (found["complete_remission_observed"], found["remission_ever"]) == (False, False)
    assert found["relapse_day"] is None
    late = {"marrow_blasts": {-5: 60, 4: 1}, "neutrophils": {-5: 2, 9: 0.1, 20: 2}, "platelets": {-5: 150, 20: 150}}
    assert judged(graft=False, rows=given, **late)["complete_remission_day"] == 20


def test_relapse_is_the_return_of_blasts_after_remission():
    found = judged(graft=False, rows=[], **{**REMITTING, "marrow_blasts": {-5: 60, 10: 1, 40: 4.9, 44: 5}})
    assert (found["relapse_day"], found["relapse_observed"]) == (44, True)


def test_persistent_leukemia_is_not_relapse():
    found = judged(graft=False, rows=[], **{**REMITTING, "marrow_blasts": {-5: 60, 10: 8}})
    assert (found["relapse_day"], found["relapse_observed"], found["remission_ever"]) == (None, None, False)
    assert found["complete_remission_observed"] is False


def test_residual_disease_is_measurable_from_one_in_ten_thousand():
    assert judged("measurable_residual_disease_day_30", residual_disease={-5: 1.01e-4}) is True
    assert judged("measurable_residual_disease_day_30", residual_disease={-5: 0.99e-4}) is False
    assert judged("measurable_residual_disease_day_100", residual_disease={-5: 1}) is None


def test_transfusions_are_added_up_by_product():
    given = [
        row("twin-0000", day, -1, "transfusion", what, "", 2.0, "unit")
        for day, what in ((1, "platelets"), (4, "platelets"), (6, "red_cells"))
    ]
    found = judged(neutrophils={-5: 1}, rows=given)
    assert (found["platelet_units"], found["red_cell_units"]) == (4, 2)


def test_every_column_says_its_unit_definition_and_source():
    table = outcomes(twins(3, 120))
    for column in table.schema:
        assert column.metadata[b"definition"], column.name
        if column.name not in {"patient"}:
            assert column.metadata[b"unit"], column.name
        if column.name not in {"patient", "follow_up_day"}:
            assert column.metadata[b"source"], column.name
    assert table.schema.metadata[b"day_zero"] == b"graft"


def test_days_that_are_not_whole_are_refused():
    trajectory = assemble(np.arange(0, 5, 0.5), {"neutrophils": np.ones((1, 10))}, rows=[])
    with pytest.raises(InputError, match="consecutive whole days"):
        outcomes(trajectory)


def test_an_event_becomes_one_row_and_late_patients_count_as_later():
    table = pa.table(
        {
            "patient": list("abcd"),
            "relapse_day": [10.0, 20.0, 60.0, 60.0],
            "relapse_observed": [True, True, False, False],
        }
    )
    (found,) = summarize(table)
    assert (found.name, found.n, found.proportion, found.median) == ("relapse", 4, 0.5, 20)
    assert math.isinf(found.q75)
    assert found.proportion_error == pytest.approx(0.25)  # sqrt(0.5 * 0.5 / 4)


def test_nothing_out_of_twenty_is_not_certainty():
    (found,) = summarize(pa.table({"patient": ["x"] * 20, "flag": [False] * 20}))
    assert found.proportion == 0
    assert found.proportion_error == pytest.approx(math.sqrt((1 / 22) * (21 / 22) / 20))
    assert found.words == "0\u00a0% ± 5\u00a0%"


def test_missing_values_are_counted_and_left_out():
    (found,) = summarize(pa.table({"patient": ["a", "b", "c"], "x": [1.0, None, 3.0]}))
    assert (found.n, found.missing) == (2, 1)


@pytest.mark.parametrize(
    ("value", "error", "said"),
    [
        (14.0, 0.5, "14.0"),
        (98.123, 0.4, "98.1"),
        (1234.5, 20, "1\u202f230"),
        (3.2e-7, 1e-8, "3.2×10⁻⁷"),
        (math.inf, math.nan, "not reached"),
        (math.nan, math.nan, "–"),
        (0.0, math.nan, "0"),
        (870.4, math.nan, "870"),
        (2.5e12, math.nan, "2.5×10¹²"),
    ],
)
def test_numbers_show_no_more_digits_than_their_error_allows(value, error, said):
    assert number(value, error) == said


@pytest.mark.parametrize(
    ("share", "error", "n", "said"),
    [
        (0.4712, 0.021, 600, "47\u00a0% ± 2\u00a0%"),
        (0.4712, 0.0021, 60000, "47.1\u00a0% ± 0.2\u00a0%"),
        (0.25, 0.13, 12, "25\u00a0% ± 13\u00a0%"),  # never rounded to tens
        (1.0, 0.3, 1, "yes"),
        (math.nan, math.nan, 0, "–"),
    ],
)
def test_shares_show_no_more_digits_than_their_error_allows(share, error, n, said):
    assert percent(share, error, n) == said
