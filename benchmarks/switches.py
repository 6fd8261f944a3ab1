"""Switches of rates as plain arithmetic, for a simulator that stops to locate each of them.

At rest many quantities lie exactly on their switch, and an integrator that looks for the moment of every crossing
hardly moves on. ``above if left > right else below`` is the mean of both branches plus half their difference times the
sign of ``left - right``; on the switch itself it is the mean, and all switches here are continuous.
"""

from __future__ import annotations

from copy import deepcopy
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
TINY = "1"  # with a power of ten of -200: what keeps nothing over nothing from being asked for
POWER = "-200"


def without_switches(text: str) -> str:
    """An SBML document with every two-way switch written as arithmetic."""
    root = ElementTree.fromstring(text.replace("xmlns=", "kept_xmlns="))  # so that names stay as short as they are
    while True:
        parents = {child: parent for parent in root.iter() for child in parent}
        found = [node for node in root.iter("piecewise") if not list(_inner(node))]
        if not found:
            return HEAD + ElementTree.tostring(root, encoding="unicode").replace("kept_xmlns=", "xmlns=")
        for node in found:
            parent = parents[node]
            parent[list(parent).index(node)] = _arithmetic(node)


def _inner(node: Element):
    return (child for child in node.iter("piecewise") if child is not node)


def _arithmetic(node: Element) -> Element:
    (above, condition), below = node[0], node[1][0]
    left, right = condition[1], condition[2]
    if condition[0].tag in ("lt", "leq"):
        left, right = right, left
    over = _apply("minus", left, right)
    tiny = Element("cn", type="e-notation")
    tiny.text = TINY
    mark = ElementTree.SubElement(tiny, "sep")
    mark.tail = POWER
    sign = _apply("divide", over, _apply("plus", _apply("abs", deepcopy(over)), tiny))
    half = Element("cn")
    half.text = "0.5"
    mean = _apply("times", half, _apply("plus", above, below))
    apart = _apply("times", deepcopy(half), _apply("minus", deepcopy(above), deepcopy(below)))
    return _apply("plus", mean, _apply("times", apart, sign))


def _apply(operator: str, *parts: Element) -> Element:
    node = Element("apply")
    ElementTree.SubElement(node, operator)
    node.extend(parts)
    return node
