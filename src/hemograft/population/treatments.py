"""The treatments of an arm: regimens and prophylaxis with shares, and the protocols of the package that give them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from ..case.patient import ADULT_AGE
from ..files import read_document
from ..parameters import DATA
from ..protocol.actions import Give
from ..protocol.parts import combine, shipped_parts
from ..protocol.protocol import Protocol, read_protocol, shipped_protocols
from .lymphocytes import Lymphocytes
from .rules import Rules
from .unplanned import Unplanned

SMALLEST_SHARE = 0.02  # rarer treatments of an arm are left out
INTENSITIES = ("MAC", "RIC", "NMA")


@dataclass(frozen=True)
class Treatment:
    """What a share of an arm's patients is given.

    Attributes
    ----------
    protocol : str
        A protocol that comes with the package.
    parts : tuple of str
        Prophylaxis that replaces the protocol's own, or is added to it.
    growth_factor : str
        ``yes``, ``no``, or ``unknown`` for what the protocol says.
    bare : bool
        Without prophylaxis of graft-versus-host disease.
    share : float
    lymphocytes : Lymphocytes or None
        Of the donor, for a relapse.
    """

    protocol: str
    parts: tuple[str, ...] = ()
    growth_factor: str = "unknown"
    bare: bool = False
    share: float = 1.0
    lymphocytes: Lymphocytes | None = None


@lru_cache(maxsize=1)
def words_of_treatment() -> Mapping[str, Any]:
    """The table from the words of arms to protocols."""
    return read_document(DATA / "arms" / "treatments.yaml").words


@lru_cache(maxsize=256)
def orders(treatment: Treatment) -> Protocol:
    """The protocol of a treatment: conditioning, prophylaxis and growth factor as the arm says."""
    protocol = read_protocol(treatment.protocol)
    if treatment.parts:
        protocol = combine(protocol, *treatment.parts)
    actions = list(protocol.actions)
    name = protocol.id
    if treatment.bare:
        actions = [action for action in actions if action.section != "gvhd_prophylaxis"]
        name += "-no-prophylaxis"
    factor = words_of_treatment()["growth_factor"]
    given = any(isinstance(action, Give) and action.drug == factor["give"] for action in actions)
    if treatment.growth_factor == "no" and given:
        actions = [action for action in actions if not (isinstance(action, Give) and action.drug == factor["give"])]
        name += "-no-gcsf"
    if treatment.growth_factor == "yes" and not given:
        when = "days" if protocol.infuses else "days_without_graft"
        drug, dose, route, days, until = (factor[key] for key in ("give", "dose", "route", when, "until"))
        actions.append(Give(drug, dose, route, days, until=until, section="support"))  # type: ignore[arg-type]
        name += "-gcsf"
    if treatment.lymphocytes is not None:
        actions += treatment.lymphocytes.orders
        name += "-lymphocytes"
    return replace(protocol, id=name, actions=tuple(actions))


def treatments_of(
    cells: Mapping[str, Any], rules: Rules, kin: str, era: str, age: float | None, said: list[str]
) -> tuple[Treatment, ...]:
    """Treatments with shares; what the table does not say by intensity, donor, age and time.

    Parameters
    ----------
    kin : str
        ``matched``, ``haplo``, ``cord``, ``self`` or ``none`` (no graft).
    age : float or None [year]
        Median of the arm.
    """
    refuse_what_is_missing(cells)
    regimens = _regimens(cells, rules, kin, era, age, said)
    found: dict[Treatment, float] = {}
    for (intensity, regimen), share in regimens.items():
        for prophylaxis, other in _prophylaxis(cells, rules, kin, era, intensity, said).items():
            one = _treatment(regimen, prophylaxis, kin, era, cells, said)
            found[one] = found.get(one, 0.0) + share * other
    kept = {one: share for one, share in found.items() if share >= SMALLEST_SHARE}
    total = sum(kept.values())
    return tuple(replace(one, share=share / total) for one, share in kept.items())


def refuse_what_is_missing(cells: Mapping[str, Any]) -> None:
    """Refuse an arm whose defining treatment the model lacks."""
    table = words_of_treatment()
    for column, section in (
        ("intervention", "interventions"),
        ("maintenance", "maintenance"),
        ("graft_manipulation", "manipulation"),
    ):
        missing = table[section].get(cells[column], {}).get("missing")
        if missing:
            raise Unplanned(f"{column.replace('_', ' ')} {cells[column]}: {missing}")


def stands_in(regimen: str) -> bool:
    """Whether another protocol, or usual ones, are simulated in place of a regimen."""
    known = words_of_treatment()["regimens"].get(regimen, {})
    return "like" in known or (bool(known) and known["protocols"][0] not in shipped_protocols())


def intensities(
    cells: Mapping[str, Any], rules: Rules, era: str, age: float | None, said: list[str]
) -> dict[str, float]:
    """Shares of MAC, RIC and NMA."""
    stated, regimen = cells["intensity"], cells["regimen"]
    like = words_of_treatment()["regimens"].get(regimen, {}).get("like")
    if stated in INTENSITIES:
        return {stated: 1.0}
    if like:
        return {like: 1.0}
    if stated == "mixed":
        said.append("intensity: mixed; assumed shares")
        return rules.shares("intensity_mixed")
    said.append("intensity: not given; as usual for age and time")
    if _size(cells, age) == "child":
        return rules.shares("intensity_unknown", "child")
    groups = [group for group in rules.groups("intensity_unknown") if group.endswith(era)]
    older = age is not None and age >= min(float(group.split(" ")[0].rpartition("_")[2]) for group in groups)
    return rules.shares("intensity_unknown", next(group for group in groups if group.startswith("over") == older))


def _regimens(
    cells: Mapping[str, Any], rules: Rules, kin: str, era: str, age: float | None, said: list[str]
) -> dict[tuple[str, str], float]:
    """Shares by intensity and regimen."""
    regimen = cells["regimen"]
    if cells["intervention"] == "chemo_induction" and kin != "none":
        raise Unplanned("chemotherapy and a graft in one course are not simulated")
    if kin == "none":
        return {("none", _induction(cells, said)): 1.0}
    if regimen == "induction_7_3":
        raise Unplanned("chemotherapy and a graft in one course are not simulated")
    if cells["intensity"] == "none" or regimen == "none":
        raise Unplanned("a graft without conditioning is not simulated")
    known = words_of_treatment()["regimens"].get(regimen)
    if known and "like" not in known:
        intensity = cells["intensity"] if cells["intensity"] in INTENSITIES else "MAC"
        return {(intensity, regimen): 1.0}
    if known and cells["intensity"] in INTENSITIES and known["like"] != cells["intensity"]:
        said.append(f"intensity: {cells['intensity']} as stated, although the regimen is called {regimen}")
    said.append(
        f"regimen: {'not given' if regimen == 'unknown' else regimen}; usual regimens of intensity, age and time"
    )
    found: dict[tuple[str, str], float] = {}
    for intensity, share in intensities(cells, rules, era, age, said).items():
        if share == 0:
            continue
        group = _regimen_group(intensity, cells, rules, kin, era, age)
        for name, other in rules.shares("regimen_unknown", group).items():
            found[intensity, name] = share * other
    return found


def _regimen_group(
    intensity: str, cells: Mapping[str, Any], rules: Rules, kin: str, era: str, age: float | None
) -> str:
    groups = rules.groups("regimen_unknown")
    size = _size(cells, age)
    lymphoblastic = "lymphoblastic" if cells["disease"] == "ALL" and kin == "matched" else kin
    wanted = (f"{intensity} {lymphoblastic}", f"{intensity} {size} {era}", intensity)
    return next(group for group in wanted if group in groups)


def _size(cells: Mapping[str, Any], age: float | None) -> str:
    return "child" if cells["pediatric"] == "yes" or (age is not None and age < ADULT_AGE) else "adult"


def _induction(cells: Mapping[str, Any], said: list[str]) -> str:
    """Chemotherapy of newly diagnosed or relapsed leukemia."""
    if cells["regimen"] == "induction_7_3":
        return "induction_7_3"
    if cells["intervention"] != "chemo_induction" or cells["disease"] != "AML":
        raise Unplanned("neither a graft nor a chemotherapy that is modeled")
    said.append("chemotherapy: not given; seven days of cytarabine and three of an anthracycline")
    return "induction_7_3"


def _prophylaxis(
    cells: Mapping[str, Any], rules: Rules, kin: str, era: str, intensity: str, said: list[str]
) -> dict[str, float]:
    """Shares of prophylaxis."""
    stated = cells["prophylaxis"]
    if kin in ("none", "self"):
        if stated not in ("none", "unknown"):
            _once(said, f"prophylaxis: {stated} left out without a donor")
        return {"none": 1.0}
    if stated not in ("unknown", "mixed"):
        return {stated: 1.0}
    if cells["regimen"] == "hopkins_haplo":
        return {"ptcy_cni_mmf": 1.0}
    words = "not given" if stated == "unknown" else "mixed"
    _once(said, f"prophylaxis: {words}; usual for donor, intensity and time")
    groups = rules.groups("prophylaxis_unknown")
    wanted = (f"{kin} {intensity}", f"{kin} {era}", kin)
    return rules.shares("prophylaxis_unknown", next(group for group in wanted if group in groups))


def _treatment(
    regimen: str, prophylaxis: str, kin: str, era: str, cells: Mapping[str, Any], said: list[str]
) -> Treatment:
    """The protocol and parts of one regimen and prophylaxis, with every stand-in said."""
    table = words_of_treatment()
    known, shipped = table["regimens"][regimen], shipped_protocols()
    protocol = next((name for name in known.get("protocols", ()) if name in shipped), None)
    if protocol is None:
        raise Unplanned(f"regimen {regimen}: {known.get('missing', 'no protocol')}")
    if protocol != known["protocols"][0]:
        _once(said, f"regimen: protocol {protocol} stands in for {regimen}")
    parts, guard = (), table["prophylaxis"][prophylaxis]
    known_parts = shipped_parts()
    if any(name not in known_parts for name in guard.get("needed", ())) or "parts" not in guard:
        raise Unplanned(f"prophylaxis {prophylaxis}: {guard['missing']}")
    if protocol not in guard.get("within", ()) and kin not in ("none", "self"):
        wanted = guard.get(era, guard["parts"])
        parts = tuple(name for name in wanted if name in known_parts)
        if len(parts) < len(wanted):
            parts = ()
            _once(said, f"prophylaxis: that of protocol {protocol} stands in for {prophylaxis}")
        elif "stand_in" in guard:
            _once(said, f"prophylaxis: {guard['stand_in']}")
    letermovir = table["letermovir"]["part"]
    if cells["letermovir"] == "yes":
        parts = (*parts, letermovir) if letermovir in known_parts else parts
        if letermovir not in known_parts:
            _once(said, "letermovir: cannot be ordered yet; not given")
    if kin not in ("none", "self") and table["steroids"]["part"] in known_parts:  # what every unit gives at grade II
        parts = (*parts, table["steroids"]["part"])
    bare = prophylaxis == "none" and kin != "none"
    return Treatment(protocol, parts, cells["gcsf_after"], bare)


def _once(said: list[str], text: str) -> None:
    if text not in said:
        said.append(text)
