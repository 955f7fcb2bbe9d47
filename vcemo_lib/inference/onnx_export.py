"""A trained model as one ONNX file, which other programs and languages can run, proved equal before it is kept.

Inputs, float32 unless said: mel (1, T, 80), any T ≥ 1 · words (1, L, 300), zeros after the last word · words_mask
(1, L) bool · bert (1, E) · those of other modalities as they are described; of each, where the model reads it. Output:
logits (1, C), in the order of the labels, which the file carries as metadata with the names of the encoders. The
encoders themselves stay outside. A model that takes each speaker's mean away carries the average voice: mean and
deviation of each band, to be used as `data/voices.py` has it.
"""

import json
import os
import tempfile
import warnings
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from ..config import ModelConfig
from ..data.batch import Batch
from ..data.modalities import DESCRIBED, Modality
from .bundle import Bundle
from .model_folder import BundleError

TOLERANCE = 1e-4  # of a logit
SHAPES = ((1, 0), (30, 1), (237, 7), (1000, 20))  # frames and words on which equality is shown


class OneUtterance(nn.Module):
    """The model as a function of tensors alone, one utterance at a time, so that nothing but the words is padded."""

    def __init__(self, model: nn.Module, config: ModelConfig):
        super().__init__()
        self.model, self.config = model, config
        self.names = [name for modality in self.modalities for name in inputs(modality)]

    @property
    def modalities(self) -> list[Modality]:
        """What the model reads, in the order of the inputs."""
        return [DESCRIBED[name] for name in self.config.modalities]

    def forward(self, *tensors: Tensor) -> Tensor:
        """The inputs in the order of `names` → logits (1, C)."""
        given = dict(zip(self.names, tensors, strict=True))
        for modality in filter(any_length, self.modalities):
            values, mask = modality.inputs
            given[mask] = torch.ones_like(given[values][..., 0], dtype=torch.bool)
        return self.model(_batch(given)).logits


def any_length(modality: Modality) -> bool:
    """Whether it is as long as the utterance is, all of it real."""
    return modality.is_sequence and not modality.padded


def inputs(modality: Modality) -> tuple[str, ...]:
    """The names of its inputs; a sequence of any length needs no mask."""
    return modality.inputs[:1] if any_length(modality) else modality.inputs


def _batch(given: dict[str, Tensor]) -> Batch:
    """One utterance; what the model does not read is empty."""
    own = {name: given.pop(name, torch.zeros(1, 1, 0)) for name in ("mel", "mel_mask", "words", "words_mask", "bert")}
    unknown = torch.zeros(1, 1, 2, dtype=torch.long)
    return Batch(**own, spans=unknown, labels=unknown[:, 0, 0], ids=(), others=given)


def export_onnx(bundle: Bundle, path: Path) -> float:
    """Write the model to `path` and return the largest difference of a logit that onnxruntime showed.

    Raises:
        BundleError: no exporter here, a place that cannot be written, a model that it does not know, or a file that
            answers otherwise than the model; `path` is then left as it was.
    """
    try:
        import onnx  # noqa: F401  torch writes the file with it
        import onnxruntime  # noqa: F401
    except ImportError as error:
        raise BundleError(
            f"{error.name} is not installed, which ONNX needs: run pip install '.[export]' in the project's folder"
        ) from None
    config = bundle.recipe.model
    if config.system != "vcemo":
        raise BundleError(f"a model of system {config.system!r} cannot be written as ONNX: train one of system 'vcemo'")
    if path.is_dir():
        raise BundleError(f"{path} is a folder: give the name of a file, such as {path / 'model.onnx'}")
    try:
        return _proved(OneUtterance(bundle.model, config).eval(), bundle, path)
    except OSError as error:
        raise BundleError(f"{path} cannot be written ({error.strerror or error}): choose another place") from None


def _proved(wrapped: OneUtterance, bundle: Bundle, path: Path) -> float:
    """Write beside `path`, compare, and move there what answers as the model does."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name}-") as folder:
        part = Path(folder) / "model.onnx"
        _write(wrapped, bundle, part)
        gap = max(_gap(wrapped, part, frames, words) for frames, words in SHAPES)
        if not gap < TOLERANCE:
            raise BundleError(
                f"the ONNX file answers otherwise than the model (a logit by {gap:.1e}): nothing was written"
            )
        os.replace(part, path)
    return gap


def example(config: ModelConfig, frames: int, words: int, rng: np.random.Generator) -> dict[str, Tensor]:
    """Random inputs of one utterance, by name, of all that the model reads."""
    found = {}
    for modality in (DESCRIBED[name] for name in config.reads):
        length = (frames if any_length(modality) else config.length,) if modality.is_sequence else ()
        values = torch.from_numpy(rng.standard_normal((1, *length, modality.width_in(config)), np.float32))
        if modality.padded:
            mask = torch.arange(config.length)[None] < words
            found |= dict(zip(modality.inputs, (values * mask[..., None], mask), strict=True))
        else:
            found[modality.inputs[0]] = values
    return found


def _write(wrapped: OneUtterance, bundle: Bundle, path: Path) -> None:
    import onnx

    some = example(wrapped.config, 200, 6, np.random.default_rng(0))
    dynamic = {
        m.inputs[0]: {1: "frames" if m.name == "audio" else m.name} for m in filter(any_length, wrapped.modalities)
    }
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")  # tracing warns of what is fixed here on purpose: one utterance, L words
        torch.onnx.export(
            wrapped,
            tuple(some[name] for name in wrapped.names),
            str(path),
            dynamo=False,
            opset_version=17,
            input_names=wrapped.names,
            output_names=["logits"],
            dynamic_axes=dynamic,
        )
    model, features = onnx.load(str(path)), bundle.recipe.features
    onnx.helper.set_model_props(
        model,
        {
            "labels": json.dumps(bundle.labels),
            "language": bundle.language,
            "vectors": features.vectors,
            "bert": features.bert,
            "recipe_key": bundle.recipe.key,
            "text": features.text,
            "normalise": features.normalise,
            "temperature": str(bundle.temperature),
            **({"voice": json.dumps({n: v.tolist() for n, v in asdict(bundle.voice).items()})} if bundle.voice else {}),
        },
    )
    onnx.save(model, str(path))


def _gap(wrapped: OneUtterance, path: Path, frames: int, words: int) -> float:
    import onnxruntime

    some = example(wrapped.config, frames, min(words, wrapped.config.length), np.random.default_rng([frames, words]))
    there = {name: some[name].numpy() for name in wrapped.names}
    with torch.no_grad():
        expected = wrapped(*(some[name] for name in wrapped.names)).numpy()
    found = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"]).run(None, there)[0]
    return float(np.abs(found - expected).max())
