"""Forms that users fill in: words of a file become checked values, every complaint in plain English.

A form is a frozen pydantic model. Its fields read their own text (``"70 kg"``); the complaint about a field
is raised as :class:`Refused` and gets its file and line here. Nothing of pydantic's wording reaches a user.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any, TypeVar, cast

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    TypeAdapter,
    ValidationError,
    ValidationInfo,
    model_validator,
)
from pydantic.fields import FieldInfo

from .errors import InputError, Problem, nearest
from .files import Document
from .units import UnitError, amount, factor

T = TypeVar("T")
FORM = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)
ORDER = ConfigDict(extra="forbid", arbitrary_types_allowed=True)  # the same for dataclasses, which freeze themselves
READING = {"reading": True}  # context of a file being read: its complaints are collected, not raised one by one


class Refused(ValueError):
    """A value that cannot be accepted, with what was expected and what to type instead."""

    def __init__(self, what: str, expected: str = "", hint: str = ""):
        self.what, self.expected, self.hint = what, expected, hint
        super().__init__(what)


def in_our_words(cls: Any, values: Any, handler: Callable[[Any], Any], info: ValidationInfo) -> Any:
    """Let a form built in Python complain with an InputError, as a file does."""
    try:
        return handler(values)
    except ValidationError as error:
        if info.context:
            raise
        raise InputError(*(_problem_in_python(fault, cls) for fault in error.errors())) from None


def _problem_in_python(fault: Any, cls: Any) -> Problem:
    """A complaint that names the field, as there is no file and line."""
    path = [str(step) for step in _named(fault["loc"], cls) if "[" not in str(step)]
    return problem_of(fault, cls, ".".join([cls.__name__, *path]))


def _named(steps: Any, form: Any) -> list:
    """The place of a complaint, with the field's name for a value given by position."""
    names = list(_fields(form, ()))
    if steps and isinstance(steps[0], int) and steps[0] < len(names):
        return [names[steps[0]], *steps[1:]]
    return list(steps)


def our_words() -> Any:
    """The validator that makes a form complain with an InputError when it is built in Python."""
    return model_validator(mode="wrap")(cast(Any, classmethod(in_our_words)))


class Form(BaseModel):
    """Base of the forms: frozen, no unknown fields, complaints in our words."""

    model_config = FORM
    _words = our_words()


@lru_cache(maxsize=64)
def _adapter(form: Any) -> TypeAdapter:
    return TypeAdapter(form)


def fill(
    form: type[T],
    words: Any,
    document: Document,
    at: tuple,
    problems: list[Problem],
    called: Mapping[str, str] | None = None,
) -> T | None:
    """Read one block of a file into a form; complaints are added to ``problems`` and None comes back.

    Parameters
    ----------
    at : tuple
        Path of the block in the document, to find the line of each field.
    called : mapping, optional
        Field of the form to the name used in the file, where they differ (``drug`` is written ``give``).
    """
    try:
        return _adapter(form).validate_python(words, context=READING)
    except ValidationError as error:
        seen = set()
        for fault in error.errors():
            path = tuple(step for step in fault["loc"] if not (isinstance(step, str) and "[" in step))
            written = tuple((called or {}).get(str(step), step) for step in path)
            where = document.where(*at, *written)
            problem = problem_of(fault, form, where, called)
            if str(problem) not in seen:
                seen.add(str(problem))
                problems.append(problem)
        return None


def problem_of(fault: Any, form: Any, where: str, called: Mapping[str, str] | None = None) -> Problem:
    """One complaint of pydantic as one of ours."""
    called = called or {}
    path = [step for step in _named(fault["loc"], form) if isinstance(step, str) and "[" not in step]
    name = called.get(path[-1], path[-1]) if path else "this"
    fields = _fields(form, path[:-1])
    kind, cause = fault["type"], fault.get("ctx", {}).get("error")
    if isinstance(cause, Refused):
        return Problem(cause.what, where, cause.expected, cause.hint)
    if kind == "missing":
        field = fields.get(path[-1]) if path else None
        example = f"{name}: {field.examples[0]}" if field and field.examples else f"a line '{name}: ...'"
        return Problem(f"{name!r} is missing", where, example)
    if kind in {"extra_forbidden", "unexpected_keyword_argument"}:
        known = [called.get(field, field) for field in fields if field not in {"section", "where"}]
        return Problem(f"unknown field {name!r}", where, ", ".join(known), nearest(name, known))
    if kind == "unexpected_positional_argument":
        return Problem(f"{_short(fault['input'])} is one value too many", where, ", ".join(fields))
    if kind == "literal_error":
        choices = _choices(fields.get(path[-1]))
        return Problem(
            f"{name} {fault['input']!r} is not known",
            where,
            " | ".join(choices),
            nearest(str(fault["input"]), choices),
        )
    if kind in {"model_type", "model_attributes_type", "dict_type", "dataclass_type"}:
        return Problem(f"{name!r} is not a block of fields", where, "'name: value' lines, indented below it")
    return Problem(f"{name} cannot be read from {_short(fault['input'])}", where, "one word, number or phrase")


def _fields(form: Any, path: Iterable[str]) -> Mapping[str, FieldInfo]:
    """The fields of the form at the end of a path of nested forms."""
    fields: Any = getattr(form, "model_fields", None) or getattr(form, "__pydantic_fields__", {})
    for step in path:
        inner = fields[step].annotation if step in fields else None
        options = [inner, *getattr(inner, "__args__", ())]
        fields = next((one.model_fields for one in options if hasattr(one, "model_fields")), {})
    return fields


def _choices(field: FieldInfo | None) -> list[str]:
    """The words a field allows, also when it may be absent."""
    found: list[str] = []
    for part in [field.annotation, *getattr(field.annotation, "__args__", ())] if field else ():
        found += [word for word in getattr(part, "__args__", ()) if isinstance(word, str)]
        found += [part] if isinstance(part, str) else []
    return list(dict.fromkeys(found))


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) < 60 else text[:57] + "..."


def phrase(value: Any) -> str:
    """The text of a scalar; blocks and lists are refused."""
    if isinstance(value, str | int | float) and not isinstance(value, bool) and str(value).strip():
        return str(value).strip()
    if value in ("", None):
        raise Refused("nothing is written here", "a value")
    raise Refused(f"{_short(value)} is not one value", "one word, number or phrase")


PHRASE = BeforeValidator(phrase)


def number_reader(unit: str, low: float, high: float, example: str) -> Callable[[Any], float]:
    """A reader of a number in ``unit``, written with any unit of that kind, between two plausible limits."""
    usual = example.partition(" ")[2]
    size = factor(usual) / factor(unit)  # limits are told in the unit of the example

    def read(value: Any) -> float:
        """The number in ``unit``."""
        text = phrase(value)
        if isinstance(value, str):
            try:
                number = amount(text, unit) / factor(unit)
            except UnitError as error:
                hint = f"{text} {usual}" if _fits(text, low / size, high / size) else ""
                hint = hint or _with_point(text)
                raise Refused(str(error), f"a number with a unit, such as {example}", hint) from None
        else:
            number = float(value)
        if not (math.isfinite(number) and low <= number <= high):
            forgotten = usual == "%" and text == f"{number:g}" and _fits(text, low / size, high / size)
            raise Refused(
                f"{text} is outside the plausible range",
                f"{low / size:.6g} to {high / size:.6g} {usual}",
                f"{text} %" if forgotten else "",
            )
        return number

    return read


def number_in(unit: str, low: float, high: float, example: str) -> BeforeValidator:
    """A field holding a number in ``unit``; see :func:`number_reader`."""
    return BeforeValidator(number_reader(unit, low, high, example))


def _with_point(text: str) -> str:
    """``68,5 kg`` with a decimal point; empty for anything else."""
    return text.replace(",", ".") if re.fullmatch(r"[+-]?\d+,\d+\D*", text) else ""


def _fits(text: str, low: float, high: float) -> bool:
    """Whether a bare number would be plausible."""
    try:
        return low <= float(text) <= high
    except ValueError:
        return False


def whole_number(low: int, high: int) -> BeforeValidator:
    """A field holding a whole number between two limits."""

    def read(value: Any) -> int:
        """The whole number, between its limits."""
        text = phrase(value)
        try:
            number = int(text)
        except ValueError:
            raise Refused(f"{text!r} is not a whole number", f"{low} to {high}") from None
        if not low <= number <= high:
            raise Refused(f"{number} is outside the range", f"{low} to {high}")
        return number

    return BeforeValidator(read)


def one_of(known: Callable[[], Iterable[str]], what: str, place: str = "") -> BeforeValidator:
    """A field naming one entry of a catalogue, such as the files of a folder."""

    def read(value: Any) -> str:
        """The entry's name, as the catalogue writes it."""
        text, names = phrase(value), list(known())
        if text not in names:
            expected = f"a file in {place}: {', '.join(names)}" if place else " | ".join(names)
            raise Refused(f"unknown {what} {text!r}", expected, nearest(text, names))
        return text

    return BeforeValidator(read)
