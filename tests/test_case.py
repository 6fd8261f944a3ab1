"""Cases: what a file says, what a patient is, and the shipped examples."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hemograft.case import Case, Donor, Graft, Patient, read_case
from hemograft.errors import InputError
from hemograft.protocol import read_protocol, schedule

EXAMPLES = sorted((Path(__file__).parent.parent / "examples").glob("*.yaml"))
ADULT = {
    "age": 50.0, "sex": "male", "weight": 70.0, "height": 1.75, "gfr": 100.0, "diagnosis": "aml_intermediate",
    "stage": "cr1",
}  # fmt: skip


def example(stem: str) -> Path:
    return next(path for path in EXAMPLES if path.stem == stem)


def test_the_examples_cover_the_main_situations():
    assert {path.stem for path in EXAMPLES} >= {
        "aml_cr1_flubu4", "all_child_cr2_cytbi", "aml_older_flutbi2", "aml_haplo_ptcy", "cml_cp_bucy",
        "aml_induction_7_3", "cord_all_cytbi",
    }  # fmt: skip


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_every_example_can_be_scheduled_with_the_protocol_it_names(path):
    case = read_case(path)
    assert case.id == path.stem
    assert case.source == "illustrative case, not a real patient"
    assert case.protocol
    assert schedule(read_protocol(case.protocol), case.patient, graft=case.graft is not None).doses


def test_a_case_is_read_in_canonical_units():
    case = read_case(example("aml_cr1_flubu4"))
    assert case.patient.age == pytest.approx(46)
    assert case.patient.height == pytest.approx(1.67)
    assert case.patient.gfr == pytest.approx(95)
    assert case.patient.residual_disease == "undetectable"
    assert case.graft is not None
    assert case.graft.cd34 == pytest.approx(6.2e6)


def test_a_file_and_python_make_the_same_case():
    written = read_case(example("cml_cp_bucy"))
    built = Case(
        id="cml_cp_bucy",
        title=written.title,
        source=written.source,
        protocol="bucy",
        patient=Patient(age=34, sex="male", weight=77, height=1.81, gfr=112, comorbidity=0,
                        diagnosis="cml_chronic_phase", stage="chronic_phase", marrow_blasts=0.03),
        donor=Donor(relation="sibling", match="10/10", age=31, sex="male"),
        graft=Graft(product="marrow", cd34=3.5e6, cd3=3e7, nucleated=2.8e8),
    )  # fmt: skip
    assert built.origins == written.origins
    for part in ("patient", "donor", "graft"):
        assert getattr(built, part).model_dump() == pytest.approx(getattr(written, part).model_dump())


def test_residual_disease_is_a_share_a_word_or_not_known():
    assert read_case(example("aml_haplo_ptcy")).patient.residual_disease == "undetectable"
    assert Patient(**ADULT, residual_disease="0.1 %").residual_disease == pytest.approx(1e-3)
    assert Patient(**ADULT).residual_disease is None
    with pytest.raises(InputError, match="undetectable or measurable"):
        Patient(**ADULT, residual_disease="some")
    with pytest.raises(InputError, match="does not fit stage 'active'"):
        Patient(**ADULT | {"stage": "active", "marrow_blasts": 0.3}, residual_disease="undetectable")


def test_origins_say_whose_cells_can_be_in_the_body():
    assert read_case(example("aml_induction_7_3")).origins == ("host",)
    assert read_case(example("aml_cr1_flubu4")).origins == ("host", "donor")
    graft = Graft(product="mobilized_blood", origin="host", cd34=5e6, cd3=2e8)
    own = Case(id="own", title="own cells", source="test", patient=Patient(**ADULT), graft=graft)
    assert own.origins == ("host",)


def test_expanded_cord_blood_comes_from_a_stored_unit():
    words = {"id": "cord", "title": "cord", "source": "test", "patient": Patient(**ADULT)}
    graft = Graft(product="expanded_cord_blood", cd34=9e6, cd3=3e6)
    assert Case(**words, donor=Donor(relation="cord", match="4/6"), graft=graft).graft.of_cord
    with pytest.raises(InputError, match="cord_blood or expanded_cord_blood with relation: cord"):
        Case(**words, donor=Donor(relation="sibling", match="10/10"), graft=graft)


def test_body_surface_by_mosteller():
    """The square root of 175 cm times 70 kg over 3600 is 1.8447 m2."""
    assert Patient(**ADULT).body_surface == pytest.approx(1.8447, abs=1e-4)


def test_ideal_weight_by_devine():
    """Devine: a man of 5 feet weighs 50 kg, a woman 45.5 kg, and 2.3 kg more for each inch."""
    tall = {**ADULT, "height": 1.778}  # 70 inches
    assert Patient(**tall).ideal_weight == pytest.approx(73.0)
    assert Patient(**{**tall, "sex": "female"}).ideal_weight == pytest.approx(68.5)


def test_adjusted_weight_adds_a_quarter_of_the_excess():
    patient = Patient(**{**ADULT, "height": 1.778, "weight": 113.0})
    assert patient.adjusted_weight == pytest.approx(83.0)


def test_there_is_no_ideal_weight_of_a_small_child():
    child = read_case(example("cord_all_cytbi")).patient
    with pytest.raises(InputError, match="no ideal weight"):
        _ = child.ideal_weight


def test_a_patient_cannot_be_changed():
    with pytest.raises(Exception, match="frozen"):
        Patient(**ADULT).weight = 80.0  # type: ignore[misc]


def test_a_patient_built_in_python_complains_in_the_same_words():
    with pytest.raises(InputError, match="body mass index") as caught:
        Patient(**{**ADULT, "height": 1.0, "weight": 90.0})
    assert "pydantic" not in str(caught.value).lower()
    assert caught.value.problems[0].where == "Patient.height"


def test_a_path_of_a_protocol_is_taken_from_the_folder_of_the_case(tmp_path):
    text = example("aml_cr1_flubu4").read_text().replace("protocol: flubu4+gvhd_steroids", "protocol: mine.yaml")
    (tmp_path / "case.yaml").write_text(text)
    assert read_case(tmp_path / "case.yaml").protocol == str(tmp_path / "mine.yaml")


def test_the_form_of_a_case_has_a_schema_for_tools():
    fields = Case.model_json_schema()["$defs"]["Patient"]["properties"]
    assert {"age", "weight", "diagnosis", "residual_disease"} <= set(fields)


@given(weight=st.floats(40, 120), unit=st.sampled_from([("kg", 1.0), ("g", None)]))
def test_a_weight_is_read_as_written_and_never_as_a_drug_mass(weight, unit):
    words = {**ADULT, "weight": f"{weight!r} {unit[0]}"}
    if unit[1]:
        assert Patient(**words).weight == pytest.approx(weight)
    else:
        with pytest.raises(InputError, match="not in a unit like kg"):
            Patient(**words)


@given(share=st.floats(0.001, 0.999))
def test_a_percentage_and_a_fraction_say_the_same(share):
    active = {**ADULT, "stage": "active"}
    percent = Patient(**active, marrow_blasts=f"{100 * share!r} %")
    fraction = Patient(**active, marrow_blasts=f"{share!r}")
    assert percent.marrow_blasts == pytest.approx(fraction.marrow_blasts)
