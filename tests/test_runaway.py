"""Courses that run away are given up, with day and state, and never end as if nothing had been."""

import numpy as np
import pytest

from hemograft.engine.courses import failures_of
from hemograft.engine.lanes import FINE
from hemograft.engine.runaway import LARGEST
from small_models import BIRTHS_AND_DEATHS, follow, laid_out


def growing(rate: float, **options):
    model = laid_out(BIRTHS_AND_DEATHS, birth=f"{rate} 1/day", death="0 1/day", arrival="0 cells/day")
    return model, follow(model, {"cells": 10}, 2, 30, **options)


@pytest.mark.parametrize("chance", [False, True])
@pytest.mark.parametrize("rate", [2, 50, 1e6, 1e9, 1e20, 1e100, 1e200, 1e300])
def test_growth_beyond_any_size_is_reported_with_day_and_state(rate, chance):
    model, records = growing(rate, chance=chance)
    failures = failures_of(model, ("one", "other"), records)
    assert [failure.patient for failure in failures] == ["one", "other"]
    for failure in failures:
        assert failure.state == "cells"
        assert failure.day == pytest.approx(np.log(LARGEST / 10) / rate, rel=0.05, abs=1e-6)


@pytest.mark.parametrize("rate", [1e-3, 0.5, 1.5])
def test_growth_to_a_large_number_is_followed(rate):
    _, records = growing(rate, chance=False)
    assert (records.status[:, 0] == FINE).all()
    np.testing.assert_allclose(records.final[:, 0], 10 * np.exp(30 * rate), rtol=1e-3)
