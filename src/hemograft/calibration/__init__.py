"""Calibration: parameters fitted to published outcomes, as an ensemble that says how well they are known."""
