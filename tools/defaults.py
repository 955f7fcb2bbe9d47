"""What `vcemo train` gives by its defaults, beside the simple classifiers on the same split: several corpora and seeds.

    python tools/defaults.py ROOT [ROW …]

ROOT holds the folders of the corpora that do not ship (nemo, cped, brighter_chn, deeply); FEW/300 stands for 300
utterances of VCEMO-Sim without its parts, so that folds measure them. Each run is the real command
in a process of its own; what results/defaults.json lacks is made. `python tools/results_page.py write` shows it.
"""

import re
import shlex
import subprocess
import sys
import tempfile
from dataclasses import replace
from itertools import product
from pathlib import Path

from vcemo_lib.data.corpora import datasets_out, load_corpus
from vcemo_lib.data.labels import FOUR
from vcemo_lib.evaluation import environment
from vcemo_lib.paths import RESULTS
from vcemo_lib.storage import locked, read_json, write_json

FILE, SEEDS = RESULTS / "defaults.json", 5
MAIN = "from vcemo_lib.cli import main; main()"
SIM, TEXT = "--classes 4", "--modalities words,bert"
NEMO, DEEPLY = (f"--corpus {name} --corpus-root ROOT/{name} --modalities audio" for name in ("nemo", "deeply"))
ROWS = {  # what is trained: the options of the command
    "BRIGHTER, text": f"--corpus brighter --corpus-root ROOT/brighter_chn {TEXT}",
    "Deeply, voice, the other speaker": f"{DEEPLY} --split speaker",
    "nEMO, sound, random parts": f"{NEMO} --split 8/1/1",
    "VCEMO-Sim, tiny": f"{SIM} --profile tiny --set limit=None",
    "nEMO, sound, new speakers": NEMO,
    "VCEMO-Sim, laptop": SIM,
    **{f"VCEMO-Sim, {n:,} utterances": f"--corpus manifest --corpus-root FEW/{n} {SIM}" for n in (300, 600, 1200)},
    "CPED, text": f"--corpus cped --corpus-root ROOT/cped {TEXT}",
    "Deeply, voice, new scripts": DEEPLY,
}
LINE = re.compile(r"^(?:.*: test|  the same split, (?P<rival>[^:]+):) (?P<scores>(?:\w+ [\d.]+(?:, |$| ))+)", re.M)


def trained(options: str, seed: int, root: Path) -> dict[str, dict[str, float]]:
    """Scores of the model, by that name, and of each simple classifier, as the command prints them."""
    words = [word.replace("ROOT", str(root), 1) for word in shlex.split(options)]
    with tempfile.TemporaryDirectory() as folder:
        for k, word in enumerate(words):
            if word.startswith("FEW/"):
                words[k] = few(int(word.removeprefix("FEW/")), Path(folder) / "few")
        command = [sys.executable, "-c", MAIN, "train", f"{folder}/model", *words, "--seed", str(seed)]
        said = subprocess.run(command, capture_output=True, text=True, check=False)
    if said.returncode:
        raise SystemExit(f"{shlex.join(command)}: {said.stderr.strip().splitlines()[-1]}")
    return {line["rival"] or "model": _numbers(line["scores"]) for line in LINE.finditer(said.stdout)}


def few(n: int, folder: Path) -> str:
    """A data set of n utterances of VCEMO-Sim's four emotions, drawn with a fixed seed, that brings no parts."""
    corpus = load_corpus("vcemo_sim")
    drawn = corpus.frame[corpus.frame["emotion"].isin(FOUR)].sample(n, random_state=0).drop(columns="split")
    datasets_out.write(replace(corpus, frame=drawn), folder)
    return str(folder)


def _numbers(text: str) -> dict[str, float]:
    return {name: float(value) for name, value in re.findall(r"(\w+) ([\d.]+)", text)}


def make(root: Path, rows: list[str]) -> None:
    """Make the runs that the file lacks, and keep each when it is done; several processes may share the file."""
    for seed, row in product(map(str, range(SEEDS)), rows):
        if seed in kept().get(row, {}).get("seeds", {}):
            continue
        scores = trained(ROWS[row], int(seed), root)
        with locked(FILE):
            runs = kept()  # again: another process may have added to it
            runs.setdefault(row, {"command": f"vcemo train FOLDER {ROWS[row]}", "seeds": {}})["seeds"][seed] = scores
            write_json(FILE, {"environment": environment(), "runs": runs})
        print(row, seed, scores, flush=True)


def kept() -> dict[str, dict]:
    """The runs of the file by row."""
    return read_json(FILE)["runs"] if FILE.is_file() else {}


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    make(Path(sys.argv[1]), sys.argv[2:] or list(ROWS))
