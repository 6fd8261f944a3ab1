"""Objects as plain words and back, so that a saved run can say who was treated with what.

A frozen dataclass or pydantic model becomes ``{"class": "hemograft....", "fields": {...}}``. Only classes
of this package are ever built again; anything else, or a class that has changed since, comes back as a
plain record with the same field names. No code is stored and none is run."""

from __future__ import annotations

import dataclasses
import enum
import importlib
import math
from collections.abc import Mapping
from pathlib import PurePath
from types import SimpleNamespace
from typing import Any

import numpy as np


def plain(value: Any) -> Any:
    """``value`` as dictionaries, lists and words that JSON can hold.

    Raises
    ------
    TypeError
        The value holds something without a plain form, such as a function.
    """
    if value is None or isinstance(value, bool | int | str):
        return value.value if isinstance(value, enum.Enum) else value
    if isinstance(value, float | np.floating):
        return float(value) if math.isfinite(value) else {"number": str(float(value))}
    if isinstance(value, np.integer | np.bool_):
        return value.item()
    if isinstance(value, enum.Enum):
        return plain(value.value)
    if isinstance(value, PurePath):
        return value.name  # where a file lay on somebody's disk is nobody's business
    if isinstance(value, np.ndarray):
        return {"array": [plain(item) for item in value.tolist()]}
    if isinstance(value, tuple | frozenset):
        return {"tuple": [plain(item) for item in (value if isinstance(value, tuple) else sorted(value))]}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, Mapping):
        return {"map": [[plain(key), plain(item)] for key, item in value.items()]}
    fields = _fields(value)
    if fields is None:
        raise TypeError(f"{type(value).__name__} has no plain form")
    return {"class": f"{type(value).__module__}.{type(value).__qualname__}", "fields": fields}


def _fields(value: Any) -> dict[str, Any] | None:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value) if f.init}
    pydantic_fields = getattr(type(value), "model_fields", None)
    if isinstance(pydantic_fields, Mapping):
        return {name: plain(getattr(value, name)) for name in pydantic_fields}
    if isinstance(value, SimpleNamespace):
        return {name: plain(item) for name, item in vars(value).items()}
    return None


def revive(words: Any) -> Any:
    """The value that :func:`plain` wrote down."""
    if isinstance(words, list):
        return [revive(item) for item in words]
    if not isinstance(words, dict):
        return words
    if "number" in words:
        return float(words["number"])
    if "array" in words:
        return np.array([revive(item) for item in words["array"]])
    if "tuple" in words:
        return tuple(revive(item) for item in words["tuple"])
    if "map" in words:
        return {revive(key): revive(item) for key, item in words["map"]}
    fields = {name: revive(item) for name, item in words["fields"].items()}
    known = _known(words["class"])
    if known is None:
        return SimpleNamespace(**fields)
    if set(fields) != _names(known):
        return SimpleNamespace(**fields)
    build = getattr(known, "model_construct", known)
    try:
        return build(**fields)
    except Exception:  # a form that only accepts what users write; the values were checked before they were saved
        made = object.__new__(known)
        for name, value in fields.items():
            object.__setattr__(made, name, value)
        return made


def _names(known: type) -> set[str]:
    """Names of the fields that a class asks for today."""
    if dataclasses.is_dataclass(known):
        return {f.name for f in dataclasses.fields(known) if f.init}
    return set(getattr(known, "model_fields", ()))


def _known(name: str) -> type | None:
    """A dataclass or pydantic model of this package, by its dotted name; None for everything else."""
    module, _, cls = name.rpartition(".")
    if module.partition(".")[0] != "hemograft":
        return None
    try:
        found = getattr(importlib.import_module(module), cls, None)
    except ImportError:
        return None
    if isinstance(found, type) and (dataclasses.is_dataclass(found) or hasattr(found, "model_fields")):
        return found
    return None
