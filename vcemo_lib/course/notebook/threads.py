"""One thread a process, unless somebody said otherwise: on a machine that others use, two wait for one another.

A cell that takes 10 s with one thread took 170 s with two beside other work.
"""

import os
import sys

VARIABLES = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS")


def pinned(environment: dict[str, str], threads: int = 1) -> dict[str, str]:
    """The variables that give a new process so many threads; what `environment` says already stays."""
    return {name: environment.get(name, str(threads)) for name in VARIABLES}


def pin() -> None:
    """Give this process one thread where its environment names no number, as JupyterLab's and papermill's do not."""
    if not any(name in os.environ for name in VARIABLES):
        os.environ.update(pinned({}))
        if "torch" in sys.modules:  # it asked for its threads when it was loaded
            sys.modules["torch"].set_num_threads(1)
