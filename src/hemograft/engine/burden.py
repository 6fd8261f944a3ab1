"""How much leukemia a patient brings to treatment, and how much of it resists."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ..case.patient import IN_REMISSION, REMISSION_BLASTS, Patient
from ..streams import uniform

MOST = 0.9  # of marrow cells: a share of one has no number of cells


def leukemia(
    patient: Patient, values: Mapping[str, np.ndarray], keys: np.ndarray, seed: int | None
) -> dict[str, np.ndarray]:
    """Leukemic cells in the marrow before any treatment, and in remission the share of the resistant subclone.

    Parameters
    ----------
    values : mapping
        Parameters by name, shape (twin,), canonical units.
    keys : array of uint64, shape (twin,)
        Twins of one patient draw whether and how much disease is left where it was not looked for.
    seed : int or None
        None for a typical patient, whose residual disease is undetectable unless it is stated.

    Returns
    -------
    dict
        ``leukemia_at_start`` [cells] and, in remission, ``resistant_share`` [1], shape (twin,) each.
    """
    scale = patient.weight / values["reference_weight"]
    if patient.diagnosis == "none":
        return {"leukemia_at_start": 0.0 * scale}
    if patient.stage not in IN_REMISSION:
        return {"leukemia_at_start": scale * _unremitted(patient, values)}
    cells, found = _residual(patient, values, keys, seed)
    resistant = np.where(found, values["measurable_resistant_share"], values["remission_resistant_share"])
    return {"leukemia_at_start": scale * cells, "resistant_share": resistant}


def _unremitted(patient: Patient, values: Mapping[str, np.ndarray]) -> np.ndarray:
    """Cells of a leukemia that is not in remission, by what was counted."""
    if isinstance(patient.residual_disease, float):
        return _cells(patient.residual_disease, values)
    if patient.residual_disease == "undetectable":
        return _undetected(values)
    if patient.stage == "chronic_phase":
        return values["burden_chronic_phase"]
    blasts = (patient.marrow_blasts or 0.0) / values["blast_share"]
    return np.minimum(_cells(blasts, values), values["leukemia_capacity"])


def _residual(
    patient: Patient, values: Mapping[str, np.ndarray], keys: np.ndarray, seed: int | None
) -> tuple[np.ndarray, np.ndarray]:
    """Cells left in a remission, and whether they can be measured."""
    known = patient.residual_disease
    if isinstance(known, float):
        cells = _cells(known, values)
        return cells, np.full(cells.shape, known) >= values["residual_measurable"]
    if known is None and seed is not None:
        found = uniform(seed, keys, "residual disease") < values["residual_found_share"]
    else:
        found = np.full(values["residual_measurable"].shape, known == "measurable")
    return np.where(found, _measured(values), _undetected(values)), found


def _undetected(values: Mapping[str, np.ndarray]) -> np.ndarray:
    return np.minimum(values["residual_cells_undetected"], _cells(values["residual_measurable"], values))


def _measured(values: Mapping[str, np.ndarray]) -> np.ndarray:
    share = np.clip(values["residual_share_measured"], values["residual_measurable"], REMISSION_BLASTS)
    return _cells(share, values)


def _cells(share: float | np.ndarray, values: Mapping[str, np.ndarray]) -> np.ndarray:
    """Cells of the reference adult that are such a share of the marrow."""
    share = np.minimum(share, MOST)
    return share / (1 - share) * values["marrow_cellularity"]
