"""What is read of each utterance: its text, as the encoders know it, and its words."""

from collections.abc import Sequence
from functools import partial

from ..digests import content_key
from ..letters import simplified
from ..provenance import versions
from ..text.homophones import misheard
from ..text.word_vectors import segment
from .array_cache import kept_texts
from .corpus import Corpus, CorpusError

VERSION = 1  # raise it when the same text is cut into other words
CUTTERS = ("jieba", "spacy", "spacy-pkuseg")  # another version of these may cut otherwise


def texts_of(corpus: Corpus, column: str, homophones: float | None) -> list[str]:
    """The text of each utterance in a column: simplified where it is Chinese, misheard as often as `homophones` says.

    Raises:
        CorpusError: there is no such column, or nothing in it.
    """
    if column not in corpus.frame:
        raise CorpusError(f"corpus {corpus.name} has no column {column!r}: set the recipe's text to one it has")
    texts = corpus.frame[column]
    if texts.isna().all():
        other = "set the recipe's text to 'text'" if column != "text" else "use modalities=('audio',)"
        raise CorpusError(f"column {column!r} of corpus {corpus.name} is empty: transcribe it first, or {other}")
    texts = texts.fillna("").astype(str)
    if corpus.language.startswith("zh"):  # given texts as heard ones: the encoders know simplified characters alone
        texts = texts.map(simplified)
    return [misheard(text, homophones) for text in texts] if homophones else texts.tolist()


def words_of(texts: Sequence[str], segmenter: str, language: str, keep: bool) -> list[list[str]]:
    """The words of each text, kept as features are: to cut Chinese takes a dictionary of 60 MB and most of a second."""
    key = content_key(VERSION, versions(CUTTERS), segmenter, language, texts) if keep else ""
    cut = partial(map, lambda text: "\n".join(segment(text, segmenter, language)), texts)
    lines = kept_texts("tokens", key, cut, keep, len(texts))
    return [line.split("\n") if line else [] for line in lines]
