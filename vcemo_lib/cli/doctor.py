"""`vcemo doctor`: what this machine has and lacks for the course, a line each, with the cure. It imports no torch."""

import io
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from ..paths import ASSETS, DATA, ROOT, cache_dir, home_cache
from ..storage import read_json

PYTHON = (3, 11)
MEMORY, DISK = 4, 2  # gigabytes
CLONE = "take a whole clone of the course; these files are part of it"
FASTER = "transcribe with openai-whisper meanwhile"
ONNX = "'vcemo export' needs it; the model folder is read without"
WHISPER_CURE = """\
.venv/bin/python -c "import whisper; whisper.load_model('base')" fetches 139 MB where there is a network; else put \
base.pt into the course's .cache/whisper; meanwhile read the transcripts of the corpus, or give predict a --text"""
VECTORS_CURE = """\
put word2vec or GloVe text, or a folder with vocab.txt and an .npy table, into .cache/vectors, or give its path as \
vectors; meanwhile use the bundled vectors"""
SPACY = ("zh_core_web_lg", "zh_core_web_md", "en_core_web_lg")
SENTENCES = (
    "google-bert/bert-base-chinese",
    "hfl/chinese-roberta-wwm-ext",
    "hfl/chinese-macbert-base",
    "google-bert/bert-base-uncased",
)
SPEECH = ("facebook/wav2vec2-base", "TencentGameMate/chinese-hubert-base")


@dataclass(frozen=True)
class Line:
    """A thing looked at: whether it is there, what was found, and what to do when it is not."""

    name: str
    ok: bool
    found: str
    cure: str = ""
    required: bool = False

    def text(self, width: int = 0) -> str:
        """The line as printed; the cure only where it is needed."""
        mark = "ok" if self.ok else "MISSING" if self.required else "no"
        advice = f" → {self.cure}" if not self.ok and self.cure else ""
        return f"{mark:<8}{self.name:<{width}}  {self.found}{advice}"


def run_doctor() -> int:
    """Print a line for each thing, what is required first. Returns: 0 unless something required is missing."""
    lines = [line for look in LOOKS for line in look()]
    width = max(len(line.name) for line in lines)
    for heading, required in (("required", True), ("optional: the course runs without what is marked no", False)):
        print(heading, *(line.text(width) for line in lines if line.required == required), sep="\n  ")
    lost = [line.name for line in lines if line.required and not line.ok]
    print(f"required and missing: {', '.join(lost)}" if lost else "all that is required is here")
    return 1 if lost else 0


def machine() -> Iterator[Line]:
    """The interpreter, memory, disk and processors."""
    import psutil

    found, wanted = (".".join(map(str, numbers)) for numbers in (sys.version_info[:3], PYTHON))
    memory, disk = psutil.virtual_memory().total / 1e9, shutil.disk_usage(ROOT).free / 1e9
    yield Line("python", sys.version_info >= PYTHON, found, f"install Python {wanted} or newer", required=True)
    slow = f"{MEMORY} GB are needed; run one chapter at a time, --jobs 1"
    yield Line("memory", memory >= MEMORY, f"{memory:.1f} GB", slow)
    yield Line("disk", disk >= DISK, f"{disk:.1f} GB free", f"free {DISK} GB for runs and caches", required=True)
    yield Line("processors", True, str(os.cpu_count() or 1))


def read_pins(lock: Path) -> dict[str, str]:
    """Package → version: the pins of a lock file that apply to this machine, in order."""
    from packaging.requirements import Requirement

    rows = lock.read_text(encoding="utf-8").splitlines() if lock.is_file() else []
    wanted = [Requirement(row.rstrip("\\ ")) for row in rows if "==" in row and not row.startswith((" ", "#"))]
    here = [pin for pin in wanted if pin.marker is None or pin.marker.evaluate()]
    return {pin.name: next(iter(pin.specifier)).version for pin in here}


def packages(lock: Path = ROOT / "requirements.lock") -> Iterator[Line]:
    """Installed packages against the pins."""
    pins, cure = read_pins(lock), "run 'make course', or 'pip install -r requirements.lock'"
    if not pins:
        yield Line("packages", False, f"{lock.name} is missing", "take a whole clone of the course", required=True)
        return
    found = {name: _installed(name) for name in pins}
    missing = [name for name, there in found.items() if not there]
    other = [f"{n} {v} (pinned {pins[n]})" for n, v in found.items() if v and v.split("+")[0] != pins[n]]
    count = f"{len(pins) - len(missing)} of {len(pins)} installed"
    yield Line("packages", not missing, _listed(count, missing), cure, required=True)
    yield Line("pins", not other, _listed("versions as pinned", other), cure)


def _installed(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def _listed(good: str, bad: list[str]) -> str:
    rest = f" and {len(bad) - 5} more" if len(bad) > 5 else ""
    return f"{good}; not: {', '.join(bad[:5])}{rest}" if bad else good


def sound() -> Iterator[Line]:
    """What can be written and read: MP3 for players, Opus for the shipped corpus, m4a by ffmpeg's libraries."""
    cure = "install the soundfile package from PyPI, which brings libsndfile 1.2 or newer"
    for name, form, subtype in (("MP3", "MP3", "MPEG_LAYER_III"), ("Opus", "OGG", "OPUS")):
        try:
            found, ok = f"wrote and read {sound_round_trip(form, subtype):.1f} s", True
        except Exception as error:  # a broken library fails in many ways; the line tells which
            found, ok = f"{type(error).__name__}: {error}", False
        yield Line(f"libsndfile {name}", ok, found, cure, required=True)
    yield package("av", "wav, flac, mp3 and ogg are read without it; m4a and video are not")


def sound_round_trip(form: str, subtype: str) -> float:
    """Write half a second in a format, read it back, and return its length in seconds."""
    import numpy as np
    import soundfile

    wave, target = np.sin(np.arange(8000, dtype=np.float32) / 20) * 0.1, io.BytesIO()
    soundfile.write(target, wave, 16000, format=form, subtype=subtype)
    target.seek(0)
    samples, rate = soundfile.read(target)
    return len(samples) / rate


def shipped() -> Iterator[Line]:
    """The corpus and the encoders that come with the course."""
    files = {"corpus": [*(DATA / "vcemo_sim").glob("*.parquet")], "encoders": [*ASSETS.rglob("*.safetensors")]}
    for name, paths in files.items():
        size = sum(path.stat().st_size for path in paths) / 1e6
        yield Line(f"shipped {name}", bool(paths), f"{len(paths)} files, {size:.0f} MB", CLONE, required=True)


def kernel() -> Iterator[Line]:
    """Whether JupyterLab's `python3` kernel is this interpreter."""
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    cure = f"'{Path(sys.executable).name} -m ipykernel install --sys-prefix' in the environment of the course"
    try:
        command = KernelSpecManager().get_kernel_spec("python3").argv[0]
    except NoSuchKernel:
        yield Line("kernel python3", False, "no kernel of that name", cure)
        return
    own = command in ("python", "python3") or Path(command).absolute() == Path(sys.executable).absolute()
    yield Line("kernel python3", own, "this Python" if own else f"another Python, {command}", cure)


def encoders() -> Iterator[Line]:
    """The pretrained models that can take a part, in the order of the data; bundled ones do meanwhile."""
    weights = [path.stem for home in (cache_dir(), home_cache()) for path in sorted((home / "whisper").glob("*.pt"))]
    yield Line("whisper weights", bool(weights), ", ".join(weights) or "none", WHISPER_CURE)
    yield package("faster-whisper", f"{FASTER}; chapter 05 needs the voice detector in it")
    hub = ["Systran/faster-whisper-base"]
    yield at_the_hub("faster-whisper base", hub, "model.bin", f"give the folder that holds model.bin, or {FASTER}")
    yield bundled("word vectors bundled", ASSETS / "word_vectors_zh")
    models = [name for name in SPACY if find_spec(name)]
    yield any_of("spaCy vectors", models, SPACY, "python -m spacy download", "meanwhile use the bundled vectors")
    own = sorted(path.name for path in (cache_dir() / "vectors").glob("*"))
    yield Line("word2vec, GloVe, npy", bool(own), ", ".join(own) or "none of your own", VECTORS_CURE)
    yield package("spacy-pkuseg", "segment with jieba meanwhile")
    yield bundled("BERT bundled", ASSETS / "bert_mini_zh")
    yield at_the_hub("BERT of the hub", SENTENCES, "config.json", "meanwhile use the bundled encoder")
    yield at_the_hub("speech models", SPEECH, "config.json", "meanwhile hear the mel, or the encoder of Whisper")
    yield package("onnx", f"{ONNX}, but not chapter 05's voice detector")
    yield package("onnxruntime", ONNX)


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


def added_corpora() -> Iterator[Line]:
    """Corpora that 'vcemo corpus add' wrote down, and whether they are still there."""
    path = cache_dir() / "corpora.json"
    try:
        known = read_json(path) if path.is_file() else {}
        roots = {name: place["root"] for name, place in known.items() if "root" in place}
    except (ValueError, AttributeError, TypeError):  # no JSON, or JSON of another form
        yield Line("corpora", False, f"{path} is damaged", "delete it and 'vcemo corpus add' them again")
        return
    for name, root in roots.items():
        yield Line(f"corpus {name}", Path(root).exists(), root, f"'vcemo corpus add {name} FOLDER' where it is now")


def gpu() -> Iterator[Line]:
    """A GPU, which only the paper profile needs; asked of its driver, as torch takes seconds to load."""
    command = ["nvidia-smi", "--query-gpu=name", "--format=csv,noheader"]
    usable = shutil.which(command[0]) and "+cpu" not in _installed("torch")
    names = subprocess.run(command, capture_output=True, text=True).stdout.splitlines() if usable else []
    cure = "not needed for tiny and laptop; the paper profile is slow without one"
    yield Line("GPU", bool(names), ", ".join(names) or "none that torch can use", cure)


LOOKS = (machine, packages, sound, shipped, kernel, encoders, added_corpora, gpu)
