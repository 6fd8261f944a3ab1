"""What decides a run: its command, its settings and the files it reads, each with its hash."""

from __future__ import annotations

import hashlib
import shlex
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import InputError, Problem
from ..files import name_of
from ..protocol.protocol import FOLDER, shipped_protocols

INPUTS = "inputs"  # where a run folder keeps copies of its inputs
TOOL = "hemograft"
SEVERAL = ("orders", "verification")  # of which a run may read several
BESIDE = ("orders", "covers")  # inputs that another one brings along: a map its protocols, an ensemble its range
OPTIONS = (
    "protocol",
    "map",
    "arms",
    "targets",
    "free",
    "ensemble",
    "calibration",
    "validation",
    "verification",
    "context",
)  # inputs that a command takes as options


@dataclass(frozen=True)
class Source:
    """A file as it was read.

    Attributes
    ----------
    role : str
        What it is to the run: ``case``, ``protocol``, ``map``, ``table``, ``arms``, ``targets``, or ``orders`` for a
        protocol that a map names.
    name : str
        File name without its folder.
    content : bytes
    added : str
        Shipped parts that were combined with a protocol, such as ``+cni_mtx+atg``.
    """

    role: str
    name: str
    content: bytes
    added: str = ""

    @property
    def copied(self) -> bool:
        """Whether the run folder keeps a copy: of everything but tables of real patients."""
        return self.role != "table"

    @property
    def sha256(self) -> str:
        """The SHA-256 of the content, in hexadecimal digits."""
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True)
class Recipe:
    """What decides a run: the command, its settings and the files it reads."""

    command: str
    sources: tuple[Source, ...]
    settings: Mapping[str, Any]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the copies in the run folder, each once."""
        used: list[str] = []
        for source in self.sources:
            used.append(source.name if source.name not in used else f"{source.role}-{source.name}")
        return tuple(used)

    @property
    def hash(self) -> str:
        """One hash of all contents and settings: two runs that share it ask the same question."""
        words = [
            self.command,
            *(f"{s.role} {s.sha256}{s.added}" for s in self.sources),
            *(f"{name}={value}" for name, value in sorted(self.settings.items())),
        ]
        return hashlib.sha256("\n".join(words).encode()).hexdigest()

    @property
    def again(self) -> str:
        """The command that repeats the run from inside its folder."""
        words = [TOOL, self.command]
        for source, name in zip(self.sources, self.names, strict=True):
            if source.role in BESIDE:
                continue
            words += [f"--{source.role}"] if source.role in OPTIONS else []
            words += [f"{INPUTS}/{name}{source.added}" if source.copied else name]
        for name, value in self.settings.items():
            if value is True:
                words += [f"--{name}"]
                continue
            words += [f"--{name}", f"{value:g}" if isinstance(value, float) else str(value)]
        return shlex.join(words)

    @property
    def provenance(self) -> dict[str, Any]:
        """What provenance.json says of the inputs; file names only, no folders."""
        files = {
            f"{s.role} {name}" if s.role in SEVERAL else s.role: {"file": name, "sha256": s.sha256}
            for s, name in zip(self.sources, self.names, strict=True)
        }
        return {"command": self.again, "inputs": files, "inputs_hash": self.hash}


def read_source(role: str, path: Path | str, added: str = "") -> Source:
    """Read a file's bytes, to be hashed and copied.

    Raises
    ------
    InputError
        Not a regular, readable file.
    """
    path = Path(path)
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise InputError(Problem("this is not a regular file", str(path), f"a {role} file that can be read twice"))
        return Source(role, name_of(path), path.read_bytes(), added)
    except FileNotFoundError:
        raise InputError(Problem("no such file", str(path), f"the path of a {role} file")) from None
    except OSError as error:
        raise InputError(Problem(f"cannot be read ({error.strerror})", str(path), "a readable file")) from None


def file_name(text: str) -> str:
    """A text such as a case's id as part of a file name that every system accepts."""
    kept = "".join(letter if letter.isalnum() or letter in "._-" else "_" for letter in text).strip("._")
    return kept[:80] or "unnamed"


def protocol_path(name: str) -> Path:
    """The file of a protocol: a path, or the name of one that comes with the package; without parts added to it."""
    whole = name.removesuffix(added_parts(name))
    return FOLDER / f"{whole}.yaml" if whole in shipped_protocols() else Path(whole)


def added_parts(name: str) -> str:
    """What is combined with a protocol by its name: ``+cni_mtx+atg`` of ``flubu4+cni_mtx+atg``."""
    _, plus, parts = ("", "", "") if Path(name).exists() else name.partition("+")
    return plus + parts
