"""Words and their 300-d vectors (Paper §3.1, §4.2; A38, A39).

The paper says "GloVe, obtained from spaCy". For Chinese spaCy has no GloVe: its vectors are fastText (A38).
"""

import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file

from ..config import SEGMENTERS
from ..errors import VcemoError
from ..letters import letters
from ..paths import ASSETS, cache_dir
from .spacy_packages import is_spacy_package

with warnings.catch_warnings():  # of jieba's own: how it finds its files, how it writes its strings
    warnings.simplefilter("ignore")
    import jieba
jieba.setLogLevel("CRITICAL")  # it reports where its cache lies, and a traceback where that is another user's

LONGEST = 1 << 20  # characters of a line of a text of vectors
BUNDLED = ASSETS / "word_vectors_zh"


class WordsError(VcemoError):
    """Word vectors or a segmenter that cannot be had; the message says how to get them."""


@lru_cache(maxsize=8)
def _tokenizer(segmenter: str, language: str) -> Callable[[str], Iterable[str]]:
    if segmenter not in SEGMENTERS:
        raise WordsError(f"no segmenter named {segmenter!r}: choose one of {', '.join(SEGMENTERS)}")
    if language != "zh":
        return _words_of(_blank(language if spacy_cuts(language) else "xx"))
    if segmenter == "spacy":
        raise WordsError("the segmenter 'spacy' is for languages with spaces: for Chinese choose jieba, pkuseg or char")
    if segmenter != "pkuseg":
        return jieba.cut if segmenter == "jieba" else list
    try:
        nlp = _blank("zh", config={"nlp": {"tokenizer": {"segmenter": segmenter}}})
        nlp.tokenizer.initialize(pkuseg_model="mixed")
        return _words_of(nlp)
    except ImportError as error:
        raise WordsError(
            f"the segmenter 'pkuseg' needs a package that is not installed ({error}): "
            "pip install spacy-pkuseg, or set segmenter to 'jieba'"
        ) from None


def _blank(language: str, **options):
    import spacy  # only here: it takes 40 MB, and Chinese is cut without it

    return spacy.blank(language, **options)


def _words_of(nlp) -> Callable[[str], Iterable[str]]:
    return lambda text: [token.text for token in nlp(text)]


def spacy_cuts(language: str) -> bool:
    """Whether spaCy has rules of its own for a language here; elsewhere, as in Korean, words are parted by spaces."""
    try:
        return bool(_blank(language))
    except ImportError:  # an unknown language, or one that needs a package that is not installed
        return False


def segment(text: str, segmenter: str = "jieba", language: str = "zh") -> list[str]:
    """Cut a text into lower-case words, without punctuation and spaces.

    >>> segment("你好！", "char")
    ['你', '好']
    """
    tokens = (token.strip().lower() for token in _tokenizer(segmenter, language)(text))
    return [token for token in tokens if letters(token)]


class WordVectors:
    """A table word → (300,) float32. A word that is not in it is the zero vector, and is counted.

    Raises:
        WordsError: there is not one vector a word.
    """

    def __init__(self, name: str, words: Sequence[str], table: np.ndarray):
        if len(words) != len(table):
            raise WordsError(f"{name} has {len(words)} words and {len(table)} vectors: give one vector a word")
        self.name, self.words, self.table = name, list(words), table
        self.index = {word: i for i, word in enumerate(words)}

    @property
    def dim(self) -> int:
        """Numbers in a vector."""
        return self.table.shape[1]

    @classmethod
    def load(cls, name: str | Path) -> "WordVectors":
        """The vectors of this name.

        Args:
            name: `bundled`, a spaCy package such as `zh_core_web_lg`, or a folder (vocab.txt + .safetensors or .npy) or
                a text file, by path or by its name in .cache/vectors.

        Raises:
            WordsError: with what is missing and how to get it. Nothing is replaced in silence.
        """
        if name == "bundled" and not BUNDLED.is_dir():
            raise WordsError(
                f"the bundled word vectors are not in {BUNDLED}: take a whole clone, or install the package again"
            )
        places = [BUNDLED] if name == "bundled" else [Path(name), cache_dir() / "vectors" / name]
        path = next((candidate for candidate in places if candidate.exists()), places[0])
        if path.is_dir():
            return cls._from_folder(path, str(name))
        if path.is_file():
            return cls._from_text(path)
        return cls._from_spacy(str(name))

    @classmethod
    def _from_folder(cls, folder: Path, name: str) -> "WordVectors":
        if not (folder / "vocab.txt").is_file():
            raise WordsError(f"no vocab.txt in {folder}: put the words, one a line, beside the table")
        words = (folder / "vocab.txt").read_text(encoding="utf-8").split("\n")
        tables = [*folder.glob("*.safetensors"), *folder.glob("*.npy")]
        if not tables:
            raise WordsError(f"no .safetensors or .npy table in {folder}: put the vectors beside vocab.txt")
        table = _table(tables[0])
        if table.ndim != 2 or not np.issubdtype(table.dtype, np.number) or not np.isfinite(table).all():
            raise WordsError(
                f"the table {tables[0]} has the shape {table.shape} of {table.dtype}, or numbers that are not finite: "
                "give one row a word"
            )
        return cls(name, [word for word in words if word], table.astype(np.float32))

    @classmethod
    def _from_text(cls, path: Path) -> "WordVectors":
        """word2vec or GloVe text: a word and its numbers a line; a first line with the two sizes is skipped.

        A word may hold spaces: the first line with a vector says how many numbers stand at the end of each.
        """
        words, rows, size = [], [], 0
        with open(path, encoding="utf-8", errors="replace") as lines:
            for number, line in enumerate(iter(lambda: lines.readline(LONGEST), ""), start=1):
                if len(line) == LONGEST:
                    raise WordsError(f"{path}, line {number} has no end: is it a text file of vectors?")
                fields = line.rstrip().split(" ")
                if number == 1 and len(fields) == 2 and all(f.isdecimal() and len(f) < 10 for f in fields):
                    size = int(fields[1])
                    continue
                size = size or len(fields) - 1
                if len(fields) <= size:
                    raise WordsError(f"{path}, line {number}: {len(fields) - 1} numbers, expected {size}")
                words.append(" ".join(fields[:-size]))
                rows.append(_numbers(fields[-size:], f"{path}, line {number}"))
        if not rows:
            raise WordsError(f"{path} holds no vectors: give a word and its numbers on each line")
        return cls(path.name, words, np.stack(rows))

    @classmethod
    def _from_spacy(cls, name: str) -> "WordVectors":
        if not is_spacy_package(name):
            raise WordsError(
                f"the spaCy package {name!r} is not installed: run 'python -m spacy download {name}' "
                "where there is a network, or set vectors to 'bundled'"
            )
        import spacy

        vocab = spacy.load(name, exclude=["tok2vec", "tagger", "parser", "ner", "attribute_ruler", "lemmatizer"]).vocab
        if not vocab.vectors_length:
            raise WordsError(
                f"the spaCy package {name!r} has no vectors (the small ones have none): take its _md or _lg"
            )
        keys = [key for key in vocab.vectors.keys() if key in vocab.strings]
        rows = vocab.vectors.find(keys=keys)
        return cls(name, [vocab.strings[key] for key in keys], np.asarray(vocab.vectors.data)[rows])

    def encode(self, tokens: Sequence[str]) -> np.ndarray:
        """(S,) words → (S, 300) float32; a text without words is one zero vector, (1, 300)."""
        out = np.zeros((max(len(tokens), 1), self.dim), dtype=np.float32)
        for row, token in enumerate(tokens):
            if token in self.index:
                out[row] = self.table[self.index[token]]
        return out

    def coverage(self, texts: Iterable[Sequence[str]]) -> tuple[float, list[tuple[str, int]]]:
        """Share of running words that have a vector, and the unknown words, most frequent first."""
        counts = Counter(token for tokens in texts for token in tokens)
        unknown = Counter({token: n for token, n in counts.items() if token not in self.index})
        return 1 - unknown.total() / max(counts.total(), 1), unknown.most_common()

    def report(self, texts: Iterable[Sequence[str]], most: int = 10) -> str:
        """Coverage in a sentence, with the most frequent words that have no vector."""
        texts = list(texts)
        share, unknown = self.coverage(texts)
        lacking = ", ".join(f"{word} ({n})" for word, n in unknown[:most]) or "none"
        return (
            f"{self.name}: {len(self.words):,} words, {self.dim} numbers each; {share:.1%} of {sum(map(len, texts)):,} "
            f"running words have a vector; without: {lacking}"
        ).replace("%", " %")

    def nearest(self, word: str, k: int = 5) -> list[tuple[str, float]]:
        """The k words whose vectors point most nearly the same way, with the cosine; WordsError where it has none."""
        if word not in self.index:
            raise WordsError(f"{word!r} has no vector in {self.name}: try a more frequent word")
        unit = self.table / np.maximum(np.linalg.norm(self.table, axis=1, keepdims=True), 1e-8)
        cosine = unit @ unit[self.index[word]]
        best = [i for i in np.argsort(-cosine) if i != self.index[word]][:k]
        return [(self.words[i], float(cosine[i])) for i in best]


def _table(path: Path) -> np.ndarray:
    try:
        return np.load(path, mmap_mode="r") if path.suffix == ".npy" else next(iter(load_file(path).values()))
    except (ValueError, OSError, SafetensorError, StopIteration) as error:
        raise WordsError(f"the table {path} cannot be read ({type(error).__name__}): export it again") from None


def _numbers(fields: Sequence[str], where: str) -> np.ndarray:
    try:
        row = np.array(fields, dtype=np.float32)
    except ValueError as error:
        raise WordsError(f"{where}: not a number ({error}): is it a text file of vectors?") from None
    if not np.isfinite(row).all():
        raise WordsError(f"{where}: a number that is not finite: export the vectors again")
    return row
