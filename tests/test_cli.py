"""The command line: what each command prints, where, and how it ends."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from hemograft.errors import EngineError
from hemograft.outlets import caches
from hemograft.outlets.terminal import BANNER

HERE = Path(__file__).parent
EXAMPLE = HERE.parent / "examples" / "aml_cr1_flubu4.yaml"
SMALL = ("--twins", "3", "--days", "60")


def test_help_loads_nothing_heavy():
    code = (
        "import sys\nfrom hemograft.outlets.cli import main\ntry:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        "heavy = {'numpy', 'sympy', 'matplotlib', 'llvmlite', 'pydantic', 'pyarrow', 'xarray'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.splitlines()[-1] == "[]"
    for command in ("run", "cohort", "check", "words", "protocols", "cite", "model", "match", "hla"):
        assert f"\n  {command} " in said.stdout


def test_the_version_is_told(hemograft):
    code, out, _ = hemograft("--version")
    assert code == 0
    assert out.startswith("hemograft ")


def test_a_run_ends_with_a_table_and_a_report(hemograft, tmp_path):
    code, out, err = hemograft("run", EXAMPLE, *SMALL)
    assert code == 0
    assert err.splitlines() == [BANNER]
    assert "Neutrophil engraftment" in out
    assert "median day" in out
    assert "±" in out
    folder = tmp_path / "runs" / "aml_cr1_flubu4-flubu4_gvhd_steroids-seed0"
    assert f"Report: {folder.relative_to(tmp_path)}" in out.replace("\\", "/")
    assert (folder / "report.html").is_file()
    assert (folder / "inputs" / "aml_cr1_flubu4.yaml").read_bytes() == EXAMPLE.read_bytes()


def test_a_run_can_be_repeated_from_inside_its_folder(hemograft, tmp_path, monkeypatch):
    hemograft("run", EXAMPLE, *SMALL, "--out", "one")
    monkeypatch.chdir(tmp_path / "one")
    words = json.loads((tmp_path / "one" / "provenance.json").read_text(encoding="utf-8"))
    command = dict(words["provenance"]["map"])["command"].split()[1:]
    code, _, _ = hemograft(*command, "--out", tmp_path / "two")
    assert code == 0
    for name in ("trajectory.nc", "outcomes.csv", "provenance.json", "report.html"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_json_is_one_object_with_rows_paths_and_provenance(hemograft, tmp_path):
    code, out, _ = hemograft("run", EXAMPLE, *SMALL, "--json", "--out", tmp_path / "x")
    words = json.loads(out)
    assert code == 0
    row = next(row for row in words["summary"] if row["name"] == "neutrophil_engraftment")
    assert 5 < row["median"] < 40
    assert {"proportion", "proportion_error", "error", "low", "high", "label"} <= set(row)
    assert Path(words["report"]).is_file()
    assert words["provenance"]["seed"] == 0
    assert len(words["provenance"]["inputs"]["case"]["sha256"]) == 64


def test_an_existing_run_of_other_settings_is_kept(hemograft, tmp_path):
    hemograft("run", EXAMPLE, *SMALL, "--out", "x")
    before = (tmp_path / "x" / "outcomes.csv").read_bytes()
    code, out, err = hemograft("run", EXAMPLE, "--twins", 2, "--days", 60, "--out", "x", "--json")
    assert code == 2
    assert "other inputs or settings" in err
    assert json.loads(out)["error"]["kind"] == "input"
    assert (tmp_path / "x" / "outcomes.csv").read_bytes() == before
    assert hemograft("run", EXAMPLE, "--twins", 2, "--days", 60, "--out", "x", "--force")[0] == 0
    assert (tmp_path / "x" / "outcomes.csv").read_bytes() != before


@pytest.mark.parametrize(
    ("error", "code", "kind", "words"),
    [
        (EngineError("too many steps on day 3"), 3, "engine", "too many steps"),
        (KeyboardInterrupt(), 130, "interrupted", "nothing was written"),
        (ZeroDivisionError("oops"), 1, "fault", "Please report it"),
    ],
)
def test_errors_end_with_their_code_and_leave_nothing(hemograft, tmp_path, monkeypatch, error, code, kind, words):
    def fails(*_, **__):
        raise error

    monkeypatch.setattr("hemograft.engine.simulate.simulate", fails)
    found, out, err = hemograft("run", EXAMPLE, *SMALL, "--json")
    assert found == code
    assert words in err
    assert json.loads(out)["error"]["kind"] == kind
    assert list(tmp_path.iterdir()) == []
    assert str(HERE.parent) not in out + err


def test_a_case_with_mistakes_is_refused_with_all_of_them(hemograft, tmp_path):
    bad = EXAMPLE.read_text(encoding="utf-8").replace("68 kg", "680 kg").replace("female", "woman", 1)
    (tmp_path / "bad.yaml").write_text(bad, encoding="utf-8")
    code, out, err = hemograft("run", "bad.yaml")
    assert code == 2
    assert out == ""
    assert "bad.yaml:7" in err
    assert "bad.yaml:8" in err
    assert [path.name for path in tmp_path.iterdir()] == ["bad.yaml"]


def test_a_case_without_protocol_asks_for_one(hemograft, tmp_path):
    text = EXAMPLE.read_text(encoding="utf-8").replace("protocol: flubu4+gvhd_steroids\n", "")
    (tmp_path / "case.yaml").write_text(text, encoding="utf-8")
    code, _, err = hemograft("run", "case.yaml")
    assert code == 2
    assert "--protocol flubu4" in err


def test_a_wrong_command_line_is_an_error_for_machines_too(hemograft):
    code, out, err = hemograft("run", "--twins", "many", "case.yaml", "--json")
    assert code == 2
    assert "--twins" in err
    assert json.loads(out)["error"]["kind"] == "usage"


def test_check_tells_cases_from_protocols(hemograft, tmp_path):
    (tmp_path / "p.yaml").write_text("name: x\nconditioning:\n  - give: busulfn\n", encoding="utf-8")
    (tmp_path / "q.yaml").write_text("colour: blue\n", encoding="utf-8")
    code, out, _ = hemograft("check", EXAMPLE, "p.yaml", "q.yaml")
    assert code == 2
    assert f"{EXAMPLE}: ok (case: Woman of 46" in out
    assert "p.yaml: not accepted" in out
    assert "try:      busulfan" in out
    assert "neither a case nor a protocol" in out
    assert hemograft("check", EXAMPLE)[0] == 0


def test_check_sees_that_a_dose_is_too_large_for_this_patient(hemograft, tmp_path):
    orders = (HERE.parent / "src/hemograft/data/protocols/flubu4.yaml").read_text(encoding="utf-8")
    (tmp_path / "high.yaml").write_text(orders.replace("3.2 mg/kg", "32 mg/kg"), encoding="utf-8")
    text = EXAMPLE.read_text(encoding="utf-8").replace("protocol: flubu4", "protocol: high.yaml")
    (tmp_path / "case.yaml").write_text(text, encoding="utf-8")
    code, out, _ = hemograft("check", "case.yaml", "--json")
    (found,) = json.loads(out)["files"]
    assert code == 2
    assert "above the largest" in found["problems"][0]["what"]


def test_words_are_the_golden_ones(hemograft):
    code, out, _ = hemograft("words", "flubu4")
    assert code == 0
    assert out == (HERE / "words" / "flubu4.txt").read_text(encoding="utf-8")


def test_protocols_are_listed(hemograft):
    _, out, _ = hemograft("protocols")
    assert "flubu4" in out
    assert "haplo_ptcy" in out


def test_cite_prints_the_tool_and_what_a_case_or_run_uses(hemograft, tmp_path):
    _, everything, _ = hemograft("cite")
    _, case, _ = hemograft("cite", EXAMPLE)
    hemograft("run", EXAMPLE, *SMALL, "--out", "x")
    _, run, _ = hemograft("cite", "x")
    assert case.startswith("@software{hemograft,")
    assert everything.count("\n@") > case.count("\n@") > 5
    assert run == case
    assert "not in sources.bib" not in everything


def test_the_model_is_printed_and_an_unknown_component_is_not(hemograft):
    code, out, _ = hemograft("model", "--component", "niche", "--equations")
    assert code == 0
    assert "NICHE" in out
    assert "->" in out
    assert "Parameters" not in out
    assert hemograft("model", "--component", "nich")[0] == 2


def test_the_module_is_the_command():
    said = subprocess.run([sys.executable, "-m", "hemograft", "--version"], capture_output=True, text=True, check=True)
    assert said.stdout.startswith("hemograft ")


def test_very_many_problems_are_counted(hemograft, tmp_path):
    order = "  - give: methotrexate\n    dose: 1 mg/m2\n    route: iv\n    days: 1\n"
    (tmp_path / "p.yaml").write_text("name: x\nsource: y\nsupport:\n" + order * 60)
    code, _, err = hemograft("words", "p.yaml")
    assert code == 2
    assert err.rstrip().endswith("and 9 more problems")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device")
def test_a_full_disk_behind_the_output_is_no_fault():
    with open("/dev/full", "w") as full:
        command = [sys.executable, "-m", "hemograft", "protocols", "--json"]
        said = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True)
    assert said.returncode == 1
    assert "no space left" in said.stderr


def test_caches_find_a_place_when_none_can_be_written(monkeypatch, tmp_path, capsys):
    for name in ("MPLCONFIGDIR", "HEMOGRAFT_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    monkeypatch.setattr(caches, "writable", lambda folder: folder == tmp_path)
    caches.usable_caches()
    assert Path(os.environ["MPLCONFIGDIR"]).parent.is_dir()
    assert Path(os.environ["HEMOGRAFT_CACHE"]).is_dir()
    assert "HEMOGRAFT_CACHE can name one" in capsys.readouterr().err
    monkeypatch.setenv("HEMOGRAFT_CACHE", str(tmp_path))
    monkeypatch.delenv("MPLCONFIGDIR")
    caches.usable_caches()
    assert os.environ["MPLCONFIGDIR"] == str(tmp_path / "matplotlib")
