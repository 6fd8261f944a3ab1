"""From results of other commands to the dossier: what is read, what is simulated, what it comes to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ..case.case import Case, read_case
from ..errors import InputError, Problem
from ..files import read_document
from ..parameters import DATA
from ..protocol.protocol import Protocol, read_protocol
from ..runs.recipe import TOOL, Recipe, Source, added_parts, protocol_path, read_source
from ..version import VERSION
from .evidence import Part, informed, parts, read_result, studies_of
from .screening import Screening, screen

CONTEXT = DATA / "dossier" / "context.yaml"
WORDS = ("shape", "question", "context", "influence", "consequence", "risk")


@dataclass(frozen=True)
class DossierPlan:
    """What the dossier rests on, read, before anything is simulated.

    Attributes
    ----------
    verification : tuple of (file name, text)
        Pages that say how code and estimators were checked.
    """

    context: Mapping[str, str]
    calibration: Mapping[str, Any]
    validation: Mapping[str, Any]
    verification: tuple[tuple[str, str], ...]
    case: Case
    protocol: Protocol
    recipe: Recipe

    @property
    def folder(self) -> Path:
        """Where it goes unless another folder is named."""
        return Path("runs") / "dossier"


@dataclass(frozen=True)
class Dossier:
    """The dossier before it is written."""

    plan: DossierPlan
    parts: tuple[Part, ...]
    screening: Screening | None

    @property
    def words(self) -> dict[str, Any]:
        """For a machine to read."""
        calibration, validation = self.plan.calibration, self.plan.validation
        learned, others = informed(calibration["parameters"])
        return {
            "context": dict(self.plan.context),
            "verification": [name for name, _ in self.plan.verification],
            "calibration": {
                "members": calibration.get("members"),
                "steps": calibration["steps"],
                "agreement": calibration["agreement"],
                "parameters": calibration["parameters"],
                "informed": learned,
                "hardly_informed": others,
            },
            "validation": {
                "parts": [{**asdict(one), "sign_agreement": one.sign} for one in self.parts],
                "endpoints": validation["endpoints"],
                "rows_simulated": validation["rows_simulated"],
                "rows_refused": validation["rows_refused"],
            },
            "sensitivity": self.screening.words if self.screening else None,
            "covers": calibration.get("covers", {}),
            "provenance": self.provenance,
        }

    @property
    def provenance(self) -> dict[str, Any]:
        """Version, settings and hashes; file names only."""
        recipe = self.plan.recipe
        return {"software": TOOL, "version": VERSION, **recipe.settings, **recipe.provenance}


def plan_dossier(
    case: Path | str,
    calibration: Path | str,
    validation: Path | str,
    *,
    protocol: str | None = None,
    verification: Sequence[Path | str] = (),
    context: Path | str | None = None,
    **settings: Any,
) -> DossierPlan:
    """Read what the dossier rests on.

    Parameters
    ----------
    calibration, validation : path
        Folders that these commands wrote.
    verification : sequence of path
        Pages of text to be kept in it.
    settings
        ``walks`` of the screening (0 for none), ``twins``, ``days`` and ``seed``.

    Raises
    ------
    InputError
        A file cannot be read or is not what it should be.
    """
    who = read_case(case)
    chosen = protocol or who.protocol
    if not chosen:
        raise InputError(Problem("the case names no protocol", Path(case).name, "--protocol", "--protocol flubu4"))
    learned, first = read_result("calibration", calibration)
    compared, second = read_result("validation", validation)
    pages = [read_source("verification", path) for path in verification]
    sources = [read_source("case", case), read_source("protocol", protocol_path(chosen), added_parts(chosen))]
    sources += [first, second, *pages, *([read_source("context", context)] if context else [])]
    texts = tuple((page.name, _text(page)) for page in pages)
    recipe, orders = Recipe("dossier", tuple(sources), settings), read_protocol(chosen)
    return DossierPlan(_context(context or CONTEXT), learned, compared, texts, who, orders, recipe)


def _context(path: Path | str) -> dict[str, str]:
    document = read_document(path)
    lacking = [name for name in WORDS if not isinstance(document.words.get(name), str)]
    if lacking:
        raise InputError(*(Problem(f"{name!r} is missing", document.where(), f"{name}: ...") for name in lacking))
    return {name: " ".join(document.words[name].split()) for name in WORDS}


def _text(page: Source) -> str:
    return page.content.decode("utf-8", errors="replace")


def make_dossier(plan: DossierPlan, workers: int = 1) -> Dossier:
    """Compare fitted with held-out studies and screen the parameters on the case.

    Raises
    ------
    InputError
        SALib is not installed and a screening was asked for.
    """
    settings, screening = plan.recipe.settings, None
    if settings["walks"]:
        limits = {one["parameter"]: (one["prior_low"], one["prior_high"]) for one in plan.calibration["parameters"]}
        numbers = {name: settings[name] for name in ("twins", "days", "seed")}
        walks = settings["walks"]
        screening = screen(plan.case, plan.protocol, limits, trajectories=walks, workers=workers, **numbers)
    return Dossier(plan, tuple(parts(plan.validation["rows"], studies_of(plan.calibration))), screening)
