"""What made a result: the commit of this checkout, and the versions of the packages."""

import subprocess
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version

from .paths import ROOT


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


def commit() -> str:
    """The commit of this checkout, "-dirty" where files differ from it; "unknown" outside of a checkout."""
    command = ("git", "-C", str(ROOT), "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*")
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
