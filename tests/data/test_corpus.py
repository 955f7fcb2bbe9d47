"""Every bad manifest is refused with the row's name, and leaves nothing behind."""

import io
import os
import re
import time
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import soundfile

from vcemo_lib.audio.signal import AudioError, decode
from vcemo_lib.config import FeatureConfig
from vcemo_lib.data.corpora import load_corpus
from vcemo_lib.data.corpus import CorpusError, survey
from vcemo_lib.data.features import FeatureStore


def wav(seconds=0.5, rate=16_000, fill=None):
    wave = 0.1 * np.sin(2 * np.pi * 220 * np.arange(int(seconds * rate)) / rate).astype(np.float32)
    if fill is not None:
        wave[len(wave) // 2] = fill
    out = io.BytesIO()
    soundfile.write(out, wave, rate, format="WAV", subtype="FLOAT")
    return out.getvalue()


@pytest.fixture
def good(tmp_path):
    """Three rows whose files are there."""
    for name in "abc":
        (tmp_path / f"{name}.wav").write_bytes(wav())
    return pd.DataFrame({
        "id": ["a", "b", "c"], "audio": ["a.wav", "b.wav", "c.wav"], "text": ["你好", "再见", "好吧"],
        "text_asr": ["你好", "再见", "好吧"], "emotion": ["happy", "sad", "anger"], "speaker": ["s", "s", "t"],
    })  # fmt: skip


def load(frame, tmp_path):
    frame.to_csv(tmp_path / "table.csv", index=False)
    return load_corpus("manifest", tmp_path / "table.csv")


def test_a_good_manifest_loads_and_maps_its_labels(good, tmp_path):
    corpus = load(good, tmp_path)
    assert corpus.frame["emotion"].tolist() == ["happy", "sad", "angry"]
    assert survey(corpus)["seconds"].tolist() == [0.5] * 3
    assert corpus.wave("b").shape == (8000,)


def test_a_table_without_emotions_is_refused(good, tmp_path):
    with pytest.raises(CorpusError, match=r"lacks the column\(s\) emotion;"):
        load(good.drop(columns="emotion"), tmp_path)


def test_ids_sounds_and_texts_may_be_missing_but_not_sounds_and_texts_both(good, tmp_path):
    assert len(set(load(good.drop(columns="id"), tmp_path).ids)) == 3
    assert not load(good.drop(columns="audio"), tmp_path).has_audio
    assert load(good.drop(columns=["text", "text_asr"]), tmp_path).has_audio
    with pytest.raises(CorpusError, match=r"lacks the column\(s\) audio, text or text_asr;"):
        load(good[["id", "emotion", "speaker"]], tmp_path)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"id": "a"}, r"row 2 \(id 'a'\) repeats an earlier id"),
        ({"id": None}, r"row 2 .* has no id"),
        ({"emotion": "bored"}, r"row 2 \(id 'b'\) has an unknown emotion \('bored'\)"),
        ({"emotion": None}, r"row 2 \(id 'b'\) has no emotion: give it one"),
        ({"audio": None}, r"row 2 \(id 'b'\) has no audio"),
        ({"text": None, "text_asr": None}, r"row 2 \(id 'b'\) has no text"),
    ],
)
def test_a_bad_row_is_named(good, tmp_path, changes, message):
    good.loc[1, list(changes)] = list(changes.values())
    with pytest.raises(CorpusError, match=message):
        load(good, tmp_path)


def test_an_empty_table_and_an_unknown_utterance_are_refused(good, tmp_path):
    with pytest.raises(CorpusError, match="no rows"):
        load(good.iloc[:0], tmp_path)
    with pytest.raises(CorpusError, match="no utterance 'z'"):
        load(good, tmp_path).row("z")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "no such audio file"),
        (b"", "0 bytes"),
        (b"not a sound", "cannot read"),
        (wav(fill=np.nan), "not finite"),
        (wav(fill=np.inf), "not finite"),
        (wav(0.02), "lasts 0.02 s"),
        (wav(61, 4_000), "lasts 61.00 s"),
        (wav(rate=2_000), "2000 Hz"),
    ],
    ids=["missing", "0 bytes", "no audio", "NaN", "inf", "short", "long", "rate"],
)
def test_bad_audio_is_named_and_leaves_nothing_half_written(good, tmp_path, monkeypatch, content, message):
    monkeypatch.setenv("VCEMO_CACHE", str(tmp_path / "cache"))
    path = tmp_path / "b.wav"
    path.unlink() if content is None else path.write_bytes(content)
    corpus = load(good, tmp_path)
    assert re.search(message, survey(corpus).set_index("id").loc["b", "problem"])
    with pytest.raises(AudioError, match=message):
        corpus.wave("b")
    with pytest.raises((AudioError, CorpusError), match=r"b\.wav|'b'"):
        FeatureStore(corpus, FeatureConfig())
    kept = [p for p in (tmp_path / "cache").rglob("*") if p.is_file() and p.suffix != ".lock"]
    assert {p.parent.parent.name for p in kept} <= {"tokens"}  # of the texts, which were cut before a sound was read
    assert not list((tmp_path / "cache").rglob("*.part"))


def test_bad_audio_given_as_bytes_is_named_by_its_row(corpus, tmp_path, monkeypatch):
    monkeypatch.setenv("VCEMO_CACHE", str(tmp_path))
    bad = corpus.select(corpus.ids[:3])
    bad.frame.at[1, "audio"] = wav(fill=np.nan)
    with pytest.raises((AudioError, CorpusError), match=bad.ids[1]):
        FeatureStore(bad, FeatureConfig())


def test_stereo_at_another_rate_becomes_mono_at_16_khz():
    out, fade = io.BytesIO(), np.minimum(np.arange(24_000) / 2400, 1)
    soundfile.write(
        out, np.stack([np.full(24_000, 0.5), np.full(24_000, 0.3)], 1) * fade[:, None], 24_000, format="WAV"
    )
    wave = decode(out.getvalue())
    assert wave.shape == (16_000,)
    assert wave.dtype == np.float32
    assert wave[4000:12000].mean() == pytest.approx(0.4, abs=1e-3)


def test_the_hash_follows_labels_and_texts_and_not_the_order_of_columns(corpus):
    changed = corpus.select(corpus.ids)
    assert changed.hash == corpus.hash
    changed.frame.at[0, "text"] += "啊"
    assert changed.hash != corpus.hash


def test_the_hash_follows_the_content_of_files_and_not_their_place(good, tmp_path):
    first = load(good, tmp_path)
    before = first.hash
    path = tmp_path / "b.wav"
    content, changed = path.read_bytes(), path.stat().st_mtime_ns
    path.write_bytes(content[:-2] + b"\x01\x02")
    os.utime(path, ns=(changed, changed + 1))
    assert first.hash != before
    path.write_bytes(content)
    assert first.hash == before
    moved = tmp_path / "elsewhere.wav"
    path.rename(moved)
    assert first.hash != before  # a recording that is missing
    frame = first.frame.assign(audio=[str(moved) if a == str(path) else a for a in first.frame["audio"]])
    assert replace(first, frame=frame).hash == before


def test_the_hash_of_a_large_table_takes_no_time_to_speak_of(corpus):
    """The name of every record holds it: a table of thirty runs asks for it thirty times."""
    frame = pd.concat(
        [corpus.frame.assign(audio="a.wav", id=[f"{part}-{row}" for row in range(60)]) for part in range(500)]
    )
    start = time.process_time()
    assert len(replace(corpus, frame=frame).hash) == 10
    assert time.process_time() - start < 1.5


def test_a_limit_takes_the_first_utterances_and_unknown_corpora_are_refused(sim_root, tmp_path):
    assert load_corpus("vcemo_sim", sim_root, 20).ids == load_corpus("vcemo_sim", sim_root, 60).ids[:20]
    with pytest.raises(CorpusError, match="choose one of vcemo_sim"):
        load_corpus("iemo")
    with pytest.raises(CorpusError, match="no such corpus root"):
        load_corpus("nemo", tmp_path / "nowhere")


def test_the_hash_sees_another_recording_that_has_the_same_size_and_time(good, tmp_path, monkeypatch):
    corpus, path = load(good, tmp_path), tmp_path / "b.wav"
    monkeypatch.setattr("vcemo_lib.digests.time.time_ns", lambda: 1 << 62)  # nothing is new
    for number, when in enumerate((0, 4_070_908_800 * 10**9)):  # 1970, 2099
        os.utime(path, ns=(when, when))
        before = corpus.hash
        other = tmp_path / "other"
        other.write_bytes(path.read_bytes()[:-2] + bytes([number + 1, 2]))
        os.utime(other, ns=(when, when))
        other.replace(path)
        assert corpus.hash != before
