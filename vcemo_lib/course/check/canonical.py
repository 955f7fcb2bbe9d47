"""The one form in which a notebook is committed: the same content always gives the same bytes."""

import copy
import re

from ..notebook.reading import Cell, Notebook, Output, code_cells, tags

KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")
FOLDS = ("source_hidden", "outputs_hidden")
WIDGET = "application/vnd.jupyter.widget-view+json"


def canonical(notebook: Notebook) -> str:
    """The canonical text of a notebook; the notebook given is left as it is.

    Kept: cell ids, sources, tags, what is folded, outputs. Dropped: the parameters cell a runner injected,
    its metadata and times, stderr, widgets, memory addresses. Executed cells are counted 1…n. Keys are
    sorted, one line of source is one line of the file.
    """
    import nbformat

    clean = nbformat.v4.new_notebook(metadata={"kernelspec": KERNEL, "language_info": {"name": "python"}})
    clean.nbformat_minor = 5
    clean.cells = [c for c in copy.deepcopy(notebook.cells) if "injected-parameters" not in tags(c)]
    for cell in clean.cells:
        hidden = {name: True for name in FOLDS if cell.metadata.get("jupyter", {}).get(name)}
        kept = {"tags": sorted(tags(cell)), "jupyter": hidden}
        cell.metadata = nbformat.from_dict({key: value for key, value in kept.items() if value})
        cell.source = cell.source.strip("\n")
    executed = [cell for cell in code_cells(clean) if cell.execution_count is not None]
    for count, cell in enumerate(executed, start=1):
        cell.execution_count = count
    for cell in code_cells(clean):
        cell.outputs = _outputs(cell)
    return nbformat.v4.writes(clean) + "\n"


def _outputs(cell: Cell) -> list[Output]:
    """Outputs with neighbouring streams joined, and without stderr, widgets, addresses and stray metadata."""
    kept: list[Output] = []
    for output in cell.outputs:
        if output.get("name") == "stderr" or WIDGET in output.get("data", {}):
            continue
        if output.output_type == "stream":
            output.text = ADDRESS.sub("", output.text)
            if kept and kept[-1].output_type == "stream":
                kept[-1].text += output.text
                continue
        if "data" in output:
            _clean_data(output)
        if output.output_type == "execute_result":
            output.execution_count = cell.execution_count
        kept.append(output)
    return kept


def _clean_data(output: Output) -> None:
    for kind, value in output.data.items():
        if isinstance(value, str):
            output.data[kind] = value.strip() if kind == "image/png" else ADDRESS.sub("", value)
    alt = output.metadata.get("image/png", {}).get("alt")
    output.metadata.clear()
    if alt:
        output.metadata["image/png"] = {"alt": alt}
