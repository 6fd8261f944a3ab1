"""Hidden folders beside a run folder: names for them, and what a killed run left behind is put right.

A run that is killed cannot clean up. Its half-built folder (``.name.<who>.partial``) is never taken for a run and is
removed by the next run to the same place; an older run that it had moved aside (``.name.<who>.old``) comes back.
"""

from __future__ import annotations

import os
import platform
import secrets
import shutil
import zlib
from pathlib import Path


def beside(place: Path, kind: str) -> Path:
    """A new hidden name next to a folder, which says what machine and process it belongs to."""
    return place.with_name(f".{place.name}.{_machine()}-{os.getpid()}-{secrets.token_hex(3)}.{kind}")


def tidy(place: Path) -> None:
    """Put right what runs to this place left behind whose process is gone."""
    if not place.parent.is_dir():
        return
    left = [path for path in place.parent.iterdir() if path.name.startswith(f".{place.name}.") and _is_left(path)]
    for path in sorted(left):
        if path.suffix == ".old" and not place.exists():
            os.rename(path, place)
        else:
            shutil.rmtree(path, ignore_errors=True)


def _is_left(path: Path) -> bool:
    machine, _, rest = path.stem.rpartition(".")[2].partition("-")
    process = rest.partition("-")[0]
    if path.suffix not in (".partial", ".old") or machine != _machine() or not process.isdigit():
        return False
    return not _runs(int(process))


def _machine() -> str:
    """A short word for this machine, as processes are only known here."""
    return f"{zlib.crc32(platform.node().encode()):08x}"


def _runs(process: int) -> bool:
    if os.name == "nt":  # signal 0 would interrupt it there
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
