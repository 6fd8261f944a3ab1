"""Speed and growth of the engine beside other simulators, in one run; start it with ``python -m benchmarks``."""

import os

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")  # one thread each, before any library reads it
