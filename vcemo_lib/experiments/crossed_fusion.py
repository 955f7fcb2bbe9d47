"""Deep fusion on real voices: whether VCEMO tells from Deeply's words and voices that they agree (Paper §3.3).

The words of one clip stand beside the sound of another (`crossed_voices.anew`), so neither alone knows the answer. The
pairs that are asked are those that the simple models of `crossed_voices` were asked. VCEMO learns the agreement itself,
or it learns to name both, the nine crossings, of which the agreement follows; sound alone and words alone learn the
agreement, and their product is late fusion.

No word vectors for Korean ship, so each syllable is a word with a random vector of its own, which the model reads.

    python -m vcemo_lib.experiments.crossed_fusion FOLDER     # writes results/deeply_fusion.json
"""

import sys
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
from ..evaluation.simple import fused
from ..recipes import LAPTOP, SMALL
from ..training.spec_augment import spec_augmented
from .crossed_voices import Crossed, anew, crossed, folds_anew, gain_over_scripts, told
from .probes.loop import Plan, answers, train
from .probes.planted import chosen

RECIPE = LAPTOP.but(**SMALL).but(
    name="crossed", text="text", normalise="speaker", n_mels=40, hop_length=640, max_seconds=8.0, mask_bands=10, mask_frames=8, modalities=("audio", "words"),
    length=30, word_dim=64, dropout=0.3,
)  # fmt: skip
PAIRS = 3_000  # of a fitted part
ASKED, NAMED, SOUND, TEXT, PRODUCT = "VCEMO, agreement learnt", "VCEMO, both named", "sound", "text", "product"
ARMS = {SOUND: {"modalities": ("audio",)}, TEXT: {"modalities": ("words",)}, ASKED: {}, NAMED: {}}


def disturbed(batch: Batch, rng: Generator) -> Batch:
    """One view: the recipe's masks on sound and words."""
    return spec_augmented(batch, RECIPE, np.random.default_rng(int(torch.randint(2**31, (1,), generator=rng))))


PLAN = Plan(updates=400, batch_size=32, learning_rate=1e-3, view=disturbed, smoothing=0.1)


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
    """(pairs, 2): how probable an arm finds it that words and voice differ, and that they agree."""
    both = arm == NAMED
    config = replace(RECIPE.model, n_classes=9 if both else 2, **ARMS[arm])
    model = train(config, paired(whole, data, fit, both), plan, seed)
    p = answers(model, paired(whole, data, asked, both), 100).logits.softmax(1).double().numpy()
    return np.stack([1 - (q := np.einsum("nii->n", p.reshape(-1, 3, 3))), q], 1) if both else p


def fusion_study(
    corpus: Corpus, seeds: Sequence[int] = (0,), plan: Plan = PLAN, say: Callable[[str], None] = lambda line: None
) -> dict[str, dict]:
    """A line a system, as `crossed_voices.told` has it; the seeds' answers are taken together, pair by pair."""
    data, whole = crossed(corpus), clips(corpus)
    found: dict[str, list[np.ndarray]] = {name: [] for name in (*ARMS, PRODUCT)}
    truth, scripts = [], []
    for seed in seeds:
        for fold, (rows, _, asked) in enumerate(folds_anew(data)):
            fit = anew(data, rows, np.random.default_rng([seed, fold]), PAIRS)
            p = {arm: opinion(arm, whole, data, fit, asked, plan, seed) for arm in ARMS}
            p[PRODUCT] = fused(p[SOUND], p[TEXT], np.full(2, 0.5))
            truth.append((data.words[asked[0]] == data.voice[asked[1]]).astype(int))
            scripts.append(data.script[asked[0]])
            for arm, its in p.items():
                found[arm].append(its)
            say(f"seed {seed}, fold {fold}: " + ", ".join(f"{a} {_right(p[a], truth[-1]):.1f}" for a in p))
    return _lines({arm: np.concatenate(p) for arm, p in found.items()}, np.concatenate(truth), np.concatenate(scripts))


def _lines(found: dict[str, np.ndarray], truth: np.ndarray, scripts: np.ndarray) -> dict[str, dict]:
    lines = {f"from {arm}": told(truth, p, scripts) for arm, p in found.items()}
    right = {arm: (p.argmax(1) == truth).astype(float) for arm, p in found.items()}
    gains = {f"gain of {arm}": gain_over_scripts(right[arm] - right[PRODUCT], scripts) for arm in (ASKED, NAMED)}
    return lines | gains


def _right(p: np.ndarray, truth: np.ndarray) -> float:
    return 100 * float((p.argmax(1) == truth).mean())


if __name__ == "__main__":
    from ..paths import RESULTS
    from .real_records import write_lines

    torch.set_num_threads(1)
    deeply = load_corpus("deeply", sys.argv[1], task="both")
    made = fusion_study(deeply, say=lambda line: print(line, flush=True))
    print(pd.DataFrame(write_lines(RESULTS / "deeply_fusion.json", deeply, made)).T.to_string())
