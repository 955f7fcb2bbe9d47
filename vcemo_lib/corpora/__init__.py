"""Corpora by name. Each file here knows one corpus and its official layout, and returns a `Corpus`."""

from pathlib import Path

from ..corpus import Corpus, CorpusError
from . import manifest, nemo, vcemo_sim

CORPORA = {
    "vcemo_sim": vcemo_sim.load,
    "nemo": nemo.load,
    "manifest": manifest.load,
}


def load_corpus(name: str, root: str | Path = "", limit: int | None = None) -> Corpus:
    """Load a corpus by name.

    Args:
        name: one of `CORPORA`.
        root: its folder, or for `manifest` the table; empty for the corpus that ships.
        limit: keep at most this many utterances. VCEMO-Sim is in random order, so its first ones are a fair sample
            and stay the same when shards are added; of other corpora every emotion is taken in proportion.

    Raises:
        CorpusError: unknown name, missing files, or a table that cannot be a corpus.
    """
    if name not in CORPORA:
        raise CorpusError(f"no corpus named {name!r}: choose one of {', '.join(CORPORA)}")
    if root and not Path(root).exists():
        raise CorpusError(f"no such corpus root: {root}: pass the folder (or table) that holds {name}")
    if not root and name != "vcemo_sim":
        raise CorpusError(f"corpus {name!r} does not ship with the course: pass its folder as corpus_root")
    corpus = CORPORA[name](Path(root)) if root else CORPORA[name]()
    if limit is None or len(corpus) <= limit:
        return corpus
    return corpus.select(corpus.ids[:limit]) if name == "vcemo_sim" else thin(corpus, limit)


def thin(corpus: Corpus, limit: int, at_least: int = 10) -> Corpus:
    """The first utterances of each emotion, in proportion, at least ten; deterministic, so that caches hold."""
    frame = corpus.frame
    share = limit / len(frame)
    rank = frame.groupby("emotion").cumcount()
    size = frame.groupby("emotion")["id"].transform("size")
    return corpus.select((rank < (size * share).clip(lower=at_least)).tolist())
