"""The summary of a run, `summary.csv`, as a table in Markdown.

python tools/run_summary.py runs/tiny/summary.csv
"""

import csv
import sys
from pathlib import Path

COLUMNS = ("chapter", "title", "status", "seconds", "megabytes", "budget", "cell", "error")


def table(path: Path) -> str:
    """A line a chapter; without the file, one that says so."""
    if not path.is_file():
        return f"No chapter was run: there is no {path}."
    with path.open(encoding="utf-8", newline="") as file:
        rows = [[" ".join(row[name].split()).replace("|", "\\|") for name in COLUMNS] for row in csv.DictReader(file)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (COLUMNS, ["---"] * len(COLUMNS), *rows))


if __name__ == "__main__":
    print(table(Path(sys.argv[1])))
