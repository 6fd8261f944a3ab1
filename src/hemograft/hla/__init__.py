"""Compatibility of patient and donor: HLA typings, their comparison, and what is expected where no typing is known."""
