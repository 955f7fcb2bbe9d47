"""Whether what turns words into numbers knows the language of a corpus."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import VcemoError
from ..recipes import Recipe
from .corpus import Corpus

if TYPE_CHECKING:
    from .features import FeatureStore

# The language of each encoder that the course names; of others it is not known here, and they are let through.
LANGUAGE = {
    "bundled": "zh",
    "zh_core_web_md": "zh",
    "zh_core_web_lg": "zh",
    "google-bert/bert-base-chinese": "zh",
    "en_core_web_lg": "en",
    "google-bert/bert-base-uncased": "en",
}
CURES = {
    "zh": {"vectors": "bundled", "bert": "bundled"},
    "en": {"vectors": "en_core_web_lg", "bert": "google-bert/bert-base-uncased"},
}
UNSPACED = ("zh", "ja", "th", "km", "lo", "my")  # nothing parts the words in writing


class LanguageError(VcemoError):
    """A model is to be trained on words in a language that its encoders do not know."""


def foreign(corpus: Corpus, recipe: Recipe) -> str:
    """A sentence where an encoder that the recipe's model reads knows another language than the corpus has, else ""."""
    chosen = {what: getattr(recipe.features, what) for what in ("vectors", "bert") if recipe.uses(what)}
    spoken = corpus.language[:2]
    wrong = {what: name for what, name in chosen.items() if LANGUAGE.get(name, spoken) != spoken}
    if not wrong:
        return ""
    cures = CURES.get(spoken, {})
    ways = [" and ".join(f"set {what} to {cures[what]!r}" for what in wrong)] if cures else []
    ways += ["use modalities=('audio',)"] if corpus.has_audio else []
    ways = ways or [f"set {' and '.join(wrong)} to what knows {corpus.language!r}"]
    return (
        f"corpus {corpus.name} is in {corpus.language!r}, but "
        f"{' and '.join(f'{what}={name!r}, for {LANGUAGE[name]!r},' for what, name in wrong.items())} "
        f"know another language and tell nothing of its words: {', or '.join(ways)}"
    )


def all_unknown(store: FeatureStore, row: int) -> bool:
    """Whether a text has words, and none of those that are read has a vector."""
    return "words" in store.modalities and bool(store.tokens[row]) and not store.words[row].any()


def require_language(corpus: Corpus, recipe: Recipe) -> None:
    """Raise LanguageError where a model is to be trained on words that its encoders do not know."""
    if sentence := foreign(corpus, recipe) or uncut(corpus, recipe):
        raise LanguageError(sentence)


def uncut(corpus: Corpus, recipe: Recipe) -> str:
    """A sentence where a recipe reads words that nobody here can tell apart, else ""."""
    if corpus.language == "zh" or corpus.language[:2] not in UNSPACED or "words" not in recipe.model.reads:
        return ""
    from ..text.word_vectors import spacy_cuts  # only now: it brings spaCy

    if spacy_cuts(corpus.language):
        return ""
    return (
        f"corpus {corpus.name} is in {corpus.language!r}, in which no space parts the words and for which spaCy has no "
        "segmenter here: install the one it names, write 'zh' for Chinese, or leave words out of modalities"
    )
