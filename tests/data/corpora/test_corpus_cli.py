"""`vcemo corpus`: what is added is found again by its name; what cannot be is refused and not written down."""

from dataclasses import replace
from pathlib import Path

import layouts
import pandas as pd
import pytest
from typer.testing import CliRunner

from vcemo_lib.cli import app
from vcemo_lib.data.corpora import CARDS, added, card_of, iemocap, iemocap_layout, load_corpus
from vcemo_lib.data.corpus import CorpusError
from vcemo_lib.data.labels import SYNONYMS
from vcemo_lib.data.splits import split_8_1_1
from vcemo_lib.errors import VcemoError


def corpus(*words):
    """Run the command; returns its exit code and what it printed, or raises the library's sentence."""
    result = CliRunner().invoke(app, ["corpus", *map(str, words)])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.output


def test_list_and_show_name_everything():
    code, text = corpus("list")
    assert code == 0
    assert all(f"{card.title} · {card.language} · " in text for card in CARDS.values())
    assert "not added" in text
    code, text = corpus("show", "csemotions")
    assert code == 0
    assert "research only" in text
    assert "label fearful → fear" in text
    assert "label playfulness left out: none of the six" in text


def test_what_is_shown_of_a_table_is_all_that_is_needed_to_write_one():
    lines = corpus("show", "manifest")[1].splitlines()
    (sad,) = [line for line in lines if line.endswith("→ sad")]
    words = sad.removeprefix("label ").removesuffix(" → sad").split(", ")
    assert words == sorted(word for word, emotion in SYNONYMS.items() if emotion == "sad")
    assert {"sad", "sadness", "sorrow", "伤心", "傷心", "哀", "悲伤", "悲傷", "难过", "難過"} <= set(words)
    assert len([line for line in lines if line.startswith("label")]) == 6
    for said in (
        "starts at the table's folder",
        "split is train, val or test",
        "text_asr (as heard) is read where any row has it",
        "--column audio=wav_path",
        "--label calm=neutral",
        "id,audio,emotion,text,speaker",
    ):
        assert sum(said in line for line in lines) == 1, said


def table(path: Path, rows: int, speakers: str = "") -> Path:
    """A table of a few utterances, three emotions in turn, and as many speakers as letters."""
    layouts.tone(path.parent / "a.wav")
    frame = pd.DataFrame(
        {
            "id": range(rows),
            "audio": "a.wav",
            "text": "你好",
            "emotion": [("sad", "happy", "fear")[n % 3] for n in range(rows)],
        }
    )
    frame.assign(speaker=[speakers[n % len(speakers)] for n in range(rows)] if speakers else None).dropna(
        axis=1
    ).to_csv(path, index=False)
    return path


def test_a_table_too_small_to_be_split_is_added_and_that_is_said_by_the_name_to_type(tmp_path):
    code, text = corpus("add", "manifest", table(tmp_path / "my.csv", 3))
    assert code == 0
    assert (
        "added, but chapters and tables refuse it yet: corpus manifest is too small to be split: 3 utterances" in text
    )
    assert "'vcemo corpus features manifest'" in text
    assert "use it with" not in text
    loaded = load_corpus("manifest")
    assert loaded.name == "manifest"
    assert len(loaded) == 3
    with pytest.raises(CorpusError, match="^corpus manifest is too small"):
        split_8_1_1(loaded)
    with pytest.raises(CorpusError, match="^corpus mine is too small"):
        corpus("add", "manifest", tmp_path / "my.csv", "--as", "mine")
        split_8_1_1(load_corpus("mine"))
    code, text = corpus("add", "manifest", table(tmp_path / "more.csv", 60))
    assert code == 0
    assert "added: use it with --corpus manifest" in text
    assert "too small" not in text


@pytest.mark.parametrize(("columns", "emotions", "works"), [
    ({"audio": "a.wav"}, ("sad", "happy"), "; 'vcemo predict' with its files works all the same"),
    ({"audio": "a.wav", "text": "你好"}, ("sad", "sad"), "; 'vcemo predict' with its files works all the same"),
    ({"text": "你好"}, ("sad", "happy"), "; 'vcemo corpus features odd' works all the same"),
    ({"text": "你好"}, ("sad", "sad"), "to tell apart"),
])  # fmt: skip
def test_of_what_cannot_be_split_it_says_what_works(tmp_path, columns, emotions, works):
    table(tmp_path / "any.csv", 1)  # and the sound
    pd.DataFrame(columns | {"emotion": emotions}).to_csv(tmp_path / "odd.csv", index=False)
    code, text = corpus("add", "manifest", tmp_path / "odd.csv", "--as", "odd")
    assert code == 0 and text.rstrip().endswith(works), text
    if works.startswith("; 'vcemo corpus features"):
        assert corpus("features", "odd")[0] == 0


@pytest.mark.parametrize(
    ("rows", "speakers", "said"),
    [
        (1, "", "1 utterance, speakers not named"),
        (1, "a", "1 utterance, 1 speaker"),
        (2, "ab", "2 utterances, 2 speakers"),
    ],
)
def test_what_was_added_is_counted_in_words(tmp_path, rows, speakers, said, capsys):
    text = corpus("add", "manifest", table(tmp_path / "my.csv", rows, speakers))[1]
    assert said in text.splitlines()
    load_corpus("manifest")
    assert f"corpus manifest: {said}, 0 left out" in capsys.readouterr().out


def test_a_bad_table_is_named_as_the_file_to_mend(tmp_path):
    table(tmp_path / "my.csv", 2)
    (tmp_path / "my.csv").write_text(
        (tmp_path / "my.csv").read_text(encoding="utf-8").replace("sad", "odd"), encoding="utf-8"
    )
    with pytest.raises(CorpusError, match=r"^my\.csv: row 1 .*'odd'"):
        corpus("add", "manifest", tmp_path / "my.csv")


def test_what_was_heard_in_a_table_is_forgotten_when_another_takes_its_name(tmp_path):
    corpus("add", "manifest", table(tmp_path / "my.csv", 3))
    heard = load_corpus("manifest")
    added.keep_transcripts(replace(heard, frame=heard.frame.assign(text_asr="听到")), {})
    corpus("add", "manifest", tmp_path / "my.csv")
    assert load_corpus("manifest").frame["text_asr"].tolist() == ["听到"] * 3
    corpus("add", "manifest", table(tmp_path / "other.csv", 3))
    assert load_corpus("manifest").frame["text_asr"].isna().all()


def test_an_added_corpus_is_found_by_its_name(tmp_path):
    layouts.nemo(tmp_path / "nemo")
    with pytest.raises(CorpusError, match="'vcemo corpus add nemo FOLDER'"):
        load_corpus("nemo")
    with pytest.raises(CorpusError, match="17 instead of 4,481"):
        corpus("add", "nemo", tmp_path / "nemo")
    assert added.recall("nemo") is None
    code, text = corpus("add", "nemo", tmp_path / "nemo", "--strict=false")
    assert code == 0
    assert text.count("not allowed:") == 1
    assert "17 utterances, 3 speakers" in text
    assert "its clip is not" in text
    assert len(load_corpus("nemo")) == 17
    assert str(tmp_path / "nemo") in corpus("list")[1]


def test_a_manifest_keeps_the_options_it_was_added_with(tmp_path):
    layouts.tone(tmp_path / "a.wav")
    (tmp_path / "my.csv").write_text("nr,wav,says,feels\n1,a.wav,hello,calm\n2,a.wav,bye,odd\n")
    words = [
        "add",
        "manifest",
        tmp_path / "my.csv",
        "--option",
        "language=en",
        "--label",
        "calm=neutral",
        "--label",
        "odd=",
    ]
    for pair in ("id=nr", "audio=wav", "text=says", "emotion=feels"):
        words += ["--column", pair]
    assert corpus(*words)[0] == 0
    loaded = load_corpus("manifest")
    assert (loaded.ids, loaded.language, loaded.frame["emotion"].tolist()) == (("1",), "en", ["neutral"])
    assert load_corpus("manifest", tmp_path / "my.csv").ids == ("1",)  # as `vcemo run` passes the root on


def test_two_tables_are_kept_under_names_of_their_own(tmp_path):
    layouts.tone(tmp_path / "a.wav")
    for name, emotion in (("one", "sad"), ("two", "angry"), ("three", "happy")):
        (tmp_path / f"{name}.csv").write_text(f"id,audio,text,emotion\n{name},a.wav,hello,{emotion}\n")
    assert (
        "yet: corpus one has utterances of sad alone"
        in corpus("add", "manifest", tmp_path / "one.csv", "--as", "one")[1]
    )
    corpus("add", "manifest", tmp_path / "two.csv")
    one, two = load_corpus("one"), load_corpus("manifest")
    assert (one.name, one.ids, two.name, two.ids) == ("one", ("one",), "manifest", ("two",))
    replaced = corpus("add", "manifest", tmp_path / "three.csv")[1]
    assert f"in place of {tmp_path / 'two.csv'}" in replaced
    assert load_corpus("manifest").ids == ("three",)
    assert f"added as manifest · {tmp_path / 'one.csv'}" in corpus("list")[1]
    shown = corpus("show", "one")[1]
    assert "your own table" in shown and "read as utterances sad sad 1 " in " ".join(shown.split())
    assert card_of("one").split is card_of("manifest").split
    for bad in ("nemo", "../one", "Mine"):
        with pytest.raises(CorpusError, match="--as is"):
            corpus("add", "manifest", tmp_path / "one.csv", "--as", bad)
    with pytest.raises(CorpusError, match="no corpus named 'five': choose one of vcemo_sim, .*, one$"):
        load_corpus("five")


def test_the_strictness_of_add_holds_ever_after(tmp_path, sim_root):
    """Part of IEMOCAP, which its loader refuses by itself; and a table whose sounds were to be there."""
    iemocap_layout.write(load_corpus("vcemo_sim", sim_root, limit=60), tmp_path / "part")
    (tmp_path / "part" / iemocap.STAND_IN).unlink()
    with pytest.raises(CorpusError, match="not the whole release"):
        corpus("add", "iemocap", tmp_path / "part")
    corpus("add", "iemocap", tmp_path / "part", "--strict=false")
    assert len(load_corpus("iemocap")) == len(load_corpus("iemocap", tmp_path / "part")) > 0
    with pytest.raises(CorpusError, match="not the whole release"):
        load_corpus("iemocap", strict=True)
    layouts.tone(tmp_path / "a.wav")
    (tmp_path / "my.csv").write_text("id,audio,text,emotion\n1,a.wav,hello,sad\n")
    corpus("add", "manifest", tmp_path / "my.csv")
    (tmp_path / "a.wav").unlink()
    with pytest.raises(CorpusError, match="1 of 1 audio files are not there"):
        load_corpus("manifest")


def test_check_names_the_bad_clip_and_fails(tmp_path):
    layouts.nemo(tmp_path)
    (tmp_path / "samples" / "KS0_anger_1.wav").write_bytes(b"no sound")
    code, text = corpus("check", "nemo", "--root", tmp_path)
    assert code == 1
    assert "bad: KS0_anger_1: cannot read" in text
    assert "16 of 17 clips can be used" in text
    layouts.tone(tmp_path / "samples" / "KS0_anger_1.wav", rate=24_000)
    code, text = corpus("check", "nemo", "--root", tmp_path)
    assert code == 0
    assert "split that fits: speaker-disjoint" in text


@pytest.mark.parametrize(("words", "message"), [
    (("show", "iemo"), "no corpus named 'iemo': choose one of"), (("check", "ravdess"), "does not ship"),
    (("add", "nemo", ".", "--strict=maybe"), "--strict is 'maybe'"),
    (("add", "manifest", "x.csv", "--column", "audio"), "'audio' is not of the form name=value"),
    (("add", "manifest", "x.csv", "--label", "calm=sad", "--label", "calm=happy"), "calm is said to be 'sad' and 'happy'"),
    (("add", "manifest", "x.csv", "--as", "x" * 250), "give a name of small letters"),
    (("add", "nemo", ".", "--option", "speed=2"), "is not read with speed"),
    (("add", "nemo", "nowhere"), "no such corpus root: nowhere"),
    (("add", "emotiontalk", "."), "no folder Multimodal in")])  # fmt: skip
def test_what_cannot_be_is_refused_in_a_sentence(words, message, tmp_path):
    with pytest.raises(VcemoError, match=message):
        corpus(*words)
    assert not (tmp_path / "cache" / "corpora.json").exists()


def test_of_a_corpus_that_was_moved_it_is_said_how_to_add_it_again(tmp_path):
    corpus("add", "manifest", table(tmp_path / "my.csv", 30), "--as", "mine")
    (tmp_path / "my.csv").rename(tmp_path / "other.csv")
    for words in (["check"], ["features"], ["export"], ["transcribe"]):
        more = [tmp_path / "out"] if words == ["export"] else []
        with pytest.raises(CorpusError, match="corpus 'mine' is not at .*my.csv any more: run 'vcemo corpus add mine"):
            corpus(*words, "mine", *more)


def test_of_clips_none_of_which_can_be_used_no_length_is_told(tmp_path):
    path = table(tmp_path / "my.csv", 30)
    (tmp_path / "a.wav").write_bytes(b"no sound")
    code, text = corpus("check", "manifest", "--root", path)
    assert code == 1
    assert "0 of 30 clips can be used\n" in text
    assert "nan" not in text


def test_a_limit_that_would_leave_too_few_says_what_is_kept(tmp_path, caplog):
    path = table(tmp_path / "my.csv", 90)
    with caplog.at_level("INFO", logger="vcemo"):
        assert len(load_corpus("manifest", path, limit=1)) == 30
        assert "limit=1 would leave too few of some classes: ten of each are kept, 30 in all" in caplog.text
        caplog.clear()
        assert len(load_corpus("manifest", path, limit=45)) == 45
        assert "limit" not in caplog.text
