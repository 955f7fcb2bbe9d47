"""The tables of the page of results that come from records of probes, of simulated speech and of real corpora.

    python tools/results_page.py

Prints the page with them; with the word `write` it renews book/results.md. A test holds the page to them.
"""

import re
import sys
from pathlib import Path

from vcemo_lib.experiments import evidence_table, loss_table, markdown, read_lines, together_table
from vcemo_lib.experiments.probes import PROBES, claims
from vcemo_lib.paths import RESULTS

PAGE = Path(__file__).resolve().parent.parent / "book" / "results.md"


def probes() -> str:
    """A row a probe: claim, what is compared, effect, ceiling, control, verdict."""
    frame = claims(PROBES).drop(columns="without the link")
    return markdown(frame.reset_index()[["claim", "probe", *frame.columns.drop("claim")]])


def together() -> str:
    """A row a system: accuracy on the stress and on the irony clips."""
    tables = {effect: together_table(effect) for effect in ("stress", "irony")}
    return "\n\n".join(
        markdown(frame.rename_axis(f"{effect}: system").reset_index()) for effect, frame in tables.items()
    )


def losses() -> str:
    """A row a loss, on BRIGHTER's texts."""
    return markdown(loss_table(read_lines(RESULTS / "brighter_losses.json")).reset_index())


BLOCKS = {
    "probes": probes,
    "together": together,
    "losses": losses,
    "evidence": lambda: markdown(evidence_table().reset_index()),
}


def renewed(page: str) -> str:
    """The page with every block between its marks made anew."""
    for name, make in BLOCKS.items():
        block, table = re.compile(rf"(?<=<!-- {name} -->\n).*?(?=<!-- /{name} -->)", re.DOTALL), make() + "\n"
        page = block.sub(lambda _, table=table: table, page)
    return page


if __name__ == "__main__":
    made = renewed(PAGE.read_text(encoding="utf-8"))
    print(made)
    if sys.argv[1:] == ["write"]:
        PAGE.write_text(made, encoding="utf-8")
