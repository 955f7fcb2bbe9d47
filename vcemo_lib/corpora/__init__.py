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
        limit: keep at most this many utterances, every emotion in proportion (at least ten of each where there are).

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
    return corpus if limit is None or len(corpus) <= limit else thin(corpus, limit)


def thin(corpus: Corpus, limit: int, at_least: int = 10) -> Corpus:
    """The first `limit` utterances in proportion to the emotions; deterministic, so that caches hold."""
    frame = corpus.frame
    share = limit / len(frame)
    rank = frame.groupby("emotion").cumcount()
    size = frame.groupby("emotion")["id"].transform("size")
    return corpus.select((rank < (size * share).clip(lower=at_least)).tolist())
