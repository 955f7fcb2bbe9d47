"""`make bench`: measure every subject, or those that are named, and write table, page and plot.

python -m benchmarks [SUBJECT …]

A subject's rows are written when it is done, so that a run that was ended goes on with the others by their names.
The rivals lie in `.bench`, for nothing else reads them. A new subject is a file with `cases(short)` that gives
`timing.Case`s, its name in `SUBJECTS`, and the ratio that may not be lost in `tests/test_benchmarks.py`.
"""

import sys
import time
from importlib import import_module

import torch

from vcemo_lib.evaluation.records import environment
from vcemo_lib.paths import RESULTS
from vcemo_lib.storage import read_json, write_json

from .report import write_pages
from .timing import Case, copy_rate, measure, product_rate

SUBJECTS = ("contrast", "attention", "front_end", "step", "mel", "augmentation", "batches", "sentences", "runs")
FILE = RESULTS / "bench.json"


def main(names: list[str]) -> None:
    """Measure the named subjects, all without a name."""
    if unknown := set(names) - set(SUBJECTS):
        raise SystemExit(f"no benchmark named {', '.join(sorted(unknown))}: choose some of {', '.join(SUBJECTS)}")
    torch.set_num_threads(1)
    for name in names or SUBJECTS:
        kept = read_json(FILE) if FILE.is_file() else {}
        write_json(FILE, {**kept, name: subject(name)})
        write_pages(read_json(FILE))


def subject(name: str) -> dict:
    """All rows of one subject, with the machine's rates in those minutes and what it ran on."""
    start, rates = time.monotonic(), {"gflops": product_rate() / 1e9, "copy_gb_s": copy_rate() / 1e9}
    module, rows = import_module(f"benchmarks.{name}"), []
    for case in module.cases():
        row = measure(case) if isinstance(case, Case) else case
        rows.append(row)
        print(f"{name}: {row['case']}: " + ", ".join(f"{k} {v[0]:.3g} x" for k, v in row["ratio"].items()), flush=True)
    seconds = round(time.monotonic() - start, 1)
    return {"rows": rows, "rates": {k: round(v, 1) for k, v in rates.items()}, "seconds": seconds} | {
        "environment": environment()
    }


if __name__ == "__main__":
    main(sys.argv[1:])
