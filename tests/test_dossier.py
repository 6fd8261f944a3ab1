"""The dossier: held-out studies apart, effects of parameters by one luck, one document from results."""

import json

import numpy as np
import pytest

from hemograft import InputError, read_case, read_protocol
from hemograft.dossier.evidence import informed, part_of, parts, read_result, studies_of
from hemograft.dossier.screening import screen
from hemograft.outlets.cli import main

CASE = "examples/aml_cr1_flubu4.yaml"


def row(study="a", **more):
    usual = {
        "study_id": study,
        "scored": True,
        "kind": "value",
        "unit": "fraction",
        "predicted": 0.3,
        "observed": 0.4,
        "standardized_error": 1.0,
        "randomized": True,
        "statistic": "cumulative_incidence",
    }
    return {**usual, **more}


def results(folder):
    """Tiny results of a calibration and a validation."""
    parameters = [
        {
            "parameter": name,
            "shipped": 1.0,
            "prior_low": low,
            "prior_high": high,
            "median": 1.1,
            "low": 0.9,
            "high": 1.2,
            "width_of_prior": width,
            "informed_by": ["s/a nrm day 365 (+0.62)"],
        }
        for name, low, high, width in (("g_csf_half", 3.0, 8.0, 0.5), ("gvl_rate", 0.02, 0.3, 0.95))
    ]
    one = {"rows": 3, "covered": 2, "coverage": 0.67, "median_absolute_error": 0.05}
    covers = {
        "patients": 60,
        "ages": [20, 60],
        "diagnoses": {"aml_npm1": ["cr1"]},
        "donors": [],
        "irradiation": [0, 12],
    }
    calibration = {
        "parameters": parameters,
        "steps": [{"share": 1.0, "misfit": 1.2, "rows": 3}],
        "agreement": {"fitted": {"before": one, "after": one}},
        "studies": {"fitted": ["a"], "held_out": ["b"], "unused": []},
        "covers": covers,
        "members": 4,
        "rows": [{"study_id": "a", "part": "fitted"}, {"study_id": "b", "part": "held_out"}],
    }
    endpoint = {"endpoint": "nrm", "unit": "fraction", "rows": 3, "covered": 2, "words": "3 rows"}
    validation = {"rows": [row(), row("b")], "endpoints": [endpoint], "rows_simulated": 2, "rows_refused": 1}
    for name, words in (("calibration", calibration), ("validation", validation)):
        (folder / name).mkdir(parents=True)
        (folder / name / "summary.json").write_text(json.dumps(words), encoding="utf-8")
    return folder / "calibration", folder / "validation"


def test_studies_are_counted_by_what_the_calibration_saw():
    rows = [
        row("a"),
        row("a", standardized_error=1.8),
        row("b", standardized_error=-2.5),
        row("c"),
        row("b", scored=False),
    ]
    fitted, held, other = parts(rows, {"fitted": ["a"], "held_out": ["b"], "unused": []})
    assert (fitted.name, fitted.rows, fitted.studies) == ("fitted", 2, 1)
    assert fitted.coverage == {0.9: 0.5, 0.95: 1.0}
    assert held.coverage[0.95] == 0
    assert other.name == "not in the calibration"
    assert fitted.error == pytest.approx(0.1)


def test_studies_that_are_not_listed_are_those_of_the_rows():
    rows = [{"study_id": "b", "part": "held_out"}, {"study_id": "a", "part": "fitted"}]
    assert studies_of({"rows": rows}) == {"fitted": ["a"], "held_out": ["b"], "unused": []}
    assert studies_of({"rows": rows, "studies": {"fitted": ["x"]}}) == {"fitted": ["x"]}


def test_signs_count_in_randomized_contrasts_only():
    ratio = {"kind": "derived", "statistic": "odds_ratio", "observed": 2.0}
    rows = [row(**ratio, predicted=1.5), row(**ratio, predicted=0.5), row(**ratio, predicted=0.5, randomized=False)]
    found = part_of("x", [*rows, row(kind="contrast", statistic="difference", observed=-0.1, predicted=-0.2)])
    assert (found.contrasts, found.right) == (3, 2)
    assert found.rows == 0


def test_parameters_are_informed_where_the_posterior_is_narrower():
    given = [{"parameter": "a", "width_of_prior": 0.3}, {"parameter": "b", "width_of_prior": 0.99}]
    assert informed(given) == (["a"], ["b"])


def test_effects_are_those_of_the_parameters_alone():
    pytest.importorskip("SALib")
    limits = {"g_csf_half": (2.0, 12.0), "cmv_rate": (0.005, 0.05)}
    case, protocol = read_case(CASE), read_protocol("flubu4")
    found = screen(case, protocol, limits, twins=2, days=40.0, trajectories=2, seed=1)
    assert found.settings == 2 * 3
    late = found.effects["neutrophil_engraftment"]
    assert late[0] > 0
    assert late[1] < late[0]
    assert found.names[found.strongest("neutrophil_engraftment", 1)[0]] == "g_csf_half"
    assert np.isfinite(found.errors["death"]).all()


def test_one_command_makes_the_document(tmp_path, capsys):
    pytest.importorskip("SALib")
    calibration, validation = results(tmp_path)
    (tmp_path / "checks.md").write_text("# Engine\n\nagrees <to> 1e-6\n", encoding="utf-8")
    words = ["dossier", CASE, "--calibration", str(calibration), "--validation", str(validation), "--walks", "2"]
    words += [
        "--twins",
        "1",
        "--days",
        "25",
        "--verification",
        str(tmp_path / "checks.md"),
        "--out",
        str(tmp_path / "out"),
    ]
    with pytest.raises(SystemExit) as leaving:
        main([*words, "--json"])
    assert leaving.value.code in (0, None)
    told = json.loads(capsys.readouterr().out)
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    text = (tmp_path / "out" / "dossier.md").read_text(encoding="utf-8")
    assert told["calibration"]["informed"] == ["g_csf_half"]
    assert [one["name"] for one in told["validation"]["parts"]] == ["fitted", "held out"]
    assert told["sensitivity"]["method"] == "Morris"
    assert page.count("<h2") == 1 + 7 + 1
    assert "agrees &lt;to&gt; 1e-6" in page
    assert "<script" not in page
    assert "http://www.w3.org" in page
    assert "| fitted | 1 | 1 |" in text
    assert "--calibration inputs/calibration.json" in told["provenance"]["command"]


def test_without_a_sensitivity_it_is_said(tmp_path, capsys):
    calibration, validation = results(tmp_path)
    words = ["dossier", CASE, "--calibration", str(calibration), "--validation", str(validation), "--walks", "0"]
    with pytest.raises(SystemExit):
        main([*words, "--out", str(tmp_path / "out")])
    assert "Dossier:" in capsys.readouterr().out
    assert "Not made for this dossier" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")


def test_a_result_of_something_else_is_refused(tmp_path):
    (tmp_path / "summary.json").write_text("{}", encoding="utf-8")
    with pytest.raises(InputError, match="'parameters' is not there"):
        read_result("calibration", tmp_path)
    with pytest.raises(InputError, match="'rows' is not there"):
        read_result("validation", tmp_path / "summary.json")
    with pytest.raises(InputError, match="no such file"):
        read_result("validation", tmp_path / "nowhere")
