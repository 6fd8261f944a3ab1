"""The printed model says what the engine runs: every flow, every parameter, the same numbers."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest
import sympy

from hemograft.errors import InputError
from hemograft.model import STANDARD
from hemograft.parameters import read_folder
from hemograft.printing.entries import FlowEntry
from hemograft.printing.mechanisms import SETUP, Reading, mechanisms, whole_reading
from hemograft.printing.text import merged, model_text, model_words
from hemograft.runs.json_text import json_text


@pytest.fixture(scope="module")
def reading() -> Reading:
    return whole_reading()


@pytest.fixture(scope="module")
def everything():
    return mechanisms()


def _evaluate(text: str, numbers: dict[str, float]) -> float:
    """Read printed text as a person would, with a number for every name."""

    def total(found: re.Match) -> str:
        name = found[1].removesuffix("]")
        inside = (name + ",", name + "[") if "[" not in name else (name + ",",)
        return repr(sum(value for key, value in numbers.items() if key.startswith(inside)))

    def value(found: re.Match) -> str:
        return found[0] if found[0] in {"positive", "exp", "if", "else"} else repr(numbers[found[0]])

    text = re.sub(r"total\(([\w\[\],]+)\)", total, text.replace("^", "**"))
    text = re.sub(r"(?<![\w.])[A-Za-z_]\w*(?:\[[\w,]+\])?", value, text)
    return float(eval(text, {"__builtins__": {}}, {"positive": lambda v: max(v, 0.0), "exp": np.exp}))


def test_every_printed_rate_gives_the_number_that_the_engine_computes(reading):
    generator = np.random.default_rng(1)
    rates = reading.equations.rates
    symbols = sorted({s for rate in rates for s in rate.free_symbols}, key=lambda s: s.name)
    names = sorted({s.name.strip() for s in symbols} | {e.name for e in reading.model.states})
    numbers = dict(zip(names, generator.uniform(0.5, 2.0, len(names)).tolist(), strict=True))
    plain = {s: sympy.Symbol(f"v{i}", real=True) for i, s in enumerate(symbols)}  # lambdify's own dummies take long
    compute = sympy.lambdify(list(plain.values()), [rate.xreplace(plain) for rate in rates], modules="math")
    expected = compute(*(numbers[s.name.strip()] for s in symbols))
    assert len(rates) > 300
    for arrow, rate, number in zip(reading.model.arrows, rates, expected, strict=True):
        assert _evaluate(reading.text(rate), numbers) == pytest.approx(number, rel=1e-4), arrow.flow.label


def test_every_flow_state_and_value_of_the_model_is_printed_once(reading, everything):
    flows = sum(1 + len(flow.also) for one in everything for flow in one.flows)
    assert flows == len(reading.model.arrows)
    values = sum(1 + len(entry.also) for one in everything for entry in (*one.quantities, *one.derived))
    assert values == len(reading.model.quantities) + len(reading.model.derived)
    states = {entry.name.partition("[")[0] for one in everything for entry in one.states}
    assert states == {element.declared.name for element in reading.model.states}


def test_every_shipped_parameter_is_printed_with_its_source(everything):
    printed = {entry.name for one in everything for entry in one.parameters}
    assert set(read_folder()) <= printed
    assert all(entry.source and entry.evidence for one in everything for entry in one.parameters)


def test_components_come_in_the_order_of_the_model_with_their_first_sentence(everything):
    assert [one.name for one in everything] == [*(one.name for one in STANDARD), SETUP]
    assert all(one.meaning for one in everything)


def test_stages_of_a_chain_are_merged_and_others_are_not():
    flows = [FlowEntry(f"a[donor,{k}]", f"a[donor,{k + 1}]", f"r*a[donor,{k}]", "ages") for k in (1, 2, 3)]
    odd = FlowEntry("a[donor,4]", "b", "r*a[donor,4]", "leaves")
    assert merged([*flows, odd]) == [
        FlowEntry("a[donor,k]", "a[donor,k+1]", "r*a[donor,k]", "ages, k = 1 to 3"),
        odd,
    ]
    different = [flows[0], FlowEntry("a[donor,2]", "a[donor,3]", "2*r*a[donor,2]", "ages")]
    assert merged(different) == different


def test_one_component_is_printed_in_parts():
    whole = model_text("platelets")
    assert whole.count("\nPLATELETS\n") == 1
    assert "GRANULOCYTES" not in whole
    assert "at transfused_platelets/transfused_platelet_lifetime" in whole
    assert "SOURCES" in whole
    assert "  Flows" not in model_text("platelets", with_equations=False)
    assert "  Parameters" not in model_text("platelets", parameters=False)
    assert all(len(line) <= 130 for line in whole.splitlines())


def test_the_page_for_machines_is_json():
    words = json.loads(json_text(model_words("injury")))
    assert [one["name"] for one in words["components"]] == ["injury"]


def test_an_unknown_component_is_told_with_the_nearest_name():
    with pytest.raises(InputError, match="platelets") as caught:
        mechanisms("platelet")
    assert caught.value.problems[0].hint == "platelets"
