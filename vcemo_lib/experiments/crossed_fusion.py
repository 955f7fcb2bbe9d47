"""Deep fusion on real voices: whether VCEMO tells from Deeply's words and voices that they agree (Paper §3.3).

The words of one clip stand beside the sound of another (`crossed_voices.anew`), so neither alone knows the answer.
VCEMO learns the agreement itself, or it learns to name both, the nine crossings, of which the agreement follows. It is
held against late fusion, the product of what sound and text say alone by the simple models of `crossed_voices`, on the
same pairs of the same folds.

No word vectors for Korean ship, so each syllable is a word with a random vector of its own, which the model reads.

    python -m vcemo_lib.experiments.crossed_fusion FOLDER     # writes results/deeply_fusion.json
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import torch
from torch import Generator, Tensor
from torch.nn.utils.rnn import pad_sequence

from ..data.batch import Batch
from ..data.corpora import load_corpus
from ..data.corpus import Corpus
from ..data.features import FeatureStore
from ..messages import only_argument
from ..paths import RESULTS
from ..recipes import LAPTOP
from ..training.spec_augment import spec_augmented
from .crossed_voices import Crossed, agreement, anew, asked_anew, crossed, folds_anew
from .probes.loop import Plan, answers, train
from .probes.synthetic import chosen
from .real_records import over_scripts, told, told_over_seeds, write_lines

RECIPE = LAPTOP.but(
    name="crossed", text="text", normalise="speaker", n_mels=40, hop_length=640, max_seconds=8.0,
    modalities=("audio", "words"), length=30, word_dim=64, d=64, n_layers=1, d_ff=128, conv_channels=(8, 16, 32),
    dropout=0.3, smoothing=0.1, mask_bands=10, mask_frames=8, mask_words=0.5, shift_bands=4.0, stretch_frames=0.15,
    batch_size=32, epochs=30, min_updates=600,
)  # fmt: skip
PAIRS = 3_000  # of a fitted part
SEEDS = range(3)
ASKED, NAMED = "VCEMO, agreement learnt", "VCEMO, both named"


def augmented(batch: Batch, rng: Generator) -> Batch:
    """One view: the recipe's masks on sound and words."""
    return spec_augmented(batch, RECIPE, np.random.default_rng(int(torch.randint(2**31, (1,), generator=rng))))


PLAN = Plan(updates=300, batch_size=32, learning_rate=1e-3, view=augmented, smoothing=0.1)


def syllables(texts: Sequence[str]) -> tuple[Tensor, Tensor]:
    """(N, S, 64) a vector for each letter of each text, the same wherever it stands, and the mask (N, S)."""
    letters = [[letter for letter in text if letter.isalnum()] for text in texts]
    known = sorted(set().union(*letters))
    table = torch.randn(len(known), RECIPE.model.word_dim, generator=torch.Generator().manual_seed(0))
    rows = [torch.tensor([known.index(letter) for letter in text]) for text in letters]
    mask = pad_sequence([torch.ones(len(row), dtype=torch.bool) for row in rows], batch_first=True)
    return pad_sequence([table[row] for row in rows], batch_first=True), mask


def clips(corpus: Corpus) -> Batch:
    """All clips as one batch: the sound of each and its syllables."""
    store = FeatureStore(corpus, RECIPE.features, ("audio",))
    words, mask = syllables(corpus.frame["text"])
    batch = store.batch(corpus.ids, corpus.labels)
    return replace(batch, words=words, words_mask=mask, spans=torch.zeros(*mask.shape, 2, dtype=torch.long))


def paired(whole: Batch, data: Crossed, pairs: tuple[np.ndarray, np.ndarray], both: bool) -> Batch:
    """The words of the first rows beside the sound of the second; labels: do they agree, or which of nine it is."""
    text, sound = pairs
    words, voice = data.words[text], data.voice[sound]
    labels = 3 * words + voice if both else words == voice
    heard = chosen(whole, torch.from_numpy(sound))
    made = chosen(whole, torch.from_numpy(text)).but(mel=heard.mel, mel_mask=heard.mel_mask)
    return made.but(labels=torch.from_numpy(labels.astype(np.int64)))


def opinion(arm: str, whole: Batch, data: Crossed, fit: tuple, asked: tuple, plan: Plan, seed: int) -> np.ndarray:
    """(pairs, 2): how probable VCEMO finds it that words and voice differ, and that they agree."""
    both = arm == NAMED
    config = replace(RECIPE.model, n_classes=9 if both else 2)
    model = train(config, paired(whole, data, fit, both), plan, seed)
    p = answers(model, paired(whole, data, asked, both), 100).logits.softmax(1).double().numpy()
    return agreement(p.reshape(-1, 3, 3)) if both else p


def fusion_study(corpus: Corpus, say: Callable[[str], None]) -> dict[str, dict]:
    """A line a system, as `told` has it, and what VCEMO gains over the product, over scripts and seeds."""
    data, whole = crossed(corpus), clips(corpus)
    truth, scripts, simple = asked_anew(data)
    runs = {arm: [_opinions(arm, whole, data, seed, say) for seed in SEEDS] for arm in (ASKED, NAMED)}
    right = {arm: np.stack([p.argmax(1) == truth for p in its], 1) for arm, its in runs.items()}
    late = (simple["product"].argmax(1) == truth)[:, None]
    lines = {f"from {name}": told(truth, p, scripts) for name, p in simple.items()}
    lines |= {f"from {arm}": told_over_seeds(truth, its, scripts) for arm, its in runs.items()}
    return lines | {f"gain of {arm}": over_scripts(1.0 * its - late, scripts) for arm, its in right.items()}


def _opinions(arm: str, whole: Batch, data: Crossed, seed: int, say: Callable[[str], None]) -> np.ndarray:
    """Of all folds, each answered by a model of its own."""
    made = []
    for fold, (rows, _, asked) in enumerate(folds_anew(data)):
        fit = anew(data, rows, np.random.default_rng([0, fold]), PAIRS)
        made.append(opinion(arm, whole, data, fit, asked, PLAN, seed))
        right = made[-1].argmax(1) == (data.words[asked[0]] == data.voice[asked[1]])
        say(f"seed {seed}, fold {fold}, {arm}: {100 * right.mean():.1f}")
    return np.concatenate(made)


if __name__ == "__main__":
    torch.set_num_threads(1)
    deeply = load_corpus("deeply", only_argument(__doc__), task="both")
    made = fusion_study(deeply, say=lambda line: print(line, flush=True))
    print(pd.DataFrame(write_lines(RESULTS / "deeply_fusion.json", deeply, made)).T.to_string())
