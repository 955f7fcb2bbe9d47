"""Clips that are one recording, also where it was coded anew, made louder or a little noisy."""

from contextlib import suppress
from itertools import pairwise

import numpy as np

from ..audio.decoding import check_rate, claimed
from ..audio.signal import AudioError, log_mel, read
from .corpus import Corpus, counted

STEPS, BANDS = 32, 20  # size of a fingerprint
ALIKE = 0.95  # cosine above which two clips are taken for one recording
SAME_LENGTH = 0.05  # seconds; a codec adds up to so much
HEADERS, PAIRS = 5_000, 50  # at most so many headers are read, and so many pairs of clips proposed by their lengths
RANGE = 1e-4  # of the loudest power: what is weaker counts as this, or noise would decide


def fingerprint(wave: np.ndarray) -> np.ndarray:
    """(640,) unit vector of a clip's shape in time and frequency; loudness and colour of the channel are taken out.

    wave (T,) float32 at 16 kHz.
    """
    mel = log_mel(wave).astype(np.float64)
    return _shape(mel.reshape(len(mel), BANDS, -1).mean(2))


def _shape(bands: np.ndarray) -> np.ndarray:
    """(T, BANDS) log power → the same of 32 steps, less its mean over time, as a unit vector (640,)."""
    edges = np.linspace(0, len(bands), STEPS + 1)
    steps = np.stack([bands[int(a) : max(int(np.ceil(b)), int(a) + 1)].mean(0) for a, b in pairwise(edges)])
    steps -= steps.mean(0)
    return (steps / max(np.linalg.norm(steps), 1e-9)).ravel()


def near_duplicates(corpus: Corpus) -> tuple[list[tuple[str, str]], int]:
    """Pairs of ids that sound like one recording, and how many clips were compared.

    Clips are proposed by their lengths, the most nearly equal first, so that this takes about a second. Without torch.
    """
    seconds = _lengths(corpus)
    gaps = {(a, b): seconds[b] - seconds[a] for a, b in pairwise(sorted(seconds, key=seconds.get))}
    proposed = [pair for pair in sorted(gaps, key=gaps.get)[:PAIRS] if gaps[pair] <= SAME_LENGTH]
    audio, shapes = corpus.frame.set_index("id")["audio"], {}
    for utterance in dict.fromkeys(utterance for pair in proposed for utterance in pair):
        with suppress(AudioError):  # of clips that can be used; a silent one is like no other
            shapes[utterance] = _shape(_log_bands(*read(audio[utterance])))
    ids, table = list(shapes), np.array(list(shapes.values()))
    alike = np.argwhere(np.triu(table @ table.T, 1) > ALIKE) if ids else []
    return [(ids[a], ids[b]) for a, b in alike], len(ids)


def duplicates_line(corpus: Corpus) -> str:
    """What `vcemo corpus add` says of near-duplicate audio; "" where there is none."""
    pairs, compared = near_duplicates(corpus) if corpus.has_audio else ([], 0)
    if not pairs:
        return ""
    return (
        f"near-duplicate audio: {counted(len(pairs), 'pair')} of clips that sound like one recording, such as "
        f"{pairs[0][0]!r} and {pairs[0][1]!r} (compared: the {compared} of {len(corpus):,} clips whose lengths agree "
        "best): leave one of each out, or see that both are in one part of the split"
    )


def _lengths(corpus: Corpus) -> dict[str, float]:
    """Seconds of each clip by its header, of those that libsndfile can open; `survey` names the others."""
    rows = corpus.frame[["id", "audio"]].head(HEADERS).itertuples(index=False, name=None)
    return {utterance: header[0] / header[1] for utterance, audio in rows if (header := claimed(audio))}


def _log_bands(wave: np.ndarray, rate: int) -> np.ndarray:
    """(T,) at `rate` Hz → (frames, BANDS): log power every 10 ms in 20 bands of equal mel width, 60 Hz to 4 kHz."""
    check_rate(rate)  # the highest band must be there
    size, hop = round(0.025 * rate), round(0.01 * rate)
    frames = np.lib.stride_tricks.sliding_window_view(np.pad(wave, (0, size)), size)[::hop] * np.hanning(size)
    power = np.abs(np.fft.rfft(frames.astype(np.float32), 2 * size)) ** 2
    mel = np.linspace(*(2595 * np.log10(1 + np.array([60, 4000]) / 700)), BANDS + 1)
    edges = np.round(700 * (10 ** (mel / 2595) - 1) * 2 * size / rate).astype(int)
    power = np.add.reduceat(power[:, : edges[-1]], edges[:-1], axis=1)
    return np.log(np.maximum(power, RANGE * power.max() + 1e-12))
