"""The declared model as a page of text: what ``hemograft model`` prints."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import asdict
from textwrap import fill
from typing import Any

from ..sources import keys_in, reference
from .entries import Entry, FlowEntry, Mechanism, ParameterEntry
from .mechanisms import mechanisms

WIDTH = 110
NOTES = (
    "Time is in days. A flow 'a -> b x 2 at r' takes r units a day from a and brings twice as many to b. Names in",
    "brackets are members: [donor,3] is the third stage of the donor's cells. positive(v) is v where it is above",
    "zero, else zero; total(s) is the sum over all members or stages of s. 'likewise' names members for which the",
    "same holds with their own names in place.",
)


def model_text(component: str | None = None, *, parameters: bool = True, with_equations: bool = True) -> str:
    """The standard model, or one component of it, printed from its declaration.

    Parameters
    ----------
    component : str, optional
        A name such as ``platelets``.
    parameters, with_equations : bool
        Which parts to print.

    Raises
    ------
    InputError
        There is no component of that name.
    """
    found = mechanisms(component)
    lines = [*NOTES, ""] if with_equations else []
    for mechanism in found:
        lines += [mechanism.name.upper(), *_wrapped(mechanism.meaning, "")]
        if with_equations:
            lines += _equations(mechanism)
        if parameters and mechanism.parameters:
            lines += ["", "  Parameters", *(line for one in mechanism.parameters for line in _parameter(one))]
        lines.append("")
    if parameters:
        used = keys_in(entry.source for mechanism in found for entry in mechanism.parameters)
        lines += ["SOURCES", *(line for key in used for line in _wrapped(f"{key}: {reference(key)}", "  ", 4))]
    return "\n".join(lines).rstrip() + "\n"


def model_words(component: str | None = None) -> dict[str, Any]:
    """The same for a machine to read: components with all entries, and the sources they rest on."""
    found = mechanisms(component)
    used = keys_in(entry.source for mechanism in found for entry in mechanism.parameters)
    return {"components": [asdict(one) for one in found], "sources": {key: reference(key) for key in used}}


def _equations(mechanism: Mechanism) -> list[str]:
    lines = []
    for title, entries, sign in (
        ("From the case", mechanism.covariates, ""),
        ("Follow from parameters", mechanism.derived, "="),
        ("States", mechanism.states, "starts at"),
        ("Quantities", mechanism.quantities, "="),
    ):
        if entries:
            lines += ["", f"  {title}", *(line for entry in entries for line in _line(entry, sign))]
    if mechanism.flows:
        lines += ["", "  Flows", *(line for flow in merged(mechanism.flows) for line in _flow(flow))]
    return lines


def _line(entry: Entry, sign: str) -> list[str]:
    unit = "" if entry.unit == "1" else f" [{entry.unit}]"
    lines = _wrapped(f"{entry.name}{unit}: {entry.meaning}", "    ", 2)
    if entry.value and sign:
        lines += _wrapped(f"{sign} {entry.value}", "      ", 4)
    return lines + _likewise(entry.also)


def _flow(flow: FlowEntry) -> list[str]:
    twice = f" x {flow.yields:g}" if flow.yields != 1 else ""
    label = f"  ({flow.label})" if flow.label else ""
    head = f"{flow.source} -> {flow.target}{twice}{label}"
    return [f"    {head}", *_wrapped(f"at {flow.rate}", "      ", 4), *_likewise(flow.also)]


def _likewise(also: tuple[str, ...]) -> list[str]:
    return _wrapped(f"likewise {' '.join(also)}", "      ", 2) if also else []


def _parameter(one: ParameterEntry) -> list[str]:
    of = f" ({one.of})" if one.of else ""
    unit = "" if one.unit == "1" else f" {one.unit}"
    spread = f", varies by {100 * one.spread:.3g} %" if one.spread else ""
    head = _wrapped(f"{one.name}{of} = {one.value:g}{unit}: {one.meaning}{spread}", "    ", 2)
    return head + _wrapped(f"{one.evidence}: {one.source}", "      ", 2)


def _wrapped(text: str, indent: str, hanging: int = 0) -> list[str]:
    return fill(
        text,
        WIDTH,
        initial_indent=indent,
        subsequent_indent=indent + " " * hanging,
        break_long_words=False,
        break_on_hyphens=False,
    ).splitlines()


def merged(flows: Iterable[FlowEntry]) -> list[FlowEntry]:
    """Flows of a chain that differ only in the stage become one, with ``k`` for the stage."""
    groups: dict[tuple, list[tuple[int, FlowEntry]]] = {}
    for flow in flows:
        stage, general = _with_k(flow)
        key = (general.source, general.target, general.rate, general.label, general.yields, general.also)
        groups.setdefault(key, []).append((stage, flow))
    lines = []
    for (source, target, rate, label, yields, also), members in groups.items():
        if len(members) == 1:
            lines.append(members[0][1])
            continue
        stages = sorted(stage for stage, _ in members)
        span = (
            f"k = {stages[0]} to {stages[-1]}" if stages == list(range(stages[0], stages[-1] + 1)) else f"k in {stages}"
        )
        lines.append(FlowEntry(source, target, rate, f"{label}, {span}", yields, also))
    return lines


def _with_k(flow: FlowEntry) -> tuple[int, FlowEntry]:
    """The flow with its source's (or else its target's) stage written as ``k``, and that stage."""
    for end in (flow.source, flow.target):
        found = re.search(r"[\[,](\d+)\]$", end)
        if found:
            stage = int(found[1])
            following = re.sub(r"([\[,])\d+\]$", rf"\g<1>{stage + 1}]", end)
            swap = {end: re.sub(r"\d+\]$", "k]", end), following: re.sub(r"\d+\]$", "k+1]", end)}
            source, target, rate = (_swapped(text, swap) for text in (flow.source, flow.target, flow.rate))
            return stage, FlowEntry(source, target, rate, flow.label, flow.yields, flow.also)
    return 0, flow


def _swapped(text: str, swap: dict[str, str]) -> str:
    for old, new in swap.items():
        text = re.sub(rf"(?<![A-Za-z_]){re.escape(old)}", new, text)
    return text
