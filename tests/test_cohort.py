"""Cohorts: a table of patients becomes cases by a strict map, and predictions stand beside observations."""

from __future__ import annotations

import json
import math
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as parquet
import pytest

from hemograft.cohort.agreement import agreement
from hemograft.cohort.map import FOLDER, read_map
from hemograft.cohort.page import cohort_html
from hemograft.cohort.rows import plan_cohort
from hemograft.cohort.study import Prediction, predict, run_cohort
from hemograft.errors import InputError
from hemograft.outlets.cli import main

REAL = Path(__file__).parents[2] / "shared" / "data" / "children_transplants.csv"
MAP = """title: Four made-up patients
source: invented for a test
missing: ["", "?"]
fields:
  patient.age: {column: age, unit: year}
  patient.sex:
    column: sex
    words: {f: female, m: male}
  patient.weight: {column: kg, unit: kg}
  patient.height:
    of: patient.age
    points:
      0 year: 50 cm
      20 year: 170 cm
    evidence: assumed
    source: a straight line
  patient.gfr:
    value: 100 mL/min
    evidence: assumed
    source: normal
  patient.diagnosis:
    column: disease
    words: {ALL: b_all, aplastic: none, other: skip}
  patient.stage:
    columns: [disease, relapsed]
    words: {ALL no: cr1, ALL yes: cr2, aplastic *: none}
  donor.relation: {value: unrelated, evidence: measured, source: all of them}
  donor.match: {column: hla}
  graft.product:
    column: source
    words: {PB: mobilized_blood, BM: marrow}
  graft.cd34: {column: cd34, unit: x10^6/kg}
  graft.cd3:
    column: cd3
    unit: x10^8/kg
    missing: 2 x10^8/kg
    evidence: assumed
    source: usual
protocol:
  column: disease
  words: {ALL: cytbi, aplastic: bucy}
  evidence: assumed
  source: not in the table
observed:
  neutrophil_engraftment: {column: anc, unit: day, never: 1000000, source: first of three days}
"""
TABLE = """age,sex,kg,disease,relapsed,hla,source,cd34,cd3,anc
10,f,32,ALL,no,10/10,PB,7.2,3.1,15
5.5,m,19,aplastic,no,9/10,BM,2.5,,1000000
17,m,60,ALL,yes,10/10,PB,5,2,?
12,f,,ALL,no,10/10,PB,5,2,14
9,x,30,ALL,no,10/10,PB,5,2,14
9,f,30,other,no,10/10,PB,5,2,14
9,f,300,ALL,no,10/10,PB,5,2,14
"""


@pytest.fixture
def files(tmp_path):
    (tmp_path / "table.csv").write_text(TABLE, encoding="utf-8")
    (tmp_path / "map.yaml").write_text(MAP, encoding="utf-8")
    return tmp_path


def plan_of(files, **settings):
    return plan_cohort(files / "table.csv", str(files / "map.yaml"), **{"twins": 2, "days": 60, "seed": 0, **settings})


def test_rows_become_cases_and_the_others_are_left_out_with_their_reason(files):
    plan = plan_of(files)
    first, second, third = plan.patients
    assert (first.case.patient.weight, first.case.patient.height) == (32, pytest.approx(1.10))
    assert first.case.graft is not None
    assert first.case.graft.cd34 == pytest.approx(7.2e6)
    assert [p.case.patient.stage for p in plan.patients] == ["cr1", "none", "cr2"]
    assert [p.protocol.id for p in plan.patients] == ["cytbi", "bucy", "cytbi"]
    assert [p.observed["neutrophil_engraftment"] for p in plan.patients] == [15, math.inf, None]
    assert (second.stand_ins, third.stand_ins) == (("graft.cd3",), ())
    assert [(one.line, one.why) for one in plan.left[:3]] == [
        (5, "kg missing"),
        (6, "sex 'x' has no translation in the map"),
        (7, "disease 'other' left out by the map"),
    ]
    assert "body mass index" in plan.left[3].why


def test_a_patient_is_the_same_whoever_else_is_in_the_table(files):
    before = plan_of(files)
    text = "\n".join(TABLE.splitlines()[:2]) + "\n"
    (files / "table.csv").write_text(text, encoding="utf-8")
    alone = plan_of(files)
    one, other = (run_cohort(plan).predictions[0][1]["neutrophil_engraftment"] for plan in (before, alone))
    assert one == other


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("patient.age:", "patient.aeg:", "unknown field 'patient.aeg'"),
        ("of: patient.age", "of: [patient.age]", "'of' is not one line of text"),
        ("unit: kg", "unit: {a: b}", "'unit' is not one line of text"),
        ("title: Four made-up patients", "title: [a]", "'title' is not one line of text"),
        ("missing: 2 x10^8/kg", "missing: [2]", "'missing' is not one line of text"),
        ("never: 1000000", "never: no", "never: 'no' is not a number"),
        ("unit: day", "unit: kg", "'kg' is not a unit of time"),
        ("unit: year}", "unit: years2}", "unknown unit"),
        ("{f: female, m: male}", "female", "patient.sex cannot be read"),
        ("    value: 100 mL/min\n", "", "0 of column, columns, value and of"),
        ("    evidence: assumed\n    source: normal\n", "", "no evidence and source"),
        ("evidence: assumed\n    source: a straight", "evidence: guessed\n    source: a straight", "not a grade"),
        ("aplastic: bucy", "aplastic: bucyy", "unknown protocol 'bucyy'"),
        ("neutrophil_engraftment:", "neutrophils_engraftment:", "unknown event"),
        ("of: patient.age", "of: patient.weigth", "not given above it"),
        ("20 year: 170 cm", "20 kg: 170 cm", "not in a unit like year"),
        ("never:", "nevr:", "unknown field 'nevr'"),
    ],
)
def test_a_map_is_read_strictly_with_file_and_line(tmp_path, old, new, said):
    assert old in MAP
    (tmp_path / "map.yaml").write_text(MAP.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_map(tmp_path / "map.yaml")
    assert any(said in problem.what and re.match(r"map\.yaml:\d+$", problem.where) for problem in caught.value.problems)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (TABLE.replace("kg,disease", "mass,disease", 1), "no column 'kg'"),
        (TABLE.replace("10,f,32,", "10,f,", 1), "9 cells under 10 column names"),
        (TABLE.splitlines()[0], "no rows"),
        (TABLE.replace("cd3,anc", "cd34,anc", 1), "there twice"),
        (TABLE.replace("10,f", "10,é", 1).encode("latin-1"), "not UTF-8"),
        ("\n".join([TABLE.splitlines()[0], TABLE.splitlines()[4]]), "no row of the table becomes a case"),
    ],
)
def test_a_table_that_does_not_fit_is_refused(files, text, said):
    (files / "table.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(InputError, match=said):
        plan_of(files)


def test_a_cohort_leaves_tables_a_summary_and_one_page(files, monkeypatch, capsys):
    monkeypatch.chdir(files)
    arguments = ["cohort", "table.csv", "--map", "map.yaml", "--twins", "2", "--days", "60", "--out", "c", "--json"]
    with pytest.raises(SystemExit) as left:
        main(arguments)
    assert not left.value.code
    words = json.loads(capsys.readouterr().out)
    assert words["patients"] == 3
    assert words["agreement"]["neutrophil_engraftment"]["patients"] == 2
    assert words["stand_ins"] == {"graft.cd3": 1}
    table = parquet.read_table(files / "c" / "predicted.parquet").to_pylist()
    assert [row["neutrophil_engraftment_observed"] for row in table] == [True, False, None]
    assert [row["neutrophil_engraftment_observed_day"] for row in table] == [15, None, None]
    assert all(5 < row["neutrophil_engraftment_predicted_median_day"] < 60 for row in table)
    kept = sorted(path.name for path in (files / "c" / "inputs").iterdir())
    assert kept == ["bucy.yaml", "cytbi.yaml", "map.yaml"]  # the table of patients stays where it is
    page = (files / "c" / "report.html").read_text(encoding="utf-8")
    assert not re.search(r'(?:src|href)="(?!#)', re.sub(r"<svg.*?</svg>", "", page, flags=re.DOTALL))
    assert "<script" not in page
    assert "not for patient care" in page
    assert str(files) not in page


def test_the_page_is_the_same_for_the_same_cohort(files):
    made = run_cohort(plan_of(files))
    assert cohort_html(made) == cohort_html(made)


def test_agreement_counts_what_it_says():
    observed = np.array([10, 12, 14, 20, math.inf])
    median = np.array([11, 12, 17, 16, 30])
    found = agreement(observed, median - 2.0, median, median + 2.0)
    assert (found.patients, found.never, found.covered, found.width) == (5, 1, 2, 4)
    assert (found.constant, found.constant_error) == (14, 2)
    assert (found.error, found.bias) == (1, 0)
    assert found.correlation == pytest.approx(0.9)  # ranks 1 2 3 4 5 against 1 2 4 3 5
    assert found.correlation_error == pytest.approx((1 - 0.81) * math.sqrt(1.06 / 2))


def test_an_interval_that_ends_never_covers_one_who_never_recovered():
    assert Prediction(math.inf, 20, 30, math.inf, 5).covered is True
    assert Prediction(math.inf, 20, 30, 40, 5).covered is False
    assert Prediction(None, 20, 30, 40, 5).covered is None


def test_nineteen_twins_make_a_ninety_percent_interval():
    table = pa.table({"e_day": [float(day) for day in range(1, 20)], "e_observed": [True] * 18 + [False]})
    assert predict(table, "e", 3.0) == Prediction(3.0, 1, 10, math.inf, 19)
    many = pa.table({"e_day": [float(day) for day in range(1, 40)], "e_observed": [True] * 39})
    assert predict(many, "e", 3.0) == Prediction(3.0, 2, 20, 38, 39)
    nobody = pa.table({"e_day": pa.array([None], pa.float64()), "e_observed": pa.array([None], pa.bool_())})
    assert predict(nobody, "e", 3.0).covered is None


def test_shipped_maps_are_read():
    names = sorted(path.stem for path in FOLDER.glob("*.yaml"))
    assert names
    for name in names:
        assert all(rule.evidence and rule.source for rule in read_map(FOLDER / f"{name}.yaml").stated)


def test_the_real_children_are_read_by_the_shipped_map():
    if not REAL.is_file():
        pytest.skip("the table of real patients is not on this machine")
    plan = plan_cohort(REAL, "children_transplants", twins=3, days=60, seed=0)
    assert (len(plan.patients), [one.why for one in plan.left]) == (119, ["recipient_body_mass missing"])
    made = run_cohort(replace(plan, patients=plan.patients[:10]))
    assert made.agreement("neutrophil_engraftment").error < 10


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("10,f,32", "nan,f,32", "patient.age cannot be read"),
        ("3.1,15", "3.1,-5", "'-5' is not a plausible day"),
        ("3.1,15", "3.1,1e308", "'1e308' is not a plausible day"),
    ],
)
def test_a_row_with_an_impossible_number_is_left_out(files, old, new, why):
    (files / "table.csv").write_text(TABLE.replace(old, new, 1), encoding="utf-8")
    assert why in plan_of(files).left[0].why


def test_a_table_with_semicolons_is_told_so(files):
    (files / "table.csv").write_text(TABLE.replace(",", ";"), encoding="utf-8")
    with pytest.raises(InputError, match=r"table.csv:1: the cells are not separated by commas"):
        plan_of(files)
