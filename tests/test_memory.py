"""A process holds what it uses: no kernels of shapes that it met long ago, no free heap, no packages it does not call."""

import os
import subprocess
import sys

import pytest

from vcemo_lib.paths import ROOT

HELD = "int(next(line for line in open('/proc/self/status') if line.startswith('VmRSS')).split()[1]) / 1e3"
CONVOLUTIONS = f"""
import vcemo_lib, torch
torch.set_num_threads(1)
layer = torch.nn.Conv1d(40, 64, 5)
def read(length): layer(torch.randn(8, 40, length)).sum().backward()
read(900)
before = {HELD}
for length in range(100, 500): read(length)
print({HELD} - before)
"""
HEAP = f"""
from vcemo_lib.memory import give_back
blocks = [bytes(50_000) for _ in range(4_000)]
del blocks[::2], blocks[:-1:2]
before = {HELD}
give_back()
print(before - {HELD})
"""
PACKAGES = """
import sys
from vcemo_lib.evaluation import figures
from vcemo_lib.inference import Listener, predict
from vcemo_lib.training import fit
from vcemo_lib.text import SentenceEncoder
SentenceEncoder.load("bundled")
print(*(name for name in ("numba", "scipy.stats", "seaborn") if sys.modules.get(name)))
"""
linux = pytest.mark.skipif(sys.platform != "linux", reason="/proc and glibc's heap are Linux's")


def printed(program: str, **environment: str) -> str:
    given = {name: value for name, value in os.environ.items() if not name.startswith("ONEDNN")} | environment
    command = [sys.executable, "-W", "ignore", "-c", program]
    return subprocess.run(command, cwd=ROOT, env=given, capture_output=True, text=True, check=True).stdout


@linux
def test_kernels_of_many_shapes_are_not_kept_unless_the_user_says_so():
    kept = float(printed(CONVOLUTIONS, ONEDNN_PRIMITIVE_CACHE_CAPACITY="1024"))
    assert float(printed(CONVOLUTIONS)) < kept / 2


@linux
def test_free_pages_of_the_heap_go_back_to_the_system():
    assert float(printed(HEAP)) > 50


def test_packages_that_nothing_calls_are_not_loaded():
    assert printed(PACKAGES).split() == []
