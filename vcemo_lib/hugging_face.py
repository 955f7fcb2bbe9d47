"""Pretrained models in Hugging Face form, read from this machine only and without messages of transformers."""

import json
from pathlib import Path
from typing import Any

from safetensors import safe_open

WIDTHS = ("hidden_size", "intermediate_size", "vocab_size", "d_model")  # in a configuration


def load_pretrained(factory: type, source: str, **options) -> Any:
    """`factory.from_pretrained` of a folder, or of a name that is in the local cache; nothing is downloaded.

    transformers reports weights that a task does not use as a warning; to a reader it is none.

    Raises:
        OSError, ValueError: it is not here, or its configuration is no model's, or that of another than its weights'.
    """
    from transformers.utils import logging

    _check_sizes(Path(source))
    level = logging.get_verbosity()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        if not hasattr(factory, "_model_mapping"):
            return factory.from_pretrained(source, local_files_only=True, **options)
        model, read = factory.from_pretrained(source, local_files_only=True, output_loading_info=True, **options)
        if len(read["missing_keys"]) > len(model.state_dict()) / 2:  # they would be drawn at random
            raise ValueError(f"most weights of a {model.config.model_type} are missing")
        return model
    except (OSError, ValueError):
        raise
    except Exception as error:  # a wrong value in a configuration fails wherever it is first used
        raise ValueError(f"{type(error).__name__}: {error}") from error
    finally:
        logging.set_verbosity(level)
        logging.enable_progress_bar()


def _check_sizes(folder: Path) -> None:
    """Of a folder with weights: a configuration alone can ask for any number of layers and for all of the memory."""
    if not ((folder / "config.json").is_file() and (folder / "model.safetensors").is_file()):
        return
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    with safe_open(folder / "model.safetensors", "pt") as weights:
        shapes = [weights.get_slice(name).get_shape() for name in weights.keys()]
    widest = max((side for shape in shapes for side in shape), default=0)
    for name, value in config.items():
        most = len(shapes) if "layers" in name else widest
        if name.startswith("num_hidden_layers") or name in WIDTHS:
            if type(value) is not int or not 0 < value <= most:
                raise ValueError(f"{name} is {str(value)[:40]}, and its weights have {most} at most")
