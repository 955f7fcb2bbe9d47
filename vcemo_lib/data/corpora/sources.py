"""From where a corpus is said to be (a folder, a table, an archive, a name at a hub) to a path on this machine."""

from pathlib import Path

from ...paths import is_file
from ..corpus import CorpusError
from .archives import is_archive, unpacked
from .card import CorpusCard


def located(card: CorpusCard, root: str | Path) -> Path:
    """The folder or table that a root means; an archive is unpacked into the cache.

    Raises:
        CorpusError: nothing is there, or the archive cannot be used.
    """
    require_printable(root)
    path = Path(root).expanduser()
    if is_archive(path):
        return unpacked(path)
    if is_file(path) or _is_folder(path):
        return path
    if card.hub and str(root) == card.hub:
        return _at_the_hub(card.hub)
    raise CorpusError(f"no such corpus root: {root}: pass the folder or table that holds {card.layout}")


def require_printable(root: str | Path) -> None:
    """Raise CorpusError for a path that the list of corpora, which is UTF-8, cannot keep."""
    if not str(root).isprintable():
        raise CorpusError(f"the path {ascii(str(root))} is no printable Unicode: rename it")


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def _at_the_hub(name: str) -> Path:
    """The folder of a data set in the cache of the Hugging Face hub; nothing is downloaded."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import LocalEntryNotFoundError

    try:
        return Path(snapshot_download(name, repo_type="dataset", local_files_only=True))
    except (LocalEntryNotFoundError, OSError) as error:
        raise CorpusError(
            f"the data set {name} is not in the hub's cache ({type(error).__name__}): run 'hf download "
            f"--repo-type dataset {name}' where there is a network; a break is gone on with"
        ) from None
