"""Real voices, crossed: what sound and text alone tell of Deeply, what gives it away, and a comparison without that.

Each line of Deeply is kind, neutral or unkind in its wording and is read in a positive, a neutral and a negative voice,
so neither modality alone should know whether words and voice agree. `alone` measures it, `given_away` looks for what
tells, and `paired_anew` gives the words of one clip the sound of another, so that nothing of the recording is left
that could tell: there each modality alone is at chance, and a fusion must do the work.

All answers are those of a support vector machine on what a clip's frames are on average, and of a regression on the
text's characters; no line of the script stands in the part that is fitted and in the part that is asked.

    python -m vcemo_lib.experiments.crossed_voices FOLDER     # writes results/deeply_crossed.json
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import product

import numpy as np
import pandas as pd
from scipy.special import softmax
from sklearn.model_selection import LeaveOneGroupOut, StratifiedGroupKFold

from ..audio.signal import log_mel
from ..config import MEL
from ..data.array_cache import cached
from ..data.corpora import load_corpus
from ..data.corpus import Corpus
from ..digests import content_key
from ..evaluation import simple
from ..evaluation.simple import fused, mfcc_statistics
from ..messages import only_argument
from ..paths import RESULTS
from .real_records import over_scripts, told, write_lines

SENTIMENTS = ("negative", "neutral", "positive")
VERSION, CEPSTRAL, BANDS = 1, 60, 80  # what `described` gives: MFCC statistics, spectrum of the background, 2 numbers
# Small classes weigh as much as large ones.
listener = partial(simple.listener, 3.0, class_weight="balanced")
reader = partial(simple.reader, 10.0, class_weight="balanced")
FOLDS, PAIRS, SHARPNESS = 5, 600, 2.0  # pairs of each fitted part and of each asked part; factor on SVM scores


@dataclass(frozen=True)
class Crossed:
    """Deeply as numbers: words, voice (N,) 0 … 2, script and speaker (N,), texts (N,), sound (N, 142), order (N,)."""

    words: np.ndarray
    voice: np.ndarray
    script: np.ndarray
    speaker: np.ndarray
    texts: np.ndarray
    sound: np.ndarray
    order: np.ndarray

    def task(self, name: str) -> np.ndarray:
        """(N,) class numbers of "voice", "text", "agreement" or "both", the nine cells."""
        agree, both = (self.words == self.voice).astype(int), 3 * self.words + self.voice
        return {"voice": self.voice, "text": self.words, "agreement": agree, "both": both}[name]


def described(wave: np.ndarray) -> np.ndarray:
    """(T,) → (142,): 60 MFCC statistics, the mean spectrum of the quietest tenth of the frames, level, seconds."""
    mel = log_mel(wave)
    level = mel.mean(1)
    quiet = mel[np.argsort(level)[: max(len(mel) // 10, 3)]].mean(0)
    return np.concatenate([mfcc_statistics(mel), quiet, [level.mean(), len(mel) / MEL.frames_per_second]])


def crossed(corpus: Corpus) -> Crossed:
    """Read every clip of Deeply, whatever its task; kept once read."""
    frame = corpus.frame
    key = content_key(VERSION, corpus.hash, BANDS)
    sound = cached("crossed", key, lambda: [described(corpus.wave(i))[None] for i in corpus.ids], dtype=np.float32)
    words, voice = (frame[f"{of}_sentiment"].map(SENTIMENTS.index).to_numpy() for of in ("text", "voice"))
    columns = (frame[name].to_numpy(dtype=object) for name in ("script", "speaker", "text"))
    order = frame["id"].str[-5:].astype(int).to_numpy()  # where the clip stands in its series of files
    return Crossed(words, voice, *columns, np.array(sound.values), order)


def by_groups(y: np.ndarray, groups: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Rows fitted and rows asked of each of five folds; no group stands in both."""
    return StratifiedGroupKFold(FOLDS, shuffle=True, random_state=0).split(y, y, groups)


def chances(model, x: np.ndarray) -> np.ndarray:
    """(N, C) probabilities of a fitted listener or reader."""
    if hasattr(model, "predict_proba"):
        return model.predict_proba(x)
    values = model.decision_function(x)
    return softmax(SHARPNESS * (np.stack([-values, values], 1) / 2 if values.ndim == 1 else values), axis=1)


def opinions(make, x: np.ndarray, y: np.ndarray, folds: Iterable[tuple[np.ndarray, np.ndarray]]) -> np.ndarray:
    """(N, C): of each clip, by a model that was fitted on the rows of the fold that asks it."""
    out = np.zeros((len(y), len(set(y.tolist()))))
    for fit, asked in folds:
        out[asked] = chances(make().fit(x[fit], y[fit]), x[asked])
    return out


def alone(data: Crossed) -> dict[str, dict]:
    """Each task from sound, from text, from the product of both opinions; and from both named apart.

    "both named": the sound is asked for the voice alone, the text for the words alone.
    """
    lines, heard_and_read = {}, {}
    for task in ("voice", "text", "agreement", "both"):
        y = data.task(task)
        sound = opinions(listener, data.sound[:, :CEPSTRAL], y, by_groups(y, data.script))
        text = opinions(reader, data.texts, y, by_groups(y, data.script))
        heard_and_read[task] = sound, text
        answers = {"sound": sound, "text": text, "product": fused(sound, text, np.bincount(y) / len(y))}
        if task in ("agreement", "both"):
            answers["both named"] = named_both(heard_and_read["text"][1], heard_and_read["voice"][0], task)
        lines |= {f"{task} from {source}": told(y, p, data.script) for source, p in answers.items()}
    return lines


def named_both(words: np.ndarray, voice: np.ndarray, task: str) -> np.ndarray:
    """From p(words), p(voice), (N, 3) each: p of the nine cells (N, 9), or of differing and agreeing (N, 2)."""
    cells = words[:, :, None] * voice[:, None, :]
    return cells.reshape(len(cells), 9) if task == "both" else agreement(cells)


def agreement(cells: np.ndarray) -> np.ndarray:
    """(N, 2) that words and voice differ, and that they agree, from (N, 3, 3) the nine cells."""
    agree = np.einsum("nii->n", cells)
    return np.stack([1 - agree, agree], 1)


def given_away(data: Crossed) -> dict[str, dict]:
    """What of a recording, besides its words, tells their sentiment and the agreement: each explanation by itself."""
    mfcc, quiet = data.sound[:, :CEPSTRAL], data.sound[:, CEPSTRAL : CEPSTRAL + BANDS]
    level, seconds = data.sound[:, -2:-1], data.sound[:, -1:]
    means = np.r_[0:20]  # of the cepstra: the balance of the spectrum, where room and microphone are heard
    ways = {
        "sound": mfcc,
        "length": seconds,
        "level": level,
        "who speaks": (data.speaker == data.speaker[0])[:, None].astype(float),
        "background": quiet - quiet.mean(1, keepdims=True),
        "sound without its mean spectrum": np.delete(mfcc, means, axis=1),
        "number of the file": data.order[:, None].astype(float),
    }
    lines = {}
    for (name, x), task in product(ways.items(), ("text", "agreement", "voice")):
        y = data.task(task)
        lines[f"{task} from {name}"] = told(y, opinions(listener, x, y, by_groups(y, data.script)), data.script)
    return lines


def other_speaker(data: Crossed) -> dict[str, dict]:
    """The voice's sentiment from the sound of the speaker who was not fitted."""
    mfcc = data.sound[:, :CEPSTRAL]
    said = opinions(listener, mfcc, data.voice, LeaveOneGroupOut().split(mfcc, groups=data.speaker))
    return {"voice from sound of the other speaker": told(data.voice, said, data.script)}


def anew(data: Crossed, rows: np.ndarray, rng: np.random.Generator, pairs: int = PAIRS) -> tuple[np.ndarray, ...]:
    """Clips that give their words, clips that give their sound: half of the pairs agree, all sentiments alike.

    The wording of the clip that gives the sound is drawn by itself, so what gives it away tells nothing of the pair.
    """
    words = rng.integers(3, size=pairs)
    agree = rng.random(pairs) < 0.5
    voice = np.where(agree, words, (words + rng.integers(1, 3, size=pairs)) % 3)
    lines, read = data.words[rows], data.voice[rows]
    text = np.array([rng.choice(rows[lines == w]) for w in words])
    sound = np.array([rng.choice(rows[(read == v) & (lines == rng.integers(3))]) for v in voice])
    return text, sound


def folds_anew(data: Crossed) -> Iterator[tuple[np.ndarray, tuple, tuple]]:
    """Of each fold the rows that may be fitted, the pairs made of them, and the pairs that are asked."""
    rng = np.random.default_rng(0)
    for fit, asked in by_groups(data.words, data.script):
        yield fit, anew(data, fit, rng), anew(data, asked, rng)


def asked_anew(data: Crossed) -> tuple[np.ndarray, np.ndarray, dict[str, np.ndarray]]:
    """Of all folds' pairs: do they agree, the scripts of their words, and the opinions (N, 2) of four simple ways."""
    mfcc, made = data.sound[:, :CEPSTRAL], []
    for fit, (fit_text, fit_sound), (text, sound) in folds_anew(data):
        y = data.words[fit_text] == data.voice[fit_sound]
        heard = chances(listener().fit(mfcc[fit_sound], y), mfcc[sound])
        read = chances(reader().fit(data.texts[fit_text], y), data.texts[text])
        words = chances(reader().fit(data.texts[fit], data.words[fit]), data.texts[text])
        voice = chances(listener().fit(mfcc[fit], data.voice[fit]), mfcc[sound])
        ways = heard, read, fused(heard, read, np.full(2, 0.5)), named_both(words, voice, "agreement")
        made.append(((data.words[text] == data.voice[sound]).astype(int), data.script[text], *ways))
    truth, scripts, *opinions = map(np.concatenate, zip(*made, strict=True))
    return truth, scripts, dict(zip(("sound", "text", "product", "both named"), opinions, strict=True))


def paired_anew(data: Crossed) -> dict[str, dict]:
    """Agreement of words and sound that were paired by chance: sound, text, the product, both named. Chance is 50."""
    y, scripts, opinions = asked_anew(data)
    right = [(opinions[name].argmax(1) == y).astype(float) for name in ("both named", "product")]
    lines = {f"from {name}": told(y, p, scripts) for name, p in opinions.items()}
    lines["gain of naming both"] = over_scripts((right[0] - right[1])[:, None], scripts)
    return {f"agreement, paired anew, {name}": line for name, line in lines.items()}


def crossed_table(lines: dict[str, dict]) -> pd.DataFrame:
    """The lines of the record as a table."""
    return pd.DataFrame(lines).T.rename_axis("what from what")


if __name__ == "__main__":
    deeply = load_corpus("deeply", only_argument(__doc__), task="both")
    data = crossed(deeply)
    made = alone(data) | given_away(data) | other_speaker(data) | paired_anew(data)
    print(crossed_table(write_lines(RESULTS / "deeply_crossed.json", deeply, made)).to_string())
