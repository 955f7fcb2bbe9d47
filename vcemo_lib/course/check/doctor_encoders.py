"""The pretrained models that can take a part in the course, with what is missing of each; bundled ones do meanwhile."""

import os
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path

from ...paths import ASSETS, cache_dir, home_cache
from .doctor_line import Line

WHISPER = "base"
SPACY = ("zh_core_web_lg", "zh_core_web_md", "en_core_web_lg")
SENTENCES = (
    "google-bert/bert-base-chinese",
    "hfl/chinese-roberta-wwm-ext",
    "hfl/chinese-macbert-base",
    "google-bert/bert-base-uncased",
)
SPEECH = ("facebook/wav2vec2-base", "TencentGameMate/chinese-hubert-base")


def encoders() -> list[Line]:
    """Recognisers, word vectors, sentence encoders, speech models and the writer of ONNX, in the order of the data."""
    return [*whisper(), *word_vectors(), *sentence_encoders(), *speech_models(), *onnx()]


def whisper() -> list[Line]:
    """Weights of Whisper for both back-ends; the shipped corpus has its transcripts without them."""
    places = [folder / "whisper" for folder in (cache_dir(), home_cache())]
    openai = [path for folder in places for path in sorted(folder.glob("*.pt"))]
    cure = (
        f".venv/bin/python -c \"import whisper; whisper.load_model('{WHISPER}')\" fetches 139 MB where there is a "
        f"network; else put {WHISPER}.pt into the course's .cache/whisper; "
        "meanwhile read the transcripts of the corpus, or give predict a --text"
    )
    hub = f"Systran/faster-whisper-{WHISPER}"
    faster = "transcribe with openai-whisper meanwhile"
    return [
        Line("whisper weights", bool(openai), ", ".join(path.stem for path in openai) or "none", cure),
        package("faster-whisper", "faster_whisper", f"{faster}; chapter 04 needs the voice detector in it"),
        at_the_hub(
            f"faster-whisper {WHISPER}", [hub], "model.bin", f"give the folder that holds model.bin, or {faster}"
        ),
    ]


def word_vectors() -> list[Line]:
    """Tables of word vectors: what ships, spaCy's packages, and one's own word2vec, GloVe or .npy."""
    own = sorted(path for path in (cache_dir() / "vectors").glob("*"))
    cure = (
        "put word2vec or GloVe text, or a folder with vocab.txt and an .npy table, into .cache/vectors, or give its "
        "path "
        "as vectors; meanwhile use the bundled vectors"
    )
    return [
        bundled("word vectors bundled", ASSETS / "word_vectors_zh"),
        any_of(
            "spaCy vectors",
            [name for name in SPACY if there(name)],
            SPACY,
            "python -m spacy download",
            "meanwhile use the bundled vectors",
        ),
        Line("word2vec, GloVe, npy", bool(own), ", ".join(path.name for path in own) or "none of your own", cure),
        package("spacy-pkuseg", "spacy_pkuseg", "segment with jieba meanwhile"),
    ]


def sentence_encoders() -> list[Line]:
    """BERT and its kin, in the cache of the Hugging Face hub."""
    return [
        bundled("BERT bundled", ASSETS / "bert_mini_zh"),
        at_the_hub("BERT of the hub", SENTENCES, "config.json", "meanwhile use the bundled encoder"),
    ]


def speech_models() -> list[Line]:
    """Models whose frames can take the place of the mel; Whisper's own encoder is one of them."""
    return [at_the_hub("speech models", SPEECH, "config.json", "meanwhile hear the mel, or the encoder of Whisper")]


def onnx() -> list[Line]:
    """What 'vcemo export' needs, and the voice detector of chapter 04."""
    meanwhile = "'vcemo export' needs it; the model folder is read without"
    return [
        package("onnx", "onnx", f"{meanwhile}, but not chapter 04's voice detector"),
        package("onnxruntime", "onnxruntime", meanwhile),
    ]


def there(module: str) -> bool:
    return find_spec(module) is not None


def said(module: str) -> str:
    return "installed" if there(module) else "not installed"


def package(name: str, module: str, meanwhile: str) -> Line:
    """A line on an optional package."""
    return Line(name, there(module), said(module), f"'pip install {name}'; {meanwhile}")


def bundled(name: str, folder: Path) -> Line:
    """A line on weights that ship with the course."""
    weights = sorted(folder.glob("*.safetensors"))
    size = sum(path.stat().st_size for path in weights) / 1e6
    cure = "take a whole clone of the course; these files are part of it"
    return Line(name, bool(weights), f"{size:.0f} MB" if weights else "no weights", cure)


def any_of(name: str, here: Sequence[str], known: Sequence[str], command: str, meanwhile: str, but: str = "") -> Line:
    """A line on models of which any will do: those that are here, and what brings the others; `but`: more to say."""
    others = [model for model in known if model not in here]
    names = " or ".join(others)
    how = f"'{command} {names}'" if len(others) == 1 else f"'{command} NAME', NAME being {names},"
    how = f"{how} where there is a network"
    more = f"; more by {how}" if here and others else ""
    return Line(name, bool(here), f"{', '.join(here) or 'none'}{but}{more}", f"{how}; {meanwhile}")


def at_the_hub(name: str, repositories: Sequence[str], file: str, meanwhile: str) -> Line:
    """A line on models of the Hugging Face hub, by a file that each must have, and by its weights."""
    begun = {repository: [f for f in snapshots(repository) if (f / file).exists()] for repository in repositories}
    here = [repository for repository, folders in begun.items() if any(map(has_weights, folders))]
    empty = [repository for repository, folders in begun.items() if folders and repository not in here]
    but = f"; without weights: {', '.join(empty)}" if empty else ""
    return any_of(name, here, repositories, "hf download", meanwhile, but)


def has_weights(folder: Path) -> bool:
    return any(path.suffix in (".safetensors", ".bin") for path in folder.glob("*"))


def snapshots(repository: str) -> Iterator[Path]:
    """Folders of the hub's cache that hold a version of a repository."""
    home = Path(os.environ.get("HF_HOME", home_cache() / "huggingface"))
    hub = Path(os.environ.get("HF_HUB_CACHE", home / "hub"))
    return (hub / f"models--{repository.replace('/', '--')}" / "snapshots").glob("*")
