"""A fingerprint of this machine's floating-point arithmetic.

Processors of different kinds add in different orders. A sum then differs in its last digit, training carries that
digit away, and after some epochs another utterance is recognised. So trained numbers can be compared to 1e-3 only
where the arithmetic is the same; elsewhere a difference says nothing about the notebook. The same holds of a GPU,
where training runs if there is one.
"""

import subprocess
import sys
from pathlib import Path

from ...storage import read_json, write_json
from ..run.environment import chapter_environment

FILE = "arithmetic.json"  # beside the notebooks: chapter → the arithmetic that its outputs were made with
# What chapters compute with: convolution, LSTM and matrix products of torch, matrix products and transforms of numpy.
PROGRAM = """
import hashlib
import numpy as np
import torch
from torch import nn
from accelerate import Accelerator
device = Accelerator().device
torch.manual_seed(0)
conv, lstm, out = nn.Conv2d(1, 8, 3, padding=1), nn.LSTM(8 * 40, 64, batch_first=True), nn.Linear(64, 4)
for part in (conv, lstm, out):
    part.to(device)
weights = [p for part in (conv, lstm, out) for p in part.parameters()]
adam = torch.optim.Adam(weights, 1e-3)
for _ in range(10):
    x = conv(torch.randn(32, 1, 60, 40).to(device)).relu().transpose(1, 2).flatten(2)
    states, _ = lstm(x)
    shares = torch.softmax(states @ states.transpose(1, 2) / 8, -1)
    nn.functional.cross_entropy(out((shares @ states).mean(1)), torch.arange(32, device=device) % 4).backward()
    adam.step()
    adam.zero_grad()
digest = hashlib.sha256(b"".join(p.detach().cpu().numpy().tobytes() for p in weights))
noise = np.random.default_rng(0).standard_normal((300, 300))
digest.update((noise @ noise).tobytes() + np.fft.rfft(noise).tobytes() + np.linalg.svd(noise)[1].tobytes())
print(digest.hexdigest()[:16])
"""


def fingerprint(state: Path) -> str:
    """Sixteen letters that are equal where the tiny profile's arithmetic is to the last bit; state: as of a run."""
    environment = chapter_environment(state, "tiny", 1)
    return subprocess.check_output([sys.executable, "-c", PROGRAM], text=True, env=environment).strip()


def remembered(folder: Path) -> dict[str, str]:
    """Chapter → fingerprint of the machine that made its committed outputs; {} where none was written."""
    path = folder / FILE
    return read_json(path) if path.is_file() else {}


def remember(folder: Path, numbers: list[str], here: str) -> None:
    """Write down that the outputs of these chapters were made with this arithmetic."""
    write_json(folder / FILE, remembered(folder) | dict.fromkeys(numbers, here))
