"""Memory and time of a training on ever more utterances with memory-mapped features: both must stay what they are.

`python -m benchmarks.memory N` trains some steps on N utterances with made-up features, in a process of its own, and
prints its memory in MB (what is mapped from files apart: the system takes it back where needed), and milliseconds an
utterance.
"""

import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
import torch

from vcemo_lib.data.array_cache import Ragged
from vcemo_lib.data.corpus import Corpus
from vcemo_lib.data.features import FeatureStore
from vcemo_lib.data.labels import EMOTIONS
from vcemo_lib.data.sound import Sound
from vcemo_lib.data.splits import Split
from vcemo_lib.recipes import TINY, Recipe
from vcemo_lib.training.trainer import Trainer

from .timing import status

SIZES = (750, 7_500, 75_000)
MAPPING = re.compile(r"^([0-9a-f]+)-([0-9a-f]+) \S+ \S+ \S+ \S+ *(.*)\n(?:\w+: .*\n)*?Rss: +(\d+)", re.MULTILINE)
LOADED = {  # the parts of a chapter's process: what loads each
    "Python and Jupyter's kernel": "import ipykernel.kernelapp",
    "pandas, with Arrow": "import pandas",
    "matplotlib": "import matplotlib.pyplot",
    "torch": "import torch",
    "jieba's dictionary": "from vcemo_lib.text import segment; segment('今天')",
    "pypinyin's dictionary": "import pypinyin; pypinyin.lazy_pinyin('今天')",
    "the voice detector, with onnxruntime": "import numpy; from vcemo_lib.audio import speech; speech(numpy.ones(99))",
    "the sentence encoder, with transformers": "from vcemo_lib.text import SentenceEncoder as E; E.load('bundled')",
    "the shipped corpus": "from vcemo_lib.data.corpora import load_corpus; kept = load_corpus('vcemo_sim')",
}
FRAMES, WORDS, STEPS = 100, 6, 30
RECIPE = TINY.but(limit=None, n_mels=40, hop_length=320, copies=0)


def curve() -> list[dict]:
    """A row for each size."""
    command = [sys.executable, "-m", "benchmarks.memory"]
    return [json.loads(subprocess.check_output([*command, str(n)], text=True)) for n in SIZES]


def command(n: int = 1_900, profile: str = "laptop") -> dict:
    """The most memory, in MB, that `vcemo train` on n clips of the shipped corpus holds, its features made anew."""
    with tempfile.TemporaryDirectory() as folder:
        call = [sys.executable, "-m", "vcemo_lib.cli", "train", f"{folder}/model", "--profile", profile]
        environment = os.environ | {"VCEMO_CACHE": f"{folder}/cache"}
        subprocess.run([*call, "--set", f"limit={n}"], env=environment, stdout=subprocess.DEVNULL, check=True)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return {"utterances": n, "profile": profile, "megabytes": round(peak / 1e6)}


def of_torch() -> dict[str, int]:
    """MB that `import torch` takes, and what of it are libraries for GPUs by NVIDIA, which load without a GPU too."""
    program = "import torch; print(open('/proc/self/smaps').read())"
    maps = subprocess.check_output([sys.executable, "-c", program], text=True)
    found, end, gpu = {"all": 0, "for_gpus": 0}, "", False
    for first, last, path, kb in MAPPING.findall(maps):
        gpu = "/nvidia/" in path or "cuda" in path or gpu and not path and first == end  # zeros follow their library
        end = last
        found["all"] += int(kb) * 1024
        found["for_gpus"] += int(kb) * 1024 * gpu
    return {name: round(size / 1e6) for name, size in found.items()}


def of_parts() -> dict[str, int]:
    """MB by which each part of a chapter's process makes it larger, in the order of `LOADED`."""
    held = "held.append(next(int(line.split()[1]) for line in open('/proc/self/status') if line.startswith('VmRSS')))"
    program = "\n".join(["held = [0]", *(f"{code}\n{held}" for code in LOADED.values()), "print(*held)"])
    kb = list(map(int, subprocess.check_output([sys.executable, "-W", "ignore", "-c", program], text=True).split()))
    return {part: round((kb[k + 1] - kb[k]) * 1024 / 1e6) for k, part in enumerate(LOADED)}


def trained(n: int) -> dict:
    """What a training on n utterances takes."""
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        store = made_up(n, RECIPE, Path(folder))
        ids = store.corpus.ids
        cut = Split("made up", ids[: -n // 5], ids[-n // 5 : -n // 10], ids[-n // 10 :])
        trainer, rng = Trainer(store, cut, RECIPE, seed=0), np.random.default_rng(0)
        batches = trainer._batches(rng)
        batches = [batches[k % len(batches)] for k in range(STEPS + 5)]
        for batch in batches[:5]:
            trainer.step(*trainer._views(batch, rng))
        start = time.process_time()
        for batch in batches[5:]:
            trainer.step(*trainer._views(batch, rng))
        seconds = time.process_time() - start
    own, mapped = status("RssAnon") / 1e3, status("RssFile") / 1e3
    each = 1e3 * seconds / STEPS / RECIPE.batch_size
    return {"utterances": n, "own_mb": round(own), "mapped_mb": round(mapped), "ms_an_utterance": round(each, 3)}


def made_up(n: int, recipe: Recipe, folder: Path) -> FeatureStore:
    """Features of n utterances on disk, which no sound and no text were needed for."""
    emotions = EMOTIONS[: recipe.model.n_classes]
    frame = pd.DataFrame({"id": [f"u{k}" for k in range(n)], "audio": "", "text": "好", "text_asr": "好"})
    frame["speaker"], frame["emotion"] = "nobody", [emotions[k % len(emotions)] for k in range(n)]
    store = FeatureStore(Corpus("made_up", frame, has_audio=False), recipe.features, modalities=())
    store.sound = Sound(store.corpus, recipe.features)
    store.sound.recordings = store.mel = ragged(folder / "mel", n, FRAMES, recipe.features.mel.n_mels, np.float16)
    store.words = ragged(folder / "words", n, WORDS, recipe.model.word_dim, np.float16)
    store.bert = ragged(folder / "bert", n, 1, recipe.model.bert_dim, np.float32)
    store.tokens = [["好"]] * n
    store.modalities = ("audio", "words", "bert")
    store.features = {"audio": store.mel, "words": store.words, "bert": store.bert.values}
    return store


def ragged(folder: Path, n: int, rows: int, width: int, dtype) -> Ragged:
    """n arrays (rows, width) of noise in a folder as the cache has them, memory-mapped."""
    folder.mkdir()
    some = np.random.default_rng(0).standard_normal((min(n, 500) * rows, width)).astype(dtype)
    values = np.lib.format.open_memmap(folder / "values.npy", "w+", dtype, (n * rows, width))
    for start in range(0, len(values), len(some)):
        values[start : start + len(some)] = some[: len(values) - start]
    values.flush()
    np.save(folder / "offsets.npy", np.arange(n + 1) * rows)
    return Ragged.mapped(folder)


if __name__ == "__main__":
    print(json.dumps(trained(int(sys.argv[1]))))
