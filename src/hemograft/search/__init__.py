"""Donor search: candidates for one patient, from single files or a registry's list, compared and put in order."""
