"""The weights of a model folder: names, types and shapes are compared before anything of their size is built."""

import json
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file
from torch import nn

from ..config import ModelConfig
from ..data.labels import task_labels
from ..models.registry import build_model
from .model_folder import BundleError

FLOATS = ("F16", "BF16", "F32", "F64")  # of 8 bits and fewer torch can tell no NaN
Shapes = dict[str, tuple[bool, tuple[int, ...]]]  # by name: whether of floating point, and the shape


def own_labels(weights: Path, n_classes: int) -> tuple[str, ...]:
    """The classes that were saved with the weights; where none were, the paper's.

    Raises:
        BundleError: the file is damaged.
    """
    try:
        with safe_open(weights, "pt") as opened:
            own = (opened.metadata() or {}).get("labels")
        labels = json.loads(own) if own else task_labels(n_classes)
    except (SafetensorError, ValueError, RecursionError) as error:
        raise _unreadable(weights, error) from None
    if not isinstance(labels, list | tuple) or not all(isinstance(label, str) for label in labels):
        raise _unreadable(weights, TypeError(f"its labels are {str(labels)[:40]!r}"))
    return tuple(labels)


def filled(weights: Path, config: ModelConfig) -> nn.Module:
    """The model of a configuration with these weights, in eval mode.

    Raises:
        BundleError: they are of another model, or hold what no training leaves: NaN, infinity, a negative variance.
    """
    _compare(weights, _stored(weights), _expected(config))
    model = build_model(config)
    values = load_file(weights)
    for name, value in values.items():
        if not value.isfinite().all() or name.endswith("running_var") and value.min() < 0:
            raise BundleError(
                f"{weights} holds numbers in {name} that no training leaves (NaN, infinity, or a variance below 0): "
                "train the model again"
            )
    model.load_state_dict(values)
    return model.eval().requires_grad_(False)


def _stored(weights: Path) -> Shapes:
    """By the header of the file alone."""
    try:
        with safe_open(weights, "pt") as opened:
            slices = {name: opened.get_slice(name) for name in opened.keys()}
            return {name: (its.get_dtype() in FLOATS, tuple(its.get_shape())) for name, its in slices.items()}
    except SafetensorError as error:
        raise _unreadable(weights, error) from None


def _expected(config: ModelConfig) -> Shapes:
    """Of the model as it would be built; on this device no tensor takes memory."""
    with torch.device("meta"):
        state = build_model(config).state_dict()
    return {name: (value.is_floating_point(), tuple(value.shape)) for name, value in state.items()}


def _compare(weights: Path, given: Shapes, expected: Shapes) -> None:
    lacking, more = expected.keys() - given.keys(), given.keys() - expected.keys()
    other = [name for name in expected if name in given and given[name] != expected[name]]
    if lacking or more:
        what = f"{len(lacking)} tensors are missing, {len(more)} are of no use, such as {min(lacking or more)}"
    elif other:
        name = other[0]
        what = f"{name} has the shape {given[name][1]}, expected {expected[name][1]}"
        what += "" if given[name][1] != expected[name][1] else ", of another type of number"
    else:
        return
    raise BundleError(f"the weights in {weights} do not fit its recipe ({what}): copy the folder again")


def _unreadable(weights: Path, error: Exception) -> BundleError:
    return BundleError(f"the weights in {weights} cannot be read ({str(error).splitlines()[0]}): train the model again")
