"""Check that the library's rooms import one way only.

    python tools/check_imports.py

A room may import itself and those before it in ORDER, wherever in its code the import stands; the course tools
know nothing of the science. Prints one line for each import that breaks this and ends with exit code 1.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = "vcemo_lib"
TOP = (
    "errors",
    "messages",
    "paths",
    "rooms",
    "digests",
    "letters",
    "hugging_face",
    "provenance",
    "disk",
    "memory",
    "storage",
    "config",
    "recipes",
)
TOP += ("readings",)
ORDER = (*TOP, "audio", "text", "data", "models", "evaluation", "training", "inference", "experiments", "course", "cli")
ALONE = {
    "course": {"errors", "messages", "paths", "digests", "provenance", "disk", "storage"}
}  # what these may import at most


def problems(root: Path) -> list[str]:
    """Every import inside `root`/vcemo_lib that points down, sideways or out of bounds."""
    package = root / PACKAGE
    files = sorted(path for path in package.rglob("*.py") if path != package / "__init__.py")
    return [line for path in files for line in _file_problems(path, package)]


def _file_problems(path: Path, package: Path) -> Iterator[str]:
    inside = path.relative_to(package).with_suffix("")
    own = inside.parts[0]
    if own not in ORDER:
        yield f"{inside}.py: {own} has no place in ORDER of tools/check_imports.py; give it one"
        return
    for line, module in imported(path, package):
        if module in ("", own):
            continue
        if module not in ORDER:
            yield f"{inside}.py:{line}: imports {module}, which has no place in ORDER"
        elif ORDER.index(module) > ORDER.index(own):
            yield f"{inside}.py:{line}: imports {module}, which stands below {own}"
        elif module not in ALONE.get(own, ORDER):
            yield f"{inside}.py:{line}: imports {module}; {own} may only import {', '.join(ALONE[own])}"


def imported(path: Path, package: Path) -> Iterator[tuple[int, str]]:
    """Line and top-level module of each import of the library in one file, relative imports resolved."""
    here = (PACKAGE, *path.relative_to(package).parts[:-1])
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(here[: len(here) + 1 - node.level]) if node.level else ""
            start = ".".join(filter(None, [base, node.module or ""]))
            names = [f"{start}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            parts = name.split(".")
            if parts[0] == PACKAGE and len(parts) > 1 and _is_module(package, parts[1]):
                yield node.lineno, parts[1]


def _is_module(package: Path, name: str) -> bool:
    return (package / f"{name}.py").is_file() or (package / name).is_dir() or name in ORDER


def main() -> int:
    """Print what is wrong. Returns: the exit code."""
    wrong = problems(ROOT)
    print("\n".join(wrong) or "imports only point up the list")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
