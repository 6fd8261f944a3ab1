"""Random numbers that belong to someone: one independent stream per patient and purpose.

Two arms of a trial that share a seed share every patient's luck, so a difference between arms is an effect of
treatment and not of re-shuffled dice (common random numbers). The numbers are counter-based: each is a hash of
(seed, patient, purpose, index), so order, chunks and number of workers cannot change them.

Source
------
Mixing function: SplitMix64 finalizer (Steele, Lea and Flood 2014, doi:10.1145/2660193.2660195).
"""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
from scipy.special import ndtri

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


def _mix(z: Any) -> Any:
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def key(text: str) -> np.uint64:
    """A 64-bit number for a patient's or purpose's name, the same on every machine."""
    return np.uint64(int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little"))


def stream_keys(seed: int, patients: np.ndarray, purpose: str) -> np.ndarray:
    """A 64-bit number for each patient's stream of one purpose, shape (patient,)."""
    with np.errstate(over="ignore"):
        z = _mix(np.uint64(seed % 2**64) + _GOLDEN)
        z = _mix(z ^ np.asarray(patients, dtype=np.uint64))
        return _mix(z ^ key(purpose))


def uniform(seed: int, patients: np.ndarray, purpose: str, index: int = 0) -> np.ndarray:
    """Uniform numbers in (0, 1), one per patient, for one purpose.

    Parameters
    ----------
    seed : int
        The run's seed.
    patients : array of uint64, shape (patient,)
        Patient keys, from :func:`key`.
    purpose : str
        What the number decides, such as ``"parameter/hsc_division"``.
    index : int
        The how-maniest number of this stream.
    """
    with np.errstate(over="ignore"):
        z = _mix(stream_keys(seed, patients, purpose) + np.uint64(index + 1) * _GOLDEN)
    return ((z >> np.uint64(11)).astype(np.float64) + 0.5) / 2.0**53


def normal(seed: int, patients: np.ndarray, purpose: str, index: int = 0) -> np.ndarray:
    """Standard normal numbers, one per patient, by inversion of :func:`uniform`."""
    return ndtri(uniform(seed, patients, purpose, index))
