"""Kills a study at random moments and resumes it: nothing is lost, and the result is the same bytes.

``python -m validation.interruptions [KILLS]`` runs one study undisturbed, then the same study killed (SIGKILL to every
process of it) at random moments and resumed each time until it ends, compares the hashes of what both wrote, and writes
``INTERRUPTIONS.md``.
"""

from __future__ import annotations

import hashlib
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

EXAMPLE = "examples/aml_cr1_flubu4.yaml"
FILES = ("outcomes.parquet", "daily.parquet", "failures.csv", "provenance.json")
SEED = 20261125


def command(folder: Path, *more: str) -> list[str]:
    """A study that takes some seconds, in many small chunks."""
    settings = ("--twins", "300", "--days", "365", "--chunk", "10", "--workers", "1", "--quiet", "--json")
    return [sys.executable, "-m", "hemograft", "study", EXAMPLE, *settings, "--out", str(folder), *more]


def hashes(folder: Path) -> list[str]:
    """Of every file that a study writes."""
    return [hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in FILES]


def quietly(words: list[str]) -> subprocess.Popen:
    """Start a command in a process group of its own."""
    return subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)


def undisturbed(folder: Path) -> tuple[list[str], float]:
    """Hashes of a study that nobody kills, and how long it took [s]; the first one also generates machine code."""
    started = time.monotonic()
    if quietly(command(folder)).wait() != 0:
        raise SystemExit("the undisturbed study failed")
    return hashes(folder), time.monotonic() - started


def main() -> int:
    """Run it and say how it went; 0 when nothing was lost."""
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 50
    luck, kills, rounds = random.Random(SEED), 0, 0
    with tempfile.TemporaryDirectory() as place:
        whole = Path(place) / "whole"
        reference, lasts = undisturbed(whole)
        equal, lasts = undisturbed(Path(place) / "again")[0] == reference, undisturbed(Path(place) / "third")[1]
        while kills < wanted:
            rounds += 1
            cut = Path(place) / f"cut{rounds}"
            while not cut.exists() and kills < wanted:
                process = quietly(command(cut, "--resume"))
                try:
                    process.wait(luck.uniform(0.0, 0.8 * lasts))
                except subprocess.TimeoutExpired:
                    os.killpg(process.pid, signal.SIGKILL)
                    kills += 1
                process.wait()
            if not cut.exists() and quietly(command(cut, "--resume")).wait() != 0:
                raise SystemExit("a resumed study failed")
            equal = equal and hashes(cut) == reference
            print(f"study {rounds}: {kills} kills so far, {'the same bytes' if equal else 'DIFFERENT'}", flush=True)
        left = [path.name for path in Path(place).iterdir() if path.name.startswith(".")]
    text = page(kills, rounds, equal, left)
    (Path(__file__).parent / "INTERRUPTIONS.md").write_text(text, encoding="utf-8")
    print(text)
    return 0 if equal and not left else 1


def page(kills: int, rounds: int, equal: bool, left: list[str]) -> str:
    """What was found."""
    verdict = "the same bytes as an undisturbed study every time" if equal else "DIFFERENT bytes at least once"
    files = ", ".join(f"`{name}`" for name in FILES)
    return (
        "# Studies that are killed\n\n"
        "Made by `python -m validation.interruptions`. A study of 300 twins in chunks of 10 was killed (SIGKILL to\n"
        "every process of it) at random moments and resumed each time until it ended; hashes of what it wrote\n"
        f"({files}) were compared with those of an undisturbed study.\n\n"
        f"{kills} kills in {rounds} studies: {verdict}. Temporary folders left behind: {', '.join(left) or 'none'}.\n"
    )


if __name__ == "__main__":
    raise SystemExit(main())
