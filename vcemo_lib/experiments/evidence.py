"""The claims of the paper, each beside all that the course measured of it: probe, simulated speech, real voices.

python -m vcemo_lib.experiments.evidence      # prints the table from the records, trains nothing
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from ..paths import RESULTS
from .comparison import Gap, gap_between
from .probes import FOLDER, PROBES, claims
from .real_records import read_lines
from .tables import TableError
from .together import LATE, VCEMO, ceiling_of, together_records

NOT_MADE = "not recorded"


@dataclass(frozen=True)
class Claim:
    """One claim: its probe, what is compared on simulated speech, and what is known of real voices or texts."""

    sentence: str
    probe: str
    simulated: Callable[[], str] = lambda: ""
    real: Callable[[], str] = lambda: ""


def together_gap(corpus: str) -> str:
    """VCEMO against late fusion on a part of VCEMO-Sim, over the seeds that both have."""
    kept = together_records(corpus)
    if VCEMO not in kept or LATE not in kept:
        return NOT_MADE
    n = min(len(kept[VCEMO]), len(kept[LATE]))
    ours = kept[VCEMO][:n]
    reached = 100 * sum(record["scores"]["wa"] for record in ours) / n
    told = told_gap(gap_between(ours, kept[LATE][:n]), f"{VCEMO} − {LATE}")
    return f"{told}; reached {reached:.1f}, ceiling {ceiling_of(corpus):.1f}, {n} seed(s)"


def study_gap(which: int | str, lead: str, rival: str) -> str:
    """Two rows of a table or a study on VCEMO-Sim, four classes where it has them."""
    from .parallel_runs import records  # brings a corpus
    from .request import Request

    try:
        runs = records(Request(which))
    except TableError:
        return NOT_MADE
    classes = min(n for n, *_ in runs)
    return told_gap(gap_between(runs[classes, "", lead], runs[classes, "", rival]), f"{lead} − {rival}")


def told_gap(gap: Gap, what: str) -> str:
    """Effect, interval, verdict."""
    verdict = ("holds" if gap.mean > 0 else "reversed") if gap.sure else f"not found, {gap.seen:.1f} would have been"
    return f"{what}: {gap.mean:+.1f} ({gap.low:+.1f} to {gap.high:+.1f}), {verdict}"


def lines_of(name: str, say: Callable[[dict], str]) -> Callable[[], str]:
    """A cell from a record of a real corpus, by what `say` makes of its lines."""
    path = RESULTS / f"{name}.json"
    return lambda: say(read_lines(path)) if Path(path).is_file() else NOT_MADE


def _deeply(lines: dict) -> str:
    gain, both = (lines[f"agreement, paired anew, {end}"] for end in ("gain of naming both", "from both named"))
    return (
        f"Deeply, do they agree: both named − product of single ones {gain['accuracy']:+.1f} ({gain['low']:+.1f} to "
        f"{gain['high']:+.1f}); reached {both['accuracy']:.1f}, chance 50, holds for simple models"
    )


def _brighter(lines: dict) -> str:
    share = lines["two or more, of the texts with any"]["per cent"]
    return f"BRIGHTER: {share:.0f} % of the texts with an emotion have two or more; the premise holds"


CLAIMS = (
    Claim("words and voice are bound, word by word (§3.3)", "stress", lambda: together_gap("stress")),
    Claim(
        "the presence of the other is conveyed (§3.3)",
        "irony",
        lambda: together_gap("irony"),
        lines_of("deeply_crossed", _deeply),
    ),
    Claim(
        "add what shares its time (§3.3)",
        "time",
        lambda: study_gap("join", "add, then concatenate", "concatenate twice"),
    ),
    Claim(
        "the guide's final output (§3.3)",
        "depth",
        lambda: study_gap("depth", "guided by the final output", "guided at the same depth"),
    ),
    Claim(
        "sound and words first, then BERT (§3.3)",
        "sentence_explains",
        lambda: study_gap("order", "audio + words, then BERT", "words + BERT, then audio"),
    ),
    Claim(
        "BERT brings knowledge (§3.2)",
        "knowledge",
        lambda: study_gap(3, "Embeddings + BERT + Acoustic", "Embeddings + Acoustic"),
    ),
    Claim(
        "SupCon helps with mixed labels (§3.4)",
        "wrong_labels",
        lambda: study_gap("weight", "α = 0.1", "α = 0"),
        lines_of("brighter_marks", _brighter),
    ),
    Claim("SupCon helps rare classes (§3.4)", "rare", lambda: study_gap("imbalance", "SupCon", "nothing")),
    Claim(
        "augmentation helps (§3.5)",
        "augmentation",
        lambda: study_gap("augmentation", "recordings and copies", "recordings alone"),
    ),
)


def evidence_table(chosen: Sequence[Claim] = CLAIMS, folder: Path = FOLDER) -> pd.DataFrame:
    """Claim → probe → simulated speech → real voices: effect in points of accuracy, 95 % interval, verdict."""
    probes = claims({claim.probe: PROBES[claim.probe] for claim in chosen}, folder)
    rows = {}
    for claim in chosen:
        made = probes.loc[claim.probe] if claim.probe in probes.index else None
        rows[claim.sentence] = {
            "probe": NOT_MADE if made is None else _probe_cell(claim.probe, made),
            "simulated speech": claim.simulated(),
            "real voices or texts": claim.real() or "no corpus of it here",
        }
    return pd.DataFrame(rows).T.rename_axis("claim")


def _probe_cell(name: str, made: pd.Series) -> str:
    return (
        f"{name}: {made['compared']} {made['largest effect']}; reached {made['reached']}, ceiling {made['ceiling']}, "
        f"without the link {made['link shuffled']}; {made['verdict']}"
    )


if __name__ == "__main__":
    from .parallel_runs import markdown

    print(markdown(evidence_table().reset_index()))
