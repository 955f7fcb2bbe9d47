"""Whether what turns words into numbers knows the language of a corpus."""

from ..errors import VcemoError
from ..recipes import Recipe
from .corpus import Corpus

CHINESE = ("bundled", "zh_core_web_lg", "google-bert/bert-base-chinese")
ENGLISH = {"vectors": "en_core_web_lg", "bert": "google-bert/bert-base-uncased"}
READ_BY = {"vectors": "words", "bert": "bert"}  # the modality that each encoder is for


class LanguageError(VcemoError):
    """A model is to be trained on words in a language that its encoders do not know."""


def require_language(corpus: Corpus, recipe: Recipe) -> None:
    """Raise LanguageError where an encoder that the recipe's model reads is Chinese and the corpus is not."""
    chosen = {what: getattr(recipe.features, what) for what, by in READ_BY.items() if by in recipe.model.modalities}
    chinese = {what: name for what, name in chosen.items() if name in CHINESE}
    if not chinese or corpus.language.startswith("zh"):
        return
    cure = " and ".join(f"set {what} to {ENGLISH[what]!r}" for what in chinese) + ", or "
    raise LanguageError(
        f"corpus {corpus.name} is in {corpus.language!r}, but {' and '.join(f'{w}={n!r}' for w, n in chinese.items())} "
        f"know Chinese alone and tell nothing of its words: {cure * (corpus.language == 'en')}use modalities=('audio',)"
    )
