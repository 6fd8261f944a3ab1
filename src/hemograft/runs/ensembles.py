"""Which calibrated ensemble a run uses: the shipped one, that of a file, or none; and the files that say so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ..applicability import COVERS, NOT_SHIPPED, NOT_USED, Covers, outside, read_covers, shipped_covers
from ..case.case import Case
from ..ensemble import Ensemble, read_ensemble, shipped_ensemble, uncalibrated
from ..errors import InputError, Problem
from ..parameters import ParameterSet
from ..protocol.protocol import Protocol
from .recipe import Source, read_source

SHIPPED, NONE = "shipped", "none"


@dataclass(frozen=True)
class Choice:
    """The ensemble of a run.

    Attributes
    ----------
    center : ParameterSet or None
        Values in place of the shipped ones; None where the shipped ones are wanted.
    members : tuple of ParameterSet
    covers : Covers or None
        What it was calibrated on, where that is known.
    sources : tuple of Source
        Its files, for the recipe.
    settings : mapping
        What else the recipe has to say.
    unexplained : mapping
        What the calibration left unexplained, as in :class:`hemograft.ensemble.Ensemble`.
    """

    center: ParameterSet | None = None
    members: tuple[ParameterSet, ...] = ()
    covers: Covers | None = None
    sources: tuple[Source, ...] = ()
    settings: Mapping[str, str] = field(default_factory=dict)
    unexplained: Mapping[str, float] = field(default_factory=dict)

    def applies(self, case: Case, protocol: Protocol) -> tuple[str, ...]:
        """Why the calibration does not speak for a case and protocol, one sentence each; empty where it does."""
        if self.used:
            return outside(case, protocol, self.covers)
        return (NOT_USED if self.settings else NOT_SHIPPED,)

    @property
    def used(self) -> bool:
        """Whether there is an ensemble at all."""
        return bool(self.members)

    def ways(self, members: int) -> tuple[ParameterSet, ...]:
        """The values that predict, and those of some members; nothing without an ensemble."""
        if not self.used:
            return (self.center,) if self.center else ()
        return (self.center or ParameterSet(), *self.members[:members])


def choose(word: str | None = None) -> Choice:
    """The ensemble that a word on the command line means.

    Parameters
    ----------
    word : str, optional
        ``shipped``, ``none`` or the path of a file; when absent, the shipped one where there is one.

    Raises
    ------
    InputError
        No ensemble is shipped and that one is wanted, or the file is none.
    """
    shipped = shipped_ensemble()
    if word == NONE or (word is None and shipped is None):
        return Choice(uncalibrated(), settings={"ensemble": NONE}) if shipped else Choice()
    if word in (None, SHIPPED):
        if shipped is None:
            what = "no calibrated ensemble is shipped with this version"
            raise InputError(Problem(what, "--ensemble", "none, or the file of an ensemble", "--ensemble none"))
        return _choice(shipped, shipped_covers())
    path = Path(str(word))
    beside = path.with_name(COVERS)
    source = read_source("ensemble", path)
    return _choice(read_ensemble(path), read_covers(beside) if beside.is_file() else None, source)


def _choice(found: Ensemble, covers: Covers | None, source: Source | None = None) -> Choice:
    sources = [source or read_source("ensemble", found.path)]
    beside = found.path.with_name(COVERS)
    sources += [read_source("covers", beside)] if beside.is_file() else []
    return Choice(uncalibrated() | found.median, found.members, covers, tuple(sources), unexplained=found.unexplained)
