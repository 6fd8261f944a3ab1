"""Compiled Python does what the same Python does: every statement and expression that may be written in it."""

import math
import sys
from typing import NamedTuple

import numpy as np
import pytest

from hemograft.engine import calls, meanwhile
from hemograft.engine.calls import compiled
from hemograft.errors import EngineError

LIMIT, HALF = 3, 0.5


class Table(NamedTuple):
    """Arrays and numbers under names."""

    grid: np.ndarray
    counts: np.ndarray
    marks: np.ndarray
    scale: float
    size: int


def table():
    random = np.random.default_rng(5)
    grid, counts = random.normal(size=(4, 6)), random.integers(0, 9, 6)
    return Table(grid, counts.astype(np.int64), counts > LIMIT, 1.5, 6)


@compiled
def both(a, b):
    """Two values at once."""
    return a + b, a > b


@compiled
def weighted(line, start):
    total = start
    for i in range(line.size):
        if line[i] < 0.0:
            continue
        total += line[i]
        if total > 100.0:
            break
    return total


@compiled
def statements(t, out):
    """Loops, branches, slices, several targets, calls."""
    row, k = 0, 0
    out[:] = -1.0
    while True:
        if row >= t.grid.shape[0]:
            break
        column = t.grid[1:, row]
        out[row] = weighted(t.grid[row], t.scale) + column[2]
        row += 1
    total, more = both(t.grid[0, 1], HALF)
    out[4], out[5] = total, 1.0 if more else LIMIT
    for share, weight in ((0.0, 1.0), (HALF, 4.0)):
        out[6] += share * weight
    for i in range(1, t.size):
        t.marks[i] = t.marks[i] and t.counts[i] != 4
        t.counts[i] += 2 if LIMIT <= t.counts[i] < 7 else 0
        k += int(t.counts[i] in (2, LIMIT))
    for i in range(3):
        out[7 + i] = k if i else both(1.0, 2.0)[0]


@compiled
def arithmetic(x, n, word):
    """One number from many kinds of arithmetic."""
    shifted = (word >> np.uint64(3)) ^ word
    found = min(x, n / 7) + max(n - 2, 1) * x**3 - x**-0.25 + math.log(x) + math.exp(-x) * math.lgamma(x + 1)
    found += math.floor(x) + math.sqrt(x) + math.expm1(x) - math.log1p(x) + math.cos(math.pi * x) + abs(-x)
    return found + np.float64(shifted >> np.uint64(40)) if math.isfinite(found) and found != 0.0 else np.nan


def test_statements_do_what_python_does(monkeypatch):
    ours, plain = table(), table()
    out, expected = np.zeros(10), np.zeros(10)
    statements(ours, out)
    for function in (both, weighted):
        monkeypatch.setattr(sys.modules[__name__], function.__name__, function.python)
    statements.python(plain, expected)
    np.testing.assert_allclose(out, expected, rtol=1e-14)
    for name in ("grid", "counts", "marks"):
        np.testing.assert_array_equal(getattr(ours, name), getattr(plain, name))


@pytest.mark.parametrize("x", [0.3, 1.0, 7.9, 40.0])
@pytest.mark.parametrize("n", [-5, 0, 12])
def test_arithmetic_does_what_python_does(x, n):
    word = np.uint64(0x9E3779B97F4A7C15)
    assert arithmetic(x, n, word) == pytest.approx(arithmetic.python(x, n, word), rel=1e-13)


@compiled
def unknown(x):
    return sorted(x)


@compiled
def changing(x):
    y = 0
    y = x / 2
    return y


@pytest.mark.parametrize(("function", "why"), [(unknown, "sorted has no translation"), (changing, "y holds int")])
def test_what_cannot_be_translated_is_named_with_its_line(function, why):
    with pytest.raises(EngineError, match=rf"test_translate.py:\d+: .*{why}"):
        function(2.5)


def test_an_array_with_gaps_is_refused():
    with pytest.raises(ValueError, match="without gaps"):
        weighted(np.zeros((4, 4))[:, 1], 0.0)


@compiled
def halved(x, table):
    return x / 2 + table[0]


@pytest.fixture
def made_here(monkeypatch, tmp_path):
    """What is made in this process; the cache is empty."""
    found, usual = [], calls.object_code
    monkeypatch.setenv("HEMOGRAFT_CACHE", str(tmp_path))
    monkeypatch.setattr(halved, "made", {})
    monkeypatch.setattr(meanwhile.os, "cpu_count", lambda: 2)
    for module in (calls, meanwhile):
        monkeypatch.setattr(module, "object_code", lambda *given: found.append(given) or usual(*given))
    return found


def test_a_function_is_made_by_another_process_meanwhile(made_here, tmp_path):
    with halved.made_meanwhile(0.0, np.zeros(1)):
        pass
    assert halved(3.0, np.array([1.0, 5.0])) == 2.5
    assert not made_here
    (kept,) = tmp_path.iterdir()
    halved.made.clear()
    code = kept.read_bytes()
    kept.unlink()
    assert halved(3.0, np.array([1.0, 5.0])) == 2.5
    assert len(made_here) == 1
    assert kept.read_bytes() == code


@pytest.mark.parametrize("missing", ["program", "file"])
def test_a_function_is_made_here_where_the_other_process_cannot(made_here, monkeypatch, missing):
    if missing == "program":
        monkeypatch.setattr(sys, "executable", "no such program")
    else:
        monkeypatch.setattr(meanwhile.machine, "__file__", "no such file")
    with halved.made_meanwhile(0.0, np.zeros(1)):
        pass
    assert len(made_here) == 1
    assert halved(3.0, np.array([1.0, 5.0])) == 2.5
    assert len(made_here) == 1


def test_the_other_process_ends_when_something_goes_wrong_here(made_here, tmp_path):
    with pytest.raises(KeyError), halved.made_meanwhile(0.0, np.zeros(1)):
        raise KeyError
    assert not list(tmp_path.iterdir())


def test_a_damaged_file_of_machine_code_is_made_anew(made_here, tmp_path):
    halved(3.0, np.zeros(1))
    (kept,) = tmp_path.iterdir()
    whole = kept.read_bytes()
    for damaged in (b"", b"float\nnot machine code", whole[:-9], whole[:99] + b"?" + whole[100:]):
        kept.write_bytes(damaged)
        halved.made.clear()
        assert halved(3.0, np.array([1.0, 5.0])) == 2.5
        assert kept.read_bytes() == whole
