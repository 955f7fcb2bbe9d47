"""Encoders that are not on this machine, refused before torch loads; a damaged one is its loader's to refuse."""

from pathlib import Path

from ..config import ConfigError
from ..paths import cache_dir
from ..recipes import Recipe
from ..text.spacy_packages import is_spacy_package


def require_encoders(recipe: Recipe) -> None:
    """Raise ConfigError where the recipe's model reads an encoder that is not here, with what brings it."""
    vectors, bert, speech = recipe.features.vectors, recipe.features.bert, recipe.features.speech or ""
    for field, name, kind in (("vectors", vectors, "words"), ("bert", bert, "bert"), ("speech", speech, "audio")):
        by_path = kind in recipe.model.modalities and (Path(name).is_absolute() or name.startswith("."))
        if by_path and not Path(name).exists():
            cure = "give a file or folder that is there, or a name"
            raise ConfigError(f"there is no {name!r}, which {field} names: {cure}")
    files = (Path(vectors), cache_dir() / "vectors" / vectors)
    here = vectors == "bundled" or any(path.exists() for path in files) or is_spacy_package(vectors)
    if "words" in recipe.model.modalities and not here:
        raise ConfigError(
            f"the spaCy package {vectors!r} is not installed: run 'python -m spacy download {vectors}' "
            "where there is a network, or set vectors to 'bundled'"
        )
    if "bert" in recipe.model.modalities and not (bert == "bundled" or _is_here(bert)):
        raise ConfigError(
            f"the encoder {bert!r} is not on this machine: run 'hf download {bert}' where there is a network, "
            "or set bert to 'bundled'"
        )
    if "/" in speech and not _is_here(speech):  # without it: a Whisper, silero or prosody
        raise ConfigError(
            f"the speech model {speech!r} is not on this machine: run 'hf download {speech}' where there is a network, "
            "or leave 'speech' out to use the mel"
        )


def _is_here(name: str) -> bool:
    """Whether a model in Hugging Face form is a path or in the hub's cache."""
    from huggingface_hub import try_to_load_from_cache
    from huggingface_hub.errors import HFValidationError

    try:
        return Path(name).exists() or isinstance(try_to_load_from_cache(name, "config.json"), str)
    except HFValidationError:  # no name of the hub
        return False
