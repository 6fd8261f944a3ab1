"""Slow, statistical comparison of the simulator with published anchors; run it with ``python -m validation``."""
