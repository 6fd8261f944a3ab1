"""Folders for caches: a run also works where neither the package nor the person's own folder can be written."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from .terminal import say


def usable_caches() -> None:
    """Give the libraries that insist on a cache folder one that can be written, for this run if need be.

    To be called before they are imported. A folder that was chosen by ``MPLCONFIGDIR`` stays.
    """
    usual = Path(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"))
    if writable(usual):
        return
    chosen = os.environ.get("HEMOGRAFT_CACHE")
    if chosen and writable(Path(chosen)):
        folder = Path(chosen)
    else:
        folder = Path(tempfile.mkdtemp(prefix="hemograft-"))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        say("No folder for caches can be written, so this run takes some seconds more; HEMOGRAFT_CACHE can name one.")
    os.environ.setdefault("MPLCONFIGDIR", str(folder / "matplotlib"))
    os.environ.setdefault("HEMOGRAFT_CACHE", str(folder))  # for the workers of a study


def writable(folder: Path) -> bool:
    """Whether a folder can be written, or made."""
    found = next((path for path in (folder, *folder.parents) if path.exists()), None)
    return found is not None and found.is_dir() and os.access(found, os.W_OK)
