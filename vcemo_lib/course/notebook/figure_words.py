"""What the figures of the chapters say in words, from `notebooks/figures.yaml`: not between a reader and the code."""

from functools import cache

import yaml

from ...paths import ROOT

FILE = ROOT / "notebooks" / "figures.yaml"


@cache
def figure_words() -> dict[str, dict[str, str]]:
    """Number of a figure, "4.1" → its `alt` and `caption`; what is built from results is in the notebook."""
    return yaml.safe_load(FILE.read_text(encoding="utf-8")) if FILE.is_file() else {}
