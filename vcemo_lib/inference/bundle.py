"""A trained model as one folder that another process, or another machine, can load and trust.

model.safetensors   the weights, and with them the classes of a corpus that has its own
bundle.json         recipe, label order, language, encoders with fingerprints, two checksums: of the weights, of itself
MODEL_CARD.md       for people: what it was trained on, how well it does, what it must not be used for
"""

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, is_dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save
from torch import Tensor, nn

from ..data import DESCRIBED, EMOTIONS, FOUR, Voice, reads_text, task_labels
from ..data.corpus import LANGUAGE
from ..digests import sha256
from ..evaluation.records import ProtocolCard, environment
from ..recipes import Recipe
from ..storage import sealed, whole_folder, write_bytes, write_text
from .model_card import describe_model, known_voices
from .model_folder import BundleError, check_place, require_model, require_unchanged
from .model_weights import filled, own_labels

FORMAT = 1
LARGEST = 10_000_000  # bytes of a bundle.json
TEMPERATURES = (1e-3, 1e3)  # far beyond what calibration finds, and logits divided by these are still numbers
FACTS = {"recipe_key": str, "language": str, "labels": list, "sha256": str}  # of bundle.json
FACTS |= dict.fromkeys(("recipe", "encoders", "card", "scores"), dict)


@dataclass(frozen=True)
class Bundle:
    """A trained model and all that is needed to feed it. The model is in eval mode."""

    model: nn.Module
    recipe: Recipe
    labels: tuple[str, ...]
    language: str
    card: dict
    scores: dict
    verdict: str = ""  # what the scores are worth beside the simple classifiers; "" where nobody asked
    temperature: float = 1.0  # the logits are divided by it, so that a probability is how often such an answer is right
    voice: Voice | None = None  # of the average training speaker; of a model from which each speaker's mean is taken

    @property
    def reads_text(self) -> bool:
        """Whether a prediction needs the text."""
        return reads_text(self.recipe.model.reads)

    @property
    def doubt(self) -> str:
        """What makes each of its answers doubtful: its verdict, unless above the simple classifiers, and its voices."""
        above = self.verdict.startswith("it is above")
        voices = known_voices(self.recipe, self.card.get("simulated", False), self.card.get("disjoint", ("speaker",)))
        return "; ".join(filter(None, (not above and self.verdict, voices)))


def save_bundle(
    folder: Path,
    model: nn.Module,
    recipe: Recipe,
    language: str,
    card: ProtocolCard,
    scores: dict,
    verdict: str = "",
    labels: Sequence[str] | None = None,
    voice: Voice | None = None,
    temperature: float = 1.0,
) -> Path:
    """Write a model folder beside its place and move it there when it is complete.

    Args:
        card: how the scores were measured; a model without one cannot be kept.
        scores: of the test part, such as `metrics.scores`.
        verdict: what they are worth, such as `verdicts.verdict`.
        labels: the classes in the order of the logits; None: the paper's.
        voice: of the average training speaker, where the recipe takes each speaker's mean away.
        temperature: of its confidence, such as `calibration.temperature` of the validation part.

    Raises:
        BundleError: the folder is there already and is no model folder.
    """
    folder, labels = Path(folder), tuple(labels or task_labels(recipe.model.n_classes))
    check_place(folder)
    with whole_folder(folder, replace=True) as unfinished:
        weights = unfinished / "model.safetensors"
        own = None if labels in (FOUR, EMOTIONS) else {"labels": json.dumps(labels)}
        write_bytes(weights, save({name: _small(value) for name, value in model.state_dict().items()}, own))
        content = {
            "format": FORMAT,
            "recipe": asdict(recipe),
            "recipe_key": recipe.key,
            "language": language,
            "labels": list(labels),
            "encoders": encoders(recipe),
            "card": asdict(card),
            "scores": scores,
            "verdict": verdict,
            "temperature": temperature,
            "voice": None if voice is None else {name: value.tolist() for name, value in asdict(voice).items()},
            "environment": environment(),
            "sha256": sha256(weights),
        }
        write_text(unfinished / "bundle.json", json.dumps(sealed(content), indent=1, ensure_ascii=False) + "\n")
        write_text(unfinished / "MODEL_CARD.md", describe_model(recipe, labels, language, card, scores, verdict))
    return folder


def round_to_half(model: nn.Module) -> None:
    """Round the weights to what 16 bits hold, in place: saved after that, a model takes half the space."""
    for value in model.state_dict().values():
        if value.is_floating_point():
            value.copy_(value.half())


def _small(value: Tensor) -> Tensor:
    """In 16 bits where they hold it exactly."""
    value = value.detach().cpu().contiguous()
    return value.half() if value.is_floating_point() and torch.equal(value.half().to(value.dtype), value) else value


def load_bundle(folder: Path) -> Bundle:
    """Load a model folder.

    Raises:
        BundleError: not a model folder, of another format, damaged, or made with other encoders than the ones here.
    """
    folder = Path(folder)
    require_model(folder)
    content = _facts(folder)
    recipe, labels, named = content["recipe"], tuple(content["labels"]), content["encoders"]
    _check(folder, recipe, labels, content["recipe_key"], content["sha256"])
    model = filled(folder / "model.safetensors", recipe.model)
    for kind, here in encoders(recipe).items():  # other vectors of the same name would give other numbers in silence
        if here != named.get(kind):
            raise BundleError(f"{folder} was made with {kind} {named.get(kind)}, here is {here}: install the same")
    bundle = Bundle(
        model,
        recipe,
        labels,
        content["language"],
        content["card"],
        content["scores"],
        str(content.get("verdict", "")),
        _temperature(folder, content.get("temperature", 1.0)),
        _voice(folder, recipe, content.get("voice")),
    )
    require_unchanged(folder)
    return bundle


def _temperature(folder: Path, value: object) -> float:
    least, most = TEMPERATURES
    if not (isinstance(value, float) and least <= value <= most):
        raise BundleError(
            f"the temperature in {folder}/bundle.json is {value!r}: expected is a number from {least:g} to {most:g}: "
            "copy the folder again"
        )
    return value


def _voice(folder: Path, recipe: Recipe, values: object) -> Voice | None:
    """The average training speaker, of a model that needs one."""
    if not recipe.takes_voices:
        return None
    try:
        voice = Voice(*(np.asarray(values[name], np.float32) for name in ("mean", "deviation")))
    except (KeyError, TypeError, ValueError):
        raise BundleError(f"{folder} takes each speaker's mean away and has no average voice: train it again") from None
    shapes_fit = voice.mean.shape == voice.deviation.shape == (recipe.model.frame_dim,)
    finite = np.isfinite(voice.mean).all() and np.isfinite(voice.deviation).all()
    if not (shapes_fit and finite and (voice.deviation > 0).all()):
        raise BundleError(f"the average voice in {folder}/bundle.json is damaged: copy the folder again")
    return voice


def _facts(folder: Path) -> dict:
    """What bundle.json says, each fact there and of its kind, the recipe as a `Recipe`."""
    try:
        if (size := (folder / "bundle.json").stat().st_size) > LARGEST:
            raise ValueError(f"{size:,} bytes")
        content = json.loads((folder / "bundle.json").read_text(encoding="utf-8"))
        if content["format"] != FORMAT:
            raise BundleError(
                f"{folder} has format {content['format']}, this version reads {FORMAT}: train the model again"
            )
        for name, kind in FACTS.items():
            if not isinstance(content[name], kind):
                raise TypeError(f"{name} is {str(content[name])[:40]!r}")
        if not re.fullmatch(LANGUAGE, content["language"]):
            raise TypeError(f"language is {content['language'][:40]!r}")
        return content | {"recipe": _rebuilt(Recipe, content["recipe"])}
    except (AttributeError, KeyError, RecursionError, TypeError, ValueError) as error:
        if isinstance(error, BundleError):
            raise
        raise BundleError(
            f"{folder}/bundle.json is damaged or foreign ({type(error).__name__}: {error}): copy the folder "
            "again, or train the model again"
        ) from None


def _check(folder: Path, recipe: Recipe, labels: tuple[str, ...], key: str, checksum: str) -> None:
    if recipe.key != key:
        raise BundleError(f"the recipe in {folder}/bundle.json is not the one it was saved with: copy the folder again")
    if sha256(folder / "model.safetensors") != checksum:
        raise BundleError(
            f"{folder}/model.safetensors is damaged or was exchanged (its checksum differs): copy it again"
        )
    made = recipe.model.speech_dim if recipe.features.speech else recipe.features.mel.n_mels
    if "audio" in recipe.model.reads and made != recipe.model.frame_dim:
        raise BundleError(f"{folder} makes other frames of a sound than its model reads: train the model again")
    expected = own_labels(folder / "model.safetensors", recipe.model.n_classes)
    if labels != expected or len(labels) != recipe.model.n_classes:
        raise BundleError(
            f"the labels of {folder} are {', '.join(map(str, labels))}, expected {', '.join(expected)}: their order "
            "decides what a number means"
        )


def encoders(recipe: Recipe) -> dict[str, str]:
    """Name and fingerprint of all that makes what the model reads: word vectors, sentence encoder, speech model.

    Raises:
        WordsError, BertError, SpeechError: one of them is not on this machine.
    """
    made_by = [DESCRIBED[name].made_by(recipe.features) for name in recipe.model.reads]
    return {kind: named for each in made_by for kind, named in each.items()}


def _rebuilt(cls: type, values: dict):
    """A dataclass from what `asdict` and JSON made of it: nested ones by their defaults, lists as tuples."""
    known = {f.name: f for f in fields(cls)}
    if unknown := set(values) - set(known):
        raise KeyError(f"unknown field {', '.join(sorted(unknown))}")
    arguments = {}
    for name, value in values.items():
        default = known[name].default
        if is_dataclass(default):
            value = _rebuilt(type(default), value)
        arguments[name] = tuple(value) if isinstance(value, list) else value
    return cls(**arguments)
