"""Estimators against R's survival and cmprsk; run it with ``python -m validation.statistics``."""
