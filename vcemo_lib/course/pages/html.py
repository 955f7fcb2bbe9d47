"""A notebook as a page that reads offline: one file, nothing fetched, every picture with its words."""

import base64
import os
import re
from pathlib import Path

from jinja2 import pass_context
from latex2mathml.converter import convert
from nbconvert import HTMLExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from ..notebook.reading import Notebook
from . import TEMPLATES, style

EMPTY_HEADER = re.compile(r"<th\b([^>]*)>\s*</th>")
PICTURE = re.compile(r'<(p(?=><img\b)|div(?= class="output_png ))')  # what holds one, and moves sideways on a phone
LINK = re.compile(r'(?P<head>\b(?:href|src)=")(?!#|//|[a-z][a-z0-9+.-]*:)(?P<path>[^"#]+)(?P<tail>[^"]*")')


def html_page(notebook: Notebook, title: str, home: Path, target: Path) -> str:
    """The page of one executed notebook.

    Args: home, the folder its links start from; target, the folder the page will stand in.
    Links to other notebooks become links to their pages, other relative links are made to fit `target`.
    """
    notebook.metadata["title"] = title
    exporter = PageExporter(template_name="course", extra_template_basedirs=[str(TEMPLATES)])
    exporter.home = home
    page, _ = exporter.from_notebook_node(notebook, {"style": style()})
    return LINK.sub(lambda link: _moved(link, home, target), reachable(page))


def _moved(link: re.Match, home: Path, target: Path) -> str:
    path = link["path"]
    if path.endswith(".ipynb") and "/" not in path:
        path = path.removesuffix(".ipynb") + ".html"
    elif not path.endswith(".html"):
        path = Path(os.path.relpath(home / path, target)).as_posix()
    return link["head"] + path + link["tail"]


def reachable(html: str) -> str:
    """HTML whose empty header cells are plain cells and whose tables and pictures take the focus: keys scroll them."""
    html = PICTURE.sub(r'<\1 tabindex="0"', EMPTY_HEADER.sub(r"<td\1></td>", html))
    return re.sub(r"<table\b(?![^>]*tabindex)", '<table tabindex="0"', html)


def formula(tex: str, block: bool) -> str:
    """A formula as MathML, which browsers draw by themselves."""
    known = tex.replace("{aligned}", "{split}")  # the converter knows aligned lines under this name only
    return convert(known, display="block" if block else "inline")


class _Renderer(IPythonRenderer):
    """Markdown with formulas as MathML and drawings inside the page."""

    def image(self, text: str, url: str, title: str | None = None) -> str:
        if url.endswith(".svg") and not url.startswith(("http:", "https:", "//", "data:")):
            drawing = (Path(self.path) / url).read_bytes()
            url = "data:image/svg+xml;base64," + base64.b64encode(drawing).decode()
        return super().image(text, url, title)

    def block_math(self, body: str) -> str:
        return f'<span class="formula" tabindex="0">{formula(body, block=True)}</span>'

    def inline_math(self, body: str) -> str:
        return formula(body, block=False)

    def latex_environment(self, name: str, body: str) -> str:
        return self.block_math(f"\\begin{{{name}}}{body}\\end{{{name}}}")


class PageExporter(HTMLExporter):
    """nbconvert with our template, which names no address outside the page."""

    home = Path()  # the folder its links start from

    @pass_context
    def markdown2html(self, context, source: str) -> str:  # the name and form nbconvert looks for
        """Markdown as HTML, formulas as MathML."""
        renderer = _Renderer(escape=False, anchor_link_text="¶", path=str(self.home))
        return MarkdownWithMath(renderer=renderer).render(source)
