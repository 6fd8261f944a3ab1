"""Protocols that cannot be accepted: what is said about each, and where."""

import pytest

from complaints import FLUBU4, complaints, line_of, protocol_with
from hemograft.protocol import read_protocol


def test_an_unknown_drug_offers_the_nearest(tmp_path):
    assert "try:      fludarabine" in protocol_with(tmp_path, "give: fludarabine", "give: fludarabin")[0]


def test_a_dose_that_is_no_dose(tmp_path):
    assert "not an amount of drug" in protocol_with(tmp_path, "30 mg/m2", "30 kg/m2")[0]
    assert "not an amount of drug" in protocol_with(tmp_path, "30 mg/m2", "30")[0]
    assert "try:      30 mg/m2" in protocol_with(tmp_path, "30 mg/m2", "30 mg/m2/day")[0]
    assert "try:      target AUC 90 mg*h/L" in protocol_with(tmp_path, "30 mg/m2", "90 mg*h/L")[0]
    assert "not an exposure" in protocol_with(tmp_path, "30 mg/m2", "target AUC 90 mg")[0]


def test_a_negative_dose_and_no_dose(tmp_path):
    assert "not above zero" in protocol_with(tmp_path, "3.2 mg/kg", "-3.2 mg/kg")[0]
    assert "not above zero" in protocol_with(tmp_path, "3.2 mg/kg", "0 mg/kg")[0]
    assert "not an amount" in protocol_with(tmp_path, "3.2 mg/kg", "nan mg/kg")[0]


def test_days_that_run_backwards(tmp_path):
    said = protocol_with(tmp_path, "days: -5 to -2", "days: -2 to -5")
    assert "run backwards" in said[0]
    assert "try:      -5 to -2" in said[0]


def test_days_that_are_no_days(tmp_path):
    assert "cannot read the days" in protocol_with(tmp_path, "days: -5 to -2", "days: Monday")[0]
    assert "try:      1, 3, 5" in protocol_with(tmp_path, "days: -5 to -2", "days: 5, 3, 1")[0]
    assert "plausible range" in protocol_with(tmp_path, "days: -5 to -2", "days: -500 to -2")[0]
    assert "plausible range" in protocol_with(tmp_path, "days: -5 to -2", "days: 1 to 99999")[0]


def test_an_hour_outside_the_day(tmp_path):
    order = "    route: iv\n    over: 3 h\n    days: -5 to -2\n"
    said = complaints(read_protocol, tmp_path, FLUBU4.replace(order, order + "    hour: 24\n"))
    assert "0 to 23" in said[0]


def test_infusions_that_would_overlap(tmp_path):
    assert "would overlap" in protocol_with(tmp_path, "over: 3 h", "over: 30 h")[0]


def test_a_route_the_drug_does_not_have(tmp_path):
    said = complaints(read_protocol, tmp_path, FLUBU4.replace("route: iv\n    over: 3 h", "route: sc\n    over: 3 h"))
    assert "busulfan has no route 'sc'" in said[0]


def test_the_same_order_twice_at_the_same_moment(tmp_path):
    again = "  - give: busulfan\n    dose: 1 mg/kg\n    route: iv\n    days: -3\n"
    text = FLUBU4.replace("\ngraft:", again + "\ngraft:")
    (said,) = complaints(read_protocol, tmp_path, text)
    assert "busulfan iv is ordered twice for the same moment (day -3)" in said
    assert f"the other is at x.yaml:{line_of(text, '- give: busulfan')}" in said


def test_a_rule_for_one_day_is_fine(tmp_path):
    order = "  - give: filgrastim\n    dose: 5 ug/kg\n    route: sc\n    days: +7\n"
    order += "    until: neutrophils > 1 x10^9/L\n"
    (tmp_path / "x.yaml").write_text(FLUBU4.replace("support:\n", "support:\n" + order))
    assert read_protocol(tmp_path / "x.yaml")


def test_an_unknown_observable_offers_the_nearest(tmp_path):
    assert "try:      platelets" in protocol_with(tmp_path, "if: platelets <", "if: platelet <")[0]
    assert "not in a unit like" in protocol_with(tmp_path, "if: platelets < 10 x10^9/L", "if: platelets < 10 g/dL")[0]


def test_an_unknown_section_offers_the_nearest(tmp_path):
    assert "try:      support" in protocol_with(tmp_path, "support:", "suport:")[0]


def test_an_order_of_no_kind_or_of_two(tmp_path):
    assert "not one order" in protocol_with(tmp_path, "- give: fludarabine", "- giv: fludarabine")[0]
    assert "not one order" in protocol_with(tmp_path, "- give: fludarabine", "- infuse: graft\n    give: busulfan")[0]


def test_a_graft_that_is_not_on_day_0(tmp_path):
    said = complaints(read_protocol, tmp_path, FLUBU4.replace("day: 0", "day: 3"))
    assert "not on day 0" in said[0]


def test_a_protocol_without_source_or_orders(tmp_path):
    said = complaints(read_protocol, tmp_path, "name: nothing\n")
    assert ["'source' is missing" in said[0], "orders nothing" in said[1]] == [True, True]
    assert "not a list of orders" in complaints(
        read_protocol, tmp_path, "name: x\nsource: x\nsupport: nothing\n"
    )[0]  # fmt: skip


def test_a_weight_that_a_dose_per_m2_does_not_use(tmp_path):
    text = FLUBU4.replace("dose: 30 mg/m2", "dose: 30 mg/m2\n    weight: ideal")
    assert "says nothing for a dose of 30 mg/m2" in complaints(read_protocol, tmp_path, text)[0]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("dose: 3.2 mg/kg", "dose: 32 mg/kg", "one dose of busulfan (32 mg/kg) is above the largest"),
        ("dose: 30 mg/m2", "dose: 1e308 mg", "outside the plausible range"),
        ("dose: 3.2 mg/kg", "dose: target AUC 1e300 uM*min", "outside the plausible range"),
    ],
)
def test_a_slip_in_a_dose_is_seen_without_a_patient(tmp_path, old, new, words):
    (said,) = protocol_with(tmp_path, old, new)
    assert words in said


def test_fractions_that_add_up_to_too_much_radiation(tmp_path):
    new = "  - irradiate: 12 Gy\n    days: -3 to -1\n    fractions_a_day: 24\n  - give: busulfan"
    (said,) = protocol_with(tmp_path, "  - give: busulfan", new)
    assert "add up to 864 Gy" in said
