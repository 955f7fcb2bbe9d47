"""`vcemo doctor`: what this machine has and lacks for the course, a line each, with the cure. It imports no torch."""

import io
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from importlib.metadata import requires
from importlib.util import find_spec
from pathlib import Path

from ..disk import takes_files
from ..paths import ASSETS, DATA, IS_CHECKOUT, ROOT, cache_dir, home_cache
from ..provenance import versions
from ..storage import read_json
from .findings import CLONE, Line, any_of, at_the_hub, bundled, package

PYTHON = (3, 11)
PLACE = "a clone of the course" if IS_CHECKOUT else "an installed wheel, which has no notebooks"
CHAPTERS = "work in a clone, on Linux, on macOS, or on Windows in WSL; predict, train and export work here"
DATASETS = "corpora in Hugging Face's form are read and written without; only 'to_datasets' needs it"
MEMORY, DISK = 4, 2  # gigabytes
FASTER = "transcribe with openai-whisper meanwhile"
ONNX = "'vcemo export' needs it; the model folder is read without"
WHISPER_CURE = """\
.venv/bin/python -c "import whisper; whisper.load_model('base')" fetches 139 MB where there is a network; else put \
base.pt into the course's .cache/whisper; meanwhile read the transcripts of the corpus, or give predict a --text"""
VECTORS_CURE = """\
put word2vec or GloVe text, or a folder with vocab.txt and an .npy table, into .cache/vectors, or give its path as \
vectors; meanwhile use the bundled vectors"""
SPACY = ("zh_core_web_lg", "zh_core_web_md", "en_core_web_lg")
SENTENCES = ("google-bert/bert-base-chinese", "hfl/chinese-roberta-wwm-ext", "hfl/chinese-macbert-base")
SENTENCES += ("google-bert/bert-base-uncased",)
SPEECH = ("facebook/wav2vec2-base", "TencentGameMate/chinese-hubert-base")


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

    version, wanted = (".".join(map(str, numbers)) for numbers in (sys.version_info[:3], PYTHON))
    memory, disk = psutil.virtual_memory().total / 1e9, shutil.disk_usage(ROOT).free / 1e9
    yield Line("python", sys.version_info >= PYTHON, version, f"install Python {wanted} or newer", required=True)
    slow = f"{MEMORY} GB are needed; run one chapter at a time, --jobs 1"
    yield Line("memory", memory >= MEMORY, f"{memory:.1f} GB", slow)
    yield Line("disk", disk >= DISK, f"{disk:.1f} GB free", f"free {DISK} GB for runs and caches", required=True)
    cure = "set VCEMO_CACHE to a folder that may be written to"
    yield Line("cache", takes_files(cache_dir()), str(cache_dir()), cure, required=True)
    yield Line("processors", True, str(os.cpu_count() or 1))
    unix = sys.platform != "win32"
    yield Line("chapters can run", unix and IS_CHECKOUT, PLACE if unix else "Windows", CHAPTERS)


def read_pins(lock: Path) -> dict[str, str]:
    """Package → version: the pins of a lock file that apply to this machine, in order."""
    rows = lock.read_text(encoding="utf-8").splitlines() if lock.is_file() else []
    pins = _asked(row.rstrip("\\ ") for row in rows if "==" in row and not row.startswith((" ", "#")))
    return {name: next(iter(pin)).version for name, pin in pins.items()}


def _asked(texts: Iterable[str]) -> dict:
    """Package → its versions, of requirements that apply to this machine, extras left out."""
    from packaging.requirements import Requirement

    wanted = map(Requirement, texts)
    return {one.name: one.specifier for one in wanted if not one.marker or one.marker.evaluate({"extra": ""})}


def wheel() -> Iterator[Line]:
    """What an installed wheel asks for."""
    asked, cure = _asked(requires("vcemo-lib") or ()), "run 'pip install' with the wheel again, without --no-deps"
    bad = [(n, v) for n, v in versions(asked).items() if v == "missing" or v.split("+")[0] not in asked[n]]
    lacking = [f"{n} {v} (asked {asked[n]})".replace(" missing (", " (") for n, v in bad]
    count = f"{len(asked) - len(lacking)} of {len(asked)} as asked"
    yield Line("packages", not lacking, _listed(count, lacking), cure, required=True)


def packages(lock: Path = ROOT / "requirements.lock") -> Iterator[Line]:
    """Installed packages against the pins; of an installed wheel against what it asks for."""
    if not IS_CHECKOUT:
        yield from wheel()
        return
    pins, cure = read_pins(lock), "run 'make course', or 'pip install -r requirements.lock'"
    if not pins:
        yield Line("packages", False, f"{lock.name} is missing", "take a whole clone of the course", required=True)
        return
    installed = versions(pins)
    missing = [name for name, there in installed.items() if there == "missing"]
    other = [f"{n} {v} (pinned {pins[n]})" for n, v in installed.items() if v.split("+")[0] not in ("missing", pins[n])]
    count = f"{len(pins) - len(missing)} of {len(pins)} installed"
    yield Line("packages", not missing, _listed(count, missing), cure, required=True)
    yield Line("pins", not other, _listed("versions as pinned", other), cure)


def _listed(good: str, bad: list[str]) -> str:
    rest = f" and {len(bad) - 5} more" if len(bad) > 5 else ""
    return f"{good}; not: {', '.join(bad[:5])}{rest}" if bad else good


def sound() -> Iterator[Line]:
    """What can be written and read: MP3 for players, Opus for the shipped corpus, m4a by ffmpeg's libraries."""
    cure = "install the soundfile package from PyPI, which brings libsndfile 1.2 or newer"
    for name, form, subtype in (("MP3", "MP3", "MPEG_LAYER_III"), ("Opus", "OGG", "OPUS")):
        try:
            status, ok = f"wrote and read {sound_round_trip(form, subtype):.1f} s", True
        except Exception as error:  # a broken library fails in many ways; the line tells which
            status, ok = f"{type(error).__name__}: {error}", False
        yield Line(f"libsndfile {name}", ok, status, cure, required=True)
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
    """The corpus and the encoders that come with the course; a wheel has no corpus."""
    files = {"corpus": [*(DATA / "vcemo_sim").glob("*.parquet")], "encoders": [*ASSETS.rglob("*.safetensors")]}
    for name, paths in files.items():
        size, needed = sum(path.stat().st_size for path in paths) / 1e6, IS_CHECKOUT or name != "corpus"
        cure = CLONE if needed else "it lies in a clone of the course; add a corpus of your own"
        yield Line(f"shipped {name}", bool(paths), f"{len(paths)} files, {size:.0f} MB", cure, required=needed)


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
    yield package("datasets", DATASETS)


def added_corpora() -> Iterator[Line]:
    """Corpora that 'vcemo corpus add' wrote down, and whether they are still there."""
    path = cache_dir() / "corpora.json"
    try:
        known = read_json(path) if path.is_file() else {}
        roots = {name: entry["root"] for name, entry in known.items() if "root" in entry}
    except (ValueError, AttributeError, TypeError):  # no JSON, or JSON of another form
        yield Line("corpora", False, f"{path} is damaged", "delete it and 'vcemo corpus add' them again")
        return
    for name, root in roots.items():
        yield Line(f"corpus {name}", Path(root).exists(), root, f"'vcemo corpus add {name} FOLDER' where it is now")


def gpu() -> Iterator[Line]:
    """A GPU, which only the paper profile needs; asked of its driver, as torch takes seconds to load."""
    command = ["nvidia-smi", "--query-gpu=name", "--format=csv,noheader"]
    usable = shutil.which(command[0]) and "+cpu" not in versions(["torch"])["torch"]
    names = subprocess.run(command, capture_output=True, text=True).stdout.splitlines() if usable else []
    cure = "not needed for tiny and laptop; the paper profile is slow without one"
    yield Line("GPU", bool(names), ", ".join(names) or "none that torch can use", cure)


LOOKS = (machine, packages, sound, shipped, kernel, encoders, added_corpora, gpu)
