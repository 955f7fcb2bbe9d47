"""`vcemo doctor`: what this machine has and lacks for the course, a line each, with the cure."""

import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from packaging.requirements import Requirement

from ...paths import ASSETS, DATA, ROOT
from . import doctor_encoders, doctor_machine
from .doctor_line import Line

PYTHON = (3, 11)
MEMORY, DISK = 4, 2  # gigabytes
INSTALL = "run 'make course', or 'pip install -r requirements.lock'"


def run_doctor() -> int:
    """Print a line for each thing looked at, what is required first. Returns: 0 unless something required is missing."""
    lines = [line for look in LOOKS for line in look()]
    width = max(len(line.name) for line in lines)
    for heading, required in (("required", True), ("optional: the course runs without what is marked no", False)):
        print(heading, *(line.text(width) for line in lines if line.required == required), sep="\n  ")
    lost = [line.name for line in lines if line.required and not line.ok]
    print(f"required and missing: {', '.join(lost)}" if lost else "all that is required is here")
    return 1 if lost else 0


def python_version() -> list[Line]:
    """The interpreter."""
    ok = sys.version_info >= PYTHON
    found = ".".join(map(str, sys.version_info[:3]))
    return [Line("python", ok, found, f"install Python {'.'.join(map(str, PYTHON))} or newer", required=True)]


@dataclass(frozen=True)
class Pin:
    """One line of the lock: a package and the version it must have."""

    name: str
    version: str


def read_pins(lock: Path) -> list[Pin]:
    """The pins of a lock file that apply to this machine, in order."""
    pins = []
    for line in lock.read_text(encoding="utf-8").splitlines() if lock.is_file() else []:
        if "==" in line and not line.startswith((" ", "#")):
            wanted = Requirement(line.rstrip("\\ "))
            if wanted.marker is None or wanted.marker.evaluate():
                pins.append(Pin(wanted.name, next(iter(wanted.specifier)).version))
    return pins


def packages(lock: Path = ROOT / "requirements.lock") -> list[Line]:
    """Installed packages against the pins."""
    pins = read_pins(lock)
    if not pins:
        return [
            Line(
                "packages",
                False,
                f"{lock.name} is missing",
                "take a whole clone of the course",
                required=True,
            )
        ]
    found = {pin: _installed(pin.name) for pin in pins}
    missing = [pin.name for pin, there in found.items() if there is None]
    other = [
        f"{pin.name} {there} (pinned {pin.version})"
        for pin, there in found.items()
        if there is not None and there.split("+")[0] != pin.version
    ]
    lines = [
        Line(
            "packages",
            not missing,
            _listed(f"{len(pins) - len(missing)} of {len(pins)} installed", missing),
            INSTALL,
            required=True,
        )
    ]
    return lines + [Line("pins", not other, _listed("versions as pinned", other), INSTALL)]


def _installed(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _listed(good: str, bad: list[str]) -> str:
    rest = f" and {len(bad) - 5} more" if len(bad) > 5 else ""
    return f"{good}; not: {', '.join(bad[:5])}{rest}" if bad else good


def room() -> list[Line]:
    """Memory and disk."""
    import psutil

    memory = psutil.virtual_memory().total / 1e9
    disk = shutil.disk_usage(ROOT).free / 1e9
    return [
        Line(
            "memory",
            memory >= MEMORY,
            f"{memory:.1f} GB",
            f"{MEMORY} GB are needed; run one chapter at a time, --jobs 1",
        ),
        Line("disk", disk >= DISK, f"{disk:.1f} GB free", f"free {DISK} GB for runs and caches", required=True),
        Line("processors", True, str(os.cpu_count() or 1)),
    ]


def sound() -> list[Line]:
    """What can be written and read: MP3 for players, Opus for the shipped corpus, m4a by ffmpeg's libraries."""
    m4a = doctor_encoders.package("av", "av", "wav, flac, mp3 and ogg are read without it; m4a and video are not")
    return [_sound_line("MP3", "MPEG_LAYER_III"), _sound_line("OGG", "OPUS"), m4a]


def _sound_line(form: str, subtype: str) -> Line:
    name = f"libsndfile {'MP3' if form == 'MP3' else 'Opus'}"
    cure = "install the soundfile package from PyPI, which brings libsndfile 1.2 or newer"
    try:
        seconds = doctor_machine.sound_round_trip(form, subtype)
    except Exception as error:  # a broken library fails in many ways; the line tells which
        return Line(name, False, f"{type(error).__name__}: {error}", cure, required=True)
    return Line(name, True, f"wrote and read {seconds:.1f} s", cure, required=True)


def shipped() -> list[Line]:
    """The corpus and the encoders that come with the course."""
    corpus = sorted((DATA / "vcemo_sim").glob("*.parquet"))
    size = sum(path.stat().st_size for path in corpus) / 1e6
    weights = sorted(ASSETS.rglob("*.safetensors"))
    cure = "take a whole clone of the course; these files are part of it"
    return [
        Line("shipped corpus", bool(corpus), f"{len(corpus)} shards, {size:.0f} MB", cure, required=True),
        Line("shipped encoders", bool(weights), f"{len(weights)} weight files", cure, required=True),
    ]


LOOKS: tuple[Callable[[], list[Line]], ...] = (
    python_version,
    packages,
    room,
    sound,
    shipped,
    doctor_machine.kernel,
    doctor_encoders.encoders,
    doctor_machine.added_corpora,
    doctor_machine.gpu,
)
