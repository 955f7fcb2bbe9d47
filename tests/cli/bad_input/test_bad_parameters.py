"""Words of a command that mean nothing, or ask for what is not here: one sentence with what was given and a cure."""

import pytest

ADD = "corpus add manifest my.csv"
REFUSED = {  # kind: what is asked, what the sentence says
    "a corpus nobody knows": ("corpus show iemo", "no corpus named 'iemo': choose one of"),
    "a chapter nobody wrote": ("run 99 --out out", "no chapter '99'; the chapters are"),
    "a name no chapter has": ("run 04 -p speed=1 --out out", "no parameter 'speed'; it has"),
    "a seed in words": ("run 04 --seed one --out out", "seed is 'one'; it must be a whole number"),
    "a profile nobody knows": ("train new --profile huge", "no profile named 'huge': choose one of"),
    "five emotions": ("train new --classes 5", "4-way and a 6-way task, not 5: pass 4 or 6"),
    "no epoch at all": ("train new --epochs -1", "--epochs is -1: give"),
    "a modality nobody has": (
        "train new --modalities audio,smell",
        "--modalities is 'audio,smell': give some of audio,words,bert",
    ),
    "a segmenter nobody has": ("train new --segmenter axe", "--segmenter is 'axe': choose one of jieba, char"),
    "the label as a text": ("train new --set text=emotion", "--text is 'emotion': choose one of text_asr, text"),
    "a segmenter nobody has, by --set": ("train new --set segmenter=axe", "--segmenter is 'axe': choose one of"),
    "classes in two lines": (
        ["predict", "good.wav", "--model", "model", "--classes", "sad\nhappy"],
        "--classes is .*: give names in one line",
    ),
    "a column nobody reads": ("train new --text id", "--text is 'id': choose one of text_asr, text"),
    "vectors that are not here": (
        "train new --vectors no_such",
        "'no_such' is not installed: run 'python -m spacy download",
    ),
    "an encoder that is not here": (
        "train new --bert no/such",
        "'no/such' is not on this machine.*set bert to 'bundled'",
    ),
    "a speech model that is not here": ("train new --speech no/such", "speech model 'no/such' is not on this machine"),
    "a split nobody cuts": ("train new --split 9/1", "--split is '9/1': choose one of auto, 8/1/1, speaker"),
    "a table nobody made": ("table 9", "no table or study 9: choose"),
    "seeds in words": ("table 3 --seeds a,b", "seeds 'a,b': give whole numbers"),
    "strict or not": (f"{ADD} --strict=maybe", "--strict is 'maybe': give true or false"),
    "an option no loader has": (f"{ADD} --option speed=2", "not read with speed.*leave it out"),
    "a back-end nobody has": (
        "predict good.wav --model model --backend sphinx",
        "no Whisper back-end named 'sphinx': choose one of",
    ),
    "weights that are not here": (
        "predict good.wav --model model --weights tiny",
        "weights 'tiny' are not on this machine: put tiny.pt into.* fetches it., or say what is said with --text$",
    ),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_a_word_that_means_nothing_is_refused(kind, refused):
    refused(*REFUSED[kind])


ROWS = "".join(f"{k},good.wav,你好,{('happy', 'sad')[k % 2]},s{k % 4},{{}}\n" for k in range(40))
TRAIN = "train new --corpus manifest --corpus-root many.csv --profile tiny --modalities words"


@pytest.mark.parametrize(
    ("part", "setting", "sentence"),
    [
        ("", "system=hello", "system='hello' is unknown; use one of .'vcemo', 'xu'"),
        ("", "d=33", "d=33 does not split into n_heads=4"),
        ("", "queue_size=31 --set alpha=0.1", "queue_size=31 holds no batch of 32 keys: give 32 or more"),
        ("train", "d=32", "the column split of corpus many has 'train': write train, val and test"),
    ],
)
def test_what_cannot_be_trained_is_refused_before_features_are_made(
    part, setting, sentence, place, refused, monkeypatch
):
    head = "id,audio,text,emotion,speaker,split\n" if part else "id,audio,text,emotion,speaker,note\n"
    (place / "many.csv").write_text(head + ROWS.format(*[part] * 40), encoding="utf-8")
    monkeypatch.setattr("vcemo_lib.experiments.experiment.FeatureStore", None)
    refused(f"{TRAIN} --set {setting}", sentence)
