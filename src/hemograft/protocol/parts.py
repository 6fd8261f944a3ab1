"""Parts of protocols: prophylaxis and support that several regimens share, included by a file or combined with one.

A part is a file of ``data/prophylaxis``, written like a protocol, without a graft.
"""

from __future__ import annotations

from dataclasses import replace

from ..errors import InputError, Problem, nearest
from ..parameters import DATA
from .actions import SECTIONS, Action
from .protocol import Protocol, read_file, repeated
from .slips import too_much_radiation

PARTS = DATA / "prophylaxis"


def shipped_parts() -> list[str]:
    """Names of the parts that come with the package, in alphabetical order."""
    return sorted(path.stem for path in PARTS.glob("*.yaml"))


def included(names: str, where: str, problems: list[Problem]) -> list[Protocol]:
    """The parts named in a line such as ``cni_mtx, transfusions``; unknown names become problems."""
    known, found = shipped_parts(), []
    for name in filter(None, map(str.strip, names.split(","))):
        if name in known:
            found.append(read_file(PARTS / f"{name}.yaml"))
        else:
            problems.append(Problem(f"unknown part {name!r}", where, ", ".join(known), nearest(name, known)))
    return found


def in_sequence(actions: list[Action]) -> list[Action]:
    """Orders by section, those of one section in the sequence in which they were written."""
    return sorted(actions, key=lambda action: SECTIONS.index(action.section))


def combine(protocol: Protocol, *parts: str) -> Protocol:
    """The same conditioning, graft and support with other prophylaxis, or with something added.

    Parameters
    ----------
    parts : str
        Names of shipped parts, such as ``"cni_mtx"`` and ``"atg"``. Parts that order prophylaxis of graft-versus-host
        disease replace that of the protocol; others, such as antibodies given with the conditioning, are added.

    Raises
    ------
    InputError
        An unknown part, or the same thing ordered twice.
    """
    problems: list[Problem] = []
    added = included(",".join(parts), "+".join([protocol.id, *parts]), problems)
    orders = [action for part in added for action in part.actions]
    replaces = any(action.section == "gvhd_prophylaxis" for action in orders)
    kept = [a for a in protocol.actions if not (replaces and a.section == "gvhd_prophylaxis")]
    actions = in_sequence([*kept, *orders])
    problems += [*repeated(actions), *too_much_radiation(actions)]
    if problems:
        raise InputError(*problems)
    return replace(
        protocol,
        name=f"{protocol.name}; {', '.join(part.name for part in added)}",
        id="+".join([protocol.id, *parts]),
        source="; ".join([protocol.source, *(part.source for part in added)]),
        actions=tuple(actions),
    )
