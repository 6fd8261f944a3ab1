"""Runs every comparison and writes ``validation/RESULTS.md``, whatever it says."""

from __future__ import annotations

import sys
from pathlib import Path

from hemograft.version import VERSION

from .anchor import SEED, TWINS
from .anchors import TOPICS


def main() -> int:
    """Compare, write the page, and say how many anchors were met."""
    checks = []
    for topic in TOPICS:
        print((topic.__doc__ or topic.__name__).splitlines()[0], file=sys.stderr)
        checks += topic()
    lines = [
        "# Published anchors against the simulator",
        "",
        f"hemograft {VERSION}, {TWINS} virtual patients a group, seed {SEED}. Made by `python -m validation`.",
        "",
        "Accepted ranges are our tolerance, not the papers' intervals; where the source says *recalled*, the published",
        "number was not re-read. Recovery days, lymphocyte counts and induction were used to set parameters (graded",
        "fitted or assumed in the parameter files): agreement there is no test of prediction.",
        "",
        "| topic | what | published | source | accepted | simulated (standard error) | |",
        "|---|---|---|---|---|---|---|",
    ]
    for c in checks:
        error = f" ({c.error:.2g})" if c.error else ""
        lines.append(
            f"| {c.topic} | {c.what} | {c.published} | {c.source} | {c.low:g} to {c.high:g} {c.unit} "
            f"| {c.value:.3g}{error} | {'met' if c.met else '**not met**'} |"
        )
    met = sum(c.met for c in checks)
    lines += ["", f"{met} of {len(checks)} met.", ""]
    (Path(__file__).parent / "RESULTS.md").write_text("\n".join(lines), encoding="utf-8")
    print(f"{met} of {len(checks)} met")
    return 0


if __name__ == "__main__":
    sys.exit(main())
