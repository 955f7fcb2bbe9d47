"""Other people's files, thousands of them changed at random: each is read rightly, or refused in one sentence, quickly.

`make faults` runs the long form and prints the figures; the normal tests run a short one.
"""

import csv
import io
import json
import shutil
import tarfile
import unicodedata
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile
from campaign import Campaign, amount
from mutations import TEXTS, attempt, changed

from vcemo_lib.audio.signal import decode, n_samples
from vcemo_lib.cli.arguments import pairs
from vcemo_lib.cli.recipe_fields import given
from vcemo_lib.course.run.parameters import TYPES, Parameter, parse_value, split_assignment
from vcemo_lib.course.run.plan import load_plan
from vcemo_lib.data.corpora import archives, manifest
from vcemo_lib.recipes import LAPTOP

TONE = (0.2 * np.sin(2 * np.pi * 220 * np.arange(8_000) / 16_000)).astype(np.float32)


def _sounds() -> dict[str, bytes]:
    sounds = {}
    for kind, subtype, channels in (
        ("WAV", "PCM_16", 1), ("WAV", "FLOAT", 2), ("WAV", "IMA_ADPCM", 1), ("WAVEX", "PCM_24", 2), ("FLAC", "PCM_16", 1),
        ("OGG", "VORBIS", 1), ("OGG", "OPUS", 1), ("MP3", "MPEG_LAYER_III", 1), ("AIFF", "PCM_16", 1), ("CAF", "ALAC_16", 1),
        ("AU", "ULAW", 1), ("W64", "PCM_16", 1), ("RF64", "PCM_16", 1), ("NIST", "PCM_16", 1), ("VOC", "PCM_16", 1),
    ):  # fmt: skip
        out = io.BytesIO()
        soundfile.write(out, np.tile(TONE[:, None], (1, channels)), 16_000, format=kind, subtype=subtype)
        sounds[f"{kind} {subtype}"] = out.getvalue()
    return sounds


def _video(kind: str) -> bytes:
    av = pytest.importorskip("av")
    out = io.BytesIO()
    with av.open(out, "w", format=kind) as container:
        track = container.add_stream("aac", rate=16_000, layout="mono")
        frame = av.AudioFrame.from_ndarray(TONE[None], format="fltp", layout="mono")
        frame.rate = 16_000
        for packet in (*track.encode(frame), *track.encode(None)):
            container.mux(packet)
    return out.getvalue()


def test_changed_sounds(finish):
    campaign, rng = Campaign("sounds"), np.random.default_rng(1)
    sounds = _sounds() | {f"video {kind}": _video(kind) for kind in ("mp4", "matroska", "adts", "mpegts")}

    def right(wave: np.ndarray) -> bool:
        return wave.dtype == np.float32 and wave.ndim == 1 and np.isfinite(wave).all() and 700 < len(wave) <= 960_001

    for data in sounds.values():  # what is loaded at the first use is not the input's
        decode(data)
    for number in range(amount(60, 2_400)):
        kind = list(sounds)[number % len(sounds)]
        data = changed(sounds[kind], rng)
        attempt(campaign, lambda data=data: (n_samples(data), decode(data))[1], right, f"{kind}, number {number}")
    finish(campaign)


HEAD = ["id", "audio", "emotion", "text", "speaker"]
ROWS = [
    [f"u{k}", f"wavs/{k}.wav", w, f"今天第{k}句，好吗", f"s{k % 3}"]
    for k, w in enumerate(("happy", "悲伤", "Angry") * 4)
]


def _written(rows: list[list[str]], kind: str) -> bytes:
    if kind == ".jsonl":
        return "\n".join(json.dumps(dict(zip(HEAD, row, strict=True)), ensure_ascii=True) for row in rows).encode()
    if kind == ".parquet":
        out = io.BytesIO()
        pd.DataFrame(rows, columns=HEAD).to_parquet(out)
        return out.getvalue()
    out = io.StringIO(newline="")
    csv.writer(out, delimiter="," if kind == ".csv" else "\t").writerows([HEAD, *rows])
    return out.getvalue().encode("utf-8", "surrogatepass")


@pytest.mark.parametrize("kind", [".csv", ".tsv", ".jsonl", ".parquet"])
def test_odd_cells_of_tables(kind, tmp_path, finish):
    """Whatever stands in a cell, the table is refused, or all rows are there and every cell is as it was.

    A speaker's name is read in its composed form, without blanks around it: in two forms it would be two people.
    """
    campaign, rng, path = Campaign(f"cells of {kind}"), np.random.default_rng(2), tmp_path / f"t{kind}"
    texts = [text for text in TEXTS if kind != ".parquet" or "\ud800" not in text]
    for number in range(amount(12, 250)):
        rows = [list(row) for row in ROWS]
        row, column, text = int(rng.integers(12)), int(rng.integers(5)), texts[rng.integers(len(texts))]
        rows[row][column] = text
        path.write_bytes(_written(rows, kind))

        def right(corpus, rows=rows, column=column):
            cells = [list(corpus.frame[name].fillna("")) for name in ("id", "text", "speaker")]
            audio = [str(path.parent / cells[1]) for cells in rows]
            who = [unicodedata.normalize("NFC", row[4]).strip() for row in rows]
            expected = [[row[0] for row in rows], [row[3] for row in rows], who]
            return cells == expected and list(corpus.frame["audio"]) == audio

        attempt(
            campaign, lambda: manifest.load(path), right, f"{kind}, row {row}, {HEAD[column]} {text[:30]!r}, {number}"
        )
    finish(campaign)


@pytest.mark.parametrize("kind", [".csv", ".tsv", ".jsonl", ".parquet"])
def test_changed_tables(kind, tmp_path, finish):
    """Rows in are rows out: as many as the file has lines."""
    campaign, rng, path = Campaign(f"changed {kind}"), np.random.default_rng(3), tmp_path / f"t{kind}"
    whole = _written(ROWS, kind)
    for number in range(amount(12, 250)):
        data = changed(whole, rng)
        path.write_bytes(data)

        def right(corpus, data=data):
            if kind == ".parquet":
                return len(corpus) == 12
            text = data.decode("utf-8-sig", "replace")
            lines = text.split("\n") if kind == ".jsonl" else list(io.StringIO(text, newline=""))
            return len(corpus) == sum(bool(line.strip()) for line in lines) - (kind != ".jsonl")

        attempt(campaign, lambda: manifest.load(path), right, f"{kind}, {number}")
    finish(campaign)


def _archive(path: Path, names: list[str]) -> None:
    out = zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) if path.suffix == ".zip" else tarfile.open(path, "w:gz")
    with out:
        for name in names:
            if path.suffix == ".zip":
                out.writestr(name, b"0123456789" * 50)
            else:
                info = tarfile.TarInfo(name)
                info.size = 500
                out.addfile(info, io.BytesIO(b"0123456789" * 50))


@pytest.mark.parametrize("kind", [".zip", ".tar.gz"])
def test_changed_archives(kind, tmp_path, finish):
    campaign, rng, path = Campaign(f"archives {kind}"), np.random.default_rng(6), tmp_path / f"a{kind}"
    good = [f"top/{k}.txt" for k in range(5)]
    names = [text for text in TEXTS if text and "\ud800" not in text and "\0" not in text]
    for number in range(amount(20, 350)):
        odd = names[rng.integers(len(names))] if number % 3 == 0 else ""
        _archive(path, [*good, odd, f"../{odd}"][: 5 + (odd != "") * int(rng.integers(1, 3))])
        if not odd:
            path.write_bytes(changed(path.read_bytes(), rng))

        def right(folder):
            files = [file for file in folder.rglob("*") if file.is_file()]
            inside = folder.resolve().is_relative_to((tmp_path / "cache").resolve())
            return inside and len(files) >= 5 and all(file.read_bytes() == b"0123456789" * 50 for file in files)

        attempt(campaign, lambda: archives.unpacked(path), right, f"{kind} {odd[:30]!r}, {number}")
        shutil.rmtree(tmp_path / "cache", ignore_errors=True)
        assert sorted(p.name for p in tmp_path.iterdir()) == [path.name]
    finish(campaign)


def test_odd_parameters(tmp_path, finish):
    campaign, rng = Campaign("parameters"), np.random.default_rng(8)
    names = [
        "dropout",
        "d",
        "conv_channels",
        "limit",
        "speech",
        "modalities",
        "normalise",
        "epochs",
        "hop_length",
        "range_db",
    ]
    for number in range(amount(60, 900)):
        text, kind = TEXTS[rng.integers(len(TEXTS))], list(TYPES)[number % 4]
        attempt(
            campaign,
            lambda text=text, kind=kind: parse_value(Parameter("x", kind, TYPES[kind](), ""), text),
            lambda value, kind=kind: type(value) is TYPES[kind] and (kind != "float" or np.isfinite(value)),
            f"{kind} {text[:30]!r}",
        )
        name = names[rng.integers(len(names))]
        call = lambda text=text, name=name: LAPTOP.but(**given(f"{name}={text}"))  # noqa: E731
        attempt(campaign, call, lambda recipe: isinstance(recipe.key, str), f"--set {name}={text[:30]!r}")
        attempt(
            campaign, lambda text=text: (split_assignment(text), pairs([text])), lambda _: True, f"-p {text[:30]!r}"
        )
    for text in (
        "a: &a [x, x]\nb: &b [*a, *a]\nchapters: [{number: *b, file: *b, title: *b}]",
        "[" * 5000,
        "chapters: 5",
        "\0",
        "- &a [*a]",
    ):
        (tmp_path / "course.yaml").write_text(text, encoding="utf-8")
        attempt(campaign, lambda: load_plan(tmp_path), lambda _: False, f"course.yaml {text[:30]!r}")
    finish(campaign)
