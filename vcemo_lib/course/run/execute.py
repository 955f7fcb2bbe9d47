"""One chapter in a process of its own: `python -m vcemo_lib.course.run.execute JOB.json`."""

import os
import sys
import threading
import time
from pathlib import Path

from .quick_start import skip_slow_imports


def _end_with_parent() -> None:
    """Stop when the runner is gone, so that a killed run leaves no chapter running."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os._exit(1)  # the kernel watches this process in the same way and ends with it

    threading.Thread(target=watch, daemon=True).start()


def main() -> None:
    """Run the job whose file is named on the command line and write its result."""
    _end_with_parent()
    skip_slow_imports()
    import matplotlib.font_manager  # noqa: F401  builds the font cache here, where its notice disturbs no output

    from ...storage import read_json, write_json
    from .job import run_job

    job = read_json(Path(sys.argv[1]))
    write_json(Path(job["result"]), run_job(job))


if __name__ == "__main__":
    main()
