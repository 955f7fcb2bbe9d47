"""What figures and tables of the chapters say in words, from two files: not between a reader and the code."""

from functools import cache
from string import Formatter

import yaml

from ...errors import CourseError
from ...paths import ROOT

FIGURES, TABLES = (ROOT / "notebooks" / name for name in ("figures.yaml", "tables.yaml"))


@cache
def figure_words() -> dict[str, dict[str, str]]:
    """Number of a figure, "4.1" → its `alt` and `caption`; what is built from results is in the notebook."""
    return yaml.safe_load(FIGURES.read_text(encoding="utf-8")) if FIGURES.is_file() else {}


@cache
def table_words() -> dict[str, dict[str, str]]:
    """Chapter, "04" → name of a table → its caption, in which {name} or {name:.2f} is a value of the call."""
    return yaml.safe_load(TABLES.read_text(encoding="utf-8")) if TABLES.is_file() else {}


def table_caption(chapter: str, name: str, values: dict[str, object]) -> str:
    """The caption of a table, its values filled in.

    Errors: `CourseError` for a name that the file lacks, and for values that are not those of the caption.
    """
    kept = table_words().get(chapter, {})
    if name not in kept:
        raise CourseError(
            f"notebooks/tables.yaml has no table {name!r} of chapter {chapter} (it has {', '.join(kept) or 'none'}); "
            "write it there, or give caption= in place of name=."
        )
    asked = table_values(kept[name])
    if asked != set(values):
        raise CourseError(
            f"The caption of table {name!r} of chapter {chapter} takes the values {sorted(asked)}, and the call gives "
            f"{sorted(values)}; let both name the same."
        )
    return kept[name].format(**values)


def table_values(caption: str) -> set[str]:
    """The names in braces of a caption."""
    return {name for _, name, _, _ in Formatter().parse(caption) if name is not None}
