"""Orders that begin again, and orders that stop on any of several conditions."""

import dataclasses

import numpy as np
import pytest

from hemograft.engine.simulate import simulate
from hemograft.errors import InputError
from hemograft.protocol import Give, Infuse, Protocol, in_words, read_protocol, schedule
from hemograft.protocol.rules import Either, read_conditions
from hemograft.protocol.schedule import MOST_COURSES
from test_immunity import PATIENT, case

FLUBU4 = read_protocol("flubu4")
ALWAYS, NEVER = "platelets > 0.001 x10^9/L", "platelets > 900 x10^9/L"
RESPONSE = "acute_gvhd_grade >= 1 or chronic_gvhd_severity > 0.01 or residual_disease < 1 % for 2 days"


def steroids(**changed) -> Give:
    words = {"when": ALWAYS, "watched": "+20 to +60", "again_after": 14, **changed}
    return Give("prednisone", "1 mg/kg", "oral", "0 to 6", section="treatment", **words)


def begun(run) -> dict[str, list[float]]:
    """Days on which prednisone began, by patient."""
    days: dict[str, list[float]] = {}
    for row in run.given.to_pylist():
        if row["what"] == "prednisone":
            days.setdefault(row["patient"], []).append(row["day"])
    return days


def followed(*orders, days=90):
    return simulate(
        case(), dataclasses.replace(FLUBU4, actions=(*FLUBU4.actions, *orders)), twins=3, days=days, seed=1, workers=1
    )


def test_an_order_begins_again_where_its_condition_holds_after_the_course_and_while_it_is_watched():
    assert set(map(tuple, begun(followed(steroids())).values())) == {(20.0, 34.0, 48.0)}


def test_an_order_begins_at_most_a_few_times():
    (days,) = set(map(tuple, begun(followed(steroids(watched="+1 to +85"), days=89)).values()))
    assert list(days) == [1.0 + 14 * k for k in range(MOST_COURSES)]


def test_an_order_that_does_not_say_so_begins_once():
    assert set(map(tuple, begun(followed(steroids(again_after=None))).values())) == {(20.0,)}


@pytest.mark.parametrize(
    ("changed", "complaint"),
    [({"when": None, "watched": None}, "without 'when'"), ({"again_after": 6}, "cannot begin again after 6 days")],
)
def test_courses_that_make_no_sense_are_refused(changed, complaint):
    with pytest.raises(InputError, match=complaint):
        steroids(**changed)


def test_steroids_say_that_they_begin_again():
    words = in_words(Protocol("t", "t", "t", (steroids(),)))
    assert "(looked for on days 20 to 60), and anew from 14 days after that on" in words


def test_conditions_joined_by_or_read_back_from_their_own_words():
    either = read_conditions(RESPONSE)
    assert isinstance(either, Either)
    assert [one.observable for one in either.each] == ["acute_gvhd_grade", "chronic_gvhd_severity", "residual_disease"]
    assert read_conditions(str(either)) == either


def series(until: str) -> tuple[Infuse, ...]:
    """Lymphocytes on two days; the second only if nothing has held since the first."""
    first = Infuse("donor_lymphocytes", 30, dose="1000 cells/kg")
    return first, Infuse("donor_lymphocytes", 60, dose="2000 cells/kg", until=until, watched="+30 to +60")  # type: ignore[arg-type]


@pytest.mark.parametrize(("until", "doses"), [(f"{NEVER} or {ALWAYS}", 1), (f"{NEVER} or {NEVER}", 2)])
def test_a_series_of_lymphocytes_stops_when_any_condition_has_held_since_the_first(until, doses):
    run = followed(*series(until))
    given = [row for row in run.given.to_pylist() if row["what"] == "donor_lymphocytes"]
    assert len(given) == 3 * doses


def test_what_held_before_the_days_of_watching_does_not_stop_a_series():
    rules = schedule(Protocol("t", "t", "t", (Infuse(), *series(RESPONSE))), PATIENT).stops
    assert len(rules) == 3
    assert {(rule.order, rule.first, rule.last) for rule in rules} == {(2, 30.0, 60.0)}
    assert "not any more after acute_gvhd_grade >= 1 or" in in_words(Protocol("t", "t", "t", series(RESPONSE)))


def test_days_of_watching_need_something_to_watch():
    with pytest.raises(InputError, match="without 'when' or 'until'"):
        Infuse("donor_lymphocytes", 30, dose="1000 cells/kg", watched="+1 to +30")  # type: ignore[arg-type]


def test_doses_of_every_course_are_planned_alike():
    plan = schedule(Protocol("t", "t", "t", (Infuse(), steroids())), PATIENT)
    amounts = {dose.course: float(dose.amount[0]) for dose in plan.doses if dose.what == "prednisone"}
    assert sorted(amounts) == list(range(MOST_COURSES))
    assert np.ptp(list(amounts.values())) == 0
