"""The registry of added corpora: `vcemo corpus add` writes one down once, and `corpus=NAME` is enough ever after."""

from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from ...paths import cache_dir
from ...storage import locked, read_json, sealed, write_json
from ..corpus import Corpus, CorpusError


@dataclass(frozen=True)
class AddedCorpus:
    """Where a corpus lies and how it is read.

    Args:
        options: what its loader takes beside `root`, its folder or table; `strict` as it was chosen on `add`.
        reader: the known corpus whose loader reads it; "" for one that has the known name itself.
    """

    root: str
    options: dict = field(default_factory=dict)
    reader: str = ""


def remember(name: str, root: Path, options: dict, reader: str = "") -> None:
    """Write down where a corpus lies; an earlier place of the same name is replaced.

    What was heard in a table is forgotten when another takes its name: the ids of both may be 1, 2, 3.
    """
    before, known = recall(name), AddedCorpus(str(Path(root).expanduser().resolve()), options, reader)
    if before and before.root != known.root and "manifest" in (name, reader):
        for kind in ("transcripts", "words"):
            _heard(name, kind).unlink(missing_ok=True)
    _change(name, **asdict(known))


def recall(name: str) -> AddedCorpus | None:
    """The place of a corpus, or None when it was never added."""
    entry = _read().get(name, {})
    return AddedCorpus(entry["root"], entry.get("options", {}), entry.get("reader", "")) if "root" in entry else None


def added() -> list[str]:
    """The names of all corpora that were added."""
    return sorted(name for name, known in _read().items() if "root" in known)


def first_use(name: str) -> bool:
    """Whether the corpus is used for the first time on this machine; the answer is no ever after."""
    if _read().get(name, {}).get("told"):
        return False
    _change(name, told=True)
    return True


def keep_transcripts(corpus: Corpus, settings: dict) -> None:
    """Write down what was heard, so that the corpus has it as `text_asr` from now on."""
    texts = dict(zip(corpus.frame["id"], corpus.frame["text_asr"], strict=True))
    _keep(_heard(corpus.name, "transcripts"), {"settings": settings, "texts": texts})


def keep_word_times(corpus: Corpus, settings: dict) -> None:
    """Write down when each word was heard, so that the corpus has `words` and `word_times` from now on."""
    frame = corpus.frame.set_index("id")[["words", "word_times"]]
    _keep(_heard(corpus.name, "words"), {"settings": settings, **frame.to_dict()})


def _keep(path: Path, heard: dict) -> None:
    with locked(path):
        write_json(path, sealed(heard))


def with_transcripts(corpus: Corpus) -> Corpus:
    """The corpus with what was heard before, where it brings no recognised text, or no times of words, of its own."""
    ids, new = corpus.frame["id"], {}
    texts, words = (_heard(corpus.name, kind) for kind in ("transcripts", "words"))
    if texts.is_file() and corpus.frame["text_asr"].isna().all():
        new["text_asr"] = ids.map(_kept(texts, corpus.name, "texts")["texts"])
    if words.is_file() and not {"char_times", "word_times"} & set(corpus.frame):
        kept = _kept(words, corpus.name, "words", "word_times")
        new |= {name: [kept[name].get(utterance, []) for utterance in ids] for name in ("words", "word_times")}
    return replace(corpus, frame=corpus.frame.assign(**new)) if new else corpus


def _kept(path: Path, corpus: str, *fields: str) -> dict:
    """What was heard in a corpus, by id, in these fields."""
    try:
        kept = read_json(path)
        if not all(isinstance(kept[field], dict) for field in fields):
            raise TypeError
        return kept
    except (KeyError, TypeError, ValueError):
        raise CorpusError(
            f"{path}, what was heard in {corpus}, is damaged: delete it and run 'vcemo corpus transcribe {corpus}', "
            "which reads most of it from the kept transcripts"
        ) from None


def _heard(name: str, kind: str) -> Path:
    return cache_dir() / "corpora" / f"{name}-{kind}.json"


def _path() -> Path:
    return cache_dir() / "corpora.json"


def _read() -> dict:
    try:
        entries = read_json(_path()) if _path().is_file() else {}
        if not isinstance(entries, dict) or not all(isinstance(known, dict) for known in entries.values()):
            raise ValueError
        return entries
    except ValueError:
        raise CorpusError(
            f"{_path()}, which says where corpora lie, is damaged: delete it and add them again"
        ) from None


def _change(name: str, **values) -> None:
    with locked(_path()):
        entries = _read()
        entries[name] = entries.get(name, {}) | values
        write_json(_path(), sealed(entries))
