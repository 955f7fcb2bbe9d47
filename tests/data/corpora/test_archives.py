"""Archives are unpacked without trust, and once."""

import gzip
import io
import tarfile
import time
import zipfile
from pathlib import Path

import layouts
import pytest
from typer.testing import CliRunner

from vcemo_lib.cli import app
from vcemo_lib.data.corpora import archives, load_corpus
from vcemo_lib.data.corpus import CorpusError


def packed(folder: Path, path: Path, top: str = "") -> Path:
    """An archive of a folder, of the kind that the path's ending says, everything below `top`."""
    files = [
        (file, f"{top}{file.relative_to(folder).as_posix()}") for file in sorted(folder.rglob("*")) if file.is_file()
    ]
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w") as out:
            for file, name in files:
                out.write(file, name)
    else:
        with tarfile.open(path, "w:gz") as out:
            for file, name in files:
                out.add(file, name)
    return path


@pytest.mark.parametrize("ending", [".zip", ".tar.gz"])
def test_a_corpus_is_added_as_its_archive_and_unpacked_once(tmp_path, ending):
    layouts.nemo(tmp_path / "copy")
    archive = packed(tmp_path / "copy", tmp_path / f"nEMO{ending}", top="nEMO-main/")
    assert CliRunner().invoke(app, ["corpus", "add", "nemo", str(archive), "--strict=false"]).exit_code == 0
    clip = Path(load_corpus("nemo").frame["audio"][0])
    before = clip.stat().st_ino
    assert len(load_corpus("nemo", archive)) == 17
    assert clip.stat().st_ino == before
    assert clip.is_relative_to(tmp_path / "cache")
    assert not [*(tmp_path / "cache").rglob(".nEMO*")]


@pytest.mark.parametrize("ending", [".zip", ".tar.gz"])
def test_an_archive_of_a_table_and_its_sounds_is_added_as_the_table(tmp_path, ending):
    layouts.tone(tmp_path / "copy" / "wavs" / "a.wav")
    layouts.put(tmp_path / "copy" / "lists" / "my.csv", "id,audio,text,emotion\n1,../wavs/a.wav,你好,sad\n")
    layouts.put(tmp_path / "copy" / "lists" / "._my.csv", "a shadow")
    layouts.put(tmp_path / "copy" / ".ipynb_checkpoints" / "my.csv", "an old copy")
    archive = packed(tmp_path / "copy", tmp_path / f"mine{ending}", top="mine/")
    assert CliRunner().invoke(app, ["corpus", "add", "manifest", str(archive)]).exit_code == 0
    loaded = load_corpus("manifest")
    assert loaded.ids == ("1",)
    assert loaded.wave("1").shape == (3200,)
    layouts.put(tmp_path / "copy" / "other.tsv", "id\taudio\ttext\temotion\n")
    for kept, said in (
        ("my.csv", r"2 tables .*: lists/my.csv, other.tsv: pass the path of one"),
        (None, r"0 tables .*: none: pass"),
    ):
        if kept is None:
            for path in (tmp_path / "copy").rglob("*.?sv"):
                path.unlink()
        with pytest.raises(CorpusError, match=said):
            load_corpus("manifest", packed(tmp_path / "copy", tmp_path / f"{kept}{ending}"))
    assert load_corpus("manifest").ids == ("1",)


def evil(path: Path, name: str, link: str = "") -> Path:
    """An archive with one good file and one that no archive should hold."""
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w") as out:
            out.writestr("data.tsv", "file_id\n")
            info = zipfile.ZipInfo(name)
            info.external_attr = (0o120777 if link else 0o100644) << 16
            out.writestr(info, link or "evil")
    else:
        with tarfile.open(path, "w") as out:
            for member, target in (("data.tsv", ""), (name, link)):
                info = tarfile.TarInfo(member)
                info.type, info.linkname, info.size = (
                    (tarfile.SYMTYPE, target, 0) if target else (tarfile.REGTYPE, "", 4)
                )
                out.addfile(info, io.BytesIO(b"evil"))
    return path


@pytest.mark.parametrize("kind", ["zip", "tar"])
@pytest.mark.parametrize(("name", "link", "message"), [
    ("../evil.txt", "", "write outside"), ("a/../../evil.txt", "", "write outside"), ("/tmp/evil.txt", "", "write outside"), ("..\\evil.txt", "", "write outside"),
    ("C:\\evil.txt", "", "write outside"), ("link", "/etc", "neither a file nor a folder")])  # fmt: skip
def test_an_archive_that_means_harm_writes_nothing(tmp_path, kind, name, link, message):
    archive = evil(tmp_path / f"evil.{kind}", name, link)
    with pytest.raises(CorpusError, match=message):
        archives.unpacked(archive)
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == [archive.name]


def test_damaged_archives_and_those_larger_than_the_disk_are_sentences(tmp_path, monkeypatch):
    layouts.nemo(tmp_path / "copy")
    for ending in (".zip", ".tar.gz"):
        archive = packed(tmp_path / "copy", tmp_path / f"a{ending}")
        whole = archive.read_bytes()
        for damage in (whole[: len(whole) // 2], b"no archive", b"", whole[:500] + bytes(500) + whole[1000:]):
            archive.write_bytes(damage)
            with pytest.raises(CorpusError, match="is no whole archive"):
                archives.unpacked(archive)
        archive.write_bytes(whole)
    with tarfile.open(tmp_path / "b.tar", "w", format=tarfile.USTAR_FORMAT) as out:
        out.add(tmp_path / "copy", "copy")
    whole = (tmp_path / "b.tar").read_bytes()
    header = whole.index(b"copy/samples/KS0_fear")
    (tmp_path / "b.tar").write_bytes(whole[:header] + bytes(512) + whole[header + 512 :])
    with pytest.raises(CorpusError, match="a header in it is damaged"):
        archives.unpacked(tmp_path / "b.tar")
    monkeypatch.setattr(archives.shutil, "disk_usage", lambda _: type("Usage", (), {"free": 1000}))
    with pytest.raises(CorpusError, match="GB are free: make room"):
        archives.unpacked(tmp_path / "a.zip")
    assert not [*(tmp_path / "cache").rglob("*.wav")]
    assert not [*(tmp_path / "cache").rglob(".a-*")]


def zipped(path: Path, name: str, content: bytes) -> Path:
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
            out.writestr(name, content)
    else:
        with tarfile.open(path, "w:gz", format=tarfile.PAX_FORMAT) as out:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            out.addfile(info, io.BytesIO(content))
    return path


@pytest.mark.parametrize("ending", [".zip", ".tar.gz"])
def test_an_archive_that_unpacks_to_too_much_is_refused(tmp_path, monkeypatch, ending):
    with pytest.raises(CorpusError, match="unpack to more than 200 times its .* bytes: nothing was unpacked"):
        archives.unpacked(zipped(tmp_path / f"bomb{ending}", "a.txt", bytes(120_000_000)))
    with pytest.raises(CorpusError, match="30 folders in one another"):
        archives.unpacked(zipped(tmp_path / f"deep{ending}", "a/" * 31 + "b.txt", b"x"))
    monkeypatch.setattr(archives, "MEMBERS", 3)
    layouts.nemo(tmp_path / "copy")
    with pytest.raises(CorpusError, match="holds more than 3 files"):
        archives.unpacked(packed(tmp_path / "copy", tmp_path / f"many{ending}"))
    assert not [path for path in (tmp_path / "cache").rglob("*") if path.is_file() and path.suffix != ".lock"]


def test_a_tar_of_huge_headers_or_endless_zeros_is_refused(tmp_path):
    with tarfile.open(tmp_path / "a.tar.gz", "w:gz", format=tarfile.PAX_FORMAT) as out:
        info = tarfile.TarInfo("a.txt")
        info.pax_headers = {"comment": "x" * 3_000_000}
        out.addfile(info)
    with pytest.raises(CorpusError, match="has a header of 3,000,.* bytes: nothing was unpacked"):
        archives.unpacked(tmp_path / "a.tar.gz")
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as out:
        out.addfile(tarfile.TarInfo("a.txt"))
    (tmp_path / "b.tar.gz").write_bytes(gzip.compress(plain.getvalue() + bytes(102_000_000), 1))
    with pytest.raises(CorpusError, match="no whole archive"):
        archives.unpacked(tmp_path / "b.tar.gz")


def test_of_two_that_unpack_one_archive_the_slower_takes_what_is_there(tmp_path, monkeypatch):
    layouts.nemo(tmp_path / "copy")
    archive = packed(tmp_path / "copy", tmp_path / "a.zip")
    unpack = archives._unpack

    def slower(source, folder):
        monkeypatch.setattr(archives, "_unpack", unpack)
        archives.unpacked(source)  # the other process, while this one is at work
        unpack(source, folder)

    monkeypatch.setattr(archives, "_unpack", slower)
    root = archives.unpacked(archive)
    assert archives.unpacked(archive) == root
    assert not list(tmp_path.rglob("*.part"))


@pytest.mark.parametrize("when", ["-5", "1e15", "1e300", "inf"])
def test_a_file_in_a_tar_may_have_any_date(when, tmp_path, monkeypatch):
    monkeypatch.setenv("VCEMO_CACHE", str(tmp_path / "cache"))
    with tarfile.open(tmp_path / "a.tar", "w", format=tarfile.PAX_FORMAT) as out:
        member = tarfile.TarInfo("one/a.txt")
        member.size, member.pax_headers = 2, {"mtime": when}
        out.addfile(member, io.BytesIO(b"hi"))
    file = archives.unpacked(tmp_path / "a.tar") / "a.txt"
    assert file.read_text() == "hi" and abs(file.stat().st_mtime - time.time()) < 600


def unsaid(path: Path, names: list[str], encoding: str) -> Path:
    """A zip whose names are in an encoding of which it says nothing."""
    written = {chr(ord("A") + k) * len(name.encode(encoding)): name.encode(encoding) for k, name in enumerate(names)}
    with zipfile.ZipFile(path, "w") as out:
        for name in written:
            out.writestr(name, b"x")
    content = path.read_bytes()
    for placeholder, name in written.items():
        content = content.replace(placeholder.encode(), name)
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("encoding", "names"),
    [
        ("gbk", ["高兴/一.wav", "悲伤/乗客好人.wav", "read me.txt"]),  # a byte of 乗 is a backslash
        ("gbk", ["高兴/一.wav", "高兴/淼.wav", "悲伤/好.wav"]),  # 淼 alone is not everyday: the folder stays one
        ("gbk", ["read.txt", *("情感/" + "a" * k for k in range(1, 12))]),  # two characters, often, are no Korean
        ("utf-8", ["高兴/一.wav", "Ärger/zwei.wav"]),
        ("cp437", ["été/année.wav", "freude/schön.wav"]),
    ],
)
def test_names_in_a_zip_are_read_as_they_were_written(tmp_path, encoding, names):
    folder = archives.unpacked(unsaid(tmp_path / "a.zip", names, encoding))
    assert sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()) == sorted(names)


@pytest.mark.parametrize(
    ("encoding", "names", "guess"),
    [
        ("ascii", ["happy/a.wav", "sad/bb.wav"], None),
        ("utf-8", ["高兴/a.wav"], None),
        ("gbk", ["高兴/a.wav", "悲伤/bb.wav"], "高兴/a.wav"),
        ("cp866", ["радость/a.wav", "грусть/bb.wav"], "αáñ«ßΓ∞/a.wav"),
    ],
)
def test_a_guess_at_what_names_are_written_in_is_said(tmp_path, caplog, encoding, names, guess):
    archives.unpacked(unsaid(tmp_path / "a.zip", names, encoding))
    assert (repr(guess) in caplog.text) if guess else not caplog.text, caplog.text


def test_backslashes_part_the_folders_of_an_archive_made_on_windows(tmp_path):
    folder = archives.unpacked(unsaid(tmp_path / "a.zip", ["happy\\a.wav", "sad\\bb.wav"], "ascii"))
    assert sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.wav")) == [
        "happy/a.wav",
        "sad/bb.wav",
    ]


def test_a_name_that_leads_outside_in_its_own_encoding_is_not_followed(tmp_path):
    with pytest.raises(CorpusError, match="would write outside of its folder"):
        archives.unpacked(unsaid(tmp_path / "a.zip", ["../高兴.wav"], "gbk"))


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("second", ["a/table.csv", "a/./table.csv"])
def test_a_zip_with_two_files_of_one_name_is_refused(second, tmp_path, cache):
    """Which of them is meant nobody knows; the second would take the place of the first, unsaid."""
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as out:
        out.writestr("a/table.csv", "id,text\n")
        out.writestr(second, "id\n")
    with pytest.raises(CorpusError, match="holds 'a/table.csv' more than once: pack it again"):
        archives.unpacked(tmp_path / "a.zip")


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_folder_may_stand_in_a_zip_more_than_once(tmp_path, cache):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as out:
        for name in ("a/", "a/", "a/table.csv"):
            out.writestr(name, "id\n" * (not name.endswith("/")))
    assert (archives.unpacked(tmp_path / "a.zip") / "table.csv").read_text() == "id\n"
