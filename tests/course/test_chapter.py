"""What a notebook uses while it runs: figures, sounds, tables, checks, records."""

import base64
import io
import json
import random

import matplotlib
import numpy as np
import pandas as pd
import pytest
import soundfile
from PIL import Image

matplotlib.use("agg")
from matplotlib import pyplot as plt

from vcemo_lib.course.notebook import display, media
from vcemo_lib.course.notebook.chapter import begin
from vcemo_lib.course.notebook.words import figure_words, table_words
from vcemo_lib.errors import CourseError
from vcemo_lib.messages import log
from vcemo_lib.paths import runs_dir

ALT = "A line that rises from left to right."


@pytest.fixture
def shown(monkeypatch):
    """Collects what would go to the notebook."""
    bundles = []
    monkeypatch.setattr(display, "publish", lambda data, metadata=None: bundles.append((data, metadata or {})))
    return bundles


@pytest.fixture
def ctx(tmp_path):
    return begin("04", out=str(tmp_path / "out"), corpus="nemo")


def figure():
    fig, ax = plt.subplots(figsize=(4, 2))
    ax.plot([0, 1, 2])
    return fig


def record(ctx):
    return json.loads((ctx.out / "record.json").read_text(encoding="utf-8"))


def test_begin_prints_one_line_that_names_no_machine(tmp_path, capsys):
    begin("04", profile="laptop", seed=7, out=str(tmp_path / "a" / "b"))
    line = capsys.readouterr().out
    assert line == "Chapter 04 · profile laptop · seed 7\n"


def test_what_the_library_says_is_on_the_page_once_a_chapter_has_begun(tmp_path, capsys):
    for _ in range(2):
        begin("04", out=str(tmp_path))
    capsys.readouterr()
    log.info("corpus nemo: 4,481 utterances")
    assert capsys.readouterr().out == "corpus nemo: 4,481 utterances\n"


def test_begin_seeds_everything(tmp_path):
    import torch

    draws = []
    for _ in range(2):
        begin("04", seed=3, out=str(tmp_path))
        draws.append((random.random(), np.random.rand(), torch.rand(1).item()))
    assert draws[0] == draws[1]
    begin("04", seed=4, out=str(tmp_path))
    assert random.random() != draws[0][0]


def test_the_folder_follows_profile_and_chapter_when_none_is_given(monkeypatch, tmp_path):
    monkeypatch.setattr("vcemo_lib.course.notebook.chapter.runs_dir", lambda: tmp_path / "runs")
    assert begin("04", profile="tiny").out == tmp_path / "runs" / "tiny" / "04"
    assert runs_dir().name == "runs"


@pytest.mark.parametrize(
    "fields", [dict(chapter="4"), dict(profile="huge"), dict(seed=-1), dict(seed=1.5), dict(seed=True)]
)
def test_begin_refuses_what_cannot_be(tmp_path, fields):
    with pytest.raises(CourseError):
        begin(**{"chapter": "04", "out": str(tmp_path / "o"), **fields})
    assert not (tmp_path / "o").exists()


def test_show_gives_picture_words_caption_and_file(ctx, shown):
    ctx.show(figure(), number="4.1", alt=ALT, caption="A first line <here>.")
    (picture, metadata), (words, _) = shown
    assert picture["text/plain"] == ALT
    assert metadata == {"image/png": {"alt": ALT}}
    assert "<b>Figure 4.1.</b> A first line &lt;here&gt;." in words["text/html"]
    assert ALT in words["text/html"]
    png = base64.b64decode(picture["image/png"])
    file = ctx.out / "figures" / "04_1_a-first-line-here.png"
    assert file.read_bytes() == png
    assert Image.open(io.BytesIO(png)).info.keys().isdisjoint({"Software"})
    assert plt.get_fignums() == []
    assert record(ctx)["figures"]["4.1"]["file"] == "figures/04_1_a-first-line-here.png"


def test_words_that_are_not_given_are_those_of_the_file(ctx, shown):
    ctx.show(figure(), number="4.3", caption="Another caption.")
    (picture, _), (words, _) = shown
    assert picture["text/plain"] == figure_words()["4.3"]["alt"]
    assert "Another caption." in words["text/html"]
    with pytest.raises(CourseError, match=r"4\.9 has the alternative text ''"):
        ctx.show(figure(), number="4.9")
    plt.close("all")


def test_the_same_figure_gives_the_same_bytes():
    assert media.png_bytes(figure()) == media.png_bytes(figure())
    plt.close("all")


@pytest.mark.parametrize(
    "fields",
    [
        dict(number="5.1"),
        dict(number="4"),
        dict(number="4.0"),
        dict(alt="a line"),
        dict(caption=" "),
        dict(dpi=150),
    ],
)
def test_show_refuses_a_figure_without_its_words(ctx, shown, fields):
    with pytest.raises(CourseError):
        ctx.show(figure(), **{"number": "4.1", "alt": ALT, "caption": "C.", **fields})
    assert shown == []
    assert not (ctx.out / "figures").exists()
    plt.close("all")


def test_a_second_run_leaves_no_figure_of_the_first(ctx, shown):
    ctx.show(figure(), number="4.1", alt=ALT, caption="Old.")
    begin("04", out=str(ctx.out)).show(figure(), number="4.1", alt=ALT, caption="New.")
    assert [path.name for path in (ctx.out / "figures").iterdir()] == ["04_1_new.png"]


def test_play_gives_a_small_sound_with_its_words(ctx, shown):
    wave = 3 * np.sin(np.arange(16000 * 3) / 12)
    ctx.play(wave, 16000, transcript="你<好>", pinyin="nǐ hǎo", gloss="hello", emotion="happy", listen="the rise")
    data, _ = shown[0]
    html = data["text/html"]
    assert 'controls preload="none"' in html
    assert "你&lt;好&gt;" in html
    assert "Listen for" in html
    mp3 = base64.b64decode(html.partition("base64,")[2].partition('"')[0])
    samples, rate = soundfile.read(io.BytesIO(mp3))
    assert len(mp3) <= 20 * 1024
    assert rate == 16000
    assert samples.ndim == 1
    assert abs(len(samples) / rate - 3) < 0.2
    assert np.abs(samples).max() < 1.1
    assert "<details><summary>Which emotion?</summary>happy</details>" in html
    assert "happy" not in html.partition("<details>")[0]  # nobody is told before the guess
    for words in ("Sound, 3.0 s", "你<好>", "nǐ hǎo", "hello", "the rise", "happy"):
        assert words in data["text/plain"]


@pytest.mark.parametrize(
    ("wave", "transcript"),
    [
        (np.zeros((10, 2)), "x"),
        (np.zeros(0), "x"),
        (np.full(100, np.nan), "x"),
        (np.zeros(16000 * 60), "x"),
        (np.zeros(1600), " "),
    ],
)
def test_play_refuses_what_is_no_clip(ctx, shown, wave, transcript):
    with pytest.raises(CourseError):
        ctx.play(wave, 16000, transcript=transcript)
    assert shown == []


def test_table_has_a_caption_and_four_digits(ctx, shown):
    ctx.table(pd.DataFrame({"name": ["<a>", "b"], "score": [0.123456, None]}), caption="Scores & more.")
    data, _ = shown[0]
    assert "<caption>Scores &amp; more.</caption>" in data["text/html"]
    assert "&lt;a&gt;" in data["text/html"]
    assert "0.1235" in data["text/html"]
    assert "0.12345" not in data["text/html"]
    assert "–" in data["text/html"]
    assert data["text/plain"].startswith("Scores & more.\n")
    assert "0.1235" in data["text/plain"]
    ctx.table(pd.DataFrame({"x": [1]}, index=["row"]), caption="With names.")
    assert "<th>row</th>" in shown[1][0]["text/html"]
    assert "<th>0</th>" not in data["text/html"]
    for bad in ((3, "c"), (pd.DataFrame(), " "), (pd.DataFrame(),)):
        with pytest.raises(CourseError):
            ctx.table(*bad)
    for bad in (dict(caption="A table.", name="rates"), dict(caption="A table.", n=1)):
        with pytest.raises(CourseError, match="a caption"):
            ctx.table(pd.DataFrame(), **bad)


def test_a_table_takes_its_caption_from_the_file(ctx, shown):
    ctx.table(pd.DataFrame({"x": [1]}), name="asked")
    assert f"<caption>{table_words()['04']['asked']}</caption>" in shown[0][0]["text/html"]


def test_check_teaches_when_it_fails(ctx, capsys):
    import torch

    ctx.check("two is even", np.bool_(True), "divide it")
    assert capsys.readouterr().out.endswith("✓ two is even\n")
    with pytest.raises(AssertionError, match="✗ three is even. Divide it by two."):
        ctx.check("three is even", torch.tensor(False), "Divide it by two.")
    for many in (np.array([True, False]), torch.tensor([True, True]), pd.Series([True, False])):
        with pytest.raises(CourseError, match="many values"):
            ctx.check("all", many, "x")
    assert record(ctx)["checks"] == ["two is even"]


def test_record_keeps_plain_values_and_what_the_run_used(ctx):
    import torch

    ctx.record(accuracy=np.float32(0.5), counts={"a": np.arange(2)}, loss=torch.tensor(2.0))
    ctx.record(frame=pd.DataFrame({"x": [1, 2]}), nothing=None, folder=ctx.out.relative_to(ctx.out.parent))
    kept = record(ctx)
    assert kept["values"] == {
        "accuracy": 0.5,
        "counts": {"a": [0, 1]},
        "loss": 2.0,
        "frame": [{"x": 1}, {"x": 2}],
        "nothing": None,
        "folder": "out",
    }
    assert kept["chapter"] == "04"
    assert kept["parameters"] == {"corpus": "nemo", "profile": "tiny", "seed": 0}
    for bad in ({"x": float("nan")}, {"x": [1, np.inf]}, {"x": object()}):
        with pytest.raises(CourseError, match="recorded value x"):
            ctx.record(**bad)
    assert record(ctx) == kept
    assert [path.name for path in ctx.out.iterdir()] == ["record.json"]


def test_outside_a_notebook_the_words_are_printed(ctx, capsys):
    ctx.show(figure(), number="4.1", alt=ALT, caption="C.")
    assert ALT in capsys.readouterr().out
