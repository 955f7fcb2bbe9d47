"""Any corpus by the lists of EmoBox: a JSON line an utterance, in folds. The audio is the corpus' own."""

import json
from dataclasses import replace
from pathlib import Path

from ..corpus import UNNAMED, Corpus, CorpusError
from ..labels import SYNONYMS
from ..splits import Split, session_folds, split_8_1_1
from .card import CorpusCard, build
from .files import read_json, read_text


def by_fold(corpus: Corpus, seed: int = 0) -> Split:
    """The first fold of EmoBox, all by `session_folds(corpus, 'fold')`; the corpus' own parts where it has them."""
    return split_8_1_1(corpus, seed) if "split" in corpus.frame else session_folds(corpus, "fold", seed=seed)[0]


CARD = CorpusCard(
    name="emobox",
    title="a corpus listed by EmoBox (32 corpora, 14 languages)",
    language="by the corpus",
    source="https://github.com/emo-box/EmoBox (lists only; the audio is fetched from each corpus)",
    licence="none stated for the lists; the audio has the licence of its corpus",
    forbidden="whatever the corpus forbids whose audio is read: see its own page",
    citation="Ma et al., EmoBox: Multilingual Multi-corpus Speech Emotion Recognition Toolkit and "
    "Benchmark, Interspeech 2024",
    layout="EmoBox's data/<corpus>/ with label_map.json and fold_<k>/<corpus>_{train,valid,test}_fold_<k>.jsonl, and "
    "the audio where the lists say, downloads/<corpus>/…, beside data/ or under audio=",
    labels=SYNONYMS,
    split=by_fold,
    text="none",
    notes="the lists name no speakers; most folds leave speakers out",
)

LANGUAGES = dict.fromkeys(("casia", "m3ed", "mer2023"), "zh") | {"emodb": "de", "emovo": "it"}
LANGUAGES |= dict.fromkeys(("meld", "iemocap", "ravdess", "cremad"), "en")
NAMES = {"key": "id", "wav": "audio", "emo": "label"}  # theirs → ours
PARTS = {"train": "train", "valid": "val", "test": "test"}


def load(root: Path, strict: bool = False, audio: str = "", language: str = "") -> Corpus:
    """Read the lists of one corpus.

    Args:
        root: the folder `data/<corpus>` of EmoBox.
        audio: the folder that `downloads/…` of the lists lies in; empty: looked for in the folders above `root`.
        language: of the speech, where the corpus is not among those known here.

    Raises:
        CorpusError: the language is not known, or a list cannot be read.
    """
    name = Path(root).name
    language = language or LANGUAGES.get(name, "")
    if not language:
        raise CorpusError(f"emobox: the language of {name!r} is not known here: pass language=, such as language=en")
    rows = _lists(Path(root), name)
    audio_root = Path(audio) if audio else _audio_root(Path(root), rows[0]["audio"])
    known = _label_map(Path(root) / "label_map.json")
    for row in rows:
        word = row["label"].lower()
        row |= {"audio": str(audio_root / row["audio"]), "label": known.get(word, word), "text": "", "speaker": UNNAMED}
    outside = {word: "none of the six" for word in set(known.values()) - set(SYNONYMS)}
    whole = Path(root) / f"{name}.jsonl"  # EmoBox's own whole list says how many there are
    published = {"utterances": len(_lines(whole))} if whole.is_file() else {}
    return build(replace(CARD, outside=outside, published=published), rows, strict, language=language)


def _label_map(path: Path) -> dict[str, str]:
    """The list's word, lower case → EmoBox's."""
    mapping = read_json(path)
    if not isinstance(mapping, dict) or not all(isinstance(name, str) for name in mapping.values()):
        raise CorpusError(f'{path} is not of the form {{"word": "emotion"}}: copy it again from EmoBox')
    return {word.lower(): name.lower() for word, name in mapping.items()}


def _lists(root: Path, name: str) -> list[dict]:
    """All rows: with one fold its parts are the split; with several, `fold` is the one that tests the row."""
    lists = {}
    for path in sorted(root.glob(f"fold_*/{name}_*_fold_*.jsonl")):
        part, fold = path.stem.removeprefix(f"{name}_").split("_fold_")
        lists[part, fold] = _lines(path)
    folds = {fold for _, fold in lists}
    if not lists:
        raise CorpusError(f"no fold_<k>/{name}_{{train,test}}_fold_<k>.jsonl in {root}: pass EmoBox's data/<corpus>")
    if len(folds) == 1 and {"valid", "test"} <= {part for part, _ in lists}:
        return [row | {"split": PARTS[part]} for (part, _), rows in lists.items() for row in rows]
    if len(folds) == 1:
        return [row | {"fold": part} for (part, _), rows in lists.items() for row in rows]
    return [row | {"fold": fold} for (part, fold), rows in lists.items() if part == "test" for row in rows]


def _lines(path: Path) -> list[dict]:
    rows = []
    for number, line in enumerate(read_text(path).splitlines(), start=1):
        try:
            rows.append({ours: json.loads(line)[theirs] for theirs, ours in NAMES.items()})
        except (json.JSONDecodeError, KeyError, TypeError) as error:
            raise CorpusError(
                f"{path.name}, line {number}: not a line of EmoBox ({error}): copy the list again"
            ) from None
    return rows


def _audio_root(root: Path, wav: str) -> Path:
    for folder in root.resolve().parents:
        if (folder / wav).is_file():
            return folder
    where = f"the audio {wav} is in no folder above {root}"
    raise CorpusError(f"emobox: {where}: pass audio=, the folder that downloads/ is in")
