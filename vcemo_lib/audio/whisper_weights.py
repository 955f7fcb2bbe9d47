"""Where Whisper's weights lie on this machine, and loading them. Nothing is downloaded."""

from pathlib import Path
from typing import TYPE_CHECKING

from ..digests import sha256
from ..errors import VcemoError
from ..paths import cache_dir, home_cache, is_file

if TYPE_CHECKING:
    from whisper import Whisper


class AsrError(VcemoError):
    """Whisper weights that cannot be had or used; the message says how to get them."""


def checkpoint(name: str) -> Path:
    """The file of openai-whisper's weights of this name, or at this path; AsrError where it is not on this machine."""
    import whisper  # only where it is used: it brings a compiler of 60 MB

    known = name in whisper.available_models()
    places = [folder / "whisper" / f"{name}.pt" for folder in (cache_dir(), home_cache())] if known else [Path(name)]
    path = next((candidate for candidate in places if is_file(candidate)), None)
    if path is None:
        fetched = (
            f"put {name}.pt into .cache/whisper of the course's folder (.venv/bin/python -c \"import whisper; "
            f"whisper.load_model('{name}')\" fetches it)"
        )
        cure = fetched if known else "give the path of their file, or a name such as base"
        raise AsrError(f"Whisper weights {name!r} are not on this machine: {cure}")
    return path


def openai(path: Path, device: str) -> "Whisper":
    """openai-whisper's model."""
    import whisper

    model = whisper.load_model(str(path), device=device)
    if path.stem in whisper.available_models():  # a local file does not say which attention heads follow the words
        model.set_alignment_heads(whisper._ALIGNMENT_HEADS[path.stem])
        model.heads_known = True
    return model


def folder(name: str) -> Path:
    """The folder of faster-whisper's weights of this name, or at this path; AsrError where it is missing."""
    try:
        from faster_whisper.utils import download_model

        return Path(name) if Path(name).is_dir() else Path(download_model(name, local_files_only=True))
    except ImportError:
        raise AsrError(
            "the back-end 'faster' needs the package faster-whisper: pip install faster-whisper, or use "
            "backend='whisper'"
        ) from None
    except (ValueError, OSError) as error:  # no such name; not in the cache of the hub
        raise AsrError(
            f"faster-whisper weights {name!r} are not on this machine ({type(error).__name__}): run 'hf download "
            f"Systran/faster-whisper-{Path(name).name}' where there is a network, or give the folder that holds "
            "model.bin, config.json and tokenizer.json"
        ) from None


def faster(path: Path, device: str, compute: str):
    """faster-whisper's model."""
    from faster_whisper import WhisperModel

    return WhisperModel(str(path), device=device, compute_type=compute, local_files_only=True)


def identity(path: Path) -> str:
    """Name, size and a hash of both ends of the weights: enough to tell two of the same name apart."""
    file = path / "model.bin" if path.is_dir() else path
    with open(file, "rb") as weights:
        head = weights.read(1 << 20)
        weights.seek(max(file.stat().st_size - (1 << 20), 0))
        digest = sha256(head + weights.read())[:12]
    return f"{path.name} {file.stat().st_size} {digest}"
