"""Figures of a report: round numbers beside axes, gaps where values are missing, words that do not collide."""

import re

import numpy as np
import pytest

from hemograft.reporting.axes import Axes, band, line
from hemograft.reporting.figures import Panel, draw, fan
from hemograft.reporting.scales import days, powers, round_numbers
from hemograft.reporting.steps import StepPanel, step_picture
from hemograft.statistics.figure import incidence_figure
from hemograft.statistics.survival import kaplan_meier

AXES = Axes(0, 0, 100, 100, (0, 10), (0, 1), clip="here")


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (days(-6, 100), ["0", "20", "40", "60", "80", "100"]),
        (days(-6.0, 5.0), ["−6", "−4", "−2", "0", "2", "4"]),
        (days(0, 3), ["0", "1", "2", "3"]),
        (round_numbers(0, 1.12), ["0.00", "0.25", "0.50", "0.75", "1.00"]),
        (round_numbers(0, 0.021), ["0.000", "0.005", "0.010", "0.015", "0.020"]),
        (round_numbers(0, 416), ["0", "100", "200", "300", "400"]),
        (powers(0.005, 50), ["0.01", "0.1", "1", "10"]),
        (powers(0.5, 1e13), ["1", "100", "10⁴", "10⁶", "10⁸", "10¹⁰", "10¹²"]),
    ],
)
def test_numbers_beside_an_axis_are_few_and_round(made, expected):
    assert list(made.values()) == expected


def test_a_missing_value_is_a_gap_in_line_and_band():
    at, values = np.arange(5.0), np.array([0.1, 0.2, np.nan, 0.4, 0.5])
    assert re.findall(r"M([^MZ\"]*)", line(AXES, at, values, "#000000", 1)) == [
        "0.00,90.00 10.00,80.00",
        "30.00,60.00 40.00,50.00",
    ]
    assert band(AXES, at, values, values + 0.1, "#000000", 0.2).count("Z") == 2
    assert band(AXES, at, values * np.nan, values, "#000000", 0.2) == ""


def test_all_that_is_drawn_lies_inside_its_figure():
    at = np.arange(-6.0, 101)
    curves = tuple(fan(f"a curve of long name {i}", at, np.outer((1, 2, 3), np.exp(at / 30 + i))) for i in range(3))
    drawn = draw(
        [Panel("One", "cells", curves, (-6, 100), log=True), Panel("Two", "cells", curves[:1], (0, 9))], *"abc"
    )
    width, height = (float(size) for size in re.search(r'viewBox="0 0 (\S+) (\S+)"', drawn).groups())
    for x, y in re.findall(r"[M ](-?[\d.]+),(-?[\d.]+)", re.sub(r"<path[^>]*clip-path[^>]*>", "", drawn)):
        assert 0 <= float(x) <= width
        assert 0 <= float(y) <= height
    for x, y, size, text in re.findall(r'<text x="(\S+)" y="(\S+)" font-size="(\S+)"[^>]*>([^<]+)<', drawn):
        assert 0 <= float(x) <= width - (0.5 * float(size) * len(text) if text.startswith("a curve") else 0)
        assert 0 <= float(y) <= height


def test_a_legend_keeps_away_from_its_curves():
    few, many = (kaplan_meier(np.arange(1.0, 101), np.arange(100) < n, name="alive") for n in (5, 95))
    places = []
    for curve in (few, many):
        panel = StepPanel("Survival", "alive [%]", (incidence_figure([curve], 100, [0, 50, 100]),))
        found = re.search(r'y="(\S+)"[^>]*>alive</text>', step_picture("s", "Survival", [panel], "").svg)
        places.append(float(found[1]))
    assert places[0] > places[1]  # below a curve that stays high, above one that falls
