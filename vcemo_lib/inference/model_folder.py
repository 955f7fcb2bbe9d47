"""Where a model folder may be made, and what must lie in one; judged before torch loads."""

import os
from pathlib import Path

from ..disk import StorageError, disk_in_words, require_room
from ..errors import VcemoError
from ..paths import ASSETS
from ..storage import read_json

SHIPPED = ASSETS / "model_vcemo_sim"  # vcemo train assets/model_vcemo_sim --set normalise=band --half
FILES = ("model.safetensors", "bundle.json", "MODEL_CARD.md")


class BundleError(VcemoError):
    """A model folder that cannot be used; the message says what is wrong with it and what to do."""


def check_place(folder: Path) -> None:
    """Raise BundleError where no model can be put, before hours are spent on it: another thing is there, or no room."""
    if folder.exists() and not (folder / "bundle.json").is_file():
        raise BundleError(f"{folder} is there already and is no model folder: give another name")
    above = next(parent for parent in folder.absolute().parents if parent.exists())
    if not above.is_dir() or not os.access(above, os.W_OK):
        raise BundleError(f"{folder} cannot be made: {above} is no folder that may be written to: give another place")
    with disk_in_words(folder):
        require_room(above / folder.name)


def require_model(folder: Path) -> None:
    """Raise BundleError for a folder that is no model folder."""
    if folder == SHIPPED and not folder.is_dir():
        raise BundleError(f"the model that ships is not in {folder}: take a whole clone, or install the package again")
    missing = [name for name in FILES if not (folder / name).is_file()]
    if missing:
        raise BundleError(
            f"{folder} is no model folder (it lacks {', '.join(missing)}): give one that 'vcemo train' made"
        )


def require_unchanged(folder: Path) -> None:
    """Raise BundleError for what the other checks, which say more, let pass, such as a flipped digit of a score."""
    try:
        read_json(folder / "bundle.json")
    except StorageError:
        raise BundleError(
            f"{folder}/bundle.json is damaged or was changed (its checksum differs): copy the folder again, or train "
            "the model again"
        ) from None
