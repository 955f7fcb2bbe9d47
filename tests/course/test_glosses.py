"""Chinese for those who read none: items are found, sounded and explained; other scripts are left alone."""

import pandas as pd
import pytest

from vcemo_lib.course.notebook import display, glosses
from vcemo_lib.course.notebook.chapter import begin


@pytest.fixture
def shown(monkeypatch):
    kept = []
    monkeypatch.setattr(display, "publish", lambda data, metadata=None: kept.append(data))
    return kept


@pytest.fixture
def ctx(tmp_path):
    return begin("04", out=str(tmp_path))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("你好。走吧!", ["你好", "走吧"]),
        ("照旧点了他爱吃的那道，对面却没有人了。", ["照旧点了他爱吃的那道，对面却没有人了"]),
        ("高兴 0.31 高兴", ["高兴"]),
        ("no Chinese", []),
        ("今日は 学校", []),  # Japanese
        ("", []),
    ],
)
def test_items_are_what_stands_together(text, expected):
    assert glosses.items(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("我开心得又笑又叫", "wǒ kāi xīn de yòu xiào yòu jiào"),  # 得, a particle without a tone
        ("得", "de"),
        ("长", "cháng"),  # "long", not zhǎng, "to grow"
        ("我长大了。", "wǒ zhǎng dà le"),
        ("给孩子剪头发，谢谢妈妈", "gěi hái zi jiǎn tóu fa xiè xie mā ma"),
    ],
)
def test_what_has_two_readings_has_the_one_that_is_meant(text, expected):
    assert glosses.pinyin(text) == expected


def test_a_label_is_the_word_and_the_first_of_its_english():
    assert [glosses.named(w) for w in ("难过", "手机", "得", "兴", "qq", "[CLS]")] == [
        "难过 sad",
        "手机 mobile phone",
        "得 so much",
        "兴 second half of glad",
        "qq",
        "[CLS]",
    ]


def test_pinyin_has_tones_and_english_comes_from_the_file():
    assert glosses.pinyin("高兴") == "gāo xìng"
    assert glosses.english("高兴") == "glad"
    assert glosses.english("无人认识的一句话") == ""


def test_a_table_explains_the_chinese_in_rows_columns_and_cells(ctx, shown):
    ctx.table(pd.DataFrame({"手机": ["高兴", "x"], "n": [1, 2]}, index=["妈妈", "b"]), caption="A table.")
    assert [line.split(":")[0] for line in shown[1]["text/plain"].splitlines()] == [
        "妈妈 mā ma",
        "手机 shǒu jī",
        "高兴 gāo xìng",
    ]
    assert "<details" in shown[1]["text/html"]


def test_a_table_without_chinese_is_a_table_alone(ctx, shown):
    ctx.table(pd.DataFrame({"a": [1.5]}), caption="A table.")
    assert len(shown) == 1


def test_what_is_drawn_in_a_figure_is_explained(ctx, shown):
    from matplotlib import pyplot

    figure, axes = pyplot.subplots()
    axes.set_title("高兴")
    ctx.show(figure, number="4.1", alt="One empty frame with a word above.", caption="A word.")
    assert "高兴 gāo xìng: glad" in shown[-1]["text/plain"]


def test_words_at_an_axis_have_their_sound_and_their_english(ctx):
    shown = ["生气", "搬", "骑自行车", "ok", 3]
    assert ctx.labels(shown) == ["生气 shēng qì: angry", "搬 bān: to move", "骑自行车 qí zì xíng chē", "ok", "3"]


def test_an_item_without_a_gloss_says_so_and_keeps_its_sound(ctx, shown):
    ctx.gloss("骑自行车")
    assert shown[0]["text/plain"] == "骑自行车 qí zì xíng chē: no gloss"


def test_each_line_of_the_file_is_one_item_and_its_english():
    lines = glosses.FILE.read_text(encoding="utf-8").splitlines()
    assert lines == sorted(lines) and len(lines) == len(glosses.glosses())
    for item in glosses.glosses():
        assert glosses.items(item) == [item]
