"""What the doctor looks for outside the clone: kernel, pretrained models, fonts, GPU. None is required."""

import io
import json
import os
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from ..paths import cache_dir
from .doctor_line import Line

SPACY = ("zh_core_web_lg", "zh_core_web_md", "en_core_web_lg")
HUB = (
    "google-bert/bert-base-chinese",
    "hfl/chinese-roberta-wwm-ext",
    "hfl/chinese-macbert-base",
    "google-bert/bert-base-uncased",
)
FONTS = (
    "noto sans cjk",
    "noto sans sc",
    "source han sans",
    "wenquanyi",
    "droid sans fallback",
    "simhei",
    "microsoft yahei",
    "pingfang",
    "heiti",
    "arial unicode",
)


def sound_round_trip(form: str, subtype: str) -> float:
    """Write half a second in a format, read it back, and return its length in seconds."""
    import soundfile

    wave = np.sin(np.arange(8000, dtype=np.float32) / 20) * 0.1
    target = io.BytesIO()
    soundfile.write(target, wave, 16000, format=form, subtype=subtype)
    target.seek(0)
    samples, rate = soundfile.read(target)
    return len(samples) / rate


def kernel() -> list[Line]:
    """Whether JupyterLab's `python3` kernel is this interpreter."""
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    cure = f"'{Path(sys.executable).name} -m ipykernel install --sys-prefix' in the environment of the course"
    try:
        command = KernelSpecManager().get_kernel_spec("python3").argv[0]
    except NoSuchKernel:
        return [Line("kernel python3", False, "no kernel of that name", cure)]
    own = command in ("python", "python3") or Path(command).absolute() == Path(sys.executable).absolute()
    return [Line("kernel python3", own, "this Python" if own else f"another Python, {command}", cure)]


def whisper() -> list[Line]:
    """Weights of Whisper base, for transcribing new speech; the shipped corpus has its transcripts."""
    folders = [cache_dir(), Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "whisper"]
    found = [path for folder in folders if folder.is_dir() for path in sorted(folder.rglob("base.pt"))]
    cure = (
        "with a network, 'python -c \"import whisper; whisper.load_model(\\'base\\')\"' fetches 139 MB; "
        f"without, put base.pt into {folders[1]}"
    )
    lines = [Line("whisper base", bool(found), str(found[0]) if found else "no weights", cure)]
    return [*lines, _package("faster-whisper", "faster_whisper", "transcribe with openai-whisper meanwhile")]


def _package(name: str, module: str, meanwhile: str) -> Line:
    there = find_spec(module) is not None
    cure = f"'pip install {name}'; {meanwhile}"
    return Line(name, there, "installed" if there else "not installed", cure)


def segmenters() -> list[Line]:
    """Cutters of Chinese text beside jieba, which ships; and the reader of m4a."""
    return [
        _package("spacy-pkuseg", "spacy_pkuseg", "segment with jieba meanwhile"),
        _package("av", "av", "wav, flac, mp3 and ogg are read without it; m4a and video are not"),
    ]


def added_corpora() -> list[Line]:
    """Corpora that 'vcemo corpus add' wrote down, and whether they are still there."""
    path = cache_dir() / "corpora.json"
    known = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    roots = {name: place["root"] for name, place in known.items() if "root" in place}
    return [
        Line(f"corpus {name}", Path(root).exists(), root, f"'vcemo corpus add {name} FOLDER' where it is now")
        for name, root in roots.items()
    ]


def spacy_packages() -> list[Line]:
    """Word vectors by name; the bundled ones are used meanwhile."""
    return [
        Line(
            f"spaCy {name}",
            find_spec(name) is not None,
            "installed" if find_spec(name) else "not installed",
            f"'python -m spacy download {name}'; meanwhile use the bundled vectors",
        )
        for name in SPACY
    ]


def hub_models() -> list[Line]:
    """Encoders in the cache of the Hugging Face hub; the bundled one is used meanwhile."""
    home = Path(os.environ.get("HF_HOME", Path.home() / ".cache" / "huggingface"))
    hub = Path(os.environ.get("HF_HUB_CACHE", home / "hub"))
    lines = []
    for name in HUB:
        there = any((hub / f"models--{name.replace('/', '--')}" / "snapshots").glob("*/config.json"))
        cure = f"'hf download {name}' with a network; meanwhile use the bundled encoder"
        lines.append(Line(name, there, "in the hub cache" if there else "not in the hub cache", cure))
    return lines


def chinese_font() -> list[Line]:
    """A font for Chinese in figures; tables and captions do not need one."""
    from matplotlib import font_manager

    names = {entry.name for entry in font_manager.fontManager.ttflist}
    found = sorted(name for name in names if name.lower().startswith(FONTS))
    cure = "install fonts-noto-cjk; figures show pinyin meanwhile"
    return [Line("Chinese font", bool(found), found[0] if found else "none", cure)]


def formulas() -> list[Line]:
    """Whether the HTML pages can draw formulas."""
    there = find_spec("latex2mathml") is not None
    cure = "'pip install latex2mathml'; pages show the TeX source meanwhile"
    return [Line("formulas in pages", there, "latex2mathml" if there else "not installed", cure)]


def gpu() -> list[Line]:
    """A GPU, which only the paper profile needs."""
    import torch

    there = torch.cuda.is_available()
    found = torch.cuda.get_device_name() if there else "none"
    return [
        Line("GPU", there, found, "not needed for tiny and laptop; the paper profile is slow without one")
    ]
