"""Executing one notebook and making its page: the work of the process that `execute` starts.

The job names notebook, parameters, folder and result file. The process writes the executed notebook and its
page into a work folder, the result (status, failing cell, seconds, memory) last; the runner moves them.
"""

import resource
import sys
import time
from pathlib import Path
from typing import Any

from .files import write_text
from .html import html_page
from .notebooks import read_notebook, text_of


def run_job(job: dict[str, Any]) -> dict[str, Any]:
    """Execute one notebook through papermill.

    Args: job, with notebook, title, parameters (may be empty), folder (working directory), and the paths
    executed and html to write, html_folder being where the page will stand at last.
    Returns: status "done" or "failed", seconds, megabytes (largest process), for a failure cell and error.
    """
    started = time.monotonic()
    problem = _execute(job)
    executed = Path(job["executed"])
    if executed.is_file():
        notebook = read_notebook(executed)
        problem = find_problem(notebook) or problem
        page = html_page(notebook, job["title"], Path(job["notebook"]).parent, Path(job["html_folder"]))
        write_text(Path(job["html"]), page)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    result = {"status": "failed" if problem else "done", "seconds": round(time.monotonic() - started, 2)}
    result["megabytes"] = round(peak / (1024**2 if sys.platform == "darwin" else 1024), 1)
    return result | (problem or {})


def _execute(job: dict[str, Any]) -> dict[str, str] | None:
    import papermill
    from traitlets.config import Config

    config = Config()
    config.KernelManager.transport_encryption = "required"  # without it ipykernel warns at each start
    try:
        papermill.execute_notebook(
            job["notebook"],
            job["executed"],
            parameters=job["parameters"],
            kernel_name="python3",
            cwd=job["folder"],
            progress_bar=False,
            log_output=False,
            config=config,
        )
    except Exception as error:  # whatever stops a chapter is reported as that chapter's failure
        lines = str(error).strip().splitlines() or [""]
        return {"cell": "", "error": f"{type(error).__name__}: {lines[-1]}"}
    return None


def find_problem(notebook) -> dict[str, str] | None:
    """The first cell that did not end, holds an error, or wrote to stderr, which a clean chapter never does."""
    for cell in notebook.cells:
        if cell.metadata.get("papermill", {}).get("status") == "running":
            return {"cell": cell.id, "error": "the kernel died here; it may have run out of memory"}
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                return {"cell": cell.id, "error": f"{output.ename}: {output.evalue}"}
            if output.output_type == "stream" and output.name == "stderr":
                return {"cell": cell.id, "error": f"unexpected warning: {text_of(output.text).strip()}"}
    return None
