"""Noise, tempo and pitch (Paper §3.5), one thread; and the augmented copies of a corpus, made and read again."""

from collections.abc import Callable, Iterator

import librosa
import numpy as np

from vcemo_lib.audio.augment import add_noise, pitch_shift, time_stretch
from vcemo_lib.audio.signal import decode
from vcemo_lib.config import SAMPLE_RATE
from vcemo_lib.data.corpora import load_corpus
from vcemo_lib.data.sound import Sound
from vcemo_lib.recipes import LAPTOP

from .timing import Case, not_there

Change = Callable[[np.ndarray], np.ndarray]
RATE, SEMITONES, SNR = 1.1, 2.0, 30.0


def cases(short: bool = False) -> Iterator[Case]:
    """Each change of the wave, then whole copies from the store."""
    corpus = load_corpus("vcemo_sim", limit=4 if short else 24)
    waves, rng = [decode(audio) for audio in corpus.frame["audio"]], np.random.default_rng(0)
    hop = {"n_fft": 1024}
    stretched = {"librosa": lambda w: librosa.effects.time_stretch(w, rate=RATE, **hop)}
    shifted = {"librosa": lambda w: librosa.effects.pitch_shift(w, sr=SAMPLE_RATE, n_steps=SEMITONES, **hop)}
    theirs = _audiomentations()
    yield _case("noise at 30 dB", waves, lambda w: add_noise(w, SNR, rng), theirs("noise"), 1.8, _same_snr)
    yield _case("tempo × 1.1", waves, lambda w: time_stretch(w, RATE), stretched | theirs("tempo"), 1.8, _same_wave)
    yield _case("pitch + 2", waves, lambda w: pitch_shift(w, SEMITONES), shifted | theirs("pitch"), 1.8, _same_wave)
    yield _store(corpus)


def _case(name: str, waves: list, ours: Change, rivals: dict[str, Change], wanted: float, same: Callable) -> Case:
    def all_of(change: Change):
        return lambda: [change(wave) for wave in waves]

    def equal() -> None:
        for rival, change in rivals.items():
            same(waves[0], ours(waves[0]), change(waves[0]), rival)

    calls = {rival: all_of(change) for rival, change in rivals.items()}
    missing = not_there("audiomentations")
    return Case(
        "augmentation", f"{name}, {len(waves)} clips", all_of(ours), calls, equal, missing, dict.fromkeys(calls, wanted)
    )


def _same_snr(wave: np.ndarray, ours: np.ndarray, theirs: np.ndarray, _: str) -> None:
    """The noise is another each time; its level is not."""
    for noisy in (ours, theirs):
        snr = 10 * np.log10(np.square(wave).mean() / np.square(noisy - wave).mean())
        assert abs(snr - SNR) < 0.3, snr


def _same_wave(_: np.ndarray, ours: np.ndarray, theirs: np.ndarray, rival: str) -> None:
    """librosa's is the same but for 32 bits of rounding; audiomentations has another algorithm: its length is held."""
    if rival == "librosa":
        np.testing.assert_allclose(ours, theirs, atol=0.05)
    assert abs(len(ours) - len(theirs)) <= 1, (len(ours), len(theirs))


def _audiomentations() -> Callable[[str], dict[str, Change]]:
    if not_there("audiomentations"):
        return lambda _: {}
    import audiomentations as library

    made = {
        "noise": library.AddGaussianSNR(min_snr_db=SNR, max_snr_db=SNR, p=1.0),
        "tempo": library.TimeStretch(min_rate=RATE, max_rate=RATE, leave_length_unchanged=False, p=1.0),
        "pitch": library.PitchShift(min_semitones=SEMITONES, max_semitones=SEMITONES, p=1.0),
    }
    return lambda name: {"audiomentations": lambda wave: made[name](wave, sample_rate=SAMPLE_RATE)}


def _store(corpus) -> Case:
    sound = Sound(corpus, LAPTOP.features)

    def made() -> list[np.ndarray]:
        return [sound._one(row, 1).astype(np.float16) for row in range(len(corpus))]

    def stored() -> list[np.ndarray]:
        sound.augment(corpus.ids)
        return [np.array(sound.frames(utterance, 1)) for utterance in corpus.ids]

    def equal() -> None:
        for mine, theirs in zip(stored(), made(), strict=True):
            np.testing.assert_array_equal(mine, theirs)

    wanted = {"made anew": 100}
    return Case(
        "augmentation", f"{len(corpus)} copies from the store", stored, {"made anew": made}, equal, wanted=wanted
    )
