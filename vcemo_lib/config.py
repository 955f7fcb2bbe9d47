"""Settings as plain data: sizes and readings of a model, and all that decides a feature. Importable without torch.

Every reading of an unclear sentence of the paper is a field of `ModelConfig` or `FeatureConfig`; the defaults are the
recommended readings (A10–A44; `readings.md` lists them all).
"""

from dataclasses import dataclass, fields
from numbers import Integral, Real
from types import UnionType
from typing import Literal, get_args, get_origin

from .digests import added
from .errors import VcemoError

MODALITIES = ("audio", "words", "bert")  # the paper's
# Of each setting of the features that not all models read, the modalities that it is about.
READ_BY = {"speech": ("audio",), "vectors": ("words",), "segmenter": ("words",), "bert": ("bert",)}
READ_BY |= {"text": ("words", "bert")}
KNOWN_MODALITIES = [*MODALITIES]  # what a model may read; `models.modalities.add_modality` adds to it
Segmenter = Literal["jieba", "char", "pkuseg", "spacy"]
SEGMENTERS = get_args(Segmenter)
Cascade = Literal["encoder_decoder", "stacking"]
Direction = Literal["guided_asks", "guide_asks"]
BACKENDS = ("whisper", "faster")  # of speech recognition: openai-whisper and faster-whisper
HUGE = 1e300  # a number beyond this is none
UNCERTAIN = "uncertain"  # the answer below the probability that was asked for
SAMPLE_RATE = 16_000  # of every sound inside the library, Hz
LARGEST_SEED = 2**32 - 1  # that NumPy takes


class ConfigError(VcemoError):
    """A setting that there is not, or a value that it cannot have."""


KINDS = {int: "a whole number", float: "a number", str: "a text", bool: "True or False", type(None): "None"}


def check_fields(settings, bounds: dict[str, tuple[float, float]]) -> None:
    """Raise ConfigError where a field of a dataclass is not what its annotation says, or beyond its (least, most)."""
    for f in fields(settings):
        value, kinds = getattr(settings, f.name), get_args(f.type) if isinstance(f.type, UnionType) else (f.type,)
        if get_origin(f.type) is Literal:
            if value not in get_args(f.type):
                raise ConfigError(f"{f.name}={_short(value)} is unknown; use one of {get_args(f.type)}.")
        elif not any(_is(value, kind) for kind in kinds):
            raise ConfigError(f"{f.name}={_short(value)}: give {' or '.join(map(_told, kinds))}.")
    for name, (least, most) in bounds.items():
        value = getattr(settings, name)
        numbers = value if isinstance(value, tuple) else (value,)
        if any(not least <= number <= most for number in numbers if number is not None):
            upper = f" and at most {most:g}" if most < HUGE else ""
            raise ConfigError(f"{name}={_short(value)}: give a number of {least:g} or more{upper}.")


def _is(value, kind) -> bool:
    if get_origin(kind) is tuple:
        return isinstance(value, tuple) and all(_is(one, get_args(kind)[0]) for one in value)
    if kind in (int, float):
        number = isinstance(value, Integral if kind is int else Real) and not isinstance(value, bool)
        return number and -HUGE < value < HUGE  # no NaN, nor infinity
    return isinstance(value, kind)


def _told(kind) -> str:
    return f"{KINDS[get_args(kind)[0]]} or several" if get_origin(kind) is tuple else KINDS.get(kind, kind.__name__)


def _short(value) -> str:
    text = repr(value)
    return text if len(text) < 60 else f"{text[:50]}…"


@dataclass(frozen=True)
class MelConfig:
    """Settings of the mel-spectrogram (A41): 25 ms windows every 10 ms, 80 bands from 20 Hz to 8 kHz.

    Raises:
        ConfigError: a size outside 1 to 65536, or a window longer than the transform.
    """

    n_mels: int = 80
    n_fft: int = 512
    win_length: int = 400
    hop_length: int = 160
    range_db: float | None = None  # cells further below the loud ones are raised to there; the room goes with them

    def __post_init__(self) -> None:
        check_fields(self, {"range_db": (0, 1000)})
        sizes = {name: getattr(self, name) for name in ("n_mels", "n_fft", "win_length", "hop_length")}
        if min(sizes.values()) < 1 or max(sizes.values()) > 65_536 or self.win_length > self.n_fft:
            raise ConfigError(f"a mel of {sizes}: give whole numbers of 1 to 65536, and a win_length of at most n_fft")

    @property
    def frames_per_second(self) -> float:
        """Of the mel; where words lie in it follows."""
        return SAMPLE_RATE / self.hop_length


MEL = MelConfig()


@dataclass(frozen=True)
class Augmentation:
    """Ranges of the random augmentation: each kind is applied with probability `p` (A42)."""

    snr_db: float = 30.0
    semitones: float = 2.0
    stretch: float = 0.1
    p: float = 0.5

    def __post_init__(self) -> None:
        check_fields(self, {"snr_db": (-100, 100), "semitones": (0, 24), "stretch": (0, 0.9), "p": (0, 1)})


@dataclass(frozen=True)
class FeatureConfig:
    """Everything that decides a feature (A15, A36–A42). `text` names the corpus column that is read."""

    mel: MelConfig = MelConfig()
    normalise: Literal["band", "utterance", "speaker"] = "band"  # what one mean of the log-mel is taken of (A41)
    augmentation: Augmentation = Augmentation()
    copies: int = 0  # augmented copies of each training utterance, made before training
    text: str = "text_asr"
    homophones: float | None = None  # share of its characters to be misheard (`homophones.py`); beyond the paper
    segmenter: Segmenter = "jieba"
    vectors: str = "bundled"
    bert: str = "bundled"
    bert_pooling: Literal["cls", "pooler", "mean"] = "cls"
    max_seconds: float = 12.0
    max_tokens: int = 60
    speech: str | None = None  # a speech model, "silero" or "prosody", in place of the mel (`audio/`)
    speech_layer: int | None = None  # None: the middle one; of "silero" the last
    # "reference": each clip is made equally loud first; "speaker": how loud it is beside the speaker's others is kept
    level: Literal["recorded", "reference", "speaker"] = added("recorded")

    def __post_init__(self) -> None:
        sizes = {"max_seconds": (0.05, 3600), "max_tokens": (1, 10_000), "speech_layer": (1, 1000)}
        check_fields(self, sizes | {"copies": (0, 100), "homophones": (0, 1)})


# What a model may be built of: far beyond what anybody trains, and far below what stops a machine.
SIZES = dict.fromkeys(("n_classes", "n_mels", "word_dim", "bert_dim", "speech_dim", "d", "d_ff", "d_proj"), (1, 16_384))
SIZES |= {"n_heads": (1, 1024), "length": (1, 10_000), "conv_channels": (1, 4096), "dropout": (0, 1 - 1e-9)}
SIZES |= {"statistics": (0, 16_384), "n_layers": (0, 100)}  # 0 layers: the branches meet without a guide


@dataclass(frozen=True)
class ModelConfig:
    """Sizes and readings of one model. Baselines read the sizes; what they make of them is in their docstrings.

    guide1    guides fusion 1: "words", or the other sequence, "audio" (BERT under order="bert_first"), or each
              the other, "both" (A13)
    guide2    guides fusion 2: the "fused" sequence, or the newcomer, "bert" (A13; audio under "bert_first")
    direction the guided sequence asks and the guide answers, "guided_asks", or the guide asks, "guide_asks":
              then the answer is as long as the guide and is added to the guide (A12)
    cascade   guided by the guide's final output, or by its output at the same depth (`CoAttention`)
    fuse1/2   how a fusion joins its sequences: "add" position by position, "concat" along time (A11, A16)
    align     how two lengths are made one before adding: the shorter is padded, "pad", both are spread over the
              L positions, "stretch", or each is averaged to one vector, "pool" (A11)
    order     "audio_first": audio + words, then BERT; "bert_first": words + BERT, then audio
    pooling   after the last self-attention: "attention" (AttFlat), "mean", or the "bert" position (A17)
    head      "series": predictor on the ReLU of the projection; "parallel": both on the pooled vector;
              "two_layer": as parallel, with a predictor of two layers (A10)

    Raises:
        ConfigError: a value that a field cannot have, or a pooling that does not go with the rest.
    """

    system: Literal["vcemo", "xu", "xu_delta", "umons", "umons_released", "mha2", "mdre", "cme"] = "vcemo"
    n_classes: int = 6
    n_mels: int = 80
    word_dim: int = 300
    bert_dim: int = 768
    d: int = 512
    n_layers: int = 3
    n_heads: int = 4
    d_ff: int = 1024
    dropout: float = 0.1
    length: int = 60
    conv_channels: tuple[int, ...] = (32, 64, 128)
    modalities: tuple[str, ...] = MODALITIES
    guide1: Literal["words", "audio", "both"] = "words"
    guide2: Literal["fused", "bert"] = "fused"
    direction: Direction = "guided_asks"
    cascade: Cascade = "encoder_decoder"
    fuse1: Literal["add", "concat"] = "add"
    fuse2: Literal["concat", "add"] = "concat"
    align: Literal["pad", "stretch", "pool"] = "pad"
    order: Literal["audio_first", "bert_first"] = "audio_first"
    pooling: Literal["attention", "mean", "bert"] = "attention"
    head: Literal["series", "parallel", "two_layer"] = "series"
    d_proj: int = 128
    speech_dim: int | None = None  # width of a speech model's frames, which then stand in place of mel and convolutions
    statistics: int = added(0)  # mixtures of bands whose statistics over the clip are read too (`ClipStatistics`)

    @property
    def reads(self) -> tuple[str, ...]:
        """The modalities that are read, in their fixed order. A baseline is made of audio and words."""
        chosen = self.modalities if self.system == "vcemo" else ("audio", "words")
        return tuple(name for name in KNOWN_MODALITIES if name in chosen)

    @property
    def frame_dim(self) -> int:
        """Width of what stands for the sound, frame by frame."""
        return self.speech_dim or self.n_mels

    def __post_init__(self) -> None:
        for name in ("conv_channels", "modalities"):  # lists, when read back from JSON
            if isinstance(getattr(self, name), list):
                object.__setattr__(self, name, tuple(getattr(self, name)))
        check_fields(self, SIZES)
        if not 1 <= len(self.conv_channels) <= 10:
            raise ConfigError(f"conv_channels={_short(self.conv_channels)}: give 1 to 10 numbers, one a block.")
        unknown = set(self.modalities) - set(KNOWN_MODALITIES)
        if unknown or not self.modalities or len(set(self.modalities)) < len(self.modalities):
            raise ConfigError(f"modalities={self.modalities}: give some of {tuple(KNOWN_MODALITIES)}, each once.")
        if self.pooling == "bert" and not self._ends_with_bert():
            raise ConfigError(
                "pooling='bert' reads the BERT position; there is none without 'bert' in modalities, "
                "order='audio_first', fuse2='concat' and direction='guided_asks'. Use pooling='attention' or 'mean'."
            )

    def _ends_with_bert(self) -> bool:
        kept = self.direction == "guided_asks" or self.guide2 == "bert"  # else its answer is as long as its guide
        joined = self.order == "audio_first" and self.fuse2 == "concat" and self.reads[-1:] == ("bert",) and kept
        return joined or self.modalities == ("bert",)
