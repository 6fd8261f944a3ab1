"""Protocols: what a file says, what is said back, and the shipped regimens."""

import dataclasses
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hemograft.errors import InputError
from hemograft.fields import Refused
from hemograft.protocol import (
    OBSERVABLES,
    Give,
    Infuse,
    Irradiate,
    Protocol,
    Transfuse,
    combine,
    drugs_of,
    in_words,
    read_condition,
    read_protocol,
    shipped_parts,
    shipped_protocols,
)
from hemograft.protocol.actions import Days, read_days
from hemograft.protocol.protocol import FOLDER

WORDS = Path(__file__).parent / "words"


def test_the_main_regimens_are_shipped():
    main = (
        "bucy flubu4 flubu3 flubu2 flumel flutreo cytbi cytbi_high flutbi2 flutbi4 flutbi8 fludarabine_cy_tbi2 tli_atg "
        "haplo_ptcy tbf clofarabine_based tbi_etoposide bu_mono melphalan_200 induction_7_3 high_dose_cytarabine"
    )
    assert set(shipped_protocols()) >= set(main.split())


COMBINED = [f"flubu4+{name}" for name in shipped_parts() if name != "transfusions"]


@pytest.mark.parametrize("name", [*shipped_protocols(), *COMBINED])
def test_a_shipped_protocol_says_what_was_signed_off(name):
    assert in_words(read_protocol(name)) == (WORDS / f"{name}.txt").read_text()


def test_every_golden_text_belongs_to_a_protocol():
    assert {path.stem for path in WORDS.glob("*.txt")} == {*shipped_protocols(), *COMBINED}


def test_prophylaxis_replaces_prophylaxis_and_antibodies_are_added():
    plain, with_ptcy = read_protocol("flubu4"), combine(read_protocol("flubu4"), "ptcy")
    assert drugs_of(with_ptcy) == ["fludarabine", "busulfan", "cyclophosphamide"]
    assert with_ptcy == read_protocol("flubu4+ptcy")
    both = read_protocol("flubu4+cni_mmf+atg")
    assert drugs_of(both) == ["fludarabine", "busulfan", "anti_thymocyte_globulin", "tacrolimus", "mycophenolate"]
    assert set(plain.actions) < set(read_protocol("flubu4+atg").actions)


def test_a_part_that_is_unknown_or_given_twice_is_refused():
    with pytest.raises(InputError, match="try:      cni_mtx"):
        read_protocol("flubu4+cni_mtxx")
    with pytest.raises(InputError, match="tacrolimus oral is ordered twice"):
        read_protocol("flubu4+cni_mtx+cni_mmf")
    with pytest.raises(InputError, match="unknown protocol 'flubu44'"):
        read_protocol("flubu44+atg")


def test_a_file_includes_parts_by_name(tmp_path):
    path = tmp_path / "own.yaml"
    text = "name: own\nsource: test\ninclude: ptcy, letermovir\n\ngraft:\n  - infuse: graft\n    day: 0\n"
    path.write_text(text)
    assert drugs_of(read_protocol(path)) == ["cyclophosphamide", "letermovir"]
    assert drugs_of(read_protocol(f"{path}+cni_siro")) == ["tacrolimus", "sirolimus", "letermovir"]
    path.write_text(text.replace("ptcy", "ptcyy"))
    with pytest.raises(InputError, match=r"own.yaml:3: unknown part 'ptcyy'"):
        read_protocol(path)


@pytest.mark.parametrize("name", shipped_protocols())
def test_a_shipped_protocol_says_how_long_each_infusion_is_and_where_it_comes_from(name):
    protocol = read_protocol(name)
    assert "(usual)" not in in_words(protocol)
    assert protocol.source
    assert protocol.id == name


@pytest.mark.parametrize("name", [name for name in shipped_protocols() if read_protocol(name).infuses])
def test_a_transplant_protocol_transfuses_platelets_below_10_and_red_cells_below_7(name):
    rules = [action for action in read_protocol(name).actions if isinstance(action, Transfuse)]
    said = {(rule.what, rule.dose, str(rule.if_)) for rule in rules}
    assert ("platelets", "1 unit", "platelets < 10 x10^9/L") in said
    assert ("red_cells", "2 units", "hemoglobin < 7 g/dL") in said


def test_a_protocol_in_yaml_equals_the_same_protocol_in_python():
    written = read_protocol("haplo_ptcy")
    built = (
        Give("cyclophosphamide", "14.5 mg/kg", "iv", "-6 to -5", over="1 h"),
        Give("fludarabine", "30 mg/m2", "iv", "-6 to -2", over="30 min"),
        Irradiate("2 Gy", "-1"),
        Infuse("graft", 0),
        Give("cyclophosphamide", "50 mg/kg", "iv", "+3 to +4", over="90 min", section="gvhd_prophylaxis"),
    )
    assert written.actions[:5] == built


def test_a_protocol_can_be_changed_in_python():
    protocol = read_protocol("bucy")
    without = tuple(action for action in protocol.actions if not isinstance(action, Infuse))
    changed = dataclasses.replace(protocol, actions=without)
    assert protocol.infuses
    assert not changed.infuses
    stronger = dataclasses.replace(protocol.actions[0], dose="1 mg/kg")
    assert stronger.dose == "1 mg/kg"
    assert stronger.days == protocol.actions[0].days


def test_drugs_are_named_once_in_the_sequence_of_the_orders():
    assert drugs_of(read_protocol("haplo_ptcy"))[:2] == ["cyclophosphamide", "fludarabine"]
    assert drugs_of(read_protocol("haplo_ptcy")).count("cyclophosphamide") == 1


def test_a_protocol_is_read_from_a_path_too():
    assert read_protocol(FOLDER / "flubu4.yaml") == read_protocol("flubu4")


def test_an_unknown_protocol_name_offers_the_nearest():
    with pytest.raises(InputError, match="try:      flubu4"):
        read_protocol("flubu44")


def test_rules_and_odd_orders_say_themselves_in_words():
    protocol = Protocol("Trial", "trial", "test", (
        Give("busulfan", "target AUC 90 mg*h/L", "iv", "-7 to -4", hour=6),
        Give("fludarabine", "30 mg/m2", "iv", "-6, -4", times_a_day=2, over="30 min"),
        Give("cyclophosphamide", "60 mg/kg", "iv", "-3", over="1 h", weight_basis="ideal"),
        Give("filgrastim", "5 ug/kg", "sc", "0 to +20", until="neutrophils >= 0.5 x10^9/L for 3 days",
             section="support"),
        Irradiate("150 cGy", "-3 to -1", fractions_a_day=2, over="20 min"),
        Infuse(hour=15),
    ))  # fmt: skip
    words = in_words(protocol)
    assert "to a total AUC 90 mg*h/L (assuming perfect drug monitoring) iv over 3 h (usual) once a day" in words
    assert "days -7 to -4 at 06:00" in words
    assert "iv over 30 min twice a day, days -6, -4" in words
    assert "60 mg/kg of ideal weight iv" in words
    assert "stop when neutrophils >= 0.5 x10^9/L for 3 days" in words
    assert "total body irradiation 150 cGy over 20 min twice a day, days -3 to -1 (6 fractions)" in words
    assert "infuse the graft on day 0 at 15:00" in words


@given(
    st.sampled_from(sorted(OBSERVABLES)),
    st.sampled_from(["<", ">", "<=", ">="]),
    st.decimals("0.01", "20", places=2),
    st.integers(1, 30),
)
def test_a_condition_reads_back_from_its_own_words(observable, relation, number, days):
    number = min(number, {"acute_gvhd_grade": 4, "chronic_gvhd_severity": 1}.get(observable, number))
    text = f"{observable} {relation} {number} {OBSERVABLES[observable]} for {days} days"
    condition = read_condition(text)
    again = read_condition(str(condition))
    assert (again.observable, again.relation, again.for_days) == (observable, relation, days)
    assert again.threshold == pytest.approx(condition.threshold)


def test_thresholds_are_canonical_whatever_the_unit():
    assert read_condition("neutrophils > 500 /uL").threshold == pytest.approx(0.5e9)
    assert read_condition("neutrophils > 0.5 x10^9/L").threshold == pytest.approx(0.5e9)
    assert read_condition("hemoglobin < 7 g/dL").threshold == pytest.approx(70_000)  # mg/L
    assert read_condition("marrow_blasts < 5 %").threshold == pytest.approx(0.05)
    assert read_condition("cd4 >= 50 /uL").threshold == pytest.approx(5e7)


@pytest.mark.parametrize(
    "text",
    ["", "neutrophils", "neutrophils > ", "neutrophils 0.5 x10^9/L", "neutrophils > 500 x10^9/L",
     "neutrophils > -1 x10^9/L", "platelets < nan x10^9/L", "temperature > 38 C", "hemoglobin < 7 x10^9/L",
     "neutrophils > 1 x10^9/L for 0 days", "neutrophils > 1 x10^9/L for 1000 days", "hemoglobin < 7"],
)  # fmt: skip
def test_a_condition_that_makes_no_sense_is_refused(text):
    with pytest.raises(Refused):
        read_condition(text)


@given(st.lists(st.integers(-30, 300), min_size=1, max_size=8, unique=True).map(sorted))
def test_days_read_back_from_their_own_words(days):
    written = Days(tuple(days))
    for signed in (True, False):
        said = written.words(signed).removeprefix("days ").removeprefix("day ")
        assert read_days(said) == written


def test_days_keep_their_order_and_their_sign():
    assert read_days("-6 to -2").each == (-6, -5, -4, -3, -2)
    assert read_days("+3").words() == "day +3"
    assert read_days("1, 3, 5").words(signed=False) == "days 1, 3, 5"


def test_an_order_built_in_python_complains_in_the_same_words():
    with pytest.raises(InputError) as caught:
        Give("fludarabin", "30 kg/m2", "iv", "-2 to -6", hour=24)  # type: ignore[arg-type]
    assert [problem.where for problem in caught.value.problems] == [
        "Give.drug",
        "Give.dose",
        "Give.days",
        "Give.hour",
    ]
    with pytest.raises(InputError, match="one value too many"):
        Infuse("graft", 0, 12, "graft", "", "extra")  # type: ignore[call-arg]
    with pytest.raises(InputError, match="'days' is missing"):
        Give("fludarabine", "30 mg/m2", "iv")  # type: ignore[call-arg]
