"""What the doctor looks for outside the clone: kernel, GPU, corpora. None is required."""

import io
import json
import sys
from pathlib import Path

import numpy as np

from ...paths import cache_dir
from .doctor_line import Line


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


def added_corpora() -> list[Line]:
    """Corpora that 'vcemo corpus add' wrote down, and whether they are still there."""
    path = cache_dir() / "corpora.json"
    try:
        known = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
        roots = {name: place["root"] for name, place in known.items() if "root" in place}
    except (ValueError, AttributeError, TypeError):  # no JSON, or JSON of another form
        return [Line("corpora", False, f"{path} is damaged", "delete it and 'vcemo corpus add' them again")]
    return [
        Line(f"corpus {name}", Path(root).exists(), root, f"'vcemo corpus add {name} FOLDER' where it is now")
        for name, root in roots.items()
    ]


def gpu() -> list[Line]:
    """A GPU, which only the paper profile needs."""
    import torch

    there = torch.cuda.is_available()
    found = torch.cuda.get_device_name() if there else "none"
    return [Line("GPU", there, found, "not needed for tiny and laptop; the paper profile is slow without one")]
