"""What the doctor found, a line each: of a package, of files that ship, of models that any tool may have fetched."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from ..paths import home_cache

CLONE = "take a whole clone of the course, or install the package again; these files are part of it"


@dataclass(frozen=True)
class Line:
    """A thing looked at: whether it is there, what was found, and what to do when it is not."""

    name: str
    ok: bool
    status: str
    cure: str = ""
    required: bool = False

    def text(self, width: int = 0) -> str:
        """The line as printed; the cure only where it is needed."""
        mark = "ok" if self.ok else "MISSING" if self.required else "no"
        advice = f" → {self.cure}" if not self.ok and self.cure else ""
        return f"{mark:<8}{self.name:<{width}}  {self.status}{advice}"


def package(name: str, meanwhile: str) -> Line:
    """A line on an optional package."""
    there = find_spec(name.replace("-", "_")) is not None
    return Line(name, there, "installed" if there else "not installed", f"'pip install {name}'; {meanwhile}")


def bundled(name: str, folder: Path) -> Line:
    """A line on weights that ship with the course."""
    size = sum(path.stat().st_size for path in folder.glob("*.safetensors")) / 1e6
    return Line(name, bool(size), f"{size:.0f} MB" if size else "no weights", CLONE)


def any_of(name: str, here: Sequence[str], known: Sequence[str], command: str, meanwhile: str, but: str = "") -> Line:
    """A line on models of which any will do: those that are here, and what brings the others; `but`: more to say."""
    others = [model for model in known if model not in here]
    names = " or ".join(others)
    how = f"'{command} {names}'" if len(others) == 1 else f"'{command} NAME', NAME being {names},"
    how = f"{how} where there is a network"
    more = f"; more by {how}" if here and others else ""
    return Line(name, bool(here), f"{', '.join(here) or 'none'}{but}{more}", f"{how}; {meanwhile}")


def at_the_hub(name: str, repositories: Sequence[str], file: str, meanwhile: str) -> Line:
    """A line on models of the Hugging Face hub, by a file that each must have, and by its weights."""
    begun = {repository: [f for f in snapshots(repository) if (f / file).exists()] for repository in repositories}
    here = [repository for repository, folders in begun.items() if any(map(has_weights, folders))]
    empty = [repository for repository, folders in begun.items() if folders and repository not in here]
    but = f"; without weights: {', '.join(empty)}" if empty else ""
    return any_of(name, here, repositories, "hf download", meanwhile, but)


def has_weights(folder: Path) -> bool:
    """Whether a folder holds weights in one of the hub's two forms."""
    return any(path.suffix in (".safetensors", ".bin") for path in folder.glob("*"))


def snapshots(repository: str) -> Iterator[Path]:
    """Folders of the hub's cache that hold a version of a repository."""
    home = Path(os.environ.get("HF_HOME", home_cache() / "huggingface"))
    hub = Path(os.environ.get("HF_HUB_CACHE", home / "hub"))
    return (hub / f"models--{repository.replace('/', '--')}" / "snapshots").glob("*")
