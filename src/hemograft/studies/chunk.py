"""One chunk of a study: some patients, simulated and judged; what comes back depends on nothing but them."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from ..case.case import Case
from ..engine.courses import failures_of, to_trajectory
from ..engine.lead_in import starts_with_disease
from ..engine.patients import rows_of
from ..engine.run import run
from ..engine.setting import Setting
from ..engine.setup import model_for, parameters_for
from ..engine.simulate import groups_of
from ..model.compile import Model
from ..outcome.table import outcomes
from ..parameters import ParameterSet
from ..protocol.protocol import Protocol
from ..streams import key
from ..trajectory import Failure, Trajectory
from . import daily


@dataclass(frozen=True)
class Conditions:
    """What all patients of a study share.

    Attributes
    ----------
    days : float [day]
        Follow-up after day 0.
    seed : int
    tolerance : float
    chance : bool
    parameters : ParameterSet or None
        Values in place of the shipped ones, by name; those that a patient's model does not have are ignored.
    """

    days: float
    seed: int
    tolerance: float
    chance: bool
    parameters: ParameterSet | None = None


@dataclass(frozen=True)
class Member:
    """One virtual patient: a name that decides the luck, a case and what is ordered.

    Attributes
    ----------
    values : ParameterSet or None
        Values that only this patient has, in place of those of everybody.
    luck : str
        Name of the patient whose luck it shares; empty for its own.
    """

    name: str
    case: Case
    protocol: Protocol
    values: ParameterSet | None = None
    luck: str = ""


@dataclass(frozen=True)
class Judged:
    """What a chunk comes to.

    Attributes
    ----------
    outcomes : pyarrow.Table
        One row a patient, in the order of the members.
    counts : pyarrow.Table
        See :mod:`hemograft.studies.daily`.
    failures : tuple of Failure
    """

    outcomes: pa.Table
    counts: pa.Table
    failures: tuple[Failure, ...]


def run_chunk(members: Sequence[Member], conditions: Conditions, threads: int = 1) -> bytes:
    """Simulate and judge some patients; the result as bytes, the same wherever this runs."""
    return pack(judge(members, conditions, threads))


def judge(members: Sequence[Member], conditions: Conditions, threads: int = 1) -> Judged:
    """Simulate and judge some patients: all that share a model and a protocol together."""
    tables, counts, failures, order = [], [], [], []
    for places in alike(members):
        made = follow([members[i] for i in places], conditions, threads)
        tables.append(outcomes(made).replace_schema_metadata(None))
        counts.append(daily.count(made.daily))
        failures += made.failures
        order += places
    joined = pa.concat_tables(tables).take(pa.array(np.argsort(order))).combine_chunks()
    names = {member.name: i for i, member in enumerate(members)}
    return Judged(joined, daily.add(counts), tuple(sorted(failures, key=lambda failure: names[failure.patient])))


def alike(members: Sequence[Member]) -> list[list[int]]:
    """Places of members whose model, parameters and protocol are the same."""
    groups: dict[tuple, list[int]] = {}
    for i, member in enumerate(members):
        patient, graft = member.case.patient, member.case.graft
        kind = (patient.diagnosis, starts_with_disease(member.case), graft and (graft.product, graft.origin))
        groups.setdefault((kind, member.case.origins, id(member.protocol)), []).append(i)
    return list(groups.values())


def follow(members: Sequence[Member], conditions: Conditions, threads: int) -> Trajectory:
    """Courses of members whose model, parameters and protocol are the same."""
    return follow_together([members], conditions, threads)[0]


def follow_together(
    parts: Sequence[Sequence[Member]], conditions: Conditions, threads: int, drugs: Sequence[str] | None = None
) -> list[Trajectory]:
    """Courses of several parts, each alike in model, parameters and protocol; those of one model are run as one.

    Parameters
    ----------
    drugs : sequence of str, optional
        Drugs that the model follows, whether they are given or not; those of each protocol when absent. With the
        same drugs, parts with different protocols share a model.
    """
    settings = [_setting(members, conditions, threads, drugs) for members in parts]
    layouts: dict[tuple, list[int]] = {}
    for i, setting in enumerate(settings):
        layouts.setdefault((tuple(setting.model.axes.items()), setting.model.parameter_names), []).append(i)
    made: dict[int, Trajectory] = {}
    for places in layouts.values():
        made |= zip(places, _followed([settings[i] for i in places], conditions), strict=True)
    return [made[i] for i in range(len(parts))]


def _followed(settings: Sequence[Setting], conditions: Conditions) -> list[Trajectory]:
    model, threads = settings[0].model, settings[0].workers
    groups = groups_of(settings)
    patients = rows_of(model, groups, conditions.seed, conditions.chance)
    records = run(model, patients, tolerance=conditions.tolerance, chance=conditions.chance, workers=threads)
    found, first = [], 0
    for setting, group in zip(settings, groups, strict=True):
        own = records.some(first, first + group.people.count, group.first_day, group.last_day)
        first += group.people.count
        made = to_trajectory(setting, group, own)
        found.append(replace(made, failures=failures_of(setting.model, setting.names, own)))
    return found


def _setting(members: Sequence[Member], conditions: Conditions, threads: int, drugs: Sequence[str] | None) -> Setting:
    case, protocol = members[0].case, members[0].protocol
    parameters = parameters_for(case, protocol, conditions.parameters, drugs)
    model = model_for(case, protocol, parameters, drugs)
    names = tuple(member.name for member in members)
    return Setting(
        tuple(member.case for member in members),
        protocol,
        model,
        names,
        np.array([key(member.luck or member.name) for member in members]),
        conditions.seed,
        conditions.days,
        conditions.tolerance,
        conditions.chance,
        threads,
        _multiples(members, model),
    )


def _multiples(members: Sequence[Member], model: Model) -> dict[str, np.ndarray]:
    """By how much each patient's own values differ from those of everybody, by name."""
    known = set(model.parameter_names)
    names = dict.fromkeys(name for member in members for name in member.values or () if name in known)
    found = {name: np.ones(len(members)) for name in names}
    for i, member in enumerate(members):
        for name, one in member.values.parameters.items() if member.values else ():
            if name in found:
                found[name][i] = one.value / model.parameters[name].value
    return found


def pack(judged: Judged) -> bytes:
    """The three parts, one after another, each with its length."""
    failures = json.dumps([vars(failure) for failure in judged.failures]).encode()
    parts = [_table_bytes(judged.outcomes), _table_bytes(judged.counts), failures]
    return b"".join(len(part).to_bytes(8, "little") + part for part in parts)


def unpack(content: bytes) -> Judged:
    """What :func:`pack` packed.

    Raises
    ------
    ValueError
        The content is not a whole chunk.
    """
    parts, at = [], 0
    while at < len(content):
        length = int.from_bytes(content[at : at + 8], "little")
        parts.append(content[at + 8 : at + 8 + length])
        at += 8 + length
    if len(parts) != 3 or at != len(content):
        raise ValueError("not a whole chunk")
    tables = [pa.ipc.open_stream(part).read_all() for part in parts[:2]]
    return Judged(tables[0], tables[1], tuple(Failure(**words) for words in json.loads(parts[2])))


def _table_bytes(table: pa.Table) -> bytes:
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue()
