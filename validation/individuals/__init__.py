"""Predicted against observed outcomes of single real patients, beside simple baselines."""
