"""Rules that keep a notebook readable anywhere: no traces of a machine, nothing fetched, no dead links."""

import re
from collections.abc import Iterator
from urllib.parse import unquote

from nbformat import NotebookNode

from ...paths import ROOT
from ..notebook.reading import text_of
from ..run.plan import ChapterSpec

Found = list[tuple[str, str]]
ABSOLUTE = re.compile(
    r"(?:(?<=[\s\"'`(=:,>\[])|^)(?:(?:file://)?/(?:home|root|Users|tmp|work|mnt|opt|var|usr|workspace|content)/[^\s\"'`)]+"
    r"|[A-Z]:\\{1,2}(?:Users|Windows|Program|Documents)[^\s\"'`)]*)",
    re.M,
)
DATA = re.compile(r"data:[a-z]+/[a-z0-9.+-]+;base64,[A-Za-z0-9+/=]+")
FETCHED = re.compile(
    r"<(?:img|script|link|audio|video|source|iframe|object)\b[^>]*?(?:src|href|data)\s*=\s*"
    r"[\"']?\s*((?:https?:)?//[^\"'\s>]+)|url\(\s*[\"']?((?:https?:)?//[^\"')]+)",
    re.I,
)
IMAGE = re.compile(r"!\[[^\]]*\]\(\s*((?:https?:)?//[^)\s]+)")
LINK = re.compile(r"\]\(\s*<?([^)\s>]+)|(?:href|src)=[\"']([^\"']+)[\"']")


def kernel(notebook: NotebookNode, spec: ChapterSpec) -> Found:
    """The kernel is python3, under no private name."""
    name = notebook.metadata.get("kernelspec", {}).get("name")
    return [] if name == "python3" else [("", f"the kernel is {name!r}; it must be 'python3'")]


def widgets(notebook: NotebookNode, spec: ChapterSpec) -> Found:
    """No widget state: hosts refuse to show notebooks that hold it."""
    found = [("", "the metadata holds widget state")] if "widgets" in notebook.metadata else []
    views = [
        c.id for c in notebook.cells for o in c.get("outputs", []) if any("widget" in k for k in o.get("data", {}))
    ]
    return found + [(name, "an output is a widget; show a static picture instead") for name in views]


def absolute_paths(notebook: NotebookNode, spec: ChapterSpec) -> Found:
    """No folder of one machine in sources, outputs or metadata."""
    found = []
    for cell in notebook.cells:
        for text in [cell.source, str(dict(cell.metadata)), *_outputs(cell)]:
            hit = ABSOLUTE.search(text)
            path = hit.group() if hit else str(ROOT) if str(ROOT) in text else ""
            found += [(cell.id, f"holds the path {path[:60]} of one machine")] if path else []
    hit = ABSOLUTE.search(str(dict(notebook.metadata)))
    return found + ([("", f"the metadata holds the path {hit.group()[:60]} of one machine")] if hit else [])


def _outputs(cell: NotebookNode) -> Iterator[str]:
    """The texts of a cell's outputs, without pictures and sounds."""
    for output in cell.get("outputs", []):
        values = [output.get("text", ""), *output.get("traceback", [])]
        values += [value for kind, value in output.get("data", {}).items() if not kind.startswith("image/")]
        yield from (DATA.sub("", text_of(v)) for v in values if isinstance(v, str | list))


def remote_content(notebook: NotebookNode, spec: ChapterSpec) -> Found:
    """Reading needs no network: nothing shown is fetched. A link that a reader may follow is allowed."""
    found = []
    for cell in notebook.cells:
        shown = [cell.source] if cell.cell_type == "markdown" else []
        for text in [*shown, *_outputs(cell)]:
            hits = [*IMAGE.findall(text), *(one or other for one, other in FETCHED.findall(text))]
            found += [(cell.id, f"{address} is fetched when the notebook is read") for address in hits]
    return found


def local_links(notebook: NotebookNode, spec: ChapterSpec) -> Found:
    """Every link without an address names a file that exists, seen from the notebook's folder."""
    found = []
    for cell in notebook.cells:
        texts = [_prose(cell.source)] if cell.cell_type == "markdown" else list(_outputs(cell))
        for link in (one or other for text in texts for one, other in LINK.findall(text)):
            path = unquote(link.partition("#")[0])
            if path and not re.match(r"[a-z][a-z0-9+.-]*:|//", path) and not (spec.path.parent / path).exists():
                found.append((cell.id, f"the link {link} leads to no file"))
    return found


def _prose(source: str) -> str:
    """Markdown without its code, where brackets mean something else."""
    return re.sub(r"```.*?```|`[^`\n]*`", "", source, flags=re.S)
