"""The exact simulator against closed forms of birth, death and immigration."""

import numpy as np
import pytest

from hemograft.engine.exact import exact_course
from hemograft.errors import ModelError
from hemograft.model.compile import assemble
from hemograft.model.component import Component, Flow, State
from hemograft.parameters import Parameter, ParameterSet

BIRTH, DEATH, ARRIVAL = 0.10, 0.12, 1.5


def numbers(**values):
    return ParameterSet({n: Parameter(n, v, "1/day", "of a test", "assumed", "made up") for n, v in values.items()})


def births(x, p):
    return p.birth * x.cell


def deaths(x, p):
    return p.death * x.cell


def arrivals(x, p):
    return p.arrival


def model_of(*flows, **values):
    component = Component("test", states=(State("cell", "cells", "cells"),), flows=flows)
    return assemble((component,), {}, numbers(**values)), values


def courses(model, values, start, day, count, seed):
    random = np.random.default_rng(seed)
    return np.array([exact_course(model, [start], values, day, random, [day])[0, 0] for _ in range(count)])


def test_birth_and_death_have_the_mean_variance_and_extinction_of_theory():
    """Kendall 1948 (recalled, not re-read): linear birth and death from n cells, at a time t."""
    model, values = model_of(
        Flow("cell", "cell", births, (), 2.0), Flow("cell", None, deaths), birth=BIRTH, death=DEATH
    )
    n, t, count = 4, 10.0, 1000
    grown = np.exp((BIRTH - DEATH) * t)
    mean = n * grown
    variance = n * (BIRTH + DEATH) / (BIRTH - DEATH) * grown * (grown - 1)
    gone = (DEATH * (grown - 1) / (BIRTH * grown - DEATH)) ** n
    found = courses(model, values, n, t, count, 1)
    assert abs(found.mean() - mean) < 4 * np.sqrt(variance / count)
    assert found.var() == pytest.approx(variance, rel=0.2)
    assert abs((found == 0).mean() - gone) < 4 * np.sqrt(gone * (1 - gone) / count)


def test_immigration_and_death_end_in_a_poisson_number():
    model, values = model_of(
        Flow(None, "cell", arrivals), Flow("cell", None, deaths), arrival=ARRIVAL * DEATH, death=DEATH
    )
    found = courses(model, values, 0, 40.0, 1000, 2)
    expected = ARRIVAL * (1 - np.exp(-DEATH * 40.0))
    for k in range(5):
        chance = np.exp(-expected) * expected**k / np.prod(np.arange(1, k + 1))
        assert abs((found == k).mean() - chance) < 4 * np.sqrt(chance * (1 - chance) / len(found))


def test_cells_are_whole_and_never_return_from_nothing():
    model, values = model_of(Flow("cell", "cell", births, (), 2.0), Flow("cell", None, deaths), birth=BIRTH, death=0.5)
    days = np.arange(0.0, 41.0)
    course = exact_course(model, [5], values, 40.0, np.random.default_rng(3), days)[:, 0]
    assert course.dtype == np.int64
    assert course[0] == 5
    assert course[-1] == 0
    first = int(np.argmax(course == 0))
    assert (course[first:] == 0).all()


def test_half_cells_are_refused():
    model, values = model_of(Flow("cell", "cell", births, (), 1.5), birth=BIRTH)
    with pytest.raises(ModelError, match="whole"):
        exact_course(model, [5], values, 1.0, np.random.default_rng(0), [1.0])
    model, values = model_of(Flow("cell", None, deaths), death=DEATH)
    with pytest.raises(ModelError, match="whole"):
        exact_course(model, [0.5], values, 1.0, np.random.default_rng(0), [1.0])


def test_a_rate_below_zero_and_a_day_after_the_end_are_refused():
    model, values = model_of(Flow(None, "cell", arrivals), arrival=-1.0)
    with pytest.raises(ModelError, match="backwards"):
        exact_course(model, [0], values, 1.0, np.random.default_rng(0), [1.0])
    model, values = model_of(Flow("cell", None, deaths), death=DEATH)
    with pytest.raises(ModelError, match="day 3"):
        exact_course(model, [2], values, 1.0, np.random.default_rng(0), [3.0])
