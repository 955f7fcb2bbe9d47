"""Every hyperparameter by name, the paper's values, and every reading of an unclear sentence as a field."""

from dataclasses import dataclass, fields, replace
from typing import Literal

from .config import READ_BY, Augmentation, FeatureConfig, MelConfig, ModelConfig, check_fields
from .digests import added, content_key, settings
from .errors import VcemoError


class RecipeError(VcemoError):
    """A recipe or a profile that there is not; the message says which there are."""


BOUNDS = dict.fromkeys(("epochs", "batch_size", "limit", "queue_size"), (1, 1e9)) | {"learning_rate": (0, 1e6)}
BOUNDS |= dict.fromkeys(("min_updates", "epoch_updates", "clip", "weight_decay", "alpha"), (0, 1e9))
BOUNDS |= {"temperature": (1e-6, 1e6)}
BOUNDS |= dict.fromkeys(("mask_bands", "mask_frames", "shift_bands", "stretch_frames"), (0, 1e6))
BOUNDS |= {"smoothing": (0, 1 - 1e-9)} | dict.fromkeys(("momentum", "mask_words"), (0, 1))


@dataclass(frozen=True)
class Recipe:
    """All that decides a training run, apart from corpus, split and seed. A new field is written `digests.added(…)`.

    The field groups are: the data, the model and its features, optimisation (Paper §4.2), the contrastive part
    (Paper §3.4–3.5; A20–A31), and the noise put on the mel while training.
    """

    name: str
    model: ModelConfig = ModelConfig()
    features: FeatureConfig = FeatureConfig()
    limit: int | None = None  # utterances of the corpus to use, None = all
    # optimisation
    epochs: int = 50  # A32: "50 steps" read as epochs
    step_unit: Literal["epochs", "updates"] = "epochs"  # what `epochs` counts (A32)
    min_updates: int = added(0)  # as many epochs as make these, where `epochs` make fewer; beyond the paper
    epoch_updates: int = added(0)  # an epoch reads a small training part as often as makes these; beyond the paper
    batch_size: int = 256
    batch_of: Literal["utterances", "views"] = "utterances"  # what `batch_size` counts (A26)
    learning_rate: float = 1e-5  # A33
    schedule: Literal["constant", "cosine"] = "constant"  # A34
    clip: float = added(0.0)  # largest norm of the gradient, 0 = any; beyond the paper
    weight_decay: float = 1e-3  # A34: L2 in the gradient, as torch.optim.Adam has it
    select_by: Literal["wa", "ua", "f1_weighted", "f1_macro"] = "wa"  # the validation metric that chooses the epoch
    precision: Literal["no", "bf16"] = "no"  # bf16: matrix products in half precision
    imbalance: Literal["none", "weights", "sampler", "focal"] = "none"  # A35; the others go beyond the paper
    smoothing: float = added(0.0)  # share of the truth that is spread over all classes; beyond the paper
    # contrastive part: alpha = 0 switches it off
    alpha: float = 0.0  # L = (CE + α · SupCon) / (1 + α)
    temperature: float = 1.0  # A23
    reference_scale: bool = False  # times τ/0.07, as the authors of SupCon have it in their code (A23)
    reduction: Literal["mean", "sum"] = "mean"  # over anchors (A21)
    views: Literal["augment", "dropout", "one", "keys"] = "augment"  # A25; "keys": copies for the key encoder only
    moco: Literal["momentum", "queue", "off"] = "momentum"  # A27
    queue_size: int = 16_384
    momentum: float = 0.99  # A28
    exclude_own: bool = False  # leave an utterance's own stale copies out of the queue (A29)
    # SpecAugment (Park et al. 2019) and its relatives on the training part (0 = none); beyond the paper
    mask_bands: int = 0  # widest stripe of mel bands set to 0
    mask_frames: int = 0  # longest stretch of frames set to 0
    shift_bands: float = 0  # largest shift of the whole spectrogram up or down, in bands
    stretch_frames: float = 0.0  # largest change of tempo: 0.15 is up to 15 % faster or slower
    mask_words: float = 0.0  # share of the words whose vector is set to 0

    def __post_init__(self):
        check_fields(self, BOUNDS)

    def but(self, **changes) -> "Recipe":
        """The recipe with some fields changed; fields of the model, features, mel and augmentation go by name too.

        A name that two of them have, `n_mels`, is changed in both.

        Raises:
            RecipeError: there is no field of that name.
            ConfigError: a value that a field cannot have.

        >>> PAPER_VCEMO.but(d=128, alpha=0.1).model.d
        128
        """
        if unknown := set(changes) - set().union(*FIELDS.values()):
            known = ", ".join(sorted(set().union(*FIELDS.values())))
            raise RecipeError(f"a recipe has no field {', '.join(map(repr, sorted(unknown)))}: choose one of {known}")
        own, model, features, mel, augmentation = (
            {name: value for name, value in changes.items() if name in names} for names in FIELDS.values()
        )
        features["mel"] = replace(self.features.mel, **mel)
        features["augmentation"] = replace(self.features.augmentation, **augmentation)
        return replace(self, **own, model=replace(self.model, **model), features=replace(self.features, **features))

    def uses(self, setting: str) -> bool:
        """Whether a setting, such as "vectors", is about something that the model reads.

        >>> TINY.but(modalities=("audio",)).uses("vectors")
        False
        """
        return setting not in READ_BY or bool({*READ_BY[setting]} & {*self.model.reads})

    @property
    def takes_voices(self) -> bool:
        """Whether each speaker's mean is taken from the sound, so that a voice must be known."""
        return self.features.normalise == "speaker" and "audio" in self.model.reads

    @property
    def key(self) -> str:
        """Changes with any field but the name: a record of another recipe is never taken for this one's."""
        return content_key({k: v for k, v in settings(self).items() if k != "name"})[:10]


_NESTED = ("model", "features", "mel", "augmentation")  # fields that hold a dataclass; theirs are changed by name
FIELDS = {  # what `but` can change, by what holds it
    cls: {f.name for f in fields(cls)} - {*_NESTED}
    for cls in (Recipe, ModelConfig, FeatureConfig, MelConfig, Augmentation)
}

# Paper §4.2. Width, depth and the rest of the model are A14's choice (ModelConfig's defaults).
CHINESE = {"vectors": "zh_core_web_lg", "segmenter": "pkuseg", "bert": "google-bert/bert-base-chinese"}
ENGLISH = {"vectors": "en_core_web_lg", "segmenter": "spacy", "bert": "google-bert/bert-base-uncased"}
PAPER_VCEMO = Recipe("paper", features=FeatureConfig(copies=4, **CHINESE))
PAPER_IEMOCAP = PAPER_VCEMO.but(
    name="paper-iemocap", learning_rate=1e-4, weight_decay=0.0, views="dropout", copies=0, **ENGLISH
)

# No GPU: the same system made smaller, and a learning rate at which it learns in minutes (A33). The schedule and the
# masks were chosen on VCEMO-Sim's validation part, Ours with seed 0, best and mean of the last three of 12 epochs:
# constant 5e-4 0.66 and 0.63; cosine from 1e-3 0.673 and 0.664, with dropout 0.3 0.675 and 0.664, with masks 0.704 and
# 0.696. Without masks the words are learnt by heart (loss 0.4 to 0.6) before the sound is.
LAPTOP = PAPER_VCEMO.but(
    name="laptop", vectors="bundled", segmenter="jieba", bert="bundled", bert_dim=256, copies=2,
    d=128, n_layers=2, d_ff=256, length=20, conv_channels=(16, 32, 32), dropout=0.2,
    epochs=12, batch_size=64, learning_rate=1e-3, schedule="cosine", weight_decay=1e-5, queue_size=4096,
    mask_bands=10, mask_frames=15, mask_words=0.3,
)  # fmt: skip
TINY = LAPTOP.but(
    name="tiny", limit=880, copies=1, d=64, n_layers=1, d_ff=128, conv_channels=(8, 16, 32),
    epochs=8, batch_size=32, queue_size=1024,
)  # fmt: skip

# Convolutions that widen, a frame every 20 ms in 40 bands, narrow masks: hearing is what lags, and so it
# lags least, at a third of the cost (results/TRIALS.md).
HEARING = {"hop_length": 320, "n_mels": 40, "conv_channels": (16, 32, 64), "mask_bands": 4, "mask_frames": 5}

# A corpus of one's own. No augmented copies: in 1,000 updates they cost two points on the shipped corpus (`--set
# copies=2` for other rooms). The mean of BERT's tokens: nothing has taught [CLS] to sum a sentence up.
OWN = HEARING | {"copies": 0, "clip": 1.0, "bert_pooling": "mean"}
# What a network learns goes by its updates, not by its epochs: 12 epochs in batches of 64 are 1,100 updates on the
# shipped corpus and 36 on 240 clips, after which it says one emotion to all. With twice as many the words are learnt by
# heart.
LARGE = OWN | {"min_updates": 1_000}
# A corpus of fewer utterances than SMALL_BELOW is learnt by heart in 1,000 updates (results/TRIALS.md): less network,
# more of it dropped, no answer that is certain, and never the same sound or sentence twice.
SMALL_BELOW = 4_000
SMALL = OWN | {"d": 64, "n_layers": 1, "d_ff": 128, "dropout": 0.5, "smoothing": 0.1}
SMALL |= {"batch_size": 32, "epochs": 30, "min_updates": 600}
# The best of 600 epochs of one update each on 18 validation clips is luck: at most 60 are compared (results/TRIALS.md).
SMALL |= {"epoch_updates": 10}
SMALL |= {"mask_words": 0.5, "shift_bands": 2.0, "stretch_frames": 0.15}
# The tiny profile on a corpus that is not small, with its limit lifted (limit=None): what about 15 s of one core, after
# the features, can teach. A frame every 40 ms; statistics of the clip, which learn sooner than convolutions; nothing is
# hidden, since nothing is read often enough to be learnt by heart (results/TRIALS.md).
QUICK = OWN | {"hop_length": 640, "conv_channels": (8, 16, 32), "statistics": 64, "head": "parallel"}
QUICK |= {"mask_bands": 0, "mask_frames": 0, "mask_words": 0.0}
QUICK |= {"epochs": 1, "min_updates": 350, "learning_rate": 1.5e-3}
# A small corpus of people who are heard in training: statistics of a clip tell their emotions, but nobody else's
# (results/TRIALS.md). Bands shifted by up to two of 40 would cost all that statistics gain.
HEARD = {"statistics": 64, "shift_bands": 0.0}
# A small corpus of many people: what statistics tell of so many they tell of new ones. Most words are hidden, and the
# weights decay, or the few clips of each are learnt by heart (results/TRIALS.md).
MANY_SPEAKERS = 20
OF_MANY = HEARD | {"mask_words": 0.7, "weight_decay": 1e-2}
# A small corpus in which nobody is named, or one person: whoever is tested counts as heard. No speaker's mean is known,
# and a clip's own mean of each band would take the balance of low and high away, by which an SVM tells most
# (results/TRIALS.md).
UNNAMED = HEARD | {"normalise": "utterance"}

# What a chapter trains while it is read: 250 updates on 2,000 utterances, about 20 s of one core. So few need twice the
# learning rate (results/TRIALS.md). Each speaker's own mean is taken off. To save time there are no augmented copies,
# which take as long to make as a model to train, and the contrast reads one view.
LIVE = HEARING | {"length": 10, "limit": 2_000, "normalise": "speaker", "copies": 0, "views": "one"}
LIVE |= {"step_unit": "updates", "epochs": 250, "learning_rate": 2e-3}

PROFILES = {"tiny": TINY, "laptop": LAPTOP, "paper": PAPER_VCEMO}


def profile(name: str, corpus: str = "") -> Recipe:
    """The base recipe of a profile, tiny, laptop or paper, on a corpus.

    IEMOCAP has English encoders in each, and in the paper profile all that the paper says of it (§4.2).

    Raises:
        RecipeError: there is no profile of that name.
    """
    if name not in PROFILES:
        raise RecipeError(f"no profile named {name!r}: choose one of {', '.join(PROFILES)}")
    if corpus != "iemocap":
        return PROFILES[name]
    return PAPER_IEMOCAP if name == "paper" else PROFILES[name].but(**ENGLISH)


def sized(
    recipe: Recipe, utterances: int, speakers_known: bool = False, words: int = 0, nobody_named: bool = False
) -> Recipe:
    """The recipe for a corpus of one's own: its budget and its network go by the number of utterances.

    The paper's recipe stays as the paper has it. Where it is known who speaks, each speaker's own mean is taken away,
    which needs no labels, but the speaker's other recordings, and how loud a clip is beside those is kept: mostly it
    tells (`experiments/level_choice.py` asks). Where it is not known each clip is made equally loud, since the
    microphone decides how loud it is; where nobody is named at all, or one person, a small corpus is taken for one of
    people who are heard in training. With fewer positions the sound is learnt sooner, but words beyond them are not
    read: there are as many as `words`, what nine texts of ten have at most, from 10 to `max_tokens`, 60.

    >>> sized(LAPTOP, 300).model.d, sized(LAPTOP, 10_000).model.d, sized(PAPER_VCEMO, 300) == PAPER_VCEMO
    (64, 128, True)
    """
    if recipe.name not in (LAPTOP.name, TINY.name):
        return recipe
    if utterances < SMALL_BELOW:
        changes = SMALL | (UNNAMED if nobody_named else {})
    else:
        changes = QUICK if recipe.name == TINY.name else LARGE
    voice = {"normalise": "speaker", "level": "speaker"} if speakers_known else {"level": "reference"}
    length = min(max(words, 10), recipe.features.max_tokens)
    return recipe.but(**changes, **voice, length=length)


def of_voices(recipe: Recipe, utterances: int, speakers: int, heard: bool) -> dict:
    """What changes in the recipe of a small corpus that is heard, by who speaks; nothing in any other.

    Args:
        speakers: how many are named.
        heard: whether most test utterances are of people who speak in the training part (`heard_in_training`).
    """
    if recipe.name not in (LAPTOP.name, TINY.name) or utterances >= SMALL_BELOW or "audio" not in recipe.model.reads:
        return {}
    if speakers >= MANY_SPEAKERS:
        return OF_MANY
    return HEARD if heard and recipe.takes_voices else {}


def supcon(recipe: Recipe, alpha: float = 0.1) -> Recipe:
    """Ours → Ours (SupCon): the contrastive regulariser switched on with the paper's weight (§4.2)."""
    return recipe.but(name=f"{recipe.name}-supcon", alpha=alpha)
