"""Each kind of stored thing, written and read as the library does it, with two values that can be told apart."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import torch

from vcemo_lib.course.run.state import ChapterState, StateStore
from vcemo_lib.data.array_cache import cached
from vcemo_lib.data.corpora import added
from vcemo_lib.data.corpus import Corpus
from vcemo_lib.data.transcripts import Store
from vcemo_lib.errors import VcemoError
from vcemo_lib.evaluation.records import ProtocolCard, read_record, write_record, write_rows
from vcemo_lib.experiments.probes import probe_records
from vcemo_lib.inference.bundle import load_bundle, save_bundle
from vcemo_lib.models.registry import build_model
from vcemo_lib.paths import cache_dir
from vcemo_lib.recipes import TINY
from vcemo_lib.storage import locked
from vcemo_lib.training import run as training

CARD = ProtocolCard("c", "0123456789", True, 6, "8/1/1", (), "validation", "text", "bundled", "bundled", "small")
RECIPE = TINY.but(name="small", d=16, d_ff=32, n_heads=2, length=8, conv_channels=(4, 8), modalities=("audio",))


@dataclass(frozen=True)
class Kind:
    """How one kind of thing is written, and what reading it gives: `write(folder, k)`, `read(folder)`, `value(k)`.

    Args:
        files: patterns of the files it consists of, below the folder.
        partly: whether a part of the value may be missing, to be made again.
        rebuilt: whether what is damaged comes back by itself.
    """

    write: Callable[[Path, int], object]
    read: Callable[[Path], object]
    value: Callable[[int], object]
    files: tuple[str, ...]
    partly: bool = False
    rebuilt: bool = False


def arrays(k: int) -> list[np.ndarray]:
    """Three arrays of features."""
    return [np.random.default_rng([k, row]).normal(size=(4 + row, 8)).astype(np.float16) for row in range(3)]


def _features(folder: Path, k: int) -> object:
    return [a.tolist() for a in cached("mel", f"key{k}", lambda: arrays(k))]


def _tables(k: int) -> dict:
    generator = torch.Generator().manual_seed(k)
    return {"key": f"{k}", "epoch": k, "model": {"w": torch.rand(50, 20, generator=generator)}, "lr": 0.1 * k}


def _plain(saved: dict) -> dict:
    return saved | {"model": {name: value.tolist() for name, value in saved["model"].items()}}


RECORD = {"scores": {"wa": 0.0}, "predicted": list(range(60)), "seconds": 1.25}


def _record(k: int) -> dict:
    return RECORD | {"scores": {"wa": k / 7}, "seed": k}


def _without_environment(record: dict | None) -> dict | None:
    return record and {
        name: value for name, value in record.items() if name in ("card", "scores", "predicted", "seconds", "seed")
    }


PROBE = SimpleNamespace(name="p", key="k")


def _runs(k: int) -> dict:
    return {arm: {"0.5": {"accuracy": [round(k / 9 + i / 100, 4) for i in range(9)]}} for arm in ("a", "b")}


def _store() -> Store:
    return Store({"weights": "x"})


def _texts(k: int) -> dict:
    return {f"{i:064x}": f"第{i}句话，{k}" for i in range(10 * k, 10 * k + 6)}


def _hear(folder: Path, k: int) -> None:
    store = _store()
    with store.alone():
        store.add(_texts(k), 1.5)


def _heard_corpus(k: int = -1) -> Corpus:
    ids = [f"u{i}" for i in range(8)]
    texts = [f"听见{i}，{k}" for i in range(8)] if k >= 0 else None
    frame = pd.DataFrame({"id": ids, "audio": "a.wav", "text": "", "text_asr": texts, "emotion": "sad", "speaker": "s"})
    return Corpus("mine", frame)


def _keep_heard(folder: Path, k: int) -> None:
    added.keep_transcripts(_heard_corpus(k), {"weights": "x"})


def _read_heard(folder: Path) -> object:
    texts = added.with_transcripts(_heard_corpus()).frame["text_asr"]
    return None if texts.isna().all() else texts.tolist()


def _model(k: int):
    torch.manual_seed(k)
    return build_model(RECIPE.model).eval()


def _bundle_value(k: int) -> object:
    weights = {name: value.tolist() for name, value in _model(k).state_dict().items()}
    return weights, RECIPE.model.n_classes, {"wa": k / 7}, asdict(CARD) | {"disjoint": []}, 1.5


def _write_bundle(folder: Path, k: int) -> None:
    with locked(folder / "m"):  # as training does
        save_bundle(folder / "m", _model(k), RECIPE, "zh", CARD, {"wa": k / 7}, temperature=1.5)


def _read_bundle(folder: Path) -> object:
    with locked(folder / "m"):
        pass
    if not (folder / "m").exists():
        return None
    made = load_bundle(folder / "m")
    weights = {
        name: value.float().tolist() if value.is_floating_point() else value.tolist()
        for name, value in made.model.state_dict().items()
    }
    return weights, len(made.labels), made.scores, made.card, made.temperature


def _read_features(folder: Path) -> object:
    return _features(folder, 1)


def _write_state(folder: Path, k: int) -> None:
    StateStore(folder).write(ChapterState("01", "done", f"f{k}", {"seed": k}, 1.5 * k))


def _read_state(folder: Path) -> object:
    state = StateStore(folder).read("01")
    return state and asdict(state)


def _read_checkpoint(folder: Path) -> object:
    path = folder / "checkpoint.pt"
    return _plain(training._read(path)) if path.is_file() else None


KINDS = {
    "features": Kind(_features, _read_features, lambda k: [a.tolist() for a in arrays(k)], ("**/key1/*",), rebuilt=True),
    "checkpoint": Kind(lambda folder, k: training._write(folder / "checkpoint.pt", _tables(k)), _read_checkpoint, lambda k: _plain(_tables(k)), ("checkpoint.pt",)),
    "record": Kind(
        lambda folder, k: write_record(folder / "r.json", CARD, _record(k)),
        lambda folder: _without_environment(read_record(folder / "r.json")),
        lambda k: _record(k) | {"card": asdict(CARD) | {"disjoint": []}},
        ("r.json",),
    ),
    "probe record": Kind(
        lambda folder, k: write_rows(folder / "p.json", {"probe": "p", "key": "k"}, "runs", _runs(k)),
        lambda folder: probe_records.recorded_runs(PROBE, folder) or None,
        _runs,
        ("p.json",),
    ),
    "transcripts": Kind(_hear, lambda folder: _store().answers, lambda k: {n: t for i in range(1, k + 1) for n, t in _texts(i).items()}, ("**/texts.jsonl",), partly=True),
    "heard corpus": Kind(_keep_heard, _read_heard, lambda k: _heard_corpus(k).frame["text_asr"].tolist(), ("**/mine-transcripts.json",)),
    "list of corpora": Kind(
        lambda folder, k: added.remember("nemo", Path(f"/place/{k}"), {"strict": bool(k % 2)}),
        lambda folder: (entry := added.recall("nemo")) and asdict(entry),
        lambda k: {"root": f"/place/{k}", "options": {"strict": bool(k % 2)}, "reader": ""},
        ("**/corpora.json",),
    ),
    "chapter's state": Kind(_write_state, _read_state, lambda k: asdict(ChapterState("01", "done", f"f{k}", {"seed": k}, 1.5 * k)), (".state/01.json",)),
    "bundle": Kind(
        _write_bundle,
        _read_bundle,
        _bundle_value,
        ("m/model.safetensors", "m/bundle.json"),
    ),
}  # fmt: skip


def files_of(kind: Kind, folder: Path) -> list[Path]:
    """The files of what was written, in the folder or in the cache."""
    files = {path for root in (folder, cache_dir()) for pattern in kind.files for path in root.glob(pattern)}
    return sorted(path for path in files if path.is_file() and path.suffix != ".lock")


def outcome(kind, folder, allowed) -> tuple[str, str]:
    """What reading comes to: one of `allowed`, a sentence, or a fault; and a word about it."""
    try:
        value = kind.read(folder)
    except VcemoError as error:
        text = str(error)
        whole = len(text.splitlines()) == 1 and ":" in text and not kind.rebuilt
        return ("survived" if whole else "tracebacks"), text
    except Exception as error:
        return "tracebacks", f"{type(error).__name__}: {error}"
    if value in allowed or kind.partly and value.items() <= allowed[-1].items():
        return "survived", ""
    return "silent", str(value)[:80]
