"""Pipelines of spaCy among the installed packages, told without importing any."""

import json
from importlib.util import find_spec
from pathlib import Path


def is_spacy_package(name: str) -> bool:
    """Whether a pipeline of spaCy is installed by this name: loading one runs its code."""
    spec = find_spec(name) if name.isidentifier() else None  # of a name without dots nothing is imported
    try:
        return "spacy_version" in json.loads((Path(spec.origin).parent / "meta.json").read_text(encoding="utf-8"))
    except (AttributeError, TypeError, ValueError, OSError):
        return False
