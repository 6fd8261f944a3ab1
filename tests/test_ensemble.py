"""A calibrated ensemble in use: shipped, from a file or none; what it covers is said of every case and protocol."""

import json
from pathlib import Path

import pyarrow as pa
import pytest

import made_up
from hemograft import InputError, parameters_for, read_case, read_protocol, shipped_protocols
from hemograft.applicability import NOT_SAID, NOT_SHIPPED, NOT_USED, applicability, outside, read_covers
from hemograft.calibration.covers import covers_of
from hemograft.engine.setup import shipped_parameters
from hemograft.ensemble import read_ensemble, shipped_ensemble, with_values
from hemograft.intensity import conditioning_of
from hemograft.outlets.cli import main
from hemograft.population import read_arms
from hemograft.population.arms import population_of
from hemograft.runs.ensembles import choose
from hemograft.runs.folder import plan_run
from hemograft.studies.chunk import Conditions, Member, judge
from hemograft.studies.folder import plan_study
from published import table

CASE_FILE = "examples/aml_cr1_flubu4.yaml"
COVERED = "examples/aml_cr1_flubu4.yaml"


@pytest.fixture
def nothing_shipped(monkeypatch, tmp_path):
    monkeypatch.setattr("hemograft.ensemble.FOLDER", tmp_path / "empty")


@pytest.fixture
def shipped(monkeypatch, tmp_path):
    path = made_up.ensemble(tmp_path / "shipped")
    monkeypatch.setattr("hemograft.ensemble.FOLDER", path.parent)
    return path


def test_what_is_shipped_can_be_read():
    found = shipped_ensemble()
    assert found is None or set(found.median) <= set(shipped_parameters())


@pytest.mark.usefixtures("nothing_shipped")
def test_without_a_shipped_ensemble_the_files_speak():
    case, protocol = read_case(CASE_FILE), read_protocol("flubu4")
    assert parameters_for(case, protocol)["gvl_rate"] == shipped_parameters()["gvl_rate"]
    assert applicability(case, protocol) == (NOT_SHIPPED,)
    assert choose().applies(case, protocol) == choose("none").applies(case, protocol) == (NOT_SHIPPED,)
    assert choose() == choose("none")
    assert not choose().sources
    assert choose().ways(8) == ()
    with pytest.raises(InputError, match="no calibrated ensemble is shipped"):
        choose("shipped")


def test_the_middle_of_a_shipped_ensemble_stands_in_for_the_files(shipped):
    case, protocol = read_case(CASE_FILE), read_protocol("flubu4")
    plain, found = shipped_parameters()["gvl_rate"], parameters_for(case, protocol)["gvl_rate"]
    assert found.value == pytest.approx(2 * plain.value)
    assert found.source == f"center of the calibrated ensemble {read_ensemble(shipped).sha256[:12]}"
    assert parameters_for(case, protocol, choose("none").center)["gvl_rate"] == plain
    assert choose("none").applies(case, protocol) == (NOT_USED,)


def test_a_file_replaces_the_shipped_ensemble_whole(shipped, tmp_path):
    other = made_up.ensemble(tmp_path / "other", factor=3, covers="")
    other.write_text(other.read_text().replace("g_csf_half", "cmv_rate"), encoding="utf-8")
    chosen, known = choose(str(other)), shipped_parameters()
    assert chosen.center["gvl_rate"].value == pytest.approx(3 * known["gvl_rate"].value)
    assert chosen.center["g_csf_half"] == known["g_csf_half"]
    case, protocol = read_case(CASE_FILE), read_protocol("flubu4")
    assert chosen.applies(case, protocol) == (NOT_SAID,)
    assert len(chosen.ways(4)) == 5
    assert len(choose().ways(0)) == 1


def test_the_recipe_of_a_run_names_the_ensemble_and_can_be_repeated(shipped, tmp_path):
    settings = {"twins": 2, "days": 5.0, "seed": 0}
    plan = plan_run(CASE_FILE, None, ensemble=choose(), **settings)
    told = plan.recipe.provenance
    assert told["inputs"]["ensemble"]["sha256"] == read_ensemble(shipped).sha256
    assert "--ensemble inputs/ensemble.yaml" in told["command"]
    assert "covers.yaml" not in told["command"]
    assert plan_run(CASE_FILE, None, ensemble=choose("shipped"), **settings).recipe.hash == plan.recipe.hash
    assert plan_run(CASE_FILE, None, ensemble=choose(str(shipped)), **settings).recipe.hash == plan.recipe.hash
    without = plan_run(CASE_FILE, None, ensemble=choose("none"), **settings)
    assert without.recipe.hash != plan.recipe.hash
    assert "--ensemble none" in without.recipe.again
    study = plan_study([CASE_FILE], None, ensemble=choose(), **settings)
    assert study.recipe.provenance["inputs"]["ensemble"]["sha256"] == read_ensemble(shipped).sha256
    assert study.study.conditions.parameters == choose().center


def test_a_patient_with_values_of_its_own_is_that_of_a_run_with_these_values():
    case, protocol = read_case(CASE_FILE), read_protocol("flubu4")
    changed = with_values({"g_csf_half": 9.0})
    plain, other = Conditions(20.0, 1, 1e-4, True), Conditions(20.0, 1, 1e-4, True, changed)
    mixed = [Member("a/1", case, protocol), Member("b/1", case, protocol, changed)]
    both = judge(mixed, plain).outcomes
    alone = judge([Member("b/1", case, protocol)], other).outcomes
    assert both.num_rows == 2
    names = [
        name for name in both.column_names if "neutrophil" in name and both.schema.field(name).type == pa.float64()
    ]
    for name in names:
        assert both[name][1].as_py() == pytest.approx(alone[name][0].as_py(), rel=1e-9, nan_ok=True), name
    assert any(both[name][0] != both[name][1] for name in names)


def test_every_reason_is_one_sentence():
    covers = read_covers_of(made_up.COVERS)
    case = read_case(COVERED)
    inside = case.model_copy(
        update={"patient": case.patient.model_copy(update={"diagnosis": "aml_intermediate", "age": 46.0})}
    )
    protocol = read_protocol("flubu4")
    assert outside(inside, protocol, covers) == ()
    old = inside.model_copy(update={"patient": inside.patient.model_copy(update={"age": 71.0, "stage": "cr3plus"})})
    assert outside(old, protocol, covers) == (
        "the age of 71 years is outside the 20 to 60 years that were fitted.",
        "the diagnosis aml intermediate was not fitted in the stage cr3plus.",
    )
    haplo = read_case("examples/aml_haplo_ptcy.yaml")
    said = outside(haplo, read_protocol("haplo_ptcy"), covers)
    assert "no group with this donor was fitted: haploidentical relative." in said
    assert "no group with this conditioning was fitted: non-myeloablative." in said
    assert "no group was fitted that had cyclophosphamide as part of the conditioning." in said
    assert "no group was fitted that had mycophenolate as prophylaxis." in said
    assert "2 Gy of irradiation are outside the 12 to 12 Gy that were fitted." in said
    assert all(one.endswith(".") and one.count(". ") == 0 for one in said)


def read_covers_of(text):
    import tempfile
    from pathlib import Path

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "covers.yaml"
        path.write_text(text, encoding="utf-8")
        return read_covers(path)


def test_covers_without_a_section_are_refused():
    with pytest.raises(InputError, match="'donors' is missing"):
        read_covers_of(made_up.COVERS.replace("donors:", "givers:"))
    with pytest.raises(InputError, match="cannot be read"):
        read_covers_of(made_up.COVERS.replace("20 to 60 years", "all"))


def test_what_was_fitted_is_read_from_the_virtual_patients(tmp_path):
    arms = [{"arm_id": "s/a", "age_low": "18", "age_high": "60", "age_median": "42", "donor": "MSD"}]
    plans = [population_of(one) for one in read_arms(table(tmp_path / "arms.csv", "arms", arms))]
    found = covers_of(plans, 60, 0)
    assert found.patients == 60
    assert 18 <= found.ages[0] < 42 < found.ages[1] <= 60
    assert found.donors == ("matched sibling",)
    assert found.intensity == ("myeloablative",)
    assert found.conditioning == ("busulfan", "fludarabine")
    assert all(stages == ("cr1",) for stages in found.diagnoses.values())
    from hemograft.applicability import covers_text

    (tmp_path / "covers.yaml").write_text(covers_text(found), encoding="utf-8")
    assert read_covers(tmp_path / "covers.yaml") == found


@pytest.mark.parametrize(
    ("name", "intensity"),
    [
        ("bucy", "myeloablative"),
        ("flubu4", "myeloablative"),
        ("flubu2", "reduced intensity"),
        ("flumel", "reduced intensity"),
        ("cytbi", "myeloablative"),
        ("flutbi2", "non-myeloablative"),
        ("haplo_ptcy", "non-myeloablative"),
        ("flutbi4", "reduced intensity"),
        ("tli_atg", "non-myeloablative"),
        ("induction_7_3", "none"),
    ],
)
def test_the_intensity_of_shipped_protocols(name, intensity):
    assert name in shipped_protocols()
    assert conditioning_of(read_protocol(name)).intensity == intensity


def test_the_command_run_says_what_is_outside(shipped, tmp_path, capsys):
    words = ["run", CASE_FILE, "--twins", "1", "--days", "3", "--seed", "0", "--json", "--quiet"]
    with pytest.raises(SystemExit):
        main([*words, "--out", str(tmp_path / "out")])
    told = json.loads(capsys.readouterr().out)
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert told["provenance"]["inputs"]["ensemble"]["sha256"] == read_ensemble(shipped).sha256
    assert (tmp_path / "out" / "inputs" / "covers.yaml").is_file()
    for why in told["outside_calibration"]:
        assert why[1:] in page


def test_a_study_with_the_shipped_ensemble_gives_the_same_bytes_in_two_processes(hemograft, tmp_path):
    case = Path(__file__).parent.parent / "examples" / "aml_cr1_flubu4.yaml"
    found = []
    for workers in (1, 2):
        folder = tmp_path / f"study-{workers}"
        code, _, err = hemograft(
            "study", case, "--twins", 4, "--days", 30, "--chunk", 2, "--workers", workers, "--out", folder, "--quiet"
        )
        assert code == 0, err
        found.append((folder / "outcomes.parquet").read_bytes())
    assert found[0] == found[1]
