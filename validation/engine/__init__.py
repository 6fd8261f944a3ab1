"""Slow comparison of the engine with independent simulators; run it with ``python -m validation.engine``."""
