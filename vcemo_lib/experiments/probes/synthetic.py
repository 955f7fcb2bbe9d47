"""What the made-up corpora are made of: a vocabulary, sentences in which feeling words stand, and batches of them.

Everything is small, so that a model learns it in seconds: 4 emotions, word vectors of width 16, 8 bands of sound, two
frames a word. All numbers are drawn from a seed, the vocabulary too: seeds differ in all that is arbitrary.
"""

from dataclasses import fields

import torch
from torch import Generator, Tensor
from torch.nn.utils.rnn import pad_sequence

from ...data.batch import Batch

EMOTIONS, WORDS_EACH, FILLERS = 4, 5, 20
BANDS, FRAMES, WIDTH, SENTENCE_WIDTH = 8, 2, 16, 8  # of the sound, frames a word, word vectors, sentence vectors
LOUD_BANDS, LOUD, NOISE = 4, 1.5, 0.5  # what stress adds to how many bands, and the deviation of the noise


class Draws(torch.Generator):
    """The random numbers of one part of a corpus, and what sentences are drawn with."""

    def draw(self, high: int, *shape: int) -> Tensor:
        """Whole numbers 0 … high − 1."""
        return torch.randint(high, shape, generator=self)

    def chance(self, share: float, n: int) -> Tensor:
        """(n,) True with this probability."""
        return torch.rand(n, generator=self) < share

    def noise(self, *shape: int) -> Tensor:
        """Normal numbers with the deviation of all noise here."""
        return NOISE * torch.randn(*shape, generator=self)

    def feeling(self, emotion: Tensor) -> Tensor:
        """A word number of each emotion (N,)."""
        return emotion * WORDS_EACH + self.draw(WORDS_EACH, len(emotion))

    def fillers(self, *shape: int) -> Tensor:
        """Numbers of words without feeling."""
        return EMOTIONS * WORDS_EACH + self.draw(FILLERS, *shape)

    def positions(self, n: int, words: int) -> Tensor:
        """(n, words): the positions of a sentence in random order; the first two are of two different words."""
        return torch.rand(n, words, generator=self).argsort(1)

    def unlike(self, emotion: Tensor) -> Tensor:
        """Another emotion than each of these (N,)."""
        return (emotion + 1 + self.draw(EMOTIONS - 1, len(emotion))) % EMOTIONS

    def spoken(self, n: int, words: int, stressed: Tensor | None) -> Tensor:
        """Sound (n, 2 · words, 8): noise, and more energy in four bands while the word at place `stressed` lasts."""
        mel = self.noise(n, words, FRAMES, BANDS)
        if stressed is not None:
            mel[torch.arange(n), stressed, :, :LOUD_BANDS] += LOUD
        return mel.flatten(1, 2)


def source(seed: int, test: bool = False) -> Draws:
    """What one part of a corpus is drawn with."""
    return Draws().manual_seed(2 * seed + test)


def vocabulary(seed: int, size: int = EMOTIONS * WORDS_EACH + FILLERS) -> Tensor:
    """Vectors (size, 16): the feeling words, 5 an emotion, then words without feeling. Both parts share them."""
    return torch.randn(size, WIDTH, generator=torch.Generator().manual_seed(10_000 + seed))


def utterances(words: Tensor, mel: Tensor, labels: Tensor, bert: Tensor | None = None, **more: Tensor) -> Batch:
    """A corpus as one batch: words (N, S, 16), mel (N, T, 8), labels (N,), sentence vectors (N, 8), else zeros.

    All words and frames count and word k is spoken in frames 2k and 2k + 1, unless `more` has other masks or spans;
    what else it names goes to the batch's `others`.
    """
    n, s = words.shape[:2]
    first = FRAMES * torch.arange(s)
    own = {
        "mel_mask": torch.ones(mel.shape[:2], dtype=torch.bool),
        "words_mask": torch.ones(n, s, dtype=torch.bool),
        "bert": torch.zeros(n, SENTENCE_WIDTH) if bert is None else bert,
        "spans": torch.stack([first, first + FRAMES], -1).expand(n, s, 2),
    }
    own |= {name: more.pop(name) for name in [*more] if name in own}
    return Batch(mel=mel, words=words, labels=labels, ids=tuple(map(str, range(n))), others=more, **own)


def hide_words(batch: Batch, rng: Generator, share: float) -> Batch:
    """One view: the vectors of this share of the words are set to zero."""
    left = torch.rand(*batch.words.shape[:2], 1, generator=rng) >= share
    return batch.but(words=batch.words * left)


def chosen(batch: Batch, rows: Tensor) -> Batch:
    """These utterances (M,) of a batch."""
    kept = {f.name: getattr(batch, f.name)[rows] for f in fields(batch) if isinstance(getattr(batch, f.name), Tensor)}
    others = {name: tensor[rows] for name, tensor in batch.others.items()}
    return Batch(**kept, ids=tuple(batch.ids[i] for i in rows.tolist()), others=others)


def joined(a: Batch, b: Batch) -> Batch:
    """Two batches of the same widths one after the other; the shorter sounds and sentences are padded."""

    def both(x: Tensor, y: Tensor) -> Tensor:
        return torch.cat([x, y]) if x.dim() == 1 else pad_sequence([*x, *y], batch_first=True)

    own = {f.name: both(x, getattr(b, f.name)) for f in fields(a) if isinstance(x := getattr(a, f.name), Tensor)}
    others = {name: both(tensor, b.others[name]) for name, tensor in a.others.items()}
    return Batch(**own, ids=a.ids + b.ids, others=others)


def shuffled(batch: Batch, what: str, rng: Generator) -> Batch:
    """The control: one tensor of a corpus, with its mask, goes to other utterances, so that it tells nothing more."""
    order = torch.randperm(len(batch), generator=rng)
    names = [name for name in (what, f"{what}_mask") if hasattr(batch, name)]
    return batch.but(**{name: batch[name][order] for name in names})
