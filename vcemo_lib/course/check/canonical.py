"""The one form in which a notebook is committed: the same content always gives the same bytes."""

import copy
import json
import re

import nbformat
from nbformat import NotebookNode

from ..notebook.reading import tags, text_of

KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")
WIDGET = "application/vnd.jupyter.widget-view+json"


def canonical(notebook: NotebookNode) -> str:
    """The canonical text of a notebook; the notebook given is left as it is.

    Kept: cell ids, sources, tags, `source_hidden`, outputs. Dropped: the parameters cell a runner injected,
    its metadata and times, stderr, widgets, memory addresses. Executed cells are counted 1…n. Keys are
    sorted, one line of source is one line of the file.
    """
    clean = nbformat.v4.new_notebook(metadata={"kernelspec": KERNEL, "language_info": {"name": "python"}})
    clean.nbformat_minor = 5
    cells = [cell for cell in copy.deepcopy(notebook.cells) if "injected-parameters" not in tags(cell)]
    executed = 0
    for cell in cells:
        if cell.cell_type == "code" and cell.execution_count is not None:
            executed += 1
            cell.execution_count = executed
        clean.cells.append(_canonical_cell(cell))
    text = nbformat.v4.writes(clean)
    return json.dumps(json.loads(text), indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def _canonical_cell(cell: NotebookNode) -> NotebookNode:
    metadata = NotebookNode()
    if tags(cell):
        metadata.tags = sorted(tags(cell))
    if cell.metadata.get("jupyter", {}).get("source_hidden"):
        metadata.jupyter = {"source_hidden": True}
    cell.metadata = metadata
    cell.source = cell.source.strip("\n")
    if cell.cell_type == "code":
        cell.outputs = canonical_outputs(cell.outputs, cell.execution_count)
    return cell


def canonical_outputs(outputs: list[NotebookNode], count: int | None) -> list[NotebookNode]:
    """Outputs with neighbouring streams joined, and without stderr, widgets, addresses and stray metadata."""
    kept: list[NotebookNode] = []
    for output in outputs:
        if output.output_type == "stream":
            _add_stream(kept, output)
        elif WIDGET not in output.get("data", {}):
            kept.append(_clean_output(output, count))
    return kept


def _add_stream(kept: list[NotebookNode], output: NotebookNode) -> None:
    if output.name == "stderr":
        return
    text = ADDRESS.sub("", text_of(output.text))
    if kept and kept[-1].output_type == "stream":
        kept[-1].text += text
    else:
        kept.append(nbformat.v4.new_output("stream", name="stdout", text=text))


def _clean_output(output: NotebookNode, count: int | None) -> NotebookNode:
    if "data" in output:
        output.data = NotebookNode({kind: _clean_value(kind, value) for kind, value in output.data.items()})
        alt = output.get("metadata", {}).get("image/png", {}).get("alt")
        output.metadata = NotebookNode({"image/png": {"alt": alt}} if alt else {})
    if output.output_type == "execute_result":
        output.execution_count = count
    return output


def _clean_value(kind: str, value):
    if kind == "image/png":
        return text_of(value).strip()
    return ADDRESS.sub("", text_of(value)) if isinstance(value, str | list) else value
