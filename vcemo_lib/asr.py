"""Whisper: from waveforms to the `text_asr` column (Paper §3.1; A36, A37)."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import whisper
from opencc import OpenCC

from .paths import cache_dir

# Fixed, so that the same audio gives the same text: no sampling, no carrying over from clip to clip.
SETTINGS = dict(task="transcribe", temperature=0.0, beam_size=None, condition_on_previous_text=False,
                without_timestamps=True, fp16=False)
PROMPT = {"zh": "以下是普通话的句子。"}  # asks for simplified characters and punctuation


class AsrError(ValueError):
    """Whisper weights that cannot be had; the message says how to get them."""


def load(name: str, device: str = "cpu") -> whisper.Whisper:
    """A Whisper model by name (`base`, `large-v3` …) from the local cache, or by the path of a checkpoint file.

    Raises:
        AsrError: the weights are not on this machine. Nothing is downloaded here.
    """
    known = name in whisper.available_models()
    path = cache_dir() / "whisper" / f"{name}.pt" if known else Path(name)
    if not path.is_file():
        raise AsrError(f"Whisper weights {name!r} are not on this machine: put {name if known else path.name}.pt into "
                       ".cache/whisper, or read the transcripts that the corpus brings")
    model = whisper.load_model(str(path), device=device)
    if known:  # a local file does not say which attention heads follow the words
        model.set_alignment_heads(whisper._ALIGNMENT_HEADS[name])
    return model


def transcribe(model: whisper.Whisper, waves: Iterable[np.ndarray], language: str = "zh") -> list[str]:
    """Text of each (T,) waveform at 16 kHz; Chinese comes in simplified characters."""
    simplify = OpenCC("t2s").convert if language == "zh" else str
    return [simplify(model.transcribe(wave, language=language, initial_prompt=PROMPT.get(language), verbose=None,
                                      **SETTINGS)["text"]).strip() for wave in waves]
