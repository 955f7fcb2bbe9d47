"""What made a result: the commit of this checkout, and the versions of the packages."""

import subprocess
from collections.abc import Iterable
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from .digests import content_key
from .paths import IS_CHECKOUT, ROOT

LEARNING = ("audio", "text", "data", "models", "evaluation", "training")  # rooms that decide the course of a training


def versions(packages: Iterable[str]) -> dict[str, str]:
    """The installed version of each package, "missing" where there is none."""
    return {name: _version(name) for name in packages}


def release() -> str:
    """The version of this library and, in a checkout, its commit."""
    made_of = commit()
    return _version("vcemo-lib") + (f" ({made_of})" if made_of != "unknown" else "")


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "missing"


@cache
def code_version() -> str:
    """Ten hex digits that change with any line of what makes features, models and training steps."""
    package = Path(__file__).parent
    sources = sorted(path for room in LEARNING for path in (package / room).rglob("*.py"))
    return content_key(*(path.read_bytes() for path in sources))[:10]


def commit() -> str:
    """The commit of this checkout, "-dirty" where files differ from it; "unknown" outside of a checkout."""
    if not IS_CHECKOUT:  # a wheel may lie in a checkout of something else
        return "unknown"
    command = ("git", "-C", str(ROOT), "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*")
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
