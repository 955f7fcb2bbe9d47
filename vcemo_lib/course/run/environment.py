"""What a chapter's process needs: an operating system, and the same kernel, threads and settings."""

import os
import signal
import sys
import threading
import time
from pathlib import Path

from ...errors import CourseError
from ...paths import ROOT
from ...storage import write_json
from ..notebook.threads import pinned

# tqdm warns at import that it cannot draw widgets; the course keeps widgets out of its notebooks on purpose.
NO_WIDGETS = "ignore:IProgress not found"


def require_unix(what: str) -> None:
    """Raise CourseError on Windows, which lacks what watches and ends processes here (`resource`, `fork`, groups)."""
    if sys.platform == "win32":
        raise CourseError(f"{what} needs Linux or macOS; on Windows do it in WSL ('wsl --install'), or use JupyterLab.")


def end_with_parent(parent: int, group: bool = False) -> None:
    """Stop when the process of this number is gone, also where it went while this one began: a kill leaves no other.

    Args: group, whether all that this process started, as the first of its group, ends too.
    """

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        if group:
            os.killpg(0, signal.SIGKILL)
        os._exit(1)  # the kernel of a chapter watches its process in the same way

    threading.Thread(target=watch, daemon=True).start()


def library_path() -> str:
    """PYTHONPATH of a process that is to find this library wherever it runs."""
    return os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))


def lab_environment() -> dict[str, str]:
    """Environment variables for JupyterLab and its kernels: one thread each, unless the user says another number."""
    return {**os.environ, **pinned(dict(os.environ)), "PYTHONWARNINGS": NO_WIDGETS}


def chapter_environment(state: Path, profile: str, jobs: int) -> dict[str, str]:
    """Environment variables for one chapter.

    Args: state, folder for kernel files; profile; jobs, how many chapters run at once: beyond one, each has a
    thread. In the tiny profile each always has one: sums in another order would be other digits than the committed.
    """
    settings = pinned({}, 1 if profile == "tiny" or jobs > 1 else os.cpu_count() or 1)
    settings |= {
        "JUPYTER_PATH": str(_own_kernel(state)),
        "IPYTHONDIR": str(state / "ipython"),  # start-up files of the user do not reach the course
        "PYTHONPATH": library_path(),
        "PYTHONHASHSEED": "0",
        # more kernels than the library keeps: a training of the live size takes 5 % less time, and 45 MB more
        "ONEDNN_PRIMITIVE_CACHE_CAPACITY": "64",
        "PYTHONWARNINGS": NO_WIDGETS,
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        "JOBLIB_MULTIPROCESSING": "0",  # it would warn where there is no /dev/shm; nothing here uses it
        "TQDM_DISABLE": "1",  # bars write to stderr, where only problems belong
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "TOKENIZERS_PARALLELISM": "false",
    }
    return {**os.environ, **settings}


def _own_kernel(state: Path) -> Path:
    """A `python3` kernel that is this very interpreter; one of that name elsewhere may be another."""
    from ipykernel.kernelspec import get_kernel_dict

    spec = get_kernel_dict() | {"display_name": "Python 3"}
    write_json(state / "jupyter" / "kernels" / "python3" / "kernel.json", spec)
    return state / "jupyter"
