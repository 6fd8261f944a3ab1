"""A protocol: a name, a source and the orders in the sequence in which they are written."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..drugs import read_drug
from ..errors import InputError, Problem, nearest
from ..fields import fill
from ..files import Document, name_of, read_document
from ..parameters import DATA
from ..units import factor
from .actions import SECTIONS, Action, Give, Infuse, Irradiate, Transfuse, infuses_graft, waits
from .moments import repeated
from .slips import slips_of, too_much_radiation

FOLDER = DATA / "protocols"
HEADER = ("name", "source", "notes", "include")
# The word that opens an order in a file: its form, and the fields that the file calls otherwise.
OPENERS: dict[str, tuple[Any, dict[str, str]]] = {
    "give": (Give, {"drug": "give", "weight_basis": "weight"}),
    "irradiate": (Irradiate, {"dose": "irradiate"}),
    "infuse": (Infuse, {"what": "infuse"}),
    "transfuse": (Transfuse, {"what": "transfuse", "if_": "if"}),
}
_TITLES = {
    "conditioning": "Conditioning",
    "graft": "Graft",
    "gvhd_prophylaxis": "Prophylaxis of graft-versus-host disease",
    "induction": "Induction",
    "consolidation": "Consolidation",
    "treatment": "Treatment of graft-versus-host disease, relapse and mixed chimerism",
    "support": "Support",
}
_OFTEN = {1: "once a day", 2: "twice a day", 3: "three times a day", 4: "four times a day"}


@dataclass(frozen=True)
class Protocol:
    """What is ordered. Day 0 is the graft, or the day before the first day of chemotherapy without one.

    Attributes
    ----------
    id : str
        The stem of the file.
    source : str
        Key in sources.bib with the place in it, and whether it was read again.
    actions : tuple
        The orders; their position here is their order number everywhere else.
    """

    name: str
    id: str
    source: str
    actions: tuple[Action, ...] = ()
    notes: str = ""

    @property
    def first_day(self) -> int:
        """The first day on which anything but a transfusion may be given; orders that wait come later."""
        dated = [action for action in self.actions if not isinstance(action, Transfuse) and not waits(action)]
        return min((_first(action) for action in dated), default=0)

    @property
    def infuses(self) -> bool:
        """Whether a graft is infused."""
        return any(infuses_graft(action) for action in self.actions)


def _first(action: Action) -> int:
    return action.day if isinstance(action, Infuse) else action.days.first


def shipped_protocols() -> list[str]:
    """Names of the protocols that come with the package, in alphabetical order."""
    return sorted(path.stem for path in FOLDER.glob("*.yaml"))


def read_protocol(path: Path | str) -> Protocol:
    """Read a protocol from a file, or one that comes with the package by its name.

    Parameters
    ----------
    path : path or str
        ``"flubu4"``, the path of a YAML file, or either followed by parts that ``combine`` adds:
        ``"flubu4+ptcy_cni_mmf+atg"``.

    Raises
    ------
    InputError
        Every problem of the file, each with its line, what was expected and the nearest valid spelling.
    """
    text = str(path)
    whole, *parts = text.split("+")
    if parts and not Path(path).exists():
        from .parts import combine

        return combine(read_protocol(whole), *parts)
    if text in shipped_protocols():
        path = FOLDER / f"{text}.yaml"
    elif not Path(path).suffix and len(Path(path).parts) == 1 and not Path(path).exists():
        known = shipped_protocols()
        raise InputError(
            Problem(
                f"unknown protocol {text!r}",
                "protocol",
                f"the path of a YAML file, or one of: {', '.join(known)}",
                nearest(text, known),
            )
        )
    return read_file(Path(path))


def read_file(path: Path) -> Protocol:
    """Read a protocol, or a part of one, with everything that it includes."""
    from .parts import in_sequence, included

    document = read_document(path)
    problems: list[Problem] = []
    header = {key: _line_of_text(document, key, problems) for key in HEADER}
    actions = _sections(document, problems)
    parts = included(header["include"], document.where("include"), problems)
    if problems:
        raise InputError(*sorted(problems, key=lambda problem: _line(problem.where)))
    actions = in_sequence([*actions, *(action for part in parts for action in part.actions)]) if parts else actions
    if parts and (problems := [*repeated(actions), *too_much_radiation(actions)]):
        raise InputError(*problems)
    return Protocol(header["name"], Path(name_of(path)).stem, header["source"], tuple(actions), header["notes"])


def _line(where: str) -> int:
    line = where.rpartition(":")[2]
    return int(line) if line.isdigit() else 0


def _line_of_text(document: Document, key: str, problems: list[Problem]) -> str:
    text = document.words.get(key, "")
    if not isinstance(text, str):
        problems.append(Problem(f"{key!r} is not a line of text", document.where(key), f"{key}: ..."))
    elif not text and key not in ("notes", "include"):
        expected = {"name": "what the regimen is called", "source": "where the regimen is published"}[key]
        problems.append(Problem(f"{key!r} is missing", document.where(key), expected))
    return text if isinstance(text, str) else ""


def _sections(document: Document, problems: list[Problem]) -> list[Action]:
    actions: list[Action] = []
    for key, orders in document.words.items():
        where = document.where(key)
        if key in HEADER:
            continue
        if key not in SECTIONS:
            known = (*HEADER, *SECTIONS)
            problems.append(Problem(f"unknown section {key!r}", where, ", ".join(known), nearest(key, known)))
            continue
        if not isinstance(orders, list) or not orders:
            problems.append(Problem(f"{key!r} is not a list of orders", where, "lines that start with '- give: ...'"))
            continue
        found = [_order(document, key, index, problems) for index in range(len(orders))]
        actions += [action for action in found if action]
    if not any(key in document.words for key in (*SECTIONS, "include")):
        problems.append(Problem("the protocol orders nothing", document.where(), f"one of {', '.join(SECTIONS)}"))
    problems += [*repeated(actions), *too_much_radiation(actions)]
    infusions = [action for action in actions if isinstance(action, Infuse) and infuses_graft(action)]
    if infusions and min(action.day for action in infusions) != 0:
        problems.append(
            Problem("the first graft is not on day 0", infusions[0].where, "day: 0, from which all days count")
        )
    return actions


def _order(document: Document, section: str, index: int, problems: list[Problem]) -> Action | None:
    words, at = document.words[section][index], (section, index)
    where = document.where(*at)
    openers = [key for key in words if key in OPENERS] if isinstance(words, dict) else []
    if len(openers) != 1:
        guess = next((nearest(key, OPENERS) for key in words if nearest(key, OPENERS)), "") if not openers else ""
        problems.append(Problem("this is not one order", where, f"one of {', '.join(OPENERS)}", guess))
        return None
    kind, called = OPENERS[openers[0]]
    fields = {written: name for name, written in called.items()}
    renamed, before = {}, len(problems)
    for key, value in words.items():
        if key in ("section", "where", *called):  # names of the form that are not names of the file
            problems.append(Problem(f"unknown field {key!r}", document.where(*at, key), hint=called.get(key, "")))
        else:
            renamed[fields.get(key, key)] = value
    action = fill(kind, {**renamed, "section": section, "where": where}, document, at, problems, called)
    if isinstance(action, Give):
        problems += slips_of(action, document.where(*at, "route"), document.where(*at, "dose"))
    return action if len(problems) == before else None


def in_words(protocol: Protocol) -> str:
    """The protocol in a clinician's words, one line an order, to be signed off before it is used."""
    lines = [protocol.name, f"Source: {protocol.source}"]
    for section in SECTIONS:
        orders = [action for action in protocol.actions if action.section == section]
        if orders:
            lines += ["", _TITLES[section]]
            lines += [f"- {_say(action, protocol.infuses)}{_waiting(action, protocol.infuses)}" for action in orders]
    if protocol.infuses:
        lines += ["", "Day 0 is the day of the graft."]
    else:
        lines += ["", "Day 1 is the first day of chemotherapy."]
    return "\n".join(lines) + "\n"


def _waiting(action: Action, signed: bool) -> str:
    """What an order waits for, from where its days count, and what ends it."""
    if isinstance(action, Transfuse):
        return ""
    looked = f" (looked for on {action.watched.words(signed)})" if action.watched else ""
    begin = f", counted from the first day with {action.when}{looked}" if action.when else ""
    again = getattr(action, "again_after", None)
    anew = f", and anew from {again} days after that on" if again else ""
    end = f", not any more after {action.until}" if isinstance(action, Infuse) and action.until else ""
    return begin + anew + end + ("" if action.when else looked)


def _say(action: Action, signed: bool) -> str:
    signed = signed and not waits(action)
    if isinstance(action, Give):
        return _say_give(action, signed)
    if isinstance(action, Irradiate):
        times = action.fractions_a_day
        often = "" if times == 1 and len(action.days.each) == 1 else f" {_often(times)}"
        count = times * len(action.days.each)
        total = f" ({count} fractions)" if count > 1 else ""
        over = f" over {action.over}" if action.over else ""
        when = f"{action.days.words(signed)}{_at(action.hour)}"
        what = {"total_body": "total body", "lymphoid": "total lymphoid"}[action.of]
        return f"{what} irradiation {action.dose}{over}{often}, {when}{total}"
    if isinstance(action, Infuse):
        day = f"day {action.day:+d}{_at(action.hour)}".replace("+0", "0") if signed else f"day {action.day}"
        if infuses_graft(action):
            return f"infuse the graft on {day}"
        return f"infuse donor lymphocytes, {action.dose} CD3 cells, on {day}"
    what = action.what.replace("_", " ")
    return f"transfuse {action.dose} of {what} if {action.if_}, {action.days.words(signed)}"


def _say_give(give: Give, signed: bool) -> str:
    dose = give.dose.removeprefix("target ")
    size = give.dose if dose == give.dose else f"to a total {dose} (assuming perfect drug monitoring)"
    if give.weight_basis != "actual":
        size += f" of {give.weight_basis} weight"
    usual = read_drug(give.drug).routes.get(give.route, 0) / factor("h")
    over = f" over {give.over}" if give.over else f" over {usual:g} h (usual)" if usual else ""
    stop = f", stop when {give.until}" if give.until else ""
    return (
        f"{give.drug.replace('_', ' ')} {size} {give.route}{over} {_often(give.times_a_day)}, "
        f"{give.days.words(signed)}{_at(give.hour)}{stop}"
    )


def _often(times: int) -> str:
    return _OFTEN.get(times, f"{times} times a day")


def _at(hour: int | None) -> str:
    return "" if hour is None else f" at {hour:02d}:00"


def drugs_of(protocol: Protocol) -> list[str]:
    """Names of the drugs a protocol gives, each once, in the sequence of the orders."""
    return list(Counter(action.drug for action in protocol.actions if isinstance(action, Give)))
