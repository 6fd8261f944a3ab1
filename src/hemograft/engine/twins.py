"""Twins of a case: each patient's own vector of numbers, and the body before any treatment."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..case.case import Case
from ..case.patient import ADULT_AGE, LATER_REMISSION
from ..errors import InputError, Problem
from ..lazy import Lazy
from ..model.compile import Model
from ..parameters import ParameterSet, individualize
from ..streams import uniform
from ..units import factor
from .burden import leukemia
from .differences import differences

LIVER = {
    "normal": "liver_normal",
    "mild": "liver_mild",
    "moderate": "liver_moderate",
    "severe": "liver_severe",
}


@dataclass(frozen=True)
class Twins:
    """Virtual twins of one case.

    Attributes
    ----------
    names : tuple of str
    vectors : array, shape (patient, slot)
        Parameters, covariates, derived values and inputs (zero), in the model's order.
    start : array, shape (patient, state)
    own : mapping
        Values of the parameters that differ between twins, shape (patient,).
    """

    names: tuple[str, ...]
    vectors: np.ndarray
    start: np.ndarray
    own: Mapping[str, np.ndarray]

    @property
    def count(self) -> int:
        """How many they are."""
        return len(self.names)

    def some(self, first: int, last: int, varied: Collection[str]) -> Twins:
        """Those from ``first`` to ``last - 1``, with their own values of some parameters."""
        own = {name: self.own[name][first:last] for name in varied}
        return Twins(self.names[first:last], self.vectors[first:last], self.start[first:last], own)

    def picked(self, which: np.ndarray) -> Twins:
        """Those for whom ``which`` holds, shape (patient,); what differs between them is not kept."""
        names = tuple(name for name, use in zip(self.names, which, strict=True) if use)
        return Twins(names, self.vectors[which], self.start[which], {})

    def slot(self, model: Model, name: str) -> np.ndarray:
        """One column of the vectors."""
        return self.vectors[:, model.slots[name]]


def joined(people: Sequence[Twins]) -> Twins:
    """Twins of several cases as one group; what differs between them is not kept."""
    names = tuple(name for each in people for name in each.names)
    vectors, start = (np.concatenate(parts) for parts in ([p.vectors for p in people], [p.start for p in people]))
    return Twins(names, vectors, start, {})


def parted(everybody: Twins, like: Sequence[Twins]) -> list[Twins]:
    """The opposite of :func:`joined`, for the groups that were joined."""
    ends = np.cumsum([each.count for each in like])[:-1]
    parts = zip(like, np.split(everybody.vectors, ends), np.split(everybody.start, ends), strict=True)
    return [replace(each, vectors=vectors, start=start) for each, vectors, start in parts]


def twins_of(
    model: Model,
    cases: Case | Sequence[Case],
    names: tuple[str, ...],
    keys: np.ndarray,
    seed: int,
    first_day: float | np.ndarray,
    multiples: Mapping[str, np.ndarray] | None = None,
    typical: Sequence[tuple[ParameterSet, int]] = (),
) -> Twins:
    """Each patient's own parameters and starting state.

    Parameters
    ----------
    cases : Case or sequence of Case
        Whose twins they are: one case for all, or one for each.
    keys : array of uint64, shape (patient,)
        Patient keys that decide the twins' luck.
    first_day : float or array, shape (patient,) [day]
        First simulated day; age refers to it.
    multiples : mapping, optional
        By parameter, shape (patient,): what each patient's own value is multiplied by.
    typical : sequence of (ParameterSet, int), optional
        Typical values of consecutive groups of so many patients, in place of the model's.

    Raises
    ------
    InputError
        The patient's values leave no consistent resting marrow.
    """
    groups = typical or [(model.parameters, len(names))]
    values = individualize(groups, model.parameter_names, keys, seed)
    values |= {name: values[name] * multiple for name, multiple in (multiples or {}).items()}
    own = {name: value for name, value in values.items() if any(known[name].spread > 0 for known, _ in groups)}
    values |= _stated([cases] * len(names) if isinstance(cases, Case) else cases, values, keys, seed, bool(own))
    values["age_at_transplant"] = np.maximum(values["age_at_transplant"] + first_day, 0.0)
    values |= model.derive(values)
    return Twins(names, _vectors(model, values, len(names)), _resting(model, values, names), own)


def _vectors(model: Model, values: Mapping[str, np.ndarray], patients: int) -> np.ndarray:
    vectors = np.zeros((patients, len(model.slots)))
    for name, value in values.items():
        vectors[:, model.slots[name]] = value
    return vectors


def with_burden(model: Model, people: Twins, burden: np.ndarray) -> Twins:
    """The same twins with other numbers of leukemic cells in the marrow on their first day, shape (patient,)."""
    given = (*model.parameter_names, *(covariate.name for covariate in model.covariates))
    values = {name: people.slot(model, name) for name in given} | {"leukemia_at_start": burden}
    vectors, derived = people.vectors.copy(), model.derive(values)
    for name, value in {"leukemia_at_start": burden, **derived}.items():
        vectors[:, model.slots[name]] = value
    return replace(people, vectors=vectors, start=_resting(model, values | derived, people.names))


def _stated(
    cases: Sequence[Case], values: Mapping[str, np.ndarray], keys: np.ndarray, seed: int, varied: bool
) -> dict[str, np.ndarray]:
    """What each patient's case says, shape (patient,) each; luck is drawn together for all who are matched alike.

    Where no parameter differs between twins, there is one typical patient, whose donor is as expected.
    """
    found = covariates(cases, values)

    def say(these: np.ndarray, said: Mapping[str, np.ndarray]) -> None:
        for name, value in said.items():
            if name not in found:
                found[name] = np.array(values.get(name, np.zeros(len(cases))), dtype=float)
            found[name][these] = value

    for these in _alike([_disease(case) for case in cases]):
        say(these, leukemia(cases[these[0]].patient, _some(values, these), keys[these], seed if varied else None))
    for these in _alike([_match(case) for case in cases]):
        case, own = cases[these[0]], _some(values, these)
        say(these, differences(case, own, keys[these], seed if varied else None))
        say(these, serostatus(case, own, keys[these], seed))
    return found


def _some(values: Mapping[str, np.ndarray], these: np.ndarray) -> Mapping[str, np.ndarray]:
    """Values of some of the patients; of a thousand, a dozen are looked at."""
    return Lazy(values, lambda name: values[name][these])


def _alike(kinds: Sequence[Hashable]) -> list[np.ndarray]:
    """Places of patients of the same kind."""
    places: dict[Hashable, list[int]] = {}
    for i, kind in enumerate(kinds):
        places.setdefault(kind, []).append(i)
    return [np.array(these) for these in places.values()]


def _disease(case: Case) -> Hashable:
    """All of a case that :func:`leukemia` looks at."""
    patient = case.patient
    return patient.diagnosis, patient.stage, patient.marrow_blasts, patient.residual_disease, patient.weight


def _match(case: Case) -> Hashable:
    """All of a case that :func:`differences` and :func:`serostatus` look at."""
    patient, donor, graft = case.patient, case.donor, case.graft
    known = donor and (donor.relation, donor.match, donor.sex, donor.hla, donor.cmv)
    return patient.sex, patient.hla, patient.cmv, patient.age >= ADULT_AGE, known, graft and graft.origin


def _resting(model: Model, values: Mapping[str, np.ndarray], names: tuple[str, ...]) -> np.ndarray:
    """The starting state of every twin, refused where parameters leave none."""
    start = model.start(values, len(names))
    wrong = ~np.isfinite(start) | (start < 0)
    if wrong.any():
        patient, state = map(int, np.argwhere(wrong)[0])
        raise InputError(
            Problem(
                f"these parameters leave no resting value for {model.states[state].name}",
                names[patient],
                "parameters whose resting marrow balances",
            )
        )
    return start


def covariates(cases: Sequence[Case], values: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """What cases say in numbers, by the names the model knows, shape (patient,) each, canonical units."""
    patients, grafts = [case.patient for case in cases], [case.graft for case in cases]
    plain: dict[str, list] = {
        "weight": [patient.weight for patient in patients],
        "male": [patient.sex == "male" for patient in patients],
        "age_at_transplant": [patient.age * factor("year") for patient in patients],
        "comorbidity": [patient.comorbidity_index or 0.0 for patient in patients],  # not stated counts as none
        "later_remission": [patient.stage in LATER_REMISSION for patient in patients],
        "active_leukemia": [patient.stage == "active" for patient in patients],
        "cd34_dose": [graft.cd34 if graft else 0.0 for graft in grafts],
        "cd3_dose": [graft.cd3 if graft else 0.0 for graft in grafts],
    }
    found = {name: np.array(numbers, dtype=float) for name, numbers in plain.items()}
    found["treated_in"] = _years([patient.year for patient in patients], values["care_reference_year"])
    found["donor_age"] = _years([_donor_age(case) for case in cases], values["donor_reference_age"])
    filtered = np.array([patient.gfr * factor("mL/min") for patient in patients], dtype=float)
    found["kidney_function"] = np.minimum(filtered / values["kidney_normal"], values["kidney_best"])
    liver = np.array([list(LIVER).index(patient.liver) for patient in patients])
    found["liver_function"] = np.choose(liver, [values[name] for name in LIVER.values()])
    return found


def _years(stated: Sequence[float | None], usual: np.ndarray) -> np.ndarray:
    """Numbers of years in days; where they are not stated, what is usual."""
    return np.where(
        [one is None for one in stated], usual, [0.0 if one is None else one * factor("year") for one in stated]
    )


def serostatus(case: Case, values: Mapping[str, np.ndarray], keys: np.ndarray, seed: int) -> dict[str, np.ndarray]:
    """Antibodies to cytomegalovirus of patient and donor, 1 or 0; unknown ones drawn from the population's share."""
    adult = case.patient.age >= ADULT_AGE
    share = {"recipient_cmv": values["cmv_share_adults" if adult else "cmv_share_children"]}
    share["donor_cmv"] = values["cmv_share_cord" if _relation(case) == "cord" else "cmv_share_adults"]
    known = {"recipient_cmv": case.patient.cmv, "donor_cmv": case.donor.cmv if case.donor else None}
    found = {}
    for name, status in known.items():
        drawn = (uniform(seed, keys, f"serostatus/{name}") < share[name]).astype(float)
        found[name] = drawn if status is None else np.full(len(keys), float(status == "positive"))
    if case.graft is None or case.graft.origin == "host" or _relation(case) == "self":
        found["donor_cmv"] = found["recipient_cmv"]
    return found


def _donor_age(case: Case) -> float | None:
    """Age [year] of a donor who is a person other than the patient, where it is known."""
    return None if case.donor is None or _relation(case) in ("self", "cord") else case.donor.age


def _relation(case: Case) -> str:
    return case.donor.relation if case.donor else ""
