"""A recording of any length is answered utterance by utterance, as each would be as a clip; and the rows others read."""

import csv
import doctest
import io
import json
import os
import re

import numpy as np
import pandas as pd
import pytest
import soundfile
from typer.testing import CliRunner

from vcemo_lib.audio.recording import from_blocks, open_recording
from vcemo_lib.cli import app
from vcemo_lib.config import ConfigError
from vcemo_lib.inference import row_formats
from vcemo_lib.inference.answer import NOT_GIVEN, Answer, Listener, PredictError
from vcemo_lib.inference.bundle import load_bundle
from vcemo_lib.inference.prediction import predict
from vcemo_lib.inference.recordings import follow
from vcemo_lib.inference.row_formats import formatted
from vcemo_lib.inference.timeline import draw

RATE = 16_000
SAID = ("好", "坏", "慢")


class Ear:
    """Hears another text in sounds of another length."""

    def texts(self, waves):
        return [SAID[len(wave) % 3] for wave in waves]

    def other_language(self, wave):
        return ""


@pytest.fixture(scope="module")
def ear_alone(untrained):
    return untrained(modalities=("audio",))


@pytest.fixture(scope="module")
def talk(corpus, tmp_path_factory):
    """Eight utterances of about 25 seconds in all."""
    path = tmp_path_factory.mktemp("talk") / "talk.wav"
    waves = [part for i in corpus.ids[:8] for part in (corpus.wave(i), np.zeros(RATE, np.float32))]
    soundfile.write(path, np.concatenate(waves), RATE, subtype="FLOAT")
    return path


def ask(*words):
    done = CliRunner().invoke(app, ["predict", *map(str, words)])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done


def test_each_utterance_gets_the_answer_that_it_gets_as_a_clip(folder, talk, tmp_path, cache):
    bundle, recording = load_bundle(folder), open_recording(talk)
    answers = list(follow(Listener(bundle), recording, Ear()))
    assert len(answers) == 8
    wave = soundfile.read(talk, dtype="float32")[0]
    for answer in answers:
        first = round(answer.start * RATE)
        soundfile.write(tmp_path / "one.wav", wave[first : first + round(answer.seconds * RATE)], RATE, subtype="FLOAT")
        alone = predict(bundle, [tmp_path / "one.wav"], [answer.text])[0][0]
        np.testing.assert_allclose(answer.chance.to_numpy(), alone.chance.to_numpy(), atol=1e-5)
        assert answer.text == SAID[round(answer.seconds * RATE) % 3]
    assert {answer.source for answer in answers} == {"heard"}


def test_sound_that_arrives_is_answered_before_it_ends(ear_alone, corpus):
    wave = np.concatenate([corpus.wave(corpus.ids[0]), np.zeros(RATE, np.float32)])
    taken = []
    blocks = (taken.append(1) or wave for _ in range(10_000))
    first = next(follow(Listener(load_bundle(ear_alone)), from_blocks(blocks, RATE)))
    assert first.source == "" and first.chance.sum() == pytest.approx(1)
    assert len(taken) * len(wave) < 40 * RATE


def test_without_words_a_model_that_reads_them_says_so(folder, ear_alone, talk):
    assert all(NOT_GIVEN in a.doubts for a in follow(Listener(load_bundle(folder)), open_recording(talk)))
    assert not any(a.doubts for a in follow(Listener(load_bundle(ear_alone)), open_recording(talk)))


def test_the_command_says_how_a_long_file_is_answered_and_leaves_nothing_on_disk(
    ear_alone, talk, monkeypatch, tmp_path
):
    monkeypatch.setenv("VCEMO_CACHE", str(tmp_path / "cache"))
    done = ask(talk, "--model", ear_alone)
    assert done.exit_code == 0
    doubt, how, heading, *rows = done.output.splitlines()
    assert doubt == "doubtful model: its training voices were synthesised: of people it knows nothing"
    assert "longer than the 12 s that the model reads at once, so each utterance is answered by itself" in how
    assert heading.split() == ["start", "end", "answer", *load_bundle(ear_alone).labels, "text"]
    assert len(rows) == 8
    starts = [row.split()[0] for row in rows]
    assert starts == sorted(starts)
    assert not (tmp_path / "cache").exists()


def test_below_the_chance_that_was_asked_for_the_answer_is_uncertain(ear_alone, talk, corpus, tmp_path):
    words = (talk, "--model", ear_alone)
    sure = [json.loads(line) for line in ask(*words, "--json").stdout.splitlines()]
    scores = sorted(one["score"] for one in sure)
    half = (scores[3] + scores[4]) / 2
    said = [json.loads(line) for line in ask(*words, "--json", "--at-least", half).stdout.splitlines()]
    assert [one["label"] for one in said] == [one["label"] if one["score"] > half else "uncertain" for one in sure]
    assert [one["label"] for one in said].count("uncertain") == 4
    assert [one["chances"] for one in said] == [one["chances"] for one in sure]  # what was heard is still told
    assert ask(*words, "--at-least", half).stdout.count("  uncertain  ") == 4
    soundfile.write(tmp_path / "a.wav", corpus.wave(corpus.ids[0]), RATE)
    for least, uncertain in ((0.0, False), (1.0, True)):
        first = ask(tmp_path / "a.wav", "--model", ear_alone, "--at-least", least).stdout.splitlines()[1]
        assert first.endswith("s): uncertain") is uncertain


def test_json_lines_csv_and_subtitles_agree(ear_alone, talk):
    words = (talk, "--model", ear_alone, "--format")
    objects = [json.loads(line) for line in ask(*words, "json").stdout.splitlines()]
    assert [json.loads(line) for line in ask(talk, "--model", ear_alone, "--json").stdout.splitlines()] == objects
    names = ["file", "start", "end", "label", "score", "text", "source", "chances", "left_out", "doubts"]
    assert [list(one) for one in objects] == [names] * 8
    table = pd.read_csv(io.StringIO(ask(*words, "csv").stdout), keep_default_na=False)
    assert [*table] == [*names[:7], *load_bundle(ear_alone).labels, "doubts"]
    for name in ("file", "start", "end", "label", "score", "text"):
        assert table[name].tolist() == [one[name] for one in objects]
    assert table["sad"].tolist() == [one["chances"]["sad"] for one in objects]
    srt, vtt, labels = (ask(*words, form).stdout for form in ("srt", "vtt", "audacity"))
    assert len(re.findall(r"(?m)^\d+\n00:00:\d\d,\d{3} --> 00:00:\d\d,\d{3}\n\[\w+ 0\.\d\d\]", srt)) == 8
    assert vtt.startswith("WEBVTT\n\n") and vtt.count(" --> ") == 8
    rows = [line.split("\t") for line in labels.splitlines()]
    assert [float(start) for start, _, _ in rows] == [one["start"] for one in objects]


def told(**its):
    chance = pd.Series({"angry": 0.25, "sad": 0.75})
    return Answer(**{"file": "a.wav", "text": "", "seconds": 1.5, "chance": chance, "start": 3_600.0} | its)


def test_examples():
    assert doctest.testmod(row_formats).failed == 0


def test_texts_and_names_cannot_break_a_format():
    nasty = told(file='a,"b".wav', text='a --> b\n\n2\t"c", <b>', doubts=("x", "y"))
    (row,) = formatted([nasty], "json")
    assert json.loads(row)["text"] == nasty.text
    head, row = formatted([nasty], "csv", ["angry", "sad"])
    parsed = next(csv.DictReader(io.StringIO(f"{head}\n{row}")))
    assert (parsed["file"], parsed["text"], parsed["doubts"]) == (nasty.file, nasty.text, "x; y")
    assert next(iter(formatted([nasty], "audacity"))).count("\t") == 2
    assert next(iter(formatted([nasty], "srt"))) == (
        '1\n01:00:00,000 --> 01:00:01,500\n[sad 0.75, doubtful] a → b 2 "c", <b>\n'
    )
    assert list(formatted([nasty], "vtt"))[1].endswith('[sad 0.75, doubtful] a --&gt; b 2 "c", &lt;b&gt;\n')
    assert json.loads(next(iter(formatted([told()], "json", (), 0.8))))["label"] == "uncertain"


def test_a_picture_shows_each_utterance_at_its_time(ear_alone, talk, tmp_path, monkeypatch):
    monkeypatch.setenv("MPLBACKEND", "module://of.another.environment")  # as a notebook leaves it to what it calls
    assert ask(talk, "--model", ear_alone, "--picture", tmp_path / "a.svg").exit_code == 0
    assert os.environ["MPLBACKEND"] == "agg"
    assert (tmp_path / "a.svg").stat().st_size > 1_000
    figure = draw([told(start=2.0), told(start=5.0, doubts=("x",)), told(file="别.wav", start=0.0)])
    first, second = figure.axes
    assert [first.get_title(), second.get_title()] == ["a.wav", "别.wav"]
    sad = [bar for bar in first.patches if bar.get_height() == 0.75]
    assert [(bar.get_x(), bar.get_width(), bar.get_y()) for bar in sad] == [(2.0, 1.5, 0.25), (5.0, 1.5, 0.25)]
    assert [bar.get_facecolor()[3] for bar in sad] == [1.0, 0.4]
    rows = draw([told(start=10.0), told(start=700.0), told(start=1_900.0)]).axes
    assert [tuple(ax.get_xlim()) for ax in rows] == [(0, 600), (600, 1_200), (1_800, 2_400)]


def test_a_folder_stands_for_the_sounds_in_it(ear_alone, corpus, tmp_path):
    (tmp_path / "in" / "below").mkdir(parents=True)
    for n, name in enumerate(("b.ogg", "below/a.OGG", ".hidden.ogg", "notes.txt")):
        (tmp_path / "in" / name).write_bytes(corpus.frame["audio"].iloc[n])
    done = ask(tmp_path / "in", "--model", ear_alone, "--json")
    files = [json.loads(line)["file"] for line in done.stdout.splitlines()]
    assert files == [str(tmp_path / "in" / "b.ogg"), str(tmp_path / "in" / "below" / "a.OGG")]
    (tmp_path / "empty").mkdir()
    done = ask(tmp_path / "empty", tmp_path / "in" / "b.ogg", "--model", ear_alone)
    assert done.exit_code == 1 and "chances" in done.output
    assert f"no such audio file: {tmp_path / 'empty'} is a folder: check the path" in done.output


def test_classes_are_left_out_and_the_others_share_the_whole(folder, talk, corpus, tmp_path, cache):
    (tmp_path / "a.ogg").write_bytes(corpus.frame["audio"].iloc[0])
    words = (tmp_path / "a.ogg", "--model", folder, "--text", "好", "--json")
    (all_of, some_of) = (json.loads(ask(*words, *more).stdout) for more in ((), ("--classes", "sad, angry")))
    assert list(some_of["chances"]) == ["angry", "sad"]
    both = all_of["chances"]["angry"] + all_of["chances"]["sad"]
    assert some_of["chances"]["sad"] == pytest.approx(all_of["chances"]["sad"] / both, abs=1e-3)
    assert some_of["left_out"] == ["fear", "happy", "neutral", "surprise"] and all_of["left_out"] == []
    said = ask(*words[:-1], "--classes", "sad,angry").output
    assert said.splitlines()[1] == "answers are among angry, sad alone, whose chances add up to 1"
    one = predict(load_bundle(folder), [tmp_path / "a.ogg"], ["好"], classes=["sad", "angry"])[0][0]
    assert list(one.without) == ["angry", "sad"]
    np.testing.assert_allclose(one.without.sum(axis=1), 1)
    for classes, message in ((["joy", "sad"], "has no class 'joy'"), (["sad"], "cannot choose from 'sad' alone")):
        with pytest.raises(PredictError, match=f"{message}: name two or more of angry, fear"):
            Listener(load_bundle(folder), classes)


def test_features_stay_only_where_that_is_asked_and_it_is_said_where(ear_alone, corpus, tmp_path, monkeypatch):
    monkeypatch.setenv("VCEMO_CACHE", str(tmp_path / "cache"))
    (tmp_path / "a.ogg").write_bytes(corpus.frame["audio"].iloc[0])
    lost = ask(tmp_path / "a.ogg", "--model", ear_alone)
    assert not (tmp_path / "cache").exists() and "are kept in" not in lost.output
    kept = ask(tmp_path / "a.ogg", "--model", ear_alone, "--keep")
    *same, where = kept.output.splitlines()
    assert same == lost.output.splitlines()
    assert str(tmp_path / "cache" / "features") in where
    assert list((tmp_path / "cache" / "features" / "mel").glob("*/values.npy"))


def test_a_file_is_named_before_whisper_is_looked_for(folder, corpus, tmp_path, monkeypatch):
    monkeypatch.setenv("VCEMO_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    done = ask(tmp_path / "no.wav", "--model", folder)
    assert done.exit_code == 1
    assert done.output == f"{tmp_path}/no.wav: not read: no such audio file: {tmp_path}/no.wav: check the path\n"
    (tmp_path / "a.ogg").write_bytes(corpus.frame["audio"].iloc[0])
    with pytest.raises(ConfigError, match=r"^\S+/a.ogg: nobody said what is said in it, and Whisper .* with --text"):
        CliRunner().invoke(app, ["predict", str(tmp_path / "a.ogg"), "--model", str(folder)], catch_exceptions=False)


def test_what_has_no_answer_is_one_line_and_the_rest_goes_on(ear_alone, corpus, talk, tmp_path):
    (tmp_path / "a.ogg").write_bytes(corpus.frame["audio"].iloc[0])
    (tmp_path / "b.wav").write_bytes(b"no sound")
    soundfile.write(tmp_path / "c.wav", np.zeros(70 * RATE), RATE)
    (tmp_path / "d.wav").write_bytes(talk.read_bytes()[: talk.stat().st_size * 3 // 4])
    (tmp_path / "e.wav").write_bytes(2 * talk.read_bytes())
    files = [tmp_path / name for name in ("a.ogg", "b.wav", "c.wav", "d.wav", "e.wav")]
    done = ask(*files, talk, "--model", ear_alone, "--json")
    assert done.exit_code == 1
    answered = [json.loads(line) for line in done.stdout.splitlines()]
    problems = {one["file"][-5:]: one["error"] for one in answered if "error" in one}
    assert list(problems) == ["b.wav", "c.wav", "d.wav", "e.wav"] and problems["c.wav"] == "no speech was found in it"
    assert "cannot read" in problems["b.wav"]
    assert "d.wav broke off, 25% of the sound that its header promises is missing" in problems["d.wav"]
    assert (
        "e.wav is read to the end of its first sound: another sound, or more of this one, stands beside or behind it"
        in problems["e.wav"]
    )
    assert len(answered) == 1 + 4 + 8 + 8 + sum(one["file"].endswith("d.wav") for one in answered if "error" not in one)
    assert len(answered) > 1 + 4 + 8 + 8 + 5


def test_of_a_recording_with_a_hole_all_is_answered_and_the_hole_is_said(ear_alone, talk, tmp_path):
    wave, rate = soundfile.read(talk)
    soundfile.write(tmp_path / "a.ogg", wave, rate, format="OGG", subtype="OPUS")
    whole = (tmp_path / "a.ogg").read_bytes()
    (tmp_path / "b.ogg").write_bytes(whole[: len(whole) // 2] + bytes(64) + whole[len(whole) // 2 + 64 :])
    done = ask(tmp_path / "a.ogg", tmp_path / "b.ogg", "--model", ear_alone, "--json")
    answered = [json.loads(line) for line in done.stdout.splitlines()]
    rows = [sum(one["file"].endswith(name) and "error" not in one for one in answered) for name in ("a.ogg", "b.ogg")]
    assert rows[0] - 2 <= rows[1] and rows[1] > 3
    (problem,) = [one["error"] for one in answered if "error" in one]
    assert "b.ogg is damaged (a part of it is damaged and left out): copy or export it again" in problem
    assert done.exit_code == 1


def test_a_long_file_with_one_text_is_told_what_to_do(folder, tmp_path):
    soundfile.write(tmp_path / "a.wav", np.zeros(70 * RATE), RATE)
    done = ask(tmp_path / "a.wav", "--model", folder, "--text", "好")
    assert done.exit_code == 1
    assert "lasts 70.00 s: an utterance lasts 0.05 to 60 s; of a longer recording leave the text out" in done.output


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--format", "xml"], "--format is 'xml': choose one of text, json"),
        (["--json", "--format", "csv"], "--format is 'csv' beside --json"),
        (["--format", "srt", "b.wav"], "--format srt is of one file, and 2 were given"),
        (["--picture", "a.txt"], "--picture is 'a.txt': give a file that ends in .png"),
        (["--picture", "no/such/a.png"], "there is no folder"),
        (["--text", "a", "--text", "b"], "2 texts for 1 files"),
    ],
)
def test_words_that_nobody_knows_are_refused(words, message):
    with pytest.raises(ConfigError, match=message):
        CliRunner().invoke(app, ["predict", "a.wav", *words], catch_exceptions=False)
