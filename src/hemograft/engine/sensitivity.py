"""Sensitivities: how the course of one patient changes with each parameter.

Two lanes for each parameter, one with a little more of it and one with a little less, follow the patient with the same
steps (:mod:`hemograft.engine.lockstep`). Whatever was decided at the bedside was decided on the patient's own counts
and is done to every lane on the same day, so the derivatives are those of the course between decisions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import xarray as xr

from ..case.case import Case
from ..errors import EngineError, InputError, Problem, nearest
from ..model.compile import Model
from ..parameters import ParameterSet
from ..protocol.protocol import Protocol
from ..streams import key
from .courses import SHOWN, failures_of, variable_name
from .lanes import Patients
from .lead_in import matched, starts_with_disease
from .lockstep import acts_of, follow_together
from .orders import arrange
from .patients import Group, rows_of
from .run import run
from .setting import Setting
from .setup import model_for, parameters_for
from .simulate import check_arguments, protocol_of, schedule_of
from .twins import Twins, twins_of, with_burden

TOLERANCE = 1e-6  # derivatives are good to about the square root of what values are, so they start tighter
FINER = 0.1  # a small error of the course can be a large one of its derivative
RELATIVE_STEP = 1e-4  # of a parameter: the error of differences is its square, 1e-8; rounding adds about 1e-11
START = "leukemia_at_start"
LOG = "log_"


@dataclass(frozen=True)
class Directions:
    """Which lane has how much of what: the patient first, then a lane with more and one with less of each parameter.

    Attributes
    ----------
    names : tuple of str
    step : float
        Difference of the natural logarithm between the patient and a lane.
    """

    names: tuple[str, ...]
    step: float

    @property
    def lanes(self) -> int:
        """How many they are."""
        return 1 + 2 * len(self.names)

    def multiple(self, name: str) -> np.ndarray:
        """What each lane's value of one parameter is multiplied by, shape (lane,)."""
        found = np.ones(self.lanes)
        first = 1 + 2 * self.names.index(name)
        found[first : first + 2] = np.exp(self.step), np.exp(-self.step)
        return found

    def derivatives(self, values: np.ndarray) -> np.ndarray:
        """Central differences by the logarithm of each parameter; from shape (lane, ...) to (parameter, ...)."""
        return (values[1::2] - values[2::2]) / (2 * self.step)


def sensitivities(
    case: Case,
    protocol: Protocol | str | None = None,
    parameters: Sequence[str] | None = None,
    *,
    twin: int | None = None,
    days: float = 365,
    seed: int = 0,
    observables: Sequence[str] | None = None,
    values: ParameterSet | None = None,
    tolerance: float = TOLERANCE,
    relative_step: float = RELATIVE_STEP,
) -> xr.Dataset:
    """Values and derivatives of daily observables of one patient, without chance.

    Parameters
    ----------
    parameters : sequence of str, optional
        By which to differentiate; all that are fitted or vary between patients when absent.
    twin : int, optional
        The twin of this number, from 1, with its own parameters as in :func:`hemograft.simulate`; the typical
        patient when absent.
    observables : sequence of str, optional
        Recorded quantities; ``log_`` before a name asks for its natural logarithm. All, as recorded, when absent.
    values : ParameterSet, optional
        Replaces shipped values.
    tolerance : float
        Relative error allowed for each state in a step of the course; derivatives are followed at a tenth of it.
    relative_step : float
        Difference of each parameter, as a share of it.

    Returns
    -------
    Dataset
        For each observable ``y`` its values ``y`` (day), and ``d_y`` (parameter, day): the derivative of ``y`` by the
        natural logarithm of the parameter, in the unit of ``y``; a hundredth of it is the change for one percent
        more. ``d_log_y`` is the relative change over the relative change. Missing where a logarithm is.

    Raises
    ------
    InputError
        An unknown parameter or observable, or arguments that make no sense.
    EngineError
        The equations could not be advanced.
    """
    check_arguments(1, days, tolerance)
    setting, shipped = _setting(case, protocol, twin, days, seed, values, FINER * tolerance)
    names = (
        tuple(dict.fromkeys(map(str, parameters))) if parameters is not None else influential(setting.model, shipped)
    )
    wanted = tuple(observables) if observables is not None else tuple(_recorded(setting.model))
    _check(setting.model, names, wanted, relative_step, twin)
    directions = Directions(names, relative_step)
    daily, first_day = courses(setting, directions)
    return _dataset(setting, directions, wanted, daily, first_day)


def influential(model: Model, parameters: ParameterSet) -> tuple[str, ...]:
    """Parameters of a model that are fitted or vary between patients."""
    chosen = (name for name in model.parameter_names if name in parameters)
    return tuple(name for name in chosen if parameters[name].spread > 0 or parameters[name].evidence == "fitted")


def courses(setting: Setting, directions: Directions) -> tuple[np.ndarray, float]:
    """Recorded quantities of all lanes, shape (lane, day, quantity), and the first day."""
    alone, first_day = matched(setting)
    alike = replace(
        setting,
        cases=setting.cases * directions.lanes,
        names=setting.names * directions.lanes,
        keys=np.repeat(setting.keys, directions.lanes),
    )
    multiples = {name: directions.multiple(name) for name in directions.names}
    burden = _burden(alike, alone, directions, multiples, first_day)
    people = _people(alike, first_day, burden, multiples)
    lanes = _rows(alike, people, first_day)
    patient = _rows(setting, alone, first_day)
    records = run(setting.model, patient, tolerance=setting.tolerance, chance=False)
    for failure in failures_of(setting.model, setting.names, records):
        raise EngineError(f"{failure.why} on day {failure.day:.2f} in {failure.state}; the patient cannot be followed")
    return follow_together(setting.model, lanes, acts_of(lanes, records), setting.tolerance), first_day


def _setting(case, protocol, twin, days, seed, values, tolerance) -> tuple[Setting, ParameterSet]:
    """One patient, and the parameters with the spread that the typical patient's lack."""
    chosen = protocol_of(case, protocol)
    found = values if values is not None else parameters_for(case, chosen)
    own = found
    if twin is None:
        own = ParameterSet({name: replace(found[name], spread=0.0) for name in found})
    name = f"{case.id}/{twin}" if twin is not None else f"{case.id}/typical"
    model = model_for(case, chosen, own)
    keys = np.array([key(name)])
    return Setting((case,), chosen, model, (name,), keys, seed, float(int(days)), tolerance, False, 1), found


def _check(model: Model, names, wanted, step: float, twin: int | None) -> None:
    problems = []
    for name in names:
        if name not in model.parameter_names:
            hint = nearest(name, model.parameter_names)
            problems.append(Problem(f"unknown parameter {name!r}", "parameters", "a parameter of this case", hint))
    known = _recorded(model)
    for name in wanted:
        if name.removeprefix(LOG) not in known:
            hint = nearest(name.removeprefix(LOG), known)
            problems.append(Problem(f"unknown observable {name!r}", "observables", "a recorded quantity", hint))
    if not 1e-7 <= step <= 0.1:
        problems.append(Problem(f"a relative step of {step:g}", "relative_step", "1e-7 to 0.1"))
    if twin is not None and twin < 1:
        problems.append(Problem(f"twin {twin}", "twin", "1 or more"))
    if not names:
        problems.append(Problem("no parameter", "parameters", "one name or more"))
    if problems:
        raise InputError(*problems)


def _recorded(model: Model) -> dict[str, int]:
    """Recorded quantities and their places."""
    return {variable_name(element): i for i, element in enumerate(model.observed)}


def _people(alike: Setting, first_day: float, burden, multiples) -> Twins:
    people = twins_of(alike.model, alike.cases, alike.names, alike.keys, alike.seed, first_day, multiples)
    return people if burden is None else with_burden(alike.model, people, burden)


def _rows(setting: Setting, people: Twins, first_day: float) -> Patients:
    orders = arrange(schedule_of(setting, people), setting.model, people, setting.last_day)
    group = Group(people, orders, setting.keys, first_day, setting.last_day)
    return rows_of(setting.model, [group], setting.seed, chance=False)


def _burden(
    alike: Setting, alone: Twins, directions: Directions, multiples: Mapping[str, np.ndarray], first_day: float
) -> np.ndarray | None:
    """Leukemic cells on the first day of every lane that lead to the marrow blasts which the case states.

    For a patient who lives through a lead-in: to first order, more of a parameter that raises the blasts is met with
    as many fewer cells at its start. Nothing, so that the case decides, for any other patient.
    """
    if not starts_with_disease(alike.case):
        return None
    found = alone.slot(alike.model, START)[0]
    wider = Directions((*directions.names, START), directions.step)
    both = replace(
        alike,
        cases=alike.cases[:1] * wider.lanes,
        names=alike.names[:1] * wider.lanes,
        keys=np.repeat(alike.keys[:1], wider.lanes),
    )
    people = _people(
        both, first_day, found * wider.multiple(START), {name: wider.multiple(name) for name in directions.names}
    )
    treated = float(int(min(alike.protocol.first_day, 0)))
    nothing = _rows(both, people, first_day)._replace(last_day=np.full(wider.lanes, treated))
    daily = follow_together(alike.model, nothing, (), alike.tolerance)
    share = daily[:, -1, _recorded(alike.model)["marrow_blasts"]] / 100
    slopes = wider.derivatives(np.log(share / (1 - share)))
    change = np.zeros(directions.lanes)
    for name, slope in zip(directions.names, slopes[:-1], strict=True):
        change -= slope / slopes[-1] * np.log(multiples[name])
    return found * np.exp(change)


def _dataset(setting: Setting, directions: Directions, wanted, daily: np.ndarray, first_day: float) -> xr.Dataset:
    days = first_day + np.arange(daily.shape[1])
    shown = days >= setting.protocol.first_day - 1
    places, found = _recorded(setting.model), {}
    for name in wanted:
        plain = name.removeprefix(LOG)
        element = setting.model.observed[places[plain]]
        unit = element.declared.observed  # type: ignore[union-attr]
        meaning = element.declared.meaning
        course = daily[:, shown, places[plain]]
        if name != plain:
            course = np.log(np.where(course > 0, course, np.nan))
            meaning, unit = f"natural logarithm of {meaning} in {SHOWN.get(unit, unit)}", "1"
        about = {"unit": SHOWN.get(unit, unit)}
        found[name] = ("day", course[0], {**about, "meaning": meaning})
        slope = f"derivative of {meaning} by the natural logarithm of the parameter"
        found[f"d_{name}"] = (("parameter", "day"), directions.derivatives(course), {**about, "meaning": slope})
    settings = {"patient": setting.names[0], "protocol": setting.protocol.id, "seed": setting.seed}
    settings |= {"tolerance": setting.tolerance, "relative_step": directions.step}
    return xr.Dataset(found, coords={"parameter": list(directions.names), "day": days[shown]}, attrs=settings)
