"""Chunks on disk: each file is whole or absent, says which patients it holds, and carries its own hash.

``3000-4000-<hash>.chunk`` holds patients 3000 to 3999. A run that was killed leaves whole files, which a resumed run
reads again; a file whose content does not fit its name is ignored and made anew.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..errors import InputError, Problem
from ..runs.folder import writing

NAME = re.compile(r"(\d+)-(\d+)-([0-9a-f]{32})\.chunk")
MANIFEST = "manifest.json"


@dataclass(frozen=True)
class Kept:
    """A folder of chunks of one study.

    Attributes
    ----------
    folder : Path
    patients : int
        How many the study has.
    """

    folder: Path
    patients: int

    def save(self, first: int, last: int, content: bytes) -> None:
        """Write a chunk under a temporary name and rename it.

        Raises
        ------
        InputError
            The disk is full or the folder cannot be written; chunks saved before stay as they are.
        """
        with writing(self.folder):
            handle, half = tempfile.mkstemp(dir=self.folder, suffix=".half")
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(content)
                os.replace(half, self.folder / f"{first}-{last}-{digest(content)}.chunk")
            except BaseException:
                Path(half).unlink(missing_ok=True)
                raise

    def whole(self) -> list[tuple[int, int, Path]]:
        """Chunks whose content fits their name, in order and without overlap: first, last (exclusive), file."""
        found = []
        for path in self.folder.glob("*.chunk"):
            match = NAME.fullmatch(path.name)
            if match and digest(path.read_bytes()) == match[3]:
                found.append((int(match[1]), int(match[2]), path))
        chosen, end = [], 0
        for first, last, path in sorted(found, key=lambda one: (one[0], -one[1])):
            if first >= end and first < last <= self.patients:
                chosen.append((first, last, path))
                end = last
        return chosen

    def missing(self, size: int) -> list[tuple[int, int]]:
        """What is still to be simulated, in chunks of at most ``size`` patients."""
        gaps, end = [], 0
        for first, last, _ in [*self.whole(), (self.patients, self.patients, None)]:
            gaps += [(a, min(a + size, first)) for a in range(end, first, size)]
            end = last
        return gaps

    def read(self) -> Iterator[bytes]:
        """The contents of the whole chunks, in the order of patients."""
        for _, _, path in self.whole():
            yield path.read_bytes()

    def remove(self) -> None:
        """Delete the folder."""
        shutil.rmtree(self.folder, ignore_errors=True)


def digest(content: bytes) -> str:
    """The first 32 hexadecimal digits of SHA-256."""
    return hashlib.sha256(content).hexdigest()[:32]


def kept_in(folder: Path, patients: int, question: str, *, resume: bool, force: bool) -> Kept:
    """Open or begin a folder of chunks.

    Parameters
    ----------
    question : str
        A hash of all that decides the results.
    resume : bool
        Go on with chunks that answer the same question.
    force : bool
        Start over where chunks of another run are kept.

    Raises
    ------
    InputError
        The folder has chunks, and neither was asked for; or they answer another question; or it cannot be written.
    """
    words = {"question": question, "patients": patients}
    manifest = folder / MANIFEST
    try:
        before = json.loads(manifest.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        before = None
    if before == words and resume:
        return Kept(folder, patients)
    if before is not None and not force:
        raise InputError(_other(folder, before == words))
    with writing(folder):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        half = folder / f"{MANIFEST}.half"
        half.write_text(json.dumps(words), encoding="utf-8")
        os.replace(half, manifest)
    return Kept(folder, patients)


def _other(folder: Path, same: bool) -> Problem:
    if same:
        return Problem(
            "an interrupted run of the same inputs and settings is kept here",
            str(folder),
            "--resume to go on with it, or --force to start over",
            "--resume",
        )
    return Problem(
        "an interrupted run of other inputs, settings or version is kept here",
        str(folder),
        "another --out, or --force to start over",
    )
