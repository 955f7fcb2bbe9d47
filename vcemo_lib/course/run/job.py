"""Executing one notebook and making its page: the work of the process that `execute` starts.

The job names notebook, parameters, folder and result file. The process writes the executed notebook and its
page into a work folder, the result (status, failing cell, seconds, memory) last; the runner moves them.
"""

import resource
import sys
import time
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from ...storage import write_text
from ..notebook.reading import code_cells, read_notebook, text_of
from ..pages.html import html_page


def run_job(job: dict[str, Any]) -> dict[str, Any]:
    """Execute one notebook through papermill.

    Args: job, with notebook, title, parameters (may be empty), folder (working directory), and the paths
    executed and html to write, html_folder being where the page will stand at last.
    Returns: status "done" or "failed", seconds, megabytes (largest process), for a failure cell and error.
    """
    started = time.monotonic()
    said = _execute(job)
    executed = Path(job["executed"])
    found = {"cell": "", "error": said} if said else {}
    if executed.is_file():
        notebook = read_notebook(executed)
        found = find_problem(notebook, said)
        page = html_page(notebook, job["title"], Path(job["notebook"]).parent, Path(job["html_folder"]))
        write_text(Path(job["html"]), page)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    result = {"status": "failed" if found else "done", "seconds": round(time.monotonic() - started, 2)}
    result["megabytes"] = round(peak / (1024**2 if sys.platform == "darwin" else 1024), 1)
    return result | found


def _execute(job: dict[str, Any]) -> str:
    """Run the notebook; returns what went wrong in papermill's words, empty when nothing did."""
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
        return f"{type(error).__name__}: {lines[-1]}"
    return ""


def find_problem(notebook: NotebookNode, said: str) -> dict[str, str]:
    """The first cell that holds an error, wrote to stderr or did not end, none of which a clean chapter has.

    Args: said, what papermill reported, empty when nothing. Returns: cell and error, empty when all is well.
    """
    for cell in code_cells(notebook):
        for output in cell.outputs:
            if output.output_type == "error":
                return {"cell": cell.id, "error": f"{output.ename}: {output.evalue}"}
            if output.output_type == "stream" and output.name == "stderr":
                return {"cell": cell.id, "error": f"unexpected warning: {text_of(output.text).strip()}"}
        if said and "shell.execute_reply" not in cell.metadata.get("execution", {}):
            return {"cell": cell.id, "error": f"{said}; the cell did not end"}
    return {"cell": "", "error": said} if said else {}
