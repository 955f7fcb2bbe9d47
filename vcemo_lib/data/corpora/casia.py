"""CASIA, the public part: four Mandarin speakers, fifty sentences, six emotions. Two layouts are about."""

from pathlib import Path

from ..corpus import Corpus
from ..labels import EMOTIONS
from .card import CorpusCard, build
from .files import clips

CARD = CorpusCard(
    name="casia",
    title="CASIA emotional speech, the public 1,200 clips",
    language="zh",
    source="copies on Kaggle and Baidu AI Studio, without a licence; the whole corpus is sold",
    licence="none stated",
    forbidden="do not share it or put it into another corpus: nobody has allowed that",
    citation="Institute of Automation, Chinese Academy of Sciences: CASIA Mandarin emotional corpus",
    layout="<speaker>/<emotion>/<NNN>.wav, or <emotion>/<NNN>-<emotion>-<speaker>.wav",
    labels={emotion: emotion for emotion in EMOTIONS},
    published={"utterances": 1200, "speakers": 4, **{emotion: 200 for emotion in EMOTIONS}},
    text="none",
    notes="the fifty sentences are the same in every emotion, so a transcript would carry none either",
)

EMOTION = "|".join(EMOTIONS)
BY_SPEAKER = rf"(?P<speaker>[a-z]+)/(?P<label>{EMOTION})/(?P<sentence>\d+)\.wav"
BY_EMOTION = rf"(?:{EMOTION})/(?P<sentence>\d+)-(?P<label>{EMOTION})-(?P<speaker>[a-z]+)\.wav"


def load(root: Path, strict: bool = False) -> Corpus:
    """Read either layout; names are compared in lower case, for copies differ in it."""
    rows = []
    for pattern in (BY_SPEAKER, BY_EMOTION):
        for _, row in clips(root, pattern):
            row |= {name: row[name].lower() for name in ("speaker", "label")}
            rows.append(row | {"id": f"{row['speaker']}-{row['label']}-{row['sentence']}"})
    return build(CARD, rows, strict)
