"""Expressions of compiled Python in LLVM's language: conditions, elements of arrays, fields of records, calls."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from .arithmetic import constant, function_of, negative, operation, test
from .calls import Compiled, call
from .code import Code
from .kinds import ELEMENTS, Array, Kind, Record, Several, Value, registers_of, slots_of

UNKNOWN = object()


class Names:
    """What the names of one function stand for: its variables, then what its file imports and defines."""

    def __init__(self, code: Code, outside: dict[str, Any], module: Any):
        self.code, self.outside, self.module = code, outside, module
        self.variables: dict[str, tuple[Kind, tuple[str, ...]]] = {}

    def known(self, node) -> Any:
        """The Python object that a name or a dotted name outside the function stands for."""
        if isinstance(node, ast.Name) and node.id not in self.variables:
            builtins = self.outside["__builtins__"]
            builtins = builtins if isinstance(builtins, dict) else vars(builtins)
            return self.outside.get(node.id, builtins.get(node.id, UNKNOWN))
        if isinstance(node, ast.Attribute):
            whole = self.known(node.value)
            return UNKNOWN if whole is UNKNOWN else getattr(whole, node.attr)
        return UNKNOWN

    def parts(self, value: Value) -> list[Value]:
        """The values of a tuple."""
        if not isinstance(value.kind, Several):
            raise TypeError(f"{value.kind} is not several values")
        found, first = [], 0
        for kind in value.kind.parts:
            count = len(registers_of(kind))
            found.append(Value(kind, value.registers[first : first + count]))
            first += count
        return found


def evaluate(names: Names, node: Any, nothing: bool = False) -> Any:
    """The value of an expression; ``nothing`` allows a call that gives none."""
    known = names.known(node)
    if known is not UNKNOWN:
        return constant(known)
    value = EXPRESSIONS[type(node)](names, node) if type(node) in EXPRESSIONS else UNKNOWN
    if value is UNKNOWN:
        raise TypeError(f"{ast.unparse(node)} has no translation")
    if value is None and not nothing:
        raise TypeError(f"{ast.unparse(node)} gives nothing")
    return value


def truth(names: Names, node) -> str:
    """The register of a condition."""
    value = evaluate(names, node)
    if value.kind == "int":
        return names.code.get(f"icmp ne i64 {value.registers[0]}, 0")
    if value.kind != "bool":
        raise TypeError(f"{ast.unparse(node)} is not true or false")
    return value.registers[0]


def _name(names: Names, node: ast.Name) -> Value:
    if node.id not in names.variables:
        raise TypeError(f"{node.id} has no value yet")
    return names.code.take(*names.variables[node.id])


def _attribute(names: Names, node: ast.Attribute) -> Value:
    value = evaluate(names, node.value)
    if isinstance(value.kind, Record):
        first = 0
        for name, kind in value.kind.fields:
            if name == node.attr:
                return names.code.field(value.registers[0], first, kind)
            first += slots_of(kind)
    if isinstance(value.kind, Array):
        lengths = value.registers[1 : 1 + value.kind.axes]
        if node.attr == "ctypes":
            return value  # ``array.ctypes.data`` is its address
        if node.attr == "data":
            return Value("int", (names.code.get(f"ptrtoint ptr {value.registers[0]} to i64"),))
        if node.attr == "shape":
            return Value(Several(("int",) * value.kind.axes), lengths)
        if node.attr == "size" and value.kind.axes == 1:
            return Value("int", lengths)
    raise TypeError(f"{value.kind} has no {node.attr}")


def _subscript(names: Names, node: ast.Subscript) -> Value:
    value = evaluate(names, node.value)
    if isinstance(value.kind, Several):
        return names.parts(value)[ast.literal_eval(node.slice)]
    part = _part(names, value, node.slice)
    if part.kind.axes == 0:
        return names.code.load(part.kind.element, part.registers[0])
    return part


def target_of(names: Names, node: ast.Subscript) -> Value:
    """The part of an array that is given a value: one element, or a line of them."""
    part = _part(names, evaluate(names, node.value), node.slice)
    if part.kind.axes > 1:
        raise TypeError("an element or a line of elements takes a value, no larger part")
    return part


def step_to(names: Names, part: Value, count: str) -> str:
    """The address of an element of a line."""
    size = ELEMENTS[part.kind.element][1]
    offset = names.code.get(f"mul i64 {count}, {part.registers[2]}")
    return names.code.get(f"getelementptr {size}, ptr {part.registers[0]}, i64 {offset}")


def _part(names: Names, value: Value, index) -> Value:
    """A part of an array, down to a single element without axes."""
    if not isinstance(value.kind, Array):
        raise TypeError(f"{value.kind} has no elements")
    get, axes = names.code.get, value.kind.axes
    lengths, strides, offset, left = value.registers[1 : 1 + axes], value.registers[1 + axes :], "0", []
    wanted = index.elts if isinstance(index, ast.Tuple) else [index]
    for axis, (length, stride) in enumerate(zip(lengths, strides, strict=True)):
        one = wanted[axis] if axis < len(wanted) else ast.Slice()
        if isinstance(one, ast.Slice):
            first = _whole(names, one.lower) if one.lower else "0"
            end = _whole(names, one.upper) if one.upper else length
            left.append((get(f"sub i64 {end}, {first}"), stride))
        else:
            first = _whole(names, one)
        offset = get(f"add i64 {offset}, {get(f'mul i64 {first}, {stride}')}")
    place = get(f"getelementptr {ELEMENTS[value.kind.element][1]}, ptr {value.registers[0]}, i64 {offset}")
    return Value(Array(value.kind.element, len(left)), (place, *(n for n, _ in left), *(s for _, s in left)))


def _whole(names: Names, node) -> str:
    value = names.code.converted(evaluate(names, node), "int")
    if value is None:
        raise TypeError(f"{ast.unparse(node)} is not a whole number")
    return value.registers[0]


def _binary(names: Names, node: ast.BinOp) -> Value:
    a, b = evaluate(names, node.left), evaluate(names, node.right)
    exponent = node.right.value if isinstance(node.right, ast.Constant) else None
    return operation(names.code, type(node.op), a, b, exponent)


def _unary(names: Names, node: ast.UnaryOp) -> Any:
    if isinstance(node.op, ast.Not):
        return Value("bool", (names.code.get(f"xor i1 {truth(names, node.operand)}, true"),))
    return negative(names.code, evaluate(names, node.operand)) if isinstance(node.op, ast.USub) else UNKNOWN


def _compare(names: Names, node: ast.Compare) -> Value:
    """One comparison, or several in a chain, all of which are made."""
    code, left, result = names.code, evaluate(names, node.left), None
    for how, one in zip(node.ops, node.comparators, strict=True):
        if isinstance(how, ast.In):
            found = [test(code, ast.Eq, left, evaluate(names, part)) for part in getattr(one, "elts", [])]
            holds = found[0]
            for other in found[1:]:
                holds = code.get(f"or i1 {holds}, {other}")
        else:
            right = evaluate(names, one)
            holds, left = test(code, type(how), left, right), right
        result = holds if result is None else code.get(f"and i1 {result}, {holds}")
    return Value("bool", (str(result),))


def _bool(names: Names, node: ast.BoolOp) -> Value:
    """Later parts are only looked at when earlier ones leave the answer open."""
    code, place = names.code, names.code.variable("bool")
    after = code.new_label()
    for part in node.values[:-1]:
        found, on = truth(names, part), code.new_label()
        code.put(Value("bool", (found,)), place)
        yes, no = (on, after) if isinstance(node.op, ast.And) else (after, on)
        code.do(f"br i1 {found}, label %{yes}, label %{no}")
        code.lines.append(f"{on}:")
    code.put(Value("bool", (truth(names, node.values[-1]),)), place)
    code.label(after)
    return code.take("bool", place)


def _choice(names: Names, node: ast.IfExp) -> Value:
    """Only the chosen side is looked at; the sides are numbers, and one that is not whole makes both so."""
    code = names.code
    yes, no, after = (code.new_label() for _ in range(3))
    code.branch(truth(names, node.test), yes, no)
    above, mark = evaluate(names, node.body), len(code.lines)
    code.lines.append(f"{no}:")
    below = evaluate(names, node.orelse)
    kind = "float" if "float" in (above.kind, below.kind) else above.kind
    place, tail = code.variable(kind), code.lines[mark:]
    code.lines[mark:] = []
    for value, lines in ((above, tail), (below, [])):
        found = code.converted(value, kind)
        if found is None:
            raise TypeError(f"the sides are {above.kind} and {below.kind}")
        code.put(found, place)
        code.do(f"br label %{after}")
        code.lines += lines
    code.lines.append(f"{after}:")
    return code.take(kind, place)


def _call(names: Names, node: ast.Call) -> Value | None:
    function = names.known(node.func)
    if function is call:
        return _machine_call(names, node)
    values = [evaluate(names, argument) for argument in node.args]
    if isinstance(function, Compiled):
        return _own(names, function, values)
    value = function_of(names.code, function, values)
    if value is None:
        raise TypeError(f"{ast.unparse(node.func)} has no translation")
    return value


def _own(names: Names, function: Compiled, values: list[Value]) -> Value | None:
    """A call of another compiled function."""
    from .translate import returned

    name, gives = names.module.function(function, tuple(value.kind for value in values))
    taken = [f"{t} {r}" for v in values for t, r in zip(registers_of(v.kind), v.registers, strict=True)]
    text = f"call {returned(gives)} @{name}({', '.join(taken)})"
    if gives is None:
        return names.code.do(text)
    result = names.code.get(text)
    count = len(registers_of(gives))
    if count == 1:
        return Value(gives, (result,))
    return Value(gives, tuple(names.code.get(f"extractvalue {returned(gives)} {result}, {i}") for i in range(count)))


def _machine_call(names: Names, node: ast.Call) -> None:
    """``call(address, (array.ctypes.data, ...))``."""
    address, arrays = evaluate(names, node.args[0]), node.args[1]
    places = [evaluate(names, array).registers[0] for array in arrays.elts]  # type: ignore[attr-defined]
    function = names.code.get(f"inttoptr i64 {address.registers[0]} to ptr")
    given = ", ".join(f"ptr {names.code.get(f'inttoptr i64 {place} to ptr')}" for place in places)
    names.code.do(f"call void {function}({given})")


EXPRESSIONS: dict[type, Callable[..., Any]] = {
    ast.Constant: lambda names, node: constant(node.value),
    ast.Name: _name,
    ast.Attribute: _attribute,
    ast.Subscript: _subscript,
    ast.BinOp: _binary,
    ast.UnaryOp: _unary,
    ast.Compare: _compare,
    ast.BoolOp: _bool,
    ast.IfExp: _choice,
    ast.Call: _call,
}
