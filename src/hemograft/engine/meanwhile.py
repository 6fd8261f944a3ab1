"""Machine code made by another process while this one goes on: within a process, LLVM works on one module at a time."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from . import machine
from .machine import object_code


@contextmanager
def made_meanwhile(text: str, inlining: int) -> Iterator[Callable[[], bytes]]:
    """What is given waits for the machine code of a module, and makes it here where the other process could not."""
    with tempfile.TemporaryFile() as asked, tempfile.TemporaryFile() as made:
        asked.write(text.encode())
        asked.seek(0)
        # not from the folder where we are: a file there may be called like a module
        words = [sys.executable, "-P", machine.__file__, str(inlining)]
        try:
            process = subprocess.Popen(words, stdin=asked, stdout=made, stderr=subprocess.DEVNULL)
        except OSError:
            yield lambda: object_code(text, inlining)
            return

        def finished() -> bytes:
            if process.wait():
                return object_code(text, inlining)
            made.seek(0)
            return made.read()

        try:
            yield finished
        finally:
            process.kill()  # nothing to it when it has ended
            process.wait()


def helps() -> bool:
    """Whether another process would have a processor of its own; the workers of a study already are several."""
    alone = multiprocessing.parent_process() is None
    return alone and (os.cpu_count() or 1) > 1 and bool(sys.executable) and not getattr(sys, "frozen", False)
