"""The README's map of the library, made from each room's own first sentence.

    python tools/library_map.py

Prints the table; with the word `write` it renews the README. A test holds the README to it.
"""

import ast
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("audio", "text", "data", "models", "evaluation", "training", "inference", "experiments", "course", "cli")
BLOCK = re.compile(r"(?<=<!-- rooms -->\n).*?(?=<!-- /rooms -->)", re.DOTALL)


def sentence(path: Path) -> str:
    """The first line of a module's docstring."""
    return ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))).splitlines()[0]


def table() -> str:
    """One row a room, in the order in which rooms import one another, settings first."""
    package = ROOT / "vcemo_lib"
    rows = [("`config` `recipes` `readings`", sentence(package / "config.py"))]
    rows += [(f"`{room}/`", sentence(package / room / "__init__.py")) for room in ROOMS]
    return "\n".join(["| room | what is in it |", "|---|---|", *(f"| {room} | {text} |" for room, text in rows)]) + "\n"


if __name__ == "__main__":
    print(table())
    if sys.argv[1:] == ["write"]:
        readme = ROOT / "README.md"
        readme.write_text(BLOCK.sub(lambda _: table(), readme.read_text(encoding="utf-8")), encoding="utf-8")
