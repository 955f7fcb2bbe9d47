"""The claims of the paper, each beside all that was measured of it: by the paper, probe, simulated speech, real voices.

python -m vcemo_lib.experiments.evidence      # prints the table from the records, trains nothing
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pandas as pd
from scipy.stats import norm

from ..evaluation.power import detectable
from ..paths import RESULTS
from .comparison import Gap, gap_between
from .gaps_of_studies import recorded
from .marked_texts import PAPER
from .mixed_emotions import TWO_VIEWS
from .parallel_runs import markdown
from .probes import PROBES, claims
from .real_records import read_lines, told_gain
from .studies import TWO_VIEWS as TWO_VIEWS_OURS
from .tables import TABLES
from .together import BOTH, LATE, VCEMO, ceiling_of, together_records
from .together import WORDS as ALONE

NOT_MADE, NOT_ASKED = "not recorded", "not asked"
ERRORS = 2 * norm.ppf(0.975)  # standard errors in a 95 % interval


@dataclass(frozen=True)
class Claim:
    """One claim: its probes, what is compared on simulated speech, on real voices or texts.

    A cell that is empty was not asked.
    """

    sentence: str
    probes: str = ""  # names with blanks between them
    study: tuple[int | str, str, str] | None = None  # a table or study, its two rows
    simulated: Callable[[], str] = lambda: ""
    real: Callable[[], str] = lambda: ""

    def on_paper(self) -> str:
        """What the paper's own table has: the difference of two rows, in points of the first task."""
        if not self.study or self.study[0] not in TABLES:
            return "no number"
        table, *rows = self.study
        lead, rival = (next(row for row in TABLES[table].rows if row.name == name) for name in rows)
        return f"{lead.paper[0] - rival.paper[0]:+.2f} (Table {table}{lead.reading and f', {lead.reading}'})"

    def on_simulated(self) -> str:
        """The gap of its study, and what else is compared on simulated speech."""
        return "; ".join(filter(None, (self.study and study_gap(*self.study), self.simulated())))


def together_gap(corpus: str, lead: str = VCEMO, rival: str = LATE) -> str:
    """Two systems on a small part of VCEMO-Sim, over the seeds that both have, beside what can be reached at best."""
    kept = together_records(corpus)
    if lead not in kept or rival not in kept:
        return NOT_MADE
    n = min(len(kept[lead]), len(kept[rival]))
    ours = kept[lead][:n]
    reached = 100 * sum(record["scores"]["wa"] for record in ours) / n
    told = told_gap(gap_between(ours, kept[rival][:n]), f"{lead} − {rival}")
    return f"{told}; reached {reached:.1f}, ceiling {ceiling_of(corpus):.1f}, {n} seed(s)"


def study_gap(which: int | str, lead: str, rival: str) -> str:
    """Two rows of a table or a study on VCEMO-Sim, four classes where it has them."""
    if not (runs := recorded(which)):
        return NOT_MADE
    classes = min(n for n, *_ in runs)
    return told_gap(gap_between(runs[classes, "", lead], runs[classes, "", rival]), f"{lead} − {rival}")


def tuned_contrast() -> str:
    """SupCon against Ours and its control, at their own rates, and asked of all utterances by five folds."""
    rivals = (OURS, TWO_VIEWS_OURS)
    tuned = [f"at its own rate, {study_gap('tuned', SUPCON, rival)}" for rival in rivals]
    return "; ".join(tuned + [f"by five folds, {study_gap('supcon', SUPCON, rival)}" for rival in rivals])


def told_gap(gap: Gap, what: str) -> str:
    """Effect, interval, verdict."""
    found = "holds" if gap.mean > 0 else "reversed"
    verdict = found if gap.sure else f"not found, where {gap.seen:.1f} would have been seen"
    return f"{what}: {gap.mean:+.1f} ({gap.low:+.1f} to {gap.high:+.1f}), {verdict}"


def lines_of(name: str, say: Callable[[dict], str]) -> Callable[[], str]:
    """A cell from a record of a real corpus, by what `say` makes of its lines."""
    path = RESULTS / f"{name}.json"
    return lambda: say(read_lines(path)) if path.is_file() else NOT_MADE


def deeply() -> str:
    """Do words and voice agree: simple models that name both, VCEMO that does, VCEMO that learns the answer alone."""
    anew = "agreement, paired anew, "
    simple = _reached("deeply_crossed", "both named", f"{anew}gain of naming both", f"{anew}from both named")
    ways = ("both named", "agreement learnt")
    deep = [_reached("deeply_fusion", way, f"gain of VCEMO, {way}", f"from VCEMO, {way}") for way in ways]
    seeds = lines_of("deeply_fusion", lambda lines: f"{lines[f'from VCEMO, {ways[0]}'].get('seeds', 1)} seeds")()
    return f"Deeply, do they agree (chance 50): simple models {simple}. VCEMO, {seeds}, {'; '.join(deep)}"


def _reached(record: str, way: str, gain: str, source: str) -> str:
    """Of a record on Deeply: what a way gains over the product, and its accuracy."""
    return lines_of(
        record, lambda lines: f"{_gained(lines[gain], f'{way} − product')}; reached {lines[source]['accuracy']:.1f}"
    )()


def _brighter(lines: dict) -> str:
    return _gained(lines[PAPER], f"BRIGHTER, {lines[PAPER]['texts']} texts: SupCon − cross-entropy")


def _mixed(lines: dict) -> str:
    line = lines[PAPER]
    change = told_gain(line, "cross-entropy ", 3)
    return (
        f"{_gained(line, f'SupCon − {TWO_VIEWS}')}; cross-entropy to the planted mixture {change}; "
        f"reached {line['accuracy']:.1f}, ceiling {ceiling_of('mixed'):.1f}, {line['seeds']} seed(s)"
    )


def _premise(lines: dict) -> str:
    share = lines["two or more, of the texts with any"]["per cent"]
    return f"BRIGHTER: {share:.0f} % of the texts with an emotion have two or more; the premise holds"


def _gained(line: dict[str, float], what: str) -> str:
    """Of a record's line: effect, interval, verdict."""
    mean, low, high = (line.get(name, line.get("accuracy")) for name in ("gain", "low", "high"))
    return told_gap(Gap(mean, low, high, detectable((high - low) / ERRORS), low > 0 or high < 0, 1), what)


def rare_found() -> str:
    """What accuracy hides: mean recall, and the clips of the two rarest emotions that are recognised, by seed."""
    runs = {row: kept for (_, _, row), kept in recorded("imbalance").items()}
    told = [f"{row} {_recall_and_found(runs[row])}" for row in ("SupCon", "nothing") if runs]
    return f"mean recall, and clips of fear and surprise found by seed: {'; '.join(told)}" if told else NOT_MADE


def _recall_and_found(kept: list[dict]) -> str:
    recall = 100 * sum(record["scores"]["ua"] for record in kept) / len(kept)
    rare = [kept[0]["labels"].index(name) for name in ("fear", "surprise")]
    found = ", ".join(str(sum(record["confusion"][k][k] for k in rare)) for record in kept)
    return f"{recall:.1f} and {found} of {sum(sum(kept[0]['confusion'][k]) for k in rare)}"


SUPCON, OURS, UMONS = "Ours (SupCon)", "Ours", "UMONS"
ALL, TWO, WORDS = "Embeddings + BERT + Acoustic", "Embeddings + Acoustic", "Embeddings"
CLAIMS = (
    Claim("the presence of the other is conveyed, word by word (§3.3)", "stress", None, lambda: together_gap("stress")),
    Claim(
        "the presence of the other is conveyed, on the whole (§3.3)",
        "irony",
        None,
        lambda: together_gap("irony"),
        deeply,
    ),
    Claim("add what shares its time (§3.3)", "time length", ("join", "add, then concatenate", "concatenate twice")),
    Claim(
        "the guide's final output (§3.3)", "depth", ("depth", "guided by the final output", "guided at the same depth")
    ),
    Claim(
        "sound and words first, then BERT (§3.3)",
        "sentence_explains words_explain",
        ("order", "audio + words, then BERT", "words + BERT, then audio"),
    ),
    Claim(
        "BERT brings knowledge (§3.2, §4.4)",
        "knowledge",
        (3, ALL, TWO),
        lambda: f"on unmet words, {together_gap('knowledge', BOTH, ALONE)}",
    ),
    Claim("sound and words are better than words (§4.4)", "", (3, TWO, WORDS)),
    Claim(
        "the system is better than UMONS (§4.3)",
        "",
        (1, OURS, UMONS),
        lambda: f"each at its own rate, {study_gap('tuned', OURS, UMONS)}",
    ),
    Claim("SupCon helps (§3.4, §4.3)", "", (1, SUPCON, OURS), tuned_contrast, lines_of("brighter_losses", _brighter)),
    Claim(
        "SupCon helps where emotions are mixed (§3.4)",
        "mixed",
        None,
        lines_of("mixed_losses", _mixed),
        lines_of("brighter_marks", _premise),
    ),
    Claim("SupCon helps where labels are wrong (§3.4)", "wrong_labels"),
    Claim("SupCon helps rare classes (§3.4)", "rare", ("imbalance", "SupCon", "nothing"), rare_found),
    Claim("augmentation helps (§3.5)", "augmentation", ("augmentation", "recordings and copies", "recordings alone")),
)


def evidence_table(chosen: Sequence[Claim] = CLAIMS) -> pd.DataFrame:
    """Claim → paper → probe → simulated speech → real voices: effect in points of accuracy, 95 % interval, verdict."""
    made = claims({name: PROBES[name] for claim in chosen for name in claim.probes.split()})
    rows = {
        claim.sentence: {
            "paper": claim.on_paper(),
            "probe": "; ".join(_probe_cell(name, made) for name in claim.probes.split()) or NOT_ASKED,
            "simulated speech": claim.on_simulated() or NOT_ASKED,
            "real voices or texts": claim.real() or "no corpus of it here",
        }
        for claim in chosen
    }
    return pd.DataFrame(rows).T.rename_axis("claim")


def _probe_cell(name: str, made: pd.DataFrame) -> str:
    """Effect, what was reached of what could be, verdict; who is compared the table of the probes says."""
    if name not in made.index:
        return f"{name}: {NOT_MADE}"
    probe = made.loc[name]
    return f"{name}: {probe['largest effect']}, reached {probe['reached']} of {probe['ceiling']}, {probe['verdict']}"


if __name__ == "__main__":
    print(markdown(evidence_table().reset_index()))
