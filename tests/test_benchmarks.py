"""The yardsticks stay as they were, and what is compared is compared rightly."""

import os
import subprocess
import sys
from subprocess import PIPE
from xml.etree import ElementTree

import numpy as np
import pytest
from benchmarks.accuracy import cost_at, errors, root_mean_square
from benchmarks.bedside import Bedside
from benchmarks.ours import Ours, counts
from benchmarks.page import page
from benchmarks.stem_niche import stem_niche
from benchmarks.studies import megabytes_of
from benchmarks.surrogate_numbers import VALUES
from benchmarks.switches import without_switches
from benchmarks.work import surrogate

from test_exchange import evaluate


def test_the_surrogate_keeps_its_size():
    work = surrogate(1)
    sizes = len(work.model.states), len(work.model.arrows), len(work.model.quantities), len(work.orders.times)
    assert sizes == (60, 134, 36, 18)
    assert len(VALUES) == 118
    assert (np.diff(work.orders.times) >= 0).all()


def test_the_niche_has_six_kinds_of_cells_and_fifteen_flows():
    work = stem_niche(1)
    assert len(work.model.states) == 6
    assert len(work.model.arrows) == 15
    assert work.start[0].sum() == 270


def test_time_at_an_error_lies_between_two_rungs():
    rungs = [(1e-2, 1.0), (1e-4, 10.0), (1e-6, 100.0)]
    assert cost_at(1e-3, rungs) == pytest.approx(10**0.5)
    assert cost_at(1e-4, rungs) == pytest.approx(10.0)
    assert cost_at(1e-1, rungs) == 1.0  # even the loosest is better
    assert cost_at(1e-7, rungs) is None


def test_an_amount_is_not_compared_at_the_moment_of_its_order():
    work = surrogate(1, days=30)
    reference = np.ones((len(work.days), 60)) * 10
    found = reference.copy()
    graft = work.model.state_number["hc"]
    found[10, graft] = 1e6  # the order of day 10
    assert errors(work, found, reference).max() == 0
    found[11, graft] = 21.0
    assert errors(work, found, reference).max() == pytest.approx(1.0)
    assert root_mean_square(work, found, reference) == pytest.approx(work.compared.sum() ** -0.5)


def test_the_plain_rules_act_on_the_days_on_which_the_engine_acts():
    work = surrogate(2, days=40, rules=True)
    records = counts(work)
    for i in range(2):
        bedside = Bedside(work, i)
        acted = [[len(bedside.act(day, records.daily[i, row]))] for row, day in enumerate(work.days)]
        assert [sum(a) for a in acted] == records.acted[i].sum(axis=0).tolist()
    assert records.acted.sum() > 0


def test_all_states_are_watched_in_their_order():
    work = surrogate(2, days=5)
    daily = Ours(work).states(1e-6)
    assert daily.shape == (2, 6, 60)
    np.testing.assert_array_equal(daily[:, 0], work.start)


def test_a_page_without_any_section_still_says_how_to_read_it():
    found = {"quick": True, "machine": {"processor": "one", "cores": 1, "system": "S", "python": "3"}, "versions": {}}
    assert "How to read this" in page(found)


def test_memory_of_a_process_contains_that_of_what_it_started():
    alone = megabytes_of(os.getpid())
    with subprocess.Popen([sys.executable, "-c", "print(1, flush=True); input()"], stdin=PIPE, stdout=PIPE) as child:
        assert child.stdout
        child.stdout.readline()
        its, both = megabytes_of(child.pid), megabytes_of(os.getpid())
        child.communicate(b"\n")
    if alone is not None:  # the system tells
        assert its > 2
        assert both > alone + its / 2


def test_studies_have_their_table():
    point = {"patients": 100_000, "workers": 2, "seconds": 400.0, "cpu_seconds": 790.0, "load_at_start": 0.1}
    found = {"quick": True, "machine": {"processor": "one", "cores": 1, "system": "S", "python": "3"}, "versions": {}}
    assert "| 100,000 | 2 | 400 | 790 | 4.00 | 900 | 0.1 |" in page(found | {"studies": [point | {"megabytes": 900.4}]})


def test_switches_written_as_arithmetic_have_the_same_value():
    """``x if x > 3 else 2 * x - 3`` on both sides of its switch, and on it."""
    switch = (
        '<math xmlns="m"><piecewise><piece><ci>x</ci><apply><gt /><ci>x</ci><cn>3</cn></apply></piece>'
        "<otherwise><apply><minus /><apply><times /><cn>2</cn><ci>x</ci></apply><cn>3</cn></apply></otherwise>"
        "</piecewise></math>"
    )
    found = ElementTree.fromstring(without_switches(switch).replace('xmlns="m"', ""))
    assert not list(found.iter("piecewise"))
    assert [evaluate(found[0], {"x": x}) for x in (2.0, 3.0, 5.0)] == pytest.approx([1.0, 3.0, 5.0])
