"""Symbolic expressions as content MathML, in the part of it that SBML allows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from xml.etree.ElementTree import Element, SubElement

import sympy

from ..errors import ModelError

NAMESPACE = "http://www.w3.org/1998/Math/MathML"
TIME = "http://www.sbml.org/sbml/symbols/time"
RELATIONS = {">": "gt", ">=": "geq", "<": "lt", "<=": "leq"}


def math(expression: Any, ids: Mapping[Any, str]) -> Element:
    """A ``math`` element that holds one expression.

    Parameters
    ----------
    expression : sympy expression, number
        Sums, products, powers, exponentials, logarithms and two-way switches.
    ids : mapping
        The identifier of every symbol.

    Raises
    ------
    ModelError
        The expression has a part that cannot be written.
    """
    top = Element("math", xmlns=NAMESPACE)
    top.append(_node(sympy.sympify(expression), ids))
    return top


def from_time(time: float) -> Element:
    """A ``math`` element that is true from a time on."""
    top = Element("math", xmlns=NAMESPACE)
    now = Element("csymbol", encoding="text", definitionURL=TIME)
    now.text = "time"
    top.append(_apply("geq", now, number(time)))
    return top


def number(value: float) -> Element:
    """A literal with every digit: ``cn``, with its power of ten apart where it has one."""
    text, _, power = repr(float(value)).partition("e")
    node = Element("cn", type="e-notation") if power else Element("cn")
    node.text = text
    if power:
        SubElement(node, "sep").tail = str(int(power))
    return node


def _apply(operator: str, *parts: Element) -> Element:
    node = Element("apply")
    SubElement(node, operator)
    node.extend(parts)
    return node


def _node(e: Any, ids: Mapping[Any, str]) -> Element:
    if e.is_Symbol:
        node = Element("ci")
        node.text = ids[e]
        return node
    if e.is_number:
        return number(float(e))
    if e.is_Add:
        return _sum(e.args, ids)
    if e.is_Mul:
        return _product(e, ids)
    if e.is_Pow:
        return _power(e, ids)
    if isinstance(e, (sympy.exp, sympy.log)):
        return _apply("exp" if isinstance(e, sympy.exp) else "ln", _node(e.args[0], ids))
    if isinstance(e, sympy.Piecewise):
        return _choice(e, ids)
    raise ModelError(f"{type(e).__name__} cannot be written as MathML")


def _power(e: Any, ids: Mapping[Any, str]) -> Element:
    if e.exp.is_number and e.exp.is_negative:
        return _apply("divide", number(1.0), _node(e.base**-e.exp, ids))
    return _apply("power", _node(e.base, ids), _node(e.exp, ids))


def _sum(parts: Any, ids: Mapping[Any, str]) -> Element:
    gains = [_node(part, ids) for part in parts if not _is_loss(part)]
    losses = [_node(-part, ids) for part in parts if _is_loss(part)]
    kept = _joined("plus", gains) if gains else number(0.0)
    return _apply("minus", kept, _joined("plus", losses)) if losses else kept


def _is_loss(part: Any) -> bool:
    leading = part.args[0] if part.is_Mul else part
    return bool(leading.is_Number and leading.is_negative)


def _product(e: Any, ids: Mapping[Any, str]) -> Element:
    under = [part for part in e.args if part.is_Pow and part.exp.is_number and part.exp.is_negative]
    over = [part for part in e.args if part not in under]
    top = _joined("times", [_node(part, ids) for part in over]) if over else number(1.0)
    if not under:
        return top
    return _apply("divide", top, _joined("times", [_node(part.base**-part.exp, ids) for part in under]))


def _joined(operator: str, parts: list[Element]) -> Element:
    return parts[0] if len(parts) == 1 else _apply(operator, *parts)


def _choice(e: Any, ids: Mapping[Any, str]) -> Element:
    pairs: Any = e.args
    if len(pairs) != 2 or pairs[1][1] != True or pairs[0][0].is_Boolean:  # noqa: E712
        raise ModelError("only a switch with two branches can be written as MathML")
    (above, condition), (below, _) = pairs
    node = Element("piecewise")
    piece = SubElement(node, "piece")
    piece.append(_node(above, ids))
    piece.append(_apply(RELATIONS[condition.rel_op], _node(condition.lhs, ids), _node(condition.rhs, ids)))
    SubElement(node, "otherwise").append(_node(below, ids))
    return node
