"""Light expressions against plain numbers: values, derivatives, and what is the same object."""

import math

import numpy as np
import pytest

from hemograft.engine.symbols import Constants
from hemograft.model.forms import choose, exponential, positive, response
from hemograft.model.terms import CHOICE, EXPONENTIAL, NUMBER, POWER, PRODUCT, SUM, SYMBOL, Tape, gradient

LAWS = {
    "sums": lambda x, y, a, b: 2 * x - (y - a) + 3 - x * 0.5 - -y,
    "products": lambda x, y, a, b: (a * x) * (b / y) / (2 * x + a) ** 2 * np.float64(1.5),
    "powers": lambda x, y, a, b: x**3 / x + (x * y) ** 2 + (x + y) ** 0.5 + x**b + 2 / (x * a) ** 1.5,
    "switches": lambda x, y, a, b: positive(x - y) * a + choose(y - x, x * y, y**2) - positive(-x),
    "exponentials": lambda x, y, a, b: exponential(-a * x) * y / (1 + exponential(y - x)),
    "responses": lambda x, y, a, b: response(x / y, a, 2) + response(y / x, b),
    "nothing": lambda x, y, a, b: (x + y) * (a - a) + x - x + a * b,
}
POINTS = ((0.7, 1.9, 0.4, 2.5), (2.0, 0.3, 1.1, 1.2))


def value(term, numbers):
    """A term with a number for each symbol."""
    parts = [value(part if term.what not in (SUM, PRODUCT) else part[0], numbers) for part in term.parts]
    return {
        NUMBER: lambda: term.constant,
        SYMBOL: lambda: numbers[term],
        SUM: lambda: term.constant + sum(v * n for v, (_, n) in zip(parts, term.parts, strict=True)),
        PRODUCT: lambda: math.prod(v**e for v, (_, e) in zip(parts, term.parts, strict=True)),
        POWER: lambda: parts[0] ** parts[1],
        EXPONENTIAL: lambda: math.exp(parts[0]),
        CHOICE: lambda: parts[1] if parts[0] > 0 else parts[2],
    }[term.what]()


@pytest.fixture
def symbols():
    tape = Tape()
    return tuple(tape.symbol(name, fixed) for name, fixed in (("x", False), ("y", False), ("a", True), ("b", True)))


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("name", LAWS)
def test_a_law_read_with_terms_has_the_value_and_the_slopes_of_the_law(name, point, symbols):
    law, numbers = LAWS[name], dict(zip(symbols, point, strict=True))
    term = symbols[0].tape.term(law(*symbols))
    assert value(term, numbers) == pytest.approx(float(law(*point)), rel=1e-12)
    slopes = gradient(term, {})
    for i, symbol in enumerate(symbols[:2]):
        step = np.eye(4)[i] * 1e-6
        plain = float(law(*(point + step)) - law(*(point - step))) / 2e-6
        found = value(slopes[symbol], numbers) if symbol in slopes else 0.0
        assert found == pytest.approx(plain, rel=1e-7, abs=1e-8)


@pytest.mark.parametrize("name", LAWS)
def test_parameters_alone_are_computed_once_and_nothing_changes(name, symbols):
    numbers = dict(zip(symbols, POINTS[0], strict=True))
    term, constants = symbols[0].tape.term(LAWS[name](*symbols)), Constants()
    pulled = constants.pull(term)
    numbers |= {symbol: value(alone, numbers) for alone, symbol in constants.found.items()}
    assert value(pulled, numbers) == pytest.approx(value(term, numbers), rel=1e-12)
    assert all(alone.fixed for alone in constants.found)


def test_the_same_expression_is_the_same_object(symbols):
    x, y, a, _ = symbols
    assert (x + y) * a is a * (y + x)
    assert x * y / y is x
    assert (x - x).zero
    assert 2 * x + x is 3 * x
    assert x * x is x**2
    assert 0 * x is x.tape.term(0)


def test_a_term_has_no_truth_value(symbols):
    x, y, *_ = symbols
    for asked in (lambda: bool(x), lambda: x > 1, lambda: y >= 1, lambda: max(x, y)):
        with pytest.raises(TypeError, match="truth value"):
            asked()
    with pytest.raises(TypeError, match="neither a number"):
        x + "1"  # type: ignore[operator]
