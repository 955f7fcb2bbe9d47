"""Settings of the book for Sphinx."""

project = "VCEMO, reproduced as a course"
author = copyright = "the developers of the VCEMO course"
extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
    "sphinx_copybutton",
    "sphinx-mathjax-offline",
    "sphinx_tippy",
]
# Previews under the pointer, of what is in the book: nothing is asked of the network.
tippy_js = ("previews/popper.min.js", "previews/tippy-bundle.umd.min.js")
tippy_enable_mathjax = True
tippy_enable_wikitips = tippy_enable_doitips = False
tippy_props = {"theme": "book", "maxWidth": 560}
tippy_anchor_parent_selector = "article"  # not the lists of pages and of contents
nb_execution_mode = "off"  # the committed outputs are the book's
nb_merge_streams = True
myst_enable_extensions = ["dollarmath", "amsmath", "attrs_inline"]
myst_heading_anchors = 3
suppress_warnings = ["mystnb.unknown_mime_type", "misc.highlighting_failure", "myst.header", "ref.python"]

default_role = "code"  # docstrings write `names` as Markdown does
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
napoleon_use_rtype = False

html_theme = "pydata_sphinx_theme"
html_title = "VCEMO course"
html_static_path = ["_static"]
html_css_files = ["book.css"]
html_js_files = ["sideways.js"]
html_favicon = "_static/favicon.svg"
html_sourcelink_suffix = ""
html_show_sourcelink = False
html_theme_options = {
    "show_prev_next": True,
    "show_toc_level": 2,
    "navigation_with_keys": True,
    "header_links_before_dropdown": 5,
    "secondary_sidebar_items": ["page-toc"],
}


def setup(app):
    """Docstrings are plain text: bars and stars mean themselves, lines set in columns stay lines."""
    app.connect("autodoc-process-docstring", _as_plain_text, priority=400)  # before napoleon
    app.set_html_assets_policy("always")  # MathJax: a preview asks for it, also on a page without a formula


def _as_plain_text(app, what, name, obj, options, lines):
    paragraphs = "\n".join(lines).replace("|", r"\|").replace("*", r"\*").split("\n\n")
    lines[:] = "\n\n".join(map(_kept, paragraphs)).split("\n")


def _kept(paragraph):
    rows = paragraph.split("\n")
    section = rows[0].rstrip().endswith(":") or rows[0].lstrip().startswith(">>>")
    indents = {len(row) - len(row.lstrip()) for row in rows if row.strip()}
    return paragraph if section or len(indents) < 2 else "\n".join("| " + row.strip() for row in rows)
