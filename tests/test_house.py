"""The house keeps itself: short files and functions, documented names, no numbers with units in rate laws."""

import ast
from pathlib import Path

import pytest

SOURCE = Path(__file__).parent.parent / "src" / "hemograft"
FILES = sorted(SOURCE.rglob("*.py"))
LONGEST_FILE, LONGEST_FUNCTION = 300, 40
# exceptions, each with its reason
LONG_FILES = {
    "model/component.py": "the words a model is written in, together",
    "model/leukemia.py": "one mechanism: every rate law of leukemia and its wiring table",
}
SUPER = {  # where a library's class asks for it
    "errors.py": "an exception has to tell its text to Python",
    "fields.py": "an exception has to tell its text to Python",
    "printing/expressions.py": "the symbolic library prints through its own classes",
}
LONG_FUNCTIONS = {
    "studies/study.py:simulate_cohort": "its docstring",
    "engine/simulate.py:simulate": "its docstring",
    "engine/lockstep.py:follow_together": "its docstring",
    "engine/sensitivity.py:sensitivities": "its docstring",
    "outlets/validation.py:validate": "one option of the command a line",
    "targets/contrasts.py:predict_contrast": "its docstring",
    "targets/simulate.py:simulate_arm": "its docstring",
    "targets/study.py:run_study": "its docstring",
    "engine/run.py:run": "one call with many arrays, one to a line",
}


def name_of(path: Path) -> str:
    return path.relative_to(SOURCE).as_posix()


def functions(path: Path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_a_file_holds_one_idea(path):
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    assert ast.get_docstring(tree), "the first line says the idea"
    assert len(text.splitlines()) <= LONGEST_FILE or name_of(path) in LONG_FILES


def test_functions_are_short_or_named_here():
    long = {
        f"{name_of(path)}:{node.name}"
        for path in FILES
        for node in functions(path)
        if node.end_lineno - node.lineno + 1 > LONGEST_FUNCTION
    }
    assert long <= set(LONG_FUNCTIONS), sorted(long - set(LONG_FUNCTIONS))
    assert set(LONG_FUNCTIONS) <= long, "an exception that is no longer needed"


def test_public_functions_outside_the_biology_are_documented():
    bare = [
        f"{name_of(path)}:{node.name}"
        for path in FILES
        if path.parent.name != "model"
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
    ]
    assert not bare, bare


def test_rate_laws_hold_no_numbers_that_belong_in_data():
    """In mechanism files a literal is a small whole number, one half, or nothing: everything else is a parameter."""
    plain = {0.0, 0.5, 1.0, 2.0}
    wiring = {"__init__.py", "component.py", "compile.py", "forms.py", "reading.py", "spaces.py"}
    odd = []
    for path in sorted((SOURCE / "model").glob("*.py")):
        if path.name in wiring:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, float) and node.value not in plain:
                odd.append(f"{path.name}:{node.lineno} {node.value}")
    assert not odd, odd


def test_no_super_and_no_hidden_state():
    for path in FILES:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        calls = [
            n
            for n in ast.walk(tree)
            if isinstance(n, ast.Call) and isinstance(n.func, ast.Name) and n.func.id == "super"
        ]
        allowed = 9 if name_of(path) in SUPER else 0
        assert len(calls) <= allowed, name_of(path)
        assert not [n for n in ast.walk(tree) if isinstance(n, ast.Global)], name_of(path)
