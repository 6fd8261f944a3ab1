"""Who is treated: patient, donor, graft."""

from .case import Case, read_case
from .donor import Donor, Graft
from .patient import Patient

__all__ = ["Case", "Donor", "Graft", "Patient", "read_case"]
