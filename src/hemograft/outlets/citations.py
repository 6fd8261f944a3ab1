"""Which publications stand behind a case, a run or the whole model, and how to cite the tool itself."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from ..case.case import Case, read_case
from ..engine.setup import model_for, parameters_for
from ..errors import InputError, Problem
from ..outcome.columns import MEASURES, definition_of
from ..parameters import ParameterSet
from ..protocol.protocol import Protocol, read_protocol
from ..sources import cite, keys_in, read_sources
from ..trajectory import load_trajectory
from ..version import VERSION

TOOL = """@software{{hemograft,
  author = {{{{The hemograft developers}}}},
  title = {{hemograft: mechanistic simulation of hematopoietic stem cell transplantation in leukemia}},
  version = {{{version}}},
  license = {{Apache-2.0}}
}}
"""


def tool_entry() -> str:
    """BibTeX of the tool in this version."""
    return TOOL.format(version=VERSION)


def bibliography(what: Path | str | None = None) -> str:
    """BibTeX of the tool and of every source used.

    Parameters
    ----------
    what : path, optional
        A run folder or a case file; everything that the package rests on when absent.

    Raises
    ------
    InputError
        Neither a run folder nor a readable case.
    """
    return tool_entry() + "\n" + cite(used_keys(what))


def used_keys(what: Path | str | None = None) -> tuple[str, ...]:
    """Keys of the bibliography that a run, a case or (without argument) the package uses, sorted."""
    if what is None:
        return tuple(sorted(read_sources()))
    path = Path(what)
    if path.is_dir():
        made = load_trajectory(path)
        return _keys(made.parameters, made.case, made.protocol)
    case = read_case(path)
    if not case.protocol:
        raise InputError(
            Problem(
                "the case names no protocol, so the sources it uses are open",
                path.name,
                "a case with a protocol, or a run folder",
            )
        )
    protocol = read_protocol(case.protocol)
    found = parameters_for(case, protocol)
    names = model_for(case, protocol, found).parameter_names
    return _keys(ParameterSet({name: found[name] for name in names}), case, protocol)


def _keys(parameters: ParameterSet, case: Case, protocol: Protocol) -> tuple[str, ...]:
    texts: Iterable[str] = (
        *(parameter.source for parameter in parameters.parameters.values()),
        *(definition_of(measure.define)[1] for measure in MEASURES),
        case.source,
        protocol.source,
    )
    return keys_in(texts)
