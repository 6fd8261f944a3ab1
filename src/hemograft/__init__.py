"""hemograft: mechanistic simulation of hematopoietic stem cell transplantation in leukemia.

Research software; not a medical device; not for patient care.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .case.case import Case, read_case
    from .engine.sensitivity import sensitivities
    from .engine.setup import parameters_for
    from .engine.simulate import simulate
    from .errors import EngineError, HemograftError, InputError, ModelError
    from .outcome.table import outcomes, summarize
    from .protocol.parts import combine, shipped_parts
    from .protocol.protocol import Protocol, in_words, read_protocol, shipped_protocols
    from .reporting.page import report
    from .studies.study import simulate_cohort
    from .trajectory import Trajectory, load_trajectory

_HOME = {
    "Case": "case.case",
    "read_case": "case.case",
    "Protocol": "protocol.protocol",
    "read_protocol": "protocol.protocol",
    "in_words": "protocol.protocol",
    "shipped_protocols": "protocol.protocol",
    "combine": "protocol.parts",
    "shipped_parts": "protocol.parts",
    "simulate": "engine.simulate",
    "sensitivities": "engine.sensitivity",
    "simulate_cohort": "studies.study",
    "parameters_for": "engine.setup",
    "outcomes": "outcome.table",
    "summarize": "outcome.table",
    "report": "reporting.page",
    "Trajectory": "trajectory",
    "load_trajectory": "trajectory",
    "HemograftError": "errors",
    "InputError": "errors",
    "ModelError": "errors",
    "EngineError": "errors",
}
__all__ = [
    "Case",
    "EngineError",
    "HemograftError",
    "InputError",
    "ModelError",
    "Protocol",
    "Trajectory",
    "combine",
    "in_words",
    "load_trajectory",
    "outcomes",
    "parameters_for",
    "read_case",
    "read_protocol",
    "report",
    "sensitivities",
    "shipped_parts",
    "shipped_protocols",
    "simulate",
    "simulate_cohort",
    "summarize",
]


def __getattr__(name: str):
    """Load a public name when it is first used, so that ``import hemograft`` and ``--help`` stay quick."""
    if name not in _HOME:
        raise AttributeError(f"module 'hemograft' has no attribute {name!r}")
    value = getattr(importlib.import_module(f".{_HOME[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
