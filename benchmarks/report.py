"""The table of all rows as a page in Markdown, and the ratios as a plot."""

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt

from vcemo_lib.paths import RESULTS
from vcemo_lib.storage import read_json, write_text

from . import missed

HEAD = """# Speed, measured side by side

`make bench` writes this page. One process, one thread: each round runs ours and every rival in turn on the same inputs,
after their results were shown equal. *times ours* is the rival's time over ours, round by round, median and quartiles:
more than 1 means that ours is faster. *limit* is counted work over the rate that the machine reached in these minutes
(matrix products in float32, or copying). *more memory* is what a call needs beside its arguments. Times are of the
processor, so that waiting does not count; what runs beside still slows it, and the rates tell how quiet it was.

![Times of the rivals over ours](bench.svg)

"""
COLUMNS = (
    "row",
    "rival",
    "rounds",
    "ours, ms",
    "rival, ms",
    "times ours",
    "wanted",
    "ours over limit",
    "more memory, MB",
)


def write_pages(subjects: dict) -> None:
    """`bench.md` and `bench.svg` beside `bench.json`."""
    steps = read_json(RESULTS / "cost.json")["steps"].values()
    reasons = missed.lines(subjects, [step["shares"]["making the batch"] for step in steps])
    write_text(RESULTS / "bench.md", page(subjects) + "\n".join(["", *reasons]))
    plot(subjects)


def page(subjects: dict) -> str:
    """What was measured, by subject, in Markdown."""
    parts = [HEAD]
    for name, subject in subjects.items():
        rates, machine = subject["rates"], subject["environment"]
        parts += [
            f"## {name.replace('_', ' ')}",
            "",
            f"{rates['gflops']:.0f} GFLOP/s, {rates['copy_gb_s']:.0f} GB/s; {machine['date']}, {machine['commit']}, "
            f"torch {machine['torch']}; {subject['seconds']:.0f} s.",
            "",
            f"| {' | '.join(COLUMNS)} |",
            "|:---|:---" + "|---:" * (len(COLUMNS) - 2) + "|",
            *(line for row in subject["rows"] for line in lines(row)),
            "",
            *(f"{row['case']}: {row['note']}.\n" for row in subject["rows"] if row["note"]),
        ]
    return "\n".join(parts)


def lines(row: dict) -> list[str]:
    """A line for each rival, those that are not installed by name."""
    rows, extra = [], row.get("extra_mb") or {}
    limit = f"{row['times_limit']:.1f}" if "times_limit" in row else ""
    ours = f"{row['ms']['ours'][0]:.3g}"
    for rival, (middle, low, high) in row["ratio"].items():
        wanted = f"≥ {row['wanted'][rival]:g}" if rival in row["wanted"] else ""
        memory = f"{extra.get('ours')}, rival {extra.get(rival)}" if extra else ""
        ratio = f"{middle:.3g} ({low:.3g} to {high:.3g})"
        cells = (
            row["case"],
            rival,
            str(row["rounds"]),
            ours,
            f"{row['ms'][rival][0]:.3g}",
            ratio,
            wanted,
            limit,
            memory,
        )
        rows.append(f"| {' | '.join(cells)} |")
    rows += [
        f"| {row['case']} | {rival} | {row['rounds']} | {ours} | {why} | | | {limit} | |"
        for rival, why in row["missing"].items()
    ]
    return rows


def plot(subjects: dict) -> None:
    """A bar for each ratio, on a logarithmic axis, and a mark at what was wanted."""
    bars = [
        (f"{row['case']} · {rival}", *ratio, row["wanted"].get(rival))
        for subject in subjects.values()
        for row in subject["rows"]
        for rival, ratio in row["ratio"].items()
    ]
    plt.rcParams |= {
        "svg.fonttype": "none",
        "svg.hashsalt": "bench",
    }  # text as text, and the same file for the same rows
    figure, axes = plt.subplots(figsize=(9, 1 + 0.24 * len(bars)), layout="constrained")
    for y, (_, middle, low, high, wanted) in enumerate(reversed(bars)):
        axes.barh(y, middle, color="tab:blue" if middle >= (wanted or 0) else "tab:orange")
        axes.plot([low, high], [y, y], color="black", linewidth=1)
        if wanted:
            axes.plot([wanted, wanted], [y - 0.4, y + 0.4], color="tab:red", linewidth=2)
    axes.set_yticks(range(len(bars)), [bar[0] for bar in reversed(bars)], fontsize=7)
    axes.set_xscale("log")
    axes.axvline(1, color="grey", linewidth=0.8)
    axes.set_xlabel("rival's time over ours; red: wanted; orange: not reached")
    figure.savefig(RESULTS / "bench.svg", metadata={"Date": None})
    plt.close(figure)
