"""What people see of a run: pages, index, tables, in one look: its style sheet inside, so that a page is one file."""

from pathlib import Path

TEMPLATES = Path(__file__).resolve().parent / "templates"


def style() -> str:
    """Our style sheet and the colours of code."""
    from pygments.formatters import HtmlFormatter

    own = (TEMPLATES / "course" / "style.css").read_text(encoding="utf-8")
    return own + "\n" + HtmlFormatter(style="default").get_style_defs(".highlight")
