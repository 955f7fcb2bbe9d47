"""What an ONNX file takes of an utterance, and what it makes of it: one class a modality.

`LogMel` begins with the sound, `Words` and `Sentence` with numbers of words and of word pieces; what they compute is
part of the file. `Features` takes what a batch holds, made outside. `truth` is the same by the library's functions.
"""

import json
import math

import numpy as np
import torch
from torch import Tensor, nn

from ..audio import signal
from ..audio.decoding import SHORTEST
from ..config import SAMPLE_RATE, FeatureConfig, ModelConfig
from ..data import PRIOR_SECONDS, Modality, Voice, enrolled
from ..text import SentenceEncoder, WordVectors

Given = dict[str, Tensor]


class Features(nn.Module):
    """The values of a modality as they stand in a batch, float32, and the mask of a padded one."""

    def __init__(self, modality: Modality, config: ModelConfig, named: str = ""):
        super().__init__()
        self.modality, self.config = modality, config
        self.any_length = modality.is_sequence and not modality.padded
        self.names = modality.inputs[:1] if self.any_length else modality.inputs
        self.dynamic = {1: "frames" if modality.name == "audio" else modality.name} if self.any_length else {}
        steps = ["steps" if self.any_length else config.length] if modality.is_sequence else []
        shape, by = ", ".join(map(str, [1, *steps, modality.width_in(config)])), f" by {named}" if named else ""
        values = f"float32 ({shape}): {modality.name}{by}, as a batch holds it"
        mask = f"bool (1, {config.length}): true where there is a step, before the zeros at the end"
        self.told = dict(zip(self.names, (values, mask), strict=False))  # what each input is
        self.facts: dict[str, str] = {}  # what the file says beside this

    def example(self, frames: int, words: int, rng: np.random.Generator) -> tuple[Tensor, ...]:
        """Random inputs of one utterance of this length."""
        steps = (frames if self.any_length else self.config.length,) if self.modality.is_sequence else ()
        values = torch.from_numpy(rng.standard_normal((1, *steps, self.modality.width_in(self.config)), np.float32))
        if not self.modality.padded:
            return (values,)
        mask = torch.arange(self.config.length)[None] < words
        return values * mask[..., None], mask

    def forward(self, *given: Tensor) -> Given:
        """The inputs of one utterance → what a batch holds; a sequence of any length is all real."""
        mask = (torch.ones_like(given[0][..., 0], dtype=torch.bool),) if self.any_length else ()
        return dict(zip(self.modality.inputs, (*given, *mask), strict=True))

    def truth(self, *given: Tensor) -> Given:
        """The same, not by the operations of the file."""
        return self(*given)


class LogMel(Features):
    """The sound at 16 kHz → the log-mel as a model reads it, by what `data/sound.py` does, in operations of ONNX."""

    def __init__(self, modality: Modality, config: ModelConfig, features: FeatureConfig, voice: Voice | None):
        super().__init__(modality, config)
        self.names, self.dynamic = ("wave",), {1: "samples"}
        self.features, self.voice, self.longest = features, voice, int(features.max_seconds * SAMPLE_RATE)
        size, (window, bands) = features.mel.n_fft, map(torch.from_numpy, signal.mel_filters(features.mel))
        angle = 2 * math.pi / size * torch.outer(torch.arange(size // 2 + 1), torch.arange(size)).double()
        self.register_buffer("waves", (torch.cat([angle.cos(), angle.sin()]) * window).float()[:, None])  # |STFT|² by
        self.register_buffer("bank", bands.T.float().contiguous())  # two convolutions: every runtime has them
        self.told = {
            "wave": f"float32 (1, samples): one utterance, one channel, {SAMPLE_RATE} Hz, from -1 to 1, at least "
            f"{SHORTEST} s, of which {features.max_seconds:g} s are read; where more than a second before or "
            "after the speech has none, cut it down to 0.3 s, as 'vcemo predict' does"
        }

    def example(self, frames: int, words: int, rng: np.random.Generator) -> tuple[Tensor, ...]:
        """Noise whose level changes."""
        samples = max(frames * self.features.mel.hop_length, int(SHORTEST * SAMPLE_RATE))
        loud = 0.1 + 0.09 * np.sin(np.arange(samples) / 3000)
        return (torch.from_numpy((loud * rng.standard_normal(samples)).astype(np.float32))[None],)

    def forward(self, wave: Tensor) -> Given:
        """(1, samples) → (1, T, n_mels)."""
        wave = wave[0, : self.longest]
        wave, gain = _at_reference(wave) if self.features.level != "recorded" else (wave, 0)
        mel = self._log_mel(wave) + (gain if self.features.level == "speaker" else 0)
        frames = mel.half().float()  # in training too features are kept in 16 bits
        return super().forward(self._normalised(frames)[None])

    def _log_mel(self, wave: Tensor) -> Tensor:
        """As `signal.log_mel`."""
        half = self.features.mel.n_fft // 2
        padded = nn.functional.pad(wave[None, None], (half, half), mode="reflect")
        squares = nn.functional.conv1d(padded, self.waves, stride=self.features.mel.hop_length)[0].square()
        mel = (self.bank @ (squares[: half + 1] + squares[half + 1 :])).clamp_min(1e-6).log().T
        deepest = self.features.mel.range_db
        if deepest is None:
            return mel
        return torch.maximum(mel, _quantile(mel.reshape(-1), 0.995) - deepest * math.log(10) / 10)

    def _normalised(self, frames: Tensor) -> Tensor:
        """As `signal.normalise`, or as `voices.enrolled` of this recording alone."""
        if self.voice is None:
            over_bands = self.features.normalise == "band"
            centred = frames - (frames.mean(0, keepdim=True) if over_bands else frames.mean())
            return centred / centred.std(correction=0).clamp_min(1e-3)
        n, prior = torch._shape_as_tensor(frames)[0], PRIOR_SECONDS * self.features.mel.frames_per_second
        own = frames.mean(0), frames.std(0, correction=0).clamp_min(1e-3)
        average, spread = torch.from_numpy(self.voice.mean), torch.from_numpy(self.voice.deviation)
        as_loud = own[0].mean() - average.mean() if self.features.level == "speaker" else 0
        known = average + as_loud, spread
        mean, deviation = ((n * a + prior * b) / (n + prior) for a, b in zip(own, known, strict=True))
        return (frames - mean) / deviation

    def truth(self, wave: Tensor) -> Given:
        """By the functions that made the training features."""
        sound = wave[0, : self.longest].numpy()
        level, mel = self.features.level, self.features.mel
        frames = signal.log_mel(sound if level == "recorded" else signal.at_reference(sound), mel)
        frames = frames + (signal.gain_taken(sound) if level == "speaker" else 0)
        frames = frames.astype(np.float16).astype(np.float32)
        if self.voice:
            frames = enrolled([frames], self.voice, mel.frames_per_second, level == "speaker").taken_from(frames)
        else:
            frames = signal.normalise(frames, self.features.normalise)
        return super().forward(torch.from_numpy(frames.astype(np.float32))[None])


class Words(Features):
    """Numbers of words → their vectors; the table is part of the file."""

    def __init__(self, modality: Modality, config: ModelConfig, features: FeatureConfig, language: str):
        super().__init__(modality, config)
        self.names = ("word_ids",)
        self.vectors = WordVectors.load(features.vectors)
        table = np.concatenate([self.vectors.table, np.zeros((1, self.vectors.dim), np.float32)])
        self.register_buffer("table", torch.from_numpy(table.astype(np.float16)))  # as features are kept
        self.facts = {"vocabulary": json.dumps(self.vectors.words, ensure_ascii=False)}
        cutter = features.segmenter if language == "zh" else f"spacy.blank({language!r}), or spaces,"
        self.told = {
            "word_ids": f"int64 (1, {config.length}): the place in `vocabulary` of each of the first "
            f"{min(config.length, features.max_tokens)} words, as {cutter} cuts {_text_in(language)}, in small "
            f"letters, no punctuation; {len(self.vectors.words)} for a word that is not in it, -1 after the last word"
        }

    def example(self, frames: int, words: int, rng: np.random.Generator) -> tuple[Tensor, ...]:
        """Words drawn at random, an unknown one among them."""
        ids = rng.integers(0, len(self.table), self.config.length)
        ids[1:2] = len(self.vectors.words)
        return (torch.from_numpy(np.where(np.arange(self.config.length) < words, ids, -1))[None],)

    def forward(self, ids: Tensor) -> Given:
        """(1, L) → (1, L, 300) and (1, L); a text without words is one zero vector."""
        known = ids >= 0
        vectors = self.table[ids.clamp_min(0)].float() * known[..., None]
        first = torch.arange(self.config.length)[None] == 0
        return {"words": vectors, "words_mask": known | first}

    def truth(self, ids: Tensor) -> Given:
        """By the vectors' own table of words; one that is not in it is the zero vector."""
        names = [self.vectors.words[i] if i < len(self.vectors.words) else "" for i in ids[0].tolist() if i >= 0]
        vectors = torch.from_numpy(self.vectors.encode(names).astype(np.float16).astype(np.float32))
        missing = self.config.length - len(vectors)
        mask = torch.arange(self.config.length)[None] < len(vectors)
        return {"words": nn.functional.pad(vectors, (0, 0, 0, missing))[None], "words_mask": mask}


class Sentence(Features):
    """Numbers of word pieces → the sentence vector; the frozen BERT is part of the file."""

    def __init__(self, modality: Modality, config: ModelConfig, features: FeatureConfig, language: str):
        super().__init__(modality, config)
        self.names, self.dynamic, self.pooling = ("token_ids",), {1: "tokens"}, features.bert_pooling
        self.source = SentenceEncoder.load(features.bert)
        self.encoder, tokenizer = self.source.encoder, self.source.tokenizer
        self.facts = {"tokenizer": tokenizer.backend_tokenizer.to_str()}
        special = " and ".join(tokenizer.convert_ids_to_tokens(tokenizer("")["input_ids"]))
        self.told = {
            "token_ids": f"int64 (1, tokens): the word pieces of {_text_in(language)} by `tokenizer`, a "
            f"tokenizer.json, with {special} around them; at most {self.source.max_length}"
        }

    def example(self, frames: int, words: int, rng: np.random.Generator) -> tuple[Tensor, ...]:
        """Pieces drawn at random, two a word."""
        size = min(2 * words + 2, self.source.max_length)
        return (torch.from_numpy(rng.integers(0, self.source.tokenizer.vocab_size, size))[None],)

    def forward(self, ids: Tensor) -> Given:
        """(1, S) → (1, E)."""
        return {"bert": self.source.pooled({"input_ids": ids, "attention_mask": torch.ones_like(ids)}, self.pooling)}


def _text_in(language: str) -> str:
    return "the text in simplified characters" if language.startswith("zh") else "the text"


def _at_reference(wave: Tensor) -> tuple[Tensor, Tensor]:
    """(n,) → (n,), as `signal.at_reference`, and as `signal.gain_taken`; of at least 400 samples."""
    wave = wave - wave.mean()
    whole = torch.div(torch._shape_as_tensor(wave)[0], 400, rounding_mode="floor") * 400
    level = _quantile(wave[:whole].reshape(-1, 400).square().mean(1), 0.95).sqrt()
    taken = 2 * (level.clamp_min(signal.QUIETEST) / signal.REFERENCE).log()
    return wave * (signal.REFERENCE / level.clamp_min(1e-9)), taken


def _quantile(values: Tensor, q: float) -> Tensor:
    """As numpy has it, between the two nearest."""
    ordered, last = values.sort().values, torch._shape_as_tensor(values)[0] - 1
    position = last.double() * q
    low = position.floor().long()
    below, above = ordered[low], ordered[torch.minimum(low + 1, last)]
    return below + (above - below) * (position - low).float()
