"""No chapter uses a term that a later one explains, unless the same paragraph says where it is explained."""

import re
from collections.abc import Iterator

import yaml
from nbformat import NotebookNode

from ..run.plan import NOTEBOOKS, ChapterSpec

FILE = NOTEBOOKS / "terms.yaml"
CODE = re.compile(r"```.*?```|`[^`\n]*`", re.S)


def explained_later(notebook: NotebookNode, spec: ChapterSpec) -> Iterator[tuple[str, str]]:
    """Cells whose text uses a term of `notebooks/terms.yaml` too early."""
    terms = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    later = {term: about["chapter"] for term, about in terms.items() if about["chapter"] > spec.number}
    for cell in (cell for cell in notebook.cells if cell.cell_type == "markdown"):
        for paragraph in CODE.sub("", cell.source).split("\n\n"):
            if "arXiv" in paragraph:  # a list of references
                continue
            for term, home in later.items():
                used = re.search(rf"(?<![\w-]){re.escape(term)}(?!\w)", paragraph)
                if used and not re.search(rf"[Cc]hapters?[^.]*\b{home}\b|\({home}_", paragraph):
                    yield (
                        cell.id,
                        f"{term} is explained in chapter {home}: say so in this paragraph, or use another word",
                    )
