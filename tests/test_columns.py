"""Columns of tables equal those that pyarrow makes, and a run does without what only pyarrow's own way would load."""

import subprocess
import sys

import pyarrow as pa
import pytest

from hemograft.columns import column, where


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["one", None, "", "µL"], pa.string()),
        ([], pa.string()),
        ([1.5, None, -2.0], pa.float64()),
        ([1, 2, 3], pa.int32()),
        ([None, 1, 0, 2], pa.int8()),
        ([None, True, False] * 5, pa.bool_()),
        ([], pa.float64()),
    ],
)
def test_a_column_equals_that_of_pyarrow(values, kind):
    made = column(values, kind)
    made.validate(full=True)
    assert made.equals(pa.array(values, kind))
    assert made.null_count == values.count(None)


def test_rows_are_chosen_by_their_words():
    table = pa.table({"kind": ["drug", "graft", "drug"], "what": ["a", "b", None], "day": [1, 2, 3]})
    assert where(table, kind="drug")["day"].to_pylist() == [1, 3]
    assert where(table, kind="drug", what="a")["day"].to_pylist() == [1]
    assert where(table.slice(0, 0), kind="drug").num_rows == 0


def test_a_run_with_its_report_loads_neither_plotting_nor_what_only_other_commands_need(tmp_path):
    code = (
        "import hemograft, sys\n"
        "case = hemograft.read_case('examples/aml_cr1_flubu4.yaml')\n"
        "run = hemograft.simulate(case, twins=2, days=30, workers=1)\n"
        f"hemograft.report(run, hemograft.outcomes(run), r'{tmp_path}/report.html')\n"
        f"run.save(r'{tmp_path}/run')\n"
        "needless = {'matplotlib', 'pandas', 'pint', 'sympy', 'xarray', 'scipy.io', 'scipy.linalg'}\n"
        "print(sorted(needless & set(sys.modules)))"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=True)
    assert ended.stdout.strip() == "[]"
