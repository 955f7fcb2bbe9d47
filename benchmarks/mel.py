"""Log-mel of clips of the shipped corpus, one thread, one clip at a time (A41)."""

from collections.abc import Iterator

import numpy as np
import torch

from vcemo_lib.audio.signal import decode, log_mel
from vcemo_lib.config import MEL, SAMPLE_RATE
from vcemo_lib.data.corpora import load_corpus

from .plain import librosa_mel
from .timing import Case


def cases(short: bool = False) -> Iterator[Case]:
    """Ours beside librosa, torchaudio and transformers."""
    corpus = load_corpus("vcemo_sim", limit=8 if short else 64)
    waves = [decode(audio) for audio in corpus.frame["audio"]]
    rivals = {"librosa": lambda w: librosa_mel(w, MEL), "torchaudio": _torchaudio(), "transformers": _transformers()}
    whisper = _whisper()

    def all_of(mel):
        return lambda: [mel(wave) for wave in waves]

    def equal() -> None:
        for name, mel in rivals.items():
            for wave in waves[:4]:
                np.testing.assert_allclose(mel(wave), log_mel(wave), rtol=1e-3, atol=1e-3, err_msg=name)

    calls = {name: all_of(mel) for name, mel in rivals.items()} | {"Whisper's extractor": all_of(whisper)}
    note = "Whisper's extractor gives other values (30 s, another scale); it is what transformers offers by name"
    wanted = {"librosa": 6, "torchaudio": 1.6, "Whisper's extractor": 10}
    yield Case("log-mel", f"{len(waves)} clips", all_of(log_mel), calls, equal, wanted=wanted, note=note)


def _torchaudio():
    """As its documentation has it: a transform, then the logarithm."""
    from torchaudio.transforms import MelSpectrogram

    sizes = {"n_fft": MEL.n_fft, "win_length": MEL.win_length, "hop_length": MEL.hop_length, "n_mels": MEL.n_mels}
    transform = MelSpectrogram(SAMPLE_RATE, f_min=20.0, norm="slaney", mel_scale="slaney", **sizes)
    return lambda wave: transform(torch.from_numpy(wave)).clamp_min(1e-6).log().T.numpy()


def _transformers():
    from transformers.audio_utils import mel_filter_bank, spectrogram, window_function

    bank = mel_filter_bank(MEL.n_fft // 2 + 1, MEL.n_mels, 20.0, SAMPLE_RATE / 2, SAMPLE_RATE, "slaney", "slaney")
    side = (MEL.n_fft - MEL.win_length) // 2
    window = np.pad(window_function(MEL.win_length, "hann"), side)
    return lambda wave: (
        spectrogram(
            wave,
            window,
            MEL.n_fft,
            MEL.hop_length,
            MEL.n_fft,
            power=2.0,
            mel_filters=bank,
            mel_floor=1e-6,
            log_mel="log",
        ).T
    )


def _whisper():
    from transformers import WhisperFeatureExtractor

    extractor = WhisperFeatureExtractor(MEL.n_mels)
    return lambda wave: extractor(wave, sampling_rate=SAMPLE_RATE).input_features
