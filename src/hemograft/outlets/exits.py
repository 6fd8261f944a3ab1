"""How a command ends: what is said to the person, and the exit code."""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import sys
from collections.abc import Callable
from functools import wraps
from typing import Any, NoReturn, TypeVar

import typer

from ..errors import HemograftError, InputError
from .terminal import REPORT_A_FAULT, say, short_traceback, tell_json

FAULT, WRONG_INPUT, NOT_SOLVED, INTERRUPTED, ENDED = 1, 2, 3, 130, 143
MOST_SHOWN = 50  # problems of one input
F = TypeVar("F", bound=Callable[..., Any])


class Told(SystemExit):
    """The end of the program after the person was told why."""


def end_cleanly_when_told() -> None:
    """Let a batch system's request to end clean up as Ctrl-C does."""
    with contextlib.suppress(ValueError, AttributeError):  # not in the main thread, or a system without it
        signal.signal(
            signal.SIGTERM, lambda *_: leave("interrupted", "Ended on request; nothing was written.", ENDED, False)
        )


def telling(command: F) -> F:
    """Turn errors of a command into a message and an exit code."""

    @wraps(command)
    def run(*args: Any, **options: Any) -> None:
        """The command; whatever stops it is told, and ends the program."""
        as_json = bool(options.get("as_json"))
        try:
            command(*args, **options)
            sys.stdout.flush()
        except InputError as error:
            leave("input", told(error), WRONG_INPUT, as_json)
        except HemograftError as error:
            leave("engine", str(error), NOT_SOLVED, as_json)
        except KeyboardInterrupt:
            leave("interrupted", "Interrupted; nothing was written.", INTERRUPTED, as_json)
        except MemoryError:
            leave("memory", "Not enough memory for so many twins and days; try fewer.", WRONG_INPUT, as_json)
        except BrokenPipeError:  # the reader of our output, such as head, has seen enough
            _mute()
            raise Told(FAULT) from None
        except (typer.Exit, SystemExit):
            raise
        except Exception as error:
            if isinstance(error, OSError) and error.errno == errno.ENOSPC:  # of our output; folders say so themselves
                _mute()
                leave("disk", "The output cannot be written: no space left.", FAULT, False)
            leave("fault", f"{short_traceback(error)}\n{REPORT_A_FAULT}", FAULT, as_json)

    return run  # type: ignore[return-value]


def _mute() -> None:
    """Nothing more to standard output, which cannot be written."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def told(error: InputError) -> str:
    """The problems of an input, the first ones of very many."""
    shown = "\n\n".join(str(problem) for problem in error.problems[:MOST_SHOWN])
    more = len(error.problems) - MOST_SHOWN
    return f"{shown}\n\nand {more:,} more problems" if more > 0 else shown


def leave(kind: str, message: str, code: int, as_json: bool) -> NoReturn:
    """End the program: the message on standard error, and as one JSON object where that was asked for."""
    say(message)
    if as_json:
        tell_json({"error": {"kind": kind, "message": message}})
    raise Told(code)
