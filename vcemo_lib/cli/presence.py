"""Encoders that are not on this machine, refused before torch loads; a damaged one is its loader's to refuse."""

from pathlib import Path

from ..config import ConfigError
from ..paths import cache_dir
from ..recipes import Recipe
from ..text.spacy_packages import is_spacy_package


def require_encoders(recipe: Recipe) -> None:
    """Raise ConfigError where the recipe's model reads an encoder that is not here, with what brings it."""
    named = {
        field: getattr(recipe.features, field) or "" for field in ("vectors", "bert", "speech") if recipe.uses(field)
    }
    for field, name in named.items():
        if (Path(name).is_absolute() or name.startswith(".")) and not Path(name).exists():
            cure = "give a file or folder that is there, or a name"
            raise ConfigError(f"there is no {name!r}, which {field} names: {cure}")
    vectors, bert, speech = (named.get(field, "") for field in ("vectors", "bert", "speech"))
    if vectors and not _has_vectors(vectors):
        raise ConfigError(
            f"the spaCy package {vectors!r} is not installed: run 'python -m spacy download {vectors}' "
            "where there is a network, or set vectors to 'bundled'"
        )
    if bert and not (bert == "bundled" or _is_here(bert)):
        raise ConfigError(
            f"the encoder {bert!r} is not on this machine: run 'hf download {bert}' where there is a network, "
            "or set bert to 'bundled'"
        )
    if "/" in speech and not _is_here(speech):  # without it: a Whisper, silero or prosody
        raise ConfigError(
            f"the speech model {speech!r} is not on this machine: run 'hf download {speech}' where there is a network, "
            "or leave 'speech' out to use the mel"
        )


def _has_vectors(name: str) -> bool:
    files = (Path(name), cache_dir() / "vectors" / name)
    return name == "bundled" or any(path.exists() for path in files) or is_spacy_package(name)


def _is_here(name: str) -> bool:
    """Whether a model in Hugging Face form is a path or in the hub's cache."""
    from huggingface_hub import try_to_load_from_cache
    from huggingface_hub.errors import HFValidationError

    try:
        return Path(name).exists() or isinstance(try_to_load_from_cache(name, "config.json"), str)
    except HFValidationError:  # no name of the hub
        return False
