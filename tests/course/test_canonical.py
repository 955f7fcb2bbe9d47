"""One content, one form: what differs between two runs without meaning is gone."""

import difflib
import json

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from vcemo_lib.course.check.canonical import canonical


def noisy(run: int, source: str = "x = 1\ny = 2"):
    """The same chapter as two runs leave it: other counts, times, paths, stream borders and addresses."""
    streams = [["a\n", "b\n"], ["a\nb\n"]][run % 2]
    outputs = [new_output("stream", name="stdout", text=text) for text in streams]
    outputs.append(new_output("stream", name="stderr", text=f"warning {run}"))
    outputs.append(
        new_output(
            "display_data",
            data={"image/png": "QUJD\n" if run else "QUJD", "text/plain": "a line"},
            metadata={"image/png": {"alt": "a line", "width": 10 + run}},
        )
    )
    outputs.append(new_output("execute_result", data={"text/plain": f"<object at 0x7f{run}>"}, execution_count=run + 5))
    outputs.append(
        new_output("display_data", data={"application/vnd.jupyter.widget-view+json": {"model_id": str(run)}})
    )
    injected = new_code_cell(f"seed = {run}", metadata={"tags": ["injected-parameters"]}, id=f"random{run}")
    body = new_code_cell(source, id="c00-body", execution_count=run + 5, outputs=outputs)
    body.metadata = {
        "papermill": {"duration": run},
        "tags": ["b", "a"],
        "jupyter": {"source_hidden": True},
        "execution": {"iopub.status.busy": str(run)},
        "scrolled": True,
    }
    cells = [new_markdown_cell("# 00 · Title", id="c00-title"), *([injected] if run else []), body]
    metadata = {
        "papermill": {"input_path": f"/home/{run}"},
        "widgets": {},
        "language_info": {"name": "python", "version": f"3.{run}"},
        "kernelspec": {"name": f"private{run}", "display_name": "x"},
    }
    return new_notebook(cells=cells, metadata=metadata)


def test_two_runs_give_the_same_bytes():
    assert canonical(noisy(0)) == canonical(noisy(1)) == canonical(noisy(2))


def test_it_is_stable_and_leaves_its_argument_alone():
    notebook = noisy(1)
    before = json.dumps(notebook)
    once = canonical(notebook)
    assert json.dumps(notebook) == before
    assert canonical(nbformat.reads(once, as_version=4)) == once
    nbformat.validate(nbformat.reads(once, as_version=4))
    assert once.endswith("}\n")


def test_what_is_kept_and_what_is_dropped():
    text = canonical(noisy(1))
    for gone in (
        "papermill",
        "injected",
        "widget",
        "warning",
        "0x7f",
        "private",
        "/home",
        "iopub",
        "scrolled",
        "width",
    ):
        assert gone not in text
    cell = json.loads(text)["cells"][1]
    assert cell["id"] == "c00-body"
    assert cell["execution_count"] == 1
    assert cell["metadata"] == {"jupyter": {"source_hidden": True}, "tags": ["a", "b"]}
    stream, picture, result = cell["outputs"]
    assert stream["text"] == ["a\n", "b\n"]
    assert picture["metadata"] == {"image/png": {"alt": "a line"}}
    assert result["execution_count"] == 1


def test_one_edited_line_is_one_line_of_difference():
    before, after = (canonical(noisy(0, source)).splitlines() for source in ("x = 1\ny = 2", "x = 1\ny = 3"))
    changed = [line for line in difflib.ndiff(before, after) if line[0] in "+-"]
    assert [line[0] for line in changed] == ["-", "+"]
    assert "y = 3" in changed[1]


def test_unexecuted_cells_stay_unexecuted():
    cell = json.loads(canonical(new_notebook(cells=[new_code_cell("1", id="c00-a")])))["cells"][0]
    assert cell["execution_count"] is None
