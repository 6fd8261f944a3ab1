"""Cases that cannot be accepted: what is said about each, where, and what to type instead."""

from complaints import EXAMPLE, INDUCTION, case_with, complaints, line_of
from hemograft.case import read_case


def test_a_wrong_unit(tmp_path):
    assert "not in a unit like kg" in case_with(tmp_path, "68 kg", "68 mg")[0]


def test_a_missing_unit_is_offered(tmp_path):
    assert "try:      167 cm" in case_with(tmp_path, "167 cm", "167")[0]


def test_an_unknown_unit(tmp_path):
    assert "unknown unit 'stones'" in case_with(tmp_path, "68 kg", "11 stones")[0]


def test_a_missing_weight(tmp_path):
    text = EXAMPLE.replace("  weight: 68 kg\n", "")
    (said,) = complaints(read_case, tmp_path, text)
    assert said.startswith(f"x.yaml:{line_of(text, 'patient:')}: 'weight' is missing")
    assert "weight: 70 kg" in said


def test_not_a_number(tmp_path):
    assert "not a number" in case_with(tmp_path, "68 kg", "nan kg")[0]
    assert "not a finite number" in case_with(tmp_path, "68 kg", "1e999 kg")[0]
    assert "not a finite number" in case_with(tmp_path, "68 kg", "1e300 x10^99 kg")[0]
    assert "unknown unit" in case_with(tmp_path, "68 kg", "68 x10^999 kg")[0]


def test_an_adult_of_2_kg(tmp_path):
    assert "an adult of 46 years cannot weigh 2 kg" in case_with(tmp_path, "68 kg", "2 kg")[0]


def test_a_negative_weight(tmp_path):
    assert "outside the plausible range" in case_with(tmp_path, "68 kg", "-68 kg")[0]


def test_weight_and_height_that_do_not_fit(tmp_path):
    assert "body mass index of 190" in case_with(tmp_path, "167 cm", "59.8 cm", EXAMPLE.replace("46 y", "9 y"))[0]
    assert "cannot be 0.598 m tall" in case_with(tmp_path, "167 cm", "59.8 cm")[0]


def test_a_misspelt_field_offers_the_nearest(tmp_path):
    said = complaints(read_case, tmp_path, EXAMPLE.replace("liver:", "livr:"))
    assert "unknown field 'livr'" in said[0]
    assert "try:      liver" in said[0]


def test_a_misspelt_diagnosis_offers_the_nearest(tmp_path):
    assert "try:      aml_intermediate" in case_with(tmp_path, "aml_intermediate", "aml_intermediat")[0]


def test_a_misspelt_word_of_a_short_list_offers_the_nearest(tmp_path):
    assert "try:      female" in case_with(tmp_path, "sex: female", "sex: femal")[0]
    assert "normal | mild | moderate | severe" in case_with(tmp_path, "liver: normal", "liver: bad")[0]


def test_a_stage_that_does_not_fit_the_diagnosis(tmp_path):
    assert "does not fit the diagnosis" in case_with(tmp_path, "stage: cr1", "stage: chronic_phase")[0]
    said = complaints(read_case, tmp_path, EXAMPLE.replace("aml_intermediate", "cml_chronic_phase"))
    assert "try:      chronic_phase" in said[0]
    said = complaints(read_case, tmp_path, EXAMPLE.replace("aml_intermediate", "none"))
    assert "try:      none" in said[0]


def test_newly_diagnosed_leukemia_needs_marrow_blasts(tmp_path):
    (said,) = complaints(read_case, tmp_path, INDUCTION.replace("  marrow_blasts: 60 %\n", ""))
    assert "marrow_blasts is missing" in said
    assert "marrow_blasts: 60 %" in said


def test_a_remission_with_many_blasts(tmp_path):
    assert "do not fit stage 'cr1'" in case_with(tmp_path, "marrow_blasts: 2 %", "marrow_blasts: 20 %")[0]
    assert "does not fit stage 'cr1'" in case_with(tmp_path, "disease: undetectable", "disease: 30 %")[0]


def test_a_percentage_without_its_sign_is_offered_with_it(tmp_path):
    said = case_with(tmp_path, "marrow_blasts: 60 %", "marrow_blasts: 60", INDUCTION)
    assert "outside the plausible range" in said[0]
    assert "try:      60 %" in said[0]


def test_a_comorbidity_that_is_no_whole_number(tmp_path):
    assert "not a whole number" in case_with(tmp_path, "comorbidity: 1", "comorbidity: 1.5")[0]
    assert "0 to 26" in case_with(tmp_path, "comorbidity: 1", "comorbidity: 40")[0]


def test_a_block_where_a_word_belongs(tmp_path):
    case_with(tmp_path, "weight: 68 kg", "weight: [68, kg]")
    case_with(tmp_path, "sex: female", "sex: {is: female}")
    said = complaints(read_case, tmp_path, EXAMPLE.split("patient:")[0] + "patient: a woman\n")
    assert any("'patient' is not a block of fields" in one for one in said)


def test_a_graft_with_no_cells(tmp_path):
    assert "outside the plausible range" in case_with(tmp_path, "cd34: 6.2 x10^6/kg", "cd34: 0 x10^6/kg")[0]
    text = EXAMPLE.replace("  cd34: 6.2 x10^6/kg\n", "").replace("  cd3: 2.4 x10^8/kg\n", "")
    said = complaints(read_case, tmp_path, text)
    assert [one.split(": ")[1].split("\n")[0] for one in said] == ["'cd34' is missing", "'cd3' is missing"]


def test_a_cell_dose_in_the_wrong_unit(tmp_path):
    assert "0.01 to 100 x10^6/kg" in case_with(tmp_path, "6.2 x10^6/kg", "6.2 x10^8/kg")[0]
    assert "try:      6.2 x10^6/kg" in case_with(tmp_path, "6.2 x10^6/kg", "6.2")[0]
    assert "not in a unit like cells/kg" in case_with(tmp_path, "6.2 x10^6/kg", "6.2 x10^6/L")[0]


def test_too_many_t_cells(tmp_path):
    assert "outside the plausible range" in case_with(tmp_path, "2.4 x10^8/kg", "2.4 x10^10/kg")[0]


def test_fewer_nucleated_cells_than_cd34_cells(tmp_path):
    said = complaints(read_case, tmp_path, EXAMPLE + "  nucleated: 3 x10^6/kg\n")
    assert "fewer than" in said[0]


def test_a_misspelt_product_offers_the_nearest(tmp_path):
    assert "try:      mobilized_blood" in case_with(tmp_path, "mobilized_blood", "mobilised_blood")[0]


def test_a_donor_without_a_graft_and_a_graft_without_a_donor(tmp_path):
    head, _, rest = EXAMPLE.partition("donor:")
    donor, _, graft = rest.partition("graft:")
    assert "a donor and no graft" in complaints(read_case, tmp_path, f"{head}donor:{donor}")[0]
    assert "a donor and no donor" in complaints(read_case, tmp_path, f"{head}graft:{graft}")[0]


def test_cord_blood_of_a_grown_donor(tmp_path):
    assert "does not fit the donor relation" in complaints(
        read_case, tmp_path, EXAMPLE.replace("mobilized_blood", "cord_blood")
    )[0]  # fmt: skip


def test_a_match_that_cannot_be(tmp_path):
    assert "is not known" in case_with(tmp_path, "match: 10/10", "match: 11/10")[0]
    assert "is not known" in case_with(tmp_path, "match: 10/10", "match: 2/10")[0]
    assert "does not fit the relation" in case_with(tmp_path, "match: 10/10", "match: haploidentical")[0]


def test_a_parent_younger_than_the_patient(tmp_path):
    assert "a parent of 27 years" in complaints(
        read_case, tmp_path, EXAMPLE.replace("relation: unrelated", "relation: parent")
    )[0]  # fmt: skip


def test_an_unknown_protocol_offers_the_nearest(tmp_path):
    assert "try:      flubu4" in case_with(tmp_path, "protocol: flubu4", "protocol: flubu40")[0]


def test_a_decimal_comma_is_told_with_the_point(tmp_path):
    (said,) = case_with(tmp_path, "68 kg", "68,5 kg")
    assert said.endswith("try:      68.5 kg")
