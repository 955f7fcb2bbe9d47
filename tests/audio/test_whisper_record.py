"""What Whisper base made of 200 clips, as recorded: complete, its every number computed again; and a kill that costs nothing."""

import json
import re
import signal
import subprocess
import sys
from importlib import util

import pytest
import torch
import whisper

from vcemo_lib.audio.whisper_asr import FIXED, PROMPT, character_errors
from vcemo_lib.data.corpora import load_corpus
from vcemo_lib.data.labels import EMOTIONS
from vcemo_lib.paths import RESULTS, ROOT

TOOL = ROOT / "tools" / "whisper_table.py"
RECORD = json.loads((RESULTS / "whisper_base.json").read_text(encoding="utf-8"))
BACKENDS = sorted(RECORD["backends"])


@pytest.fixture(scope="module")
def tool():
    spec = util.spec_from_file_location("whisper_table", TOOL)
    module = util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def clips(tool):
    return tool.sample(load_corpus("vcemo_sim"), RECORD["clips"])


def test_the_record_is_of_200_clips_of_this_corpus_by_both_backends(clips):
    assert BACKENDS == ["faster", "whisper"]
    assert RECORD["clips"] == len(clips) == 200
    assert RECORD["corpus_hash"] == clips.hash
    assert RECORD["simulated"] is True
    assert clips.counts().to_dict() == {e: 34 if e in ("angry", "fear") else 33 for e in EMOTIONS}
    assert not re.search(r'"[^"]*(/tmp|/home|/root|/work|\\\\)', json.dumps(RECORD))  # nothing of a machine's folders


@pytest.mark.parametrize("backend", BACKENDS)
def test_every_number_of_the_record_can_be_computed_again(backend, tool, clips):
    entry = RECORD["backends"][backend]
    assert set(entry["texts"]) == set(clips.ids)
    heard = clips.frame.assign(text_asr=clips.frame["id"].map(entry["texts"]))
    assert tool.error_rows(type(clips)("vcemo_sim", heard)) == entry["errors"]
    assert entry["minutes"] == round(sum(len(clips.wave(i)) for i in clips.ids) / 16_000 / 60, 2)
    assert entry["times_real_time"] == pytest.approx(entry["minutes"] * 60 / entry["seconds"], abs=0.01)
    assert (
        entry["settings"].items()
        >= {"backend": backend, "language": "zh", "prompt": PROMPT["zh"], "compute": "float32", **FIXED}.items()
    )
    assert re.search(r" [\d.]+$", entry["settings"]["package"])
    assert re.search("base.* [0-9a-f]{12}$", entry["settings"]["weights"])


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_run_was_killed_on_the_way_and_no_clip_was_lost_or_heard_twice(backend):
    shares = RECORD["backends"][backend]["clips_by_process"]
    assert len(shares) == 2
    assert sum(shares) == 200
    assert min(shares) >= 50


def test_it_agrees_with_the_corpus_own_transcripts(clips):
    """Those were made with a beam of five, a window of 10 s and no prompt, so some characters differ."""
    own = character_errors(clips.frame["text"], clips.frame["text_asr"]).rate
    for entry in RECORD["backends"].values():
        texts = [entry["texts"][i] for i in clips.ids]
        assert abs(entry["errors"]["all"]["rate"] - own) < 0.03
        assert character_errors(clips.frame["text_asr"], texts).rate < 0.1
    one, two = ([entry["texts"][i] for i in clips.ids] for entry in RECORD["backends"].values())
    assert character_errors(one, two).rate < 0.02


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    """A Whisper that babbles: random weights."""
    torch.manual_seed(0)
    model = whisper.model.Whisper(whisper.ModelDimensions(80, 1500, 16, 2, 1, 51865, 48, 16, 2, 1))
    torch.nn.init.normal_(model.decoder.positional_embedding)
    path = tmp_path_factory.mktemp("whisper") / "babble.pt"
    torch.save({"dims": vars(model.dims), "model_state_dict": model.state_dict()}, path)
    return path


def test_sigkill_half_way_costs_the_batch_at_hand_and_nothing_else(tool, checkpoint, tmp_path, monkeypatch):
    monkeypatch.setenv("VCEMO_CACHE", str(tmp_path / "killed"))
    words = [sys.executable, str(TOOL), str(checkpoint), "--clips", "24", "--out", str(tmp_path / "record.json")]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, cwd=ROOT) as running:
        assert running.stdout.readline() == "8 of 24\n"
        running.send_signal(signal.SIGKILL)
    assert running.returncode == -signal.SIGKILL
    assert not (tmp_path / "record.json").exists()
    kept = next((tmp_path / "killed").rglob("texts.jsonl"))
    before = kept.read_bytes()
    few = tool.sample(load_corpus("vcemo_sim"), 24)
    resumed = tool.measure(str(checkpoint), "whisper", few)
    first, second = resumed["clips_by_process"]
    assert (first, first + second) in ((8, 24), (16, 24))
    assert kept.read_bytes().startswith(before)
    monkeypatch.setenv("VCEMO_CACHE", str(tmp_path / "whole"))
    whole = tool.measure(str(checkpoint), "whisper", few)
    assert whole["clips_by_process"] == [24]
    assert whole["texts"] == resumed["texts"]
    assert whole["errors"] == resumed["errors"]
    assert tool.measure(str(checkpoint), "whisper", few)["clips_by_process"] == [24]
