"""A trained model as one ONNX file, which other programs and languages can run, proved equal before it is kept.

In go one utterance's sound, the numbers of its words and those of its word pieces, as far as the model reads them
(`raw_inputs.py`); with `features=True` mel (1, T, 80), words (1, L, 300) with their mask and bert (1, E) instead. What
else a model reads (a speech model's frames, modalities of one's own) goes in as features. Out come logits (1, C) and
probabilities (1, C), in the order of the labels. The file's metadata says all that a caller must know: each input,
labels, sampling rate, temperature, language, vocabulary and tokenizer.
"""

import json
import os
import tempfile
import warnings
from dataclasses import asdict
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from ..config import SAMPLE_RATE
from ..data import DESCRIBED, Batch
from ..storage import real_path
from .bundle import Bundle
from .model_folder import BundleError
from .raw_inputs import Features, LogMel, Sentence, Words

TOLERANCE = 1e-4  # of a logit
SHAPES = ((1, 0), (30, 1), (237, 7), (1000, 20))  # frames and words on which equality is shown


class OneUtterance(nn.Module):
    """The model as a function of tensors alone, one utterance at a time, so that nothing but the words is padded."""

    def __init__(self, bundle: Bundle, features: bool = False):
        super().__init__()
        self.model, self.temperature = bundle.model, bundle.temperature
        self.readers = nn.ModuleList(_reader(name, bundle, features) for name in bundle.recipe.model.modalities)
        self.names = [name for reader in self.readers for name in reader.names]

    def forward(self, *tensors: Tensor) -> tuple[Tensor, Tensor]:
        """The inputs in the order of `names` → logits and probabilities, (1, C) each; NaN of what is not finite.

        Without the last term a NaN would be lost on the way: the maximum of NaN and a number may be the number.
        """
        beyond = sum(0 * tensor.square().sum() for tensor in tensors if tensor.is_floating_point())
        logits, chances = self._answer(tensors, [reader.forward for reader in self.readers])
        return logits + beyond, chances + beyond

    @torch.no_grad()
    def truth(self, *tensors: Tensor) -> Tensor:
        """Logits (1, C), where the features are made as in training."""
        return self._answer(tensors, [reader.truth for reader in self.readers])[0]

    def _answer(self, tensors: tuple[Tensor, ...], ways: list) -> tuple[Tensor, Tensor]:
        rest, given = iter(tensors), {}
        for reader, way in zip(self.readers, ways, strict=True):
            given |= way(*islice(rest, len(reader.names)))
        logits = self.model(_batch(given)).logits
        return logits, (logits / self.temperature).softmax(-1)

    def example(self, frames: int, words: int, rng: np.random.Generator) -> tuple[Tensor, ...]:
        """Random inputs of one utterance."""
        return tuple(tensor for reader in self.readers for tensor in reader.example(frames, words, rng))


def _reader(name: str, bundle: Bundle, features: bool) -> Features:
    """What the file takes of a modality: what is nearest to the utterance, or features as they are."""
    modality, config, settings = DESCRIBED[name], bundle.recipe.model, bundle.recipe.features
    if name == "audio" and not (features or settings.speech):
        return LogMel(modality, config, settings, bundle.voice)
    if name == "words" and not features:
        return Words(modality, config, settings, bundle.language)
    if name == "bert" and not features:
        return Sentence(modality, config, settings, bundle.language)
    made_by = {"words": settings.vectors, "bert": settings.bert, "audio": settings.speech or "log_mel and normalise"}
    return Features(modality, config, made_by.get(name, ""))


def _batch(given: dict[str, Tensor]) -> Batch:
    """One utterance; what the model does not read is empty."""
    empty = {name: torch.zeros(1, 1, 0) for modality in DESCRIBED.values() for name in modality.inputs}
    unknown = torch.zeros(1, 1, 2, dtype=torch.long)
    return Batch.of(empty | given, spans=unknown, labels=unknown[:, 0, 0], ids=())


def export_onnx(bundle: Bundle, path: Path, features: bool = False) -> float:
    """Write the model to `path` and return the largest difference of a logit that onnxruntime showed.

    Args:
        features: what goes in are features, made outside, and no sound and numbers of words.

    Raises:
        BundleError: no exporter here, a place that cannot be written, a model that it does not know, or a file that
            answers otherwise than the model; `path` is then left as it was.
        StorageError: `path` is a device or the like.
    """
    try:
        import onnx  # noqa: F401  torch writes the file with it
        import onnxruntime  # noqa: F401
    except ImportError as error:
        raise BundleError(
            f"{error.name} is not installed, which ONNX needs: run 'pip install onnx onnxruntime', "
            "or pip install '.[export]' in the project's folder"
        ) from None
    config = bundle.recipe.model
    if config.system != "vcemo":
        raise BundleError(f"a model of system {config.system!r} cannot be written as ONNX: train one of system 'vcemo'")
    if path.is_dir():
        raise BundleError(f"{path} is a folder: give the name of a file, such as {path / 'model.onnx'}")
    if path.is_file() and path.suffix.lower() != ".onnx":  # perhaps the weights themselves
        raise BundleError(f"{path} is there already and is no .onnx file: give another name, such as model.onnx")
    try:
        return _proved(OneUtterance(bundle, features).eval(), bundle, real_path(path))
    except OSError as error:
        raise BundleError(f"{path} cannot be written ({error.strerror or error}): choose another place") from None


def _proved(wrapped: OneUtterance, bundle: Bundle, path: Path) -> float:
    """Write beside `path`, compare, and move there what answers as the model does."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name}-") as folder:
        unproved = Path(folder) / "model.onnx"
        _write(wrapped, bundle, unproved)
        gap = max(_gap(wrapped, unproved, frames, words) for frames, words in SHAPES)
        if not gap < TOLERANCE:
            raise BundleError(
                f"the ONNX file answers otherwise than the model (a logit by {gap:.1e}): nothing was written"
            )
        os.replace(unproved, path)
    return gap


def _write(wrapped: OneUtterance, bundle: Bundle, path: Path) -> None:
    import onnx

    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")  # tracing warns of what is fixed here on purpose: one utterance, L words
        torch.onnx.export(
            wrapped,
            wrapped.example(200, 6, np.random.default_rng(0)),
            str(path),
            dynamo=False,
            opset_version=17,
            input_names=wrapped.names,
            output_names=["logits", "probabilities"],
            dynamic_axes={reader.names[0]: reader.dynamic for reader in wrapped.readers if reader.dynamic},
        )
    model = onnx.load(str(path))
    onnx.helper.set_model_props(model, metadata(wrapped, bundle))
    onnx.save(model, str(path))


def metadata(wrapped: OneUtterance, bundle: Bundle) -> dict[str, str]:
    """What the file says of itself: JSON where it is more than a word or a number."""
    settings = bundle.recipe.features
    told = {name: sentence for reader in wrapped.readers for name, sentence in reader.told.items()}
    facts = {name: fact for reader in wrapped.readers for name, fact in reader.facts.items()}
    return facts | {
        "inputs": json.dumps(told, ensure_ascii=False),
        "outputs": json.dumps(
            {
                "logits": "before softmax",
                "probabilities": "softmax of logits / temperature; NaN where an input is not finite",
            }
        ),
        "labels": json.dumps(bundle.labels, ensure_ascii=False),
        "sample_rate": str(SAMPLE_RATE),
        "temperature": str(bundle.temperature),
        "language": bundle.language,
        "vectors": settings.vectors,
        "bert": settings.bert,
        "segmenter": settings.segmenter if bundle.language == "zh" else "spacy",
        "text": settings.text,
        "normalise": settings.normalise,
        "recipe_key": bundle.recipe.key,
        "verdict": bundle.verdict,
        "doubt": bundle.doubt,
        **({"voice": json.dumps({n: v.tolist() for n, v in asdict(bundle.voice).items()})} if bundle.voice else {}),
    }


def _gap(wrapped: OneUtterance, path: Path, frames: int, words: int) -> float:
    import onnxruntime

    some = wrapped.example(frames, words, np.random.default_rng([frames, words]))
    there = {name: tensor.numpy() for name, tensor in zip(wrapped.names, some, strict=True)}
    exported = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"]).run(None, there)[0]
    return float(np.abs(exported - wrapped.truth(*some).numpy()).max())
