"""VCEMO itself. It has not been released; whatever its layout will be, a table of it can be read."""

from pathlib import Path

from ..corpus import Corpus, CorpusError
from ..labels import EMOTIONS
from . import manifest
from .card import CorpusCard, official

CARD = CorpusCard(
    name="vcemo", title="VCEMO, the paper's corpus", language="zh", source="its authors; no release was found",
    licence="unknown until it is released", forbidden="unknown until it is released: ask its authors",
    citation="Tang et al., VCEMO: Multi-Modal Emotion Recognition for Chinese Voiceprints, arXiv 2408.13019",
    layout=manifest.CARD.layout + ", or a folder that holds one such table",
    labels={emotion: emotion for emotion in EMOTIONS}, published={"utterances": 7_477}, split=official,
    notes="the abstract says 7,747 texts, the section on the data 7,477 clips (A1)")


def load(root: Path, strict: bool = False, **options) -> Corpus:
    """Read the table; `options` are those of the manifest (columns, labels)."""
    root = Path(root)
    files = sorted(root.iterdir()) if root.is_dir() else [root]
    tables = [path for path in files if path == root or path.suffix.lower() in manifest.READERS]
    if len(tables) != 1:
        raise CorpusError(f"{len(tables)} tables ({', '.join(manifest.READERS)}) in {root}: pass the path of one")
    corpus = manifest.load(tables[0], strict, name="vcemo", **options)
    if strict and len(corpus) != CARD.published["utterances"]:
        raise CorpusError(f"vcemo: this copy has {len(corpus):,} utterances instead of {CARD.published['utterances']:,}: "
                          "complete it, or load it with strict=False")
    return corpus
