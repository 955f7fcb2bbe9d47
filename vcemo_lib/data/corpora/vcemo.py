"""VCEMO itself. It has not been released; whatever its layout will be, a table of it can be read."""

from pathlib import Path

from ..corpus import Corpus, CorpusError
from ..labels import EMOTIONS
from . import manifest
from .card import CorpusCard, official

CARD = CorpusCard(
    name="vcemo",
    title="VCEMO, the paper's corpus",
    language="zh",
    source="its authors; no release was found",
    licence="unknown until it is released",
    forbidden="unknown until it is released: ask its authors",
    citation="Tang et al., VCEMO: Multi-Modal Emotion Recognition for Chinese Voiceprints, arXiv 2408.13019",
    layout=manifest.CARD.layout,
    labels={emotion: emotion for emotion in EMOTIONS},
    published={"utterances": 7_477},
    split=official,
    notes="the abstract says 7,747 texts, the section on the data 7,477 clips (A1)",
)


def load(root: Path, strict: bool = False, **options) -> Corpus:
    """Read the table, or the only one in a folder; `options` are those of the manifest (columns, labels).

    Raises:
        CorpusError: as of the manifest; with `strict` another number of utterances than was published.
    """
    corpus = manifest.load(root, strict, name="vcemo", **options)
    if strict and len(corpus) != CARD.published["utterances"]:
        raise CorpusError(
            f"vcemo: this copy has {len(corpus):,} utterances instead of {CARD.published['utterances']:,}: "
            "complete it, or load it with strict=False"
        )
    return corpus
